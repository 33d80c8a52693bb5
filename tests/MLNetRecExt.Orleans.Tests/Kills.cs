namespace MLNetRecExt.Orleans.Tests;

/// <summary>Kills a silo when it is told to begin a step, one after the other.</summary>
/// <param name="steps">A step and its iteration, of loading the checkpoint; or "Job": the silo that coordinates.</param>
internal sealed class Kills(params string[] steps) : IProgress<ClusterProgress>
{
    private readonly Queue<string> _left = new(steps);

    /// <summary>Where the job's silo is killed: not before so many iterations.</summary>
    public int AfterIteration { get; init; }

    public int Count => steps.Length - _left.Count;

    /// <summary>Silos that train, as was said last.</summary>
    public int Workers { get; private set; }

    private int Iteration { get; set; }

    /// <summary>The step that a worker is told to begin, or "Job" where a job is asked for its status; null: another call.</summary>
    public static string? StepOf(IIncomingGrainCallContext context) => context.InterfaceMethod.DeclaringType == typeof(IWalsJob)
        ? context.MethodName == nameof(IWalsJob.GetStatus) ? "Job" : null
        : context.MethodName switch
        {
            nameof(IWalsWorker.Load) => $"{WalsStep.Load} {((WorkerOrder)context.Request.GetArgument(2)!).Checkpoint}",
            nameof(IWalsWorker.Begin) => $"{context.Request.GetArgument(2)} {context.Request.GetArgument(3)}",
            _ => null,
        };

    public async Task Calling(TestCluster cluster, IIncomingGrainCallContext context)
    {
        lock (_left)
        {
            if (!_left.TryPeek(out var step) || StepOf(context) != step || Iteration < AfterIteration)
                return;
            _left.Dequeue();
        }
        var silo = context.TargetContext.Address.SiloAddress!;
        _ = Task.Run(() => cluster.Kill(silo));
        // Nothing more comes from there.
        await Task.Delay(Timeout.Infinite);
    }

    public void Report(ClusterProgress value) => (Workers, Iteration) = (value.Workers, value.Iteration);
}
