namespace MLNetRecExt;

/// <summary>How an evaluation of ratings is done.</summary>
public sealed record RatingEvaluationOptions
{
    /// <summary>Bootstrap samples for the 95 % intervals; 0: no intervals.</summary>
    /// <value>Default 1000; range [0, 1000000].</value>
    [OptionRange(0, 1_000_000)]
    public int BootstrapSamples { get; init; } = 1000;

    /// <summary>Seed of the bootstrap. Same seed, same report, whatever the number of threads.</summary>
    /// <value>Default 42; any integer.</value>
    public int Seed { get; init; } = 42;

    /// <summary>Threads to use; null: all cores. The report does not depend on it.</summary>
    /// <value>Default null; range [1, 1024].</value>
    [OptionRange(1, 1024)]
    public int? NumberOfThreads { get; init; }

    /// <summary>Cancels with an <see cref="OperationCanceledException"/>.</summary>
    /// <value>Default none.</value>
    public CancellationToken CancellationToken { get; init; }

    internal int Threads => NumberOfThreads ?? Environment.ProcessorCount;

    internal void Validate() => OptionChecker.Check(this);
}
