namespace MLNetRecExt;

/// <summary>How far a training on a cluster has come.</summary>
public sealed record ClusterProgress
{
    /// <summary>Iterations finished.</summary>
    public int Iteration { get; init; }

    /// <summary>Iterations at most.</summary>
    public int NumberOfIterations { get; init; }

    /// <summary>The objective in the documentation of <see cref="WalsTrainer"/> after <see cref="Iteration"/>; null before the
    /// first.</summary>
    public double? Loss { get; init; }

    /// <summary>What the workers are at, for people: the half of an iteration, loading, a checkpoint, or waiting for workers.</summary>
    public string Step { get; init; } = "";

    /// <summary>The share of the step that is done, 0…1.</summary>
    public double StepShare { get; init; }

    /// <summary>Silos that train.</summary>
    public int Workers { get; init; }

    /// <summary>How often the work was divided: one more than silos were lost or came.</summary>
    public int Plans { get; init; }

    /// <summary>Bytes that workers have sent each other.</summary>
    public long BytesSent { get; init; }

    /// <summary>The silo that was last to finish the step before; null: none was.</summary>
    public string? SlowestWorker { get; init; }

    /// <summary>Time since training began.</summary>
    public TimeSpan Elapsed { get; init; }
}
