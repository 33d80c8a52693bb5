using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Orleans.Concurrency;
using Orleans.Placement;

namespace MLNetRecExt;

/// <inheritdoc cref="IWalsWorker"/>
[OnSilo, KeepAlive, Immovable, Reentrant]
internal sealed class WalsWorkerGrain(WorkerHost host, Roots roots) : Grain, IWalsWorker
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(1);

    private IGrainTimer? _heartbeat;

    private string Job => WorkerKey.JobOf(this.GetPrimaryKeyString());

    public Task<WorkerInfo> Describe(string folder) => Task.FromResult(new WorkerInfo(
        WorkerKey.SiloOf(this.GetPrimaryKeyString()), Instructions, Version, Marker(folder)));

    public async Task Load(int epoch, int step, WorkerOrder order)
    {
        await Stop(epoch - 1);
        // Of a plan that is later, or of a job of this name before: it ends as soon as it asks the job.
        if (host.Find(Job) is { } other)
            throw new OrleansException($"{this.GetPrimaryKeyString()} is still at plan {other.Epoch}.");
        var worker = new WalsWorker(Job, epoch, order, host, GrainFactory);
        host.Set(Job, worker);
        Begin(worker, step, WalsStep.Load, 0);
        _heartbeat ??= this.RegisterGrainTimer(Attend, new() { DueTime = Heartbeat, Period = Heartbeat, Interleave = true });
    }

    public Task Begin(int epoch, int step, WalsStep kind, int iteration)
    {
        Begin(Needed(epoch), step, kind, iteration);
        return Task.CompletedTask;
    }

    public Task<double> AddTerms(int epoch, bool ofUsers, double sum) => Task.FromResult(Needed(epoch).AddTerms(ofUsers, sum));

    public Task<double> Objective(int epoch, double energy, double users, double items) =>
        Task.FromResult(Needed(epoch).Objective(energy, users, items));

    public Task<FactorRowsFate> Receive(FactorRows rows) => Task.FromResult(rows.Fate);

    public async Task Stop(int epoch)
    {
        if (host.Find(Job) is not { } worker || worker.Epoch > epoch)
            return;
        await worker.StopAsync();
        if (host.Find(Job) is null)
        {
            _heartbeat?.Dispose();
            _heartbeat = null;
        }
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => Stop(int.MaxValue);

    private static string Instructions =>
        $"{RuntimeInformation.ProcessArchitecture}, "
        + (Vector512.IsHardwareAccelerated ? "512 bits"
            : Vector256.IsHardwareAccelerated ? "256 bits" : Vector128.IsHardwareAccelerated ? "128 bits" : "scalar");

    private static string Version =>
        typeof(WalsTrainer).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    private void Begin(WalsWorker worker, int step, WalsStep kind, int iteration)
    {
        var job = GrainFactory.GetGrain<IWalsJob>(Job);
        worker.Begin(kind, iteration, report => job.Done(worker.Epoch, step, report));
    }

    private async Task Attend()
    {
        if (host.Find(Job) is { } worker && !await GrainFactory.GetGrain<IWalsJob>(Job).Attend(worker.Epoch, worker.Share, worker.Done))
            await Stop(worker.Epoch);
    }

    private string? Marker(string folder)
    {
        try
        {
            return JobData.ReadMarker(roots.Resolve(folder));
        }
        catch (Exception cause) when (cause is UnauthorizedAccessException or IOException)
        {
            return null;
        }
    }

    private WalsWorker Needed(int epoch) => host.Find(Job) is { } worker && worker.Epoch == epoch
        ? worker
        : throw new OrleansException($"{this.GetPrimaryKeyString()} has nothing of plan {epoch}.");
}
