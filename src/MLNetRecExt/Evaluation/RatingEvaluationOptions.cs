namespace MLNetRecExt;

/// <summary>How an evaluation of ratings is done.</summary>
public sealed class RatingEvaluationOptions
{
    /// <summary>Bootstrap samples for the 95 % intervals; 0: no intervals.</summary>
    /// <value>Default 1000; range [0, 1000000].</value>
    public int BootstrapSamples { get; init; } = 1000;

    /// <summary>Seed of the bootstrap. Same seed, same report, whatever the number of threads.</summary>
    /// <value>Default 42.</value>
    public int Seed { get; init; } = 42;

    /// <summary>Threads to use; null: all cores.</summary>
    /// <value>Default null; at least 1.</value>
    public int? NumberOfThreads { get; init; }

    /// <summary>Cancels with an <see cref="OperationCanceledException"/>.</summary>
    /// <value>Default none.</value>
    public CancellationToken CancellationToken { get; init; }

    internal int Threads => NumberOfThreads ?? Environment.ProcessorCount;

    internal void Validate()
    {
        if (BootstrapSamples is < 0 or > 1_000_000)
            throw new ArgumentOutOfRangeException(nameof(BootstrapSamples), BootstrapSamples, "BootstrapSamples must be in [0, 1000000].");
        if (NumberOfThreads is < 1)
            throw new ArgumentOutOfRangeException(nameof(NumberOfThreads), NumberOfThreads, "NumberOfThreads must be at least 1, or null for all cores.");
    }
}
