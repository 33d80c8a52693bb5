using System.Diagnostics;

namespace MLNetRecExt;

/// <summary>A job as the client sees it: writes what workers need, waits, and reads the factors.</summary>
internal sealed class ClusterTraining(
    IClusterClient cluster, ClusterTrainingOptions clusterOptions, AlternatingLeastSquares squares,
    WalsTrainer.Options options, TrainingInput input)
{
    // One worker solves for a row, however long it is.
    private const int LongRow = 10_000_000;

    // So long silos may be out of reach: they need time to find out that one of them is lost.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(10), LongestPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan CancelPatience = TimeSpan.FromSeconds(1);

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly string _name = clusterOptions.JobId ?? Guid.NewGuid().ToString("N");
    private IWalsJob _job = null!;
    private int _seen;
    private double? _loss;

    public IProgress<ClusterProgress>? Progress { get; init; }

    /// <summary>The store that holds the interactions; null: the job's folder will.</summary>
    public string? Store { get; init; }

    /// <summary>Trains, and sets the factors.</summary>
    public async Task RunAsync()
    {
        WarnOfLongRows(squares.Users.Half, squares.UserOrder, input.Train.Users, "user");
        WarnOfLongRows(squares.Items.Half, squares.Items.Half.Places, input.Train.Items, "item");
        _job = cluster.GetGrain<IWalsJob>(_name);
        var folder = JobStorage.FolderOf(Path.GetFullPath(clusterOptions.Root ?? await Retry(_job.GetRoot)), _name);
        var (spec, marker) = Write(folder);
        try
        {
            await Retry(() => Started(spec, marker));
            var status = await Ended();
            new CheckpointFolder(folder, status.Checkpoint).Read(squares, options.CancellationToken);
        }
        catch (Exception cause)
        {
            if (cause is OperationCanceledException || clusterOptions.JobId is null)
                await Task.WhenAny(Abandon(folder), Task.Delay(CancelPatience));
            throw;
        }
        await Retry(Forgotten);
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Ends the job, and leaves nothing of one that has no name to go on by.</summary>
    private async Task Abandon(string folder)
    {
        try
        {
            await _job.Cancel();
            if (clusterOptions.JobId is not null)
                return;
            await _job.Forget();
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception cause) when (cause is OrleansException or TimeoutException or IOException)
        {
            input.Warn($"Job {_name} may have left files in {folder}: {cause.Message}");
        }
    }

    /// <summary>Writes the job's folder.</summary>
    private (string Spec, string Marker) Write(string folder)
    {
        Directory.CreateDirectory(folder);
        if (Store is null)
            JobData.Write(JobData.FolderOf(folder), squares, options.CancellationToken);
        if (squares.Plan.ItemFeatures is { } features)
            JobData.WriteFeatures(folder, features);
        var marker = JobData.Mark(folder);
        var (byUser, plan) = (squares.Users.Half.Rows, squares.Plan);
        var spec = new WalsJobSpec(
            folder, Store is null ? JobData.FolderOf(folder) : Path.GetFullPath(Store),
            byUser.RowCount, squares.ItemFactors.Rows, byUser.LongEntryCount, squares.Settings, plan.Solver, plan.Rank, plan.Seed)
        {
            Mean = squares.Mean,
            Precision = plan.Precision,
            Iterations = options.NumberOfIterations,
            Tolerance = options.EarlyStoppingTolerance,
            HasFeatures = plan.ItemFeatures is not null,
            FeatureRegularization = plan.FeatureRegularization,
            MinWorkers = clusterOptions.MinWorkers,
            CheckpointEvery = clusterOptions.CheckpointEvery,
            Remedy = options.DivergenceRemedy,
        };
        return (spec.ToJson(), marker);
    }

    /// <summary>Waits until the job has ended, and says meanwhile how far it is.</summary>
    private async Task<JobStatus> Ended()
    {
        for (var pause = ShortestPause; ; pause = pause * 1.5 < LongestPause ? pause * 1.5 : LongestPause)
        {
            await Task.Delay(pause, options.CancellationToken);
            var status = await Retry(() => _job.GetStatus(_seen));
            if (status.Losses.Length > 0)
                pause = ShortestPause;
            Report(status);
            switch (status.Phase)
            {
                case JobPhase.Completed:
                    return status;
                case JobPhase.Cancelled:
                    throw new OperationCanceledException($"Job {_name} was cancelled.");
                case JobPhase.Failed or JobPhase.None:
                    throw new InvalidOperationException(status.Failure ?? $"Job {_name} is not known any more: somebody else has ended it.");
            }
        }
    }

    private void Report(JobStatus status)
    {
        for (int i = 0; i < status.Losses.Length; i++)
        {
            (_seen, _loss) = (status.FirstIteration + i, status.Losses[i]);
            input.Log($"Iteration {_seen}/{options.NumberOfIterations}: loss {_loss:G9}, {_clock.Elapsed.TotalSeconds:F2} s");
            options.Progress?.Report(new(_seen, options.NumberOfIterations, _loss.Value, null, _clock.Elapsed));
            Tell(status, "", 0);
        }
        Tell(status, status.Step, status.Share);
    }

    private void Tell(JobStatus status, string step, double share) => Progress?.Report(new()
    {
        Iteration = _seen,
        NumberOfIterations = options.NumberOfIterations,
        Loss = _loss,
        Step = step,
        StepShare = share,
        Workers = status.Workers,
        Plans = status.Epoch,
        BytesSent = status.Bytes,
        SlowestWorker = status.SlowestWorker,
        Elapsed = _clock.Elapsed,
    });

    private async Task<bool> Started(string spec, string marker)
    {
        await _job.Start(spec, marker);
        return true;
    }

    private async Task<bool> Forgotten()
    {
        await _job.Forget();
        return true;
    }

    /// <summary>Asks again where a silo is lost: the job goes on on another.</summary>
    private async Task<T> Retry<T>(Func<Task<T>> ask)
    {
        for (var start = Stopwatch.StartNew(); ;)
        {
            try
            {
                return await ask().WaitAsync(JobPlan.Patience, options.CancellationToken);
            }
            catch (Exception cause) when (cause is OrleansException or TimeoutException)
            {
                if (start.Elapsed > Patience)
                    throw new TimeoutException(
                        $"No silo has answered for {Patience.TotalMinutes:F0} minutes. Job {_name} goes on where there are silos again and it is "
                        + $"begun with this name as {nameof(ClusterTrainingOptions.JobId)}, the same options and data.", cause);
                await Task.Delay(LongestPause, options.CancellationToken);
            }
        }
    }

    private void WarnOfLongRows(WalsHalf half, ReadOnlySpan<int> order, IdMap ids, string kind)
    {
        for (int position = 0; position < half.Side.KnownCount && half.Indices(position).Length is > LongRow and var length; position++)
            input.Warn(FormattableString.Invariant($"The {kind} {ids.GetText(order[position])} has {length:N0} interactions, ")
                + "and one worker solves for it alone while the others wait.");
    }
}
