using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Placement;
using Orleans.Storage;

namespace MLNetRecExt;

/// <inheritdoc cref="IWalsJob"/>
/// <remarks>
/// The loop over sweeps runs here, and not where the client is, so that neither the loss of the client nor, with the state in a file, that
/// of this silo ends a job. Where a worker is lost, the next plan is for those that are left, and goes on from the last checkpoint.
/// </remarks>
[KeepAlive, Immovable, Reentrant]
internal sealed class WalsJobGrain(
    [PersistentState("job", JobStorage.Name)] IPersistentState<JobState> state,
    IClusterMembershipService membership, Roots roots, ILogger<WalsJobGrain> logger) : Grain, IWalsJob
{
    private const int LongestName = 64;

    // So often in a row a plan may be lost before a sweep is done.
    private const int MostLostPlans = 20;

    private static readonly WalsStep[] Sweep = [WalsStep.ItemGramian, WalsStep.Items, WalsStep.UserGramian, WalsStep.Users];

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly SortedDictionary<int, double> _losses = [];
    private readonly CancellationTokenSource _stop = new();
    private Task _watching = Task.CompletedTask;
    private Task _running = Task.CompletedTask;
    private Task _ending = Task.CompletedTask;
    private JobPlan? _plan;
    private string _step = "";
    private int _lostPlans;
    private long _bytes;

    private JobState State => state.State;

    private string Job => this.GetPrimaryKeyString();

    /// <summary>That a name of a job can be that of a folder.</summary>
    /// <exception cref="ArgumentException">It cannot.</exception>
    public static string CheckName(string name) =>
        name.Length is > 0 and <= LongestName && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')
            ? name
            : throw new ArgumentException($"'{name}' is no name of a job: at most {LongestName} letters, digits, - and _ are.");

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        CheckName(Job);
        _watching = Watch();
        GoOn();
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        _plan?.Lose("the silo of the job closes");
        await _watching;
    }

    public Task<string> GetRoot() => Task.FromResult(roots.First);

    public async Task Start(string spec, string marker)
    {
        var parsed = WalsJobSpec.Parse(spec);
        if (JobData.ReadMarker(roots.Resolve(parsed.Folder)) != marker)
            throw new InvalidOperationException(Blind(parsed.Folder, ["the silo of the job"]));
        // Otherwise its workers would be stopped under the new run.
        await _ending;
        if (State.Phase != JobPhase.None && State.Spec != spec)
            throw new ArgumentException($"Job {Job} has begun with other options or data: give it the same, or take another name.");
        if (State.Phase is JobPhase.Completed)
            return;
        (State.Spec, State.Phase, State.Failure) = (spec, JobPhase.Running, null);
        await state.WriteStateAsync();
        GoOn();
    }

    public Task<JobStatus> GetStatus(int seen)
    {
        var losses = _losses.Where(loss => loss.Key > seen).ToArray();
        return Task.FromResult(new JobStatus
        {
            Phase = State.Phase,
            Failure = State.Failure,
            Step = _step,
            Share = _plan?.Wait?.Done ?? 0,
            Workers = _plan?.Workers.Length ?? 0,
            Epoch = State.Epoch,
            Bytes = _bytes,
            Checkpoint = State.Checkpoint,
            FirstIteration = losses.Length == 0 ? 0 : losses[0].Key,
            Losses = [.. losses.Select(loss => loss.Value)],
            SlowestWorker = _plan?.Slowest,
        });
    }

    public Task Cancel() => State.Phase == JobPhase.Running ? _ending = End() : _ending;

    public async Task Forget()
    {
        if (State.Phase == JobPhase.Running)
            throw new InvalidOperationException($"Job {Job} is under way: cancel it first.");
        await state.ClearStateAsync();
        state.State = new();
        DeactivateOnIdle();
    }

    public Task Done(int epoch, int step, StepReport report)
    {
        if (epoch == State.Epoch && _plan?.Wait is { } wait && wait.Number == step)
        {
            _bytes += report.Bytes;
            wait.Add(report);
        }
        return Task.CompletedTask;
    }

    public Task<bool> Attend(int epoch, int share, double done)
    {
        if (epoch == State.Epoch)
            _plan?.Wait?.Attend(share, done);
        return Task.FromResult(State.Phase == JobPhase.Running && epoch == State.Epoch);
    }

    private static string Blind(string folder, IEnumerable<string> silos) =>
        $"{folder} is not the same folder for {string.Join(", ", silos)}: "
        + $"name one under {nameof(WorkerOptions.Roots)} that all silos and the client share.";

    private void GoOn()
    {
        if (State.Phase == JobPhase.Running && _running.IsCompleted)
            _running = Run();
    }

    private async Task End()
    {
        State.Phase = JobPhase.Cancelled;
        _plan?.Lose("cancelled");
        await state.WriteStateAsync();
        await StopWorkers();
        await _running;
    }

    private async Task Run()
    {
        var spec = WalsJobSpec.Parse(State.Spec);
        while (State.Phase == JobPhase.Running && !_stop.IsCancellationRequested)
        {
            try
            {
                await RunPlan(spec);
            }
            catch (Exception cause) when (State.Phase != JobPhase.Running || _stop.IsCancellationRequested || cause is InconsistentStateException)
            {
                return;
            }
            catch (Exception cause) when (cause is WorkersLostException or OrleansException or TimeoutException && ++_lostPlans < MostLostPlans)
            {
                logger.LogWarning("Job {Job}: plan {Epoch} is lost, and another is made: {Cause}", Job, State.Epoch, cause.Message);
                await Task.Delay(Pause);
            }
            catch (Exception cause)
            {
                logger.LogError(cause, "Job {Job} failed", Job);
                (State.Phase, State.Failure) = (JobPhase.Failed, cause.Message);
                await state.WriteStateAsync();
                await StopWorkers();
            }
        }
    }

    /// <summary>Trains until the end, until a worker is lost, or until another could take part.</summary>
    private async Task RunPlan(WalsJobSpec spec)
    {
        _step = "Waiting for workers";
        var plan = await MakePlan(spec);
        State.Epoch++;
        await state.WriteStateAsync();
        _plan = plan;
        LoseIfGone(plan);
        if (State.Phase != JobPhase.Running)
            plan.Lose("the job has ended");
        await Step(plan, WalsStep.Load, State.Checkpoint, (worker, share, step) =>
            worker.Load(State.Epoch, step, new(State.Spec, share, plan.Silos, State.Checkpoint)));
        var energy = await Add(plan, ofUsers: true);
        var previous = State.Loss ?? double.PositiveInfinity;
        for (int iteration = State.Checkpoint + 1; State.Phase == JobPhase.Running; iteration++)
        {
            foreach (var kind in Sweep)
                await Step(plan, kind, iteration);
            var (users, items) = (await Add(plan, ofUsers: true), await Add(plan, ofUsers: false));
            var loss = await plan.Guard(plan.Workers[0].Objective(State.Epoch, energy, users, items));
            TrainingLoop<WalsModel>.CheckLoss(iteration, loss, spec.Remedy);
            (_losses[iteration], _lostPlans) = (loss, 0);
            var isLast = iteration == spec.Iterations || TrainingLoop<WalsModel>.IsEnough(previous, loss, spec.Tolerance);
            previous = loss;
            if (!isLast && iteration % spec.CheckpointEvery != 0)
                continue;
            await Save(plan, iteration, loss, spec, isLast);
            if (isLast || Active().Any(silo => !plan.Asked.Contains(silo)))
                return;
        }
    }

    private async Task Save(JobPlan plan, int iteration, double loss, WalsJobSpec spec, bool isLast)
    {
        var reports = await Step(plan, WalsStep.Checkpoint, iteration);
        var folder = roots.Resolve(spec.Folder);
        new CheckpointFolder(folder, iteration).Complete(reports.SelectMany(report => report.Files));
        var before = State.Checkpoint;
        (State.Checkpoint, State.Loss) = (iteration, loss);
        if (isLast)
            State.Phase = JobPhase.Completed;
        await state.WriteStateAsync();
        CheckpointFolder.DeleteBefore(folder, before);
        if (isLast)
            await StopWorkers();
    }

    private Task<StepReport[]> Step(JobPlan plan, WalsStep kind, int iteration) =>
        Step(plan, kind, iteration, (worker, _, step) => worker.Begin(State.Epoch, step, kind, iteration));

    private async Task<StepReport[]> Step(JobPlan plan, WalsStep kind, int iteration, Func<IWalsWorker, int, int, Task> begin)
    {
        _step = $"{kind} {iteration}";
        var wait = plan.NextStep();
        await plan.Guard(Task.WhenAll(plan.Workers.Select((worker, share) => begin(worker, share, wait.Number))));
        var reports = await plan.Guard(wait.WaitAsync());
        plan.Slowest = plan.Silos[reports.MaxBy(report => report.Elapsed)!.Share];
        return reports;
    }

    private async Task<double> Add(JobPlan plan, bool ofUsers)
    {
        double sum = 0;
        foreach (var worker in plan.Workers)
            sum = await plan.Guard(worker.AddTerms(State.Epoch, ofUsers, sum));
        return sum;
    }

    /// <summary>Asks all silos, and plans for those that answer.</summary>
    private async Task<JobPlan> MakePlan(WalsJobSpec spec)
    {
        for (; ; await Task.Delay(Pause, _stop.Token))
        {
            if (State.Phase != JobPhase.Running)
                throw new WorkersLostException("the job has ended");
            var asked = Active();
            var answers = await Task.WhenAll(asked.Select(silo => Describe(silo, spec.Folder)));
            var found = answers.OfType<WorkerInfo>().OrderBy(info => info.Silo, StringComparer.Ordinal).ToArray();
            var marker = JobData.ReadMarker(roots.Resolve(spec.Folder));
            if (found.Where(info => marker is null || info.Marker != marker).Select(info => info.Silo).ToArray() is { Length: > 0 } blind)
                throw new InvalidOperationException(Blind(spec.Folder, blind));
            if (found.DistinctBy(info => (info.Instructions, info.Version)).Count() > 1)
                throw new InvalidOperationException(
                    "Workers differ, so that their bits would: "
                    + string.Join("; ", found.Select(info => $"{info.Silo} computes with {info.Instructions} by version {info.Version}"))
                    + ". Take machines and versions that are alike.");
            if (found.Length >= spec.MinWorkers)
                return new([.. found.Select(info => info.Silo)], asked, GrainFactory, Job);
            _step = $"Waiting for workers: {found.Length} of {spec.MinWorkers}";
        }
    }

    /// <summary>What a silo says of itself; null where none that takes part answers.</summary>
    private async Task<WorkerInfo?> Describe(string silo, string folder)
    {
        try
        {
            return await GrainFactory.GetGrain<IWalsWorker>(WorkerKey.Of(Job, silo)).Describe(folder).WaitAsync(JobPlan.Patience);
        }
        catch (Exception cause) when (cause is OrleansException or TimeoutException)
        {
            logger.LogInformation("Job {Job}: silo {Silo} takes no part: {Cause}", Job, silo, cause.Message);
            return null;
        }
    }

    private string[] Active() =>
        [.. membership.CurrentSnapshot.Members.Values.Where(member => member.Status == SiloStatus.Active)
            .Select(member => member.SiloAddress.ToParsableString())];

    /// <summary>Ends a plan as soon as one of its silos is no longer a member.</summary>
    private async Task Watch()
    {
        try
        {
            await foreach (var _ in membership.MembershipUpdates.WithCancellation(_stop.Token))
                if (_plan is { } plan)
                    LoseIfGone(plan);
        }
        catch (OperationCanceledException)
        {
        }
    }

    private void LoseIfGone(JobPlan plan)
    {
        if (plan.Silos.Except(Active()).ToArray() is { Length: > 0 } gone)
            plan.Lose($"{string.Join(", ", gone)} left the cluster");
    }

    private async Task StopWorkers()
    {
        var stops = Active().Select(silo =>
            GrainFactory.GetGrain<IWalsWorker>(WorkerKey.Of(Job, silo)).Stop(State.Epoch).WaitAsync(JobPlan.Patience));
        await Task.WhenAll(stops.Select(stop => stop.ContinueWith(_ => { }, TaskScheduler.Current)));
    }
}
