namespace MLNetRecExt;

/// <summary>Which items may be recommended, and how the work is done.</summary>
public sealed record TopItemsOptions
{
    /// <summary>Leave out what the user took in training, and what the query's history holds.</summary>
    /// <value>Default true.</value>
    public bool ExcludeSeen { get; init; } = true;

    /// <summary>
    /// Which items pass, or null for all that the model knows. Keep the filter and use it again: it is worked out once for each model.
    /// </summary>
    /// <value>Default null.</value>
    public ItemFilter? Filter { get; init; }

    /// <summary>What a query that the model knows nothing about gets.</summary>
    /// <value>Default <see cref="RecommendationFallback.None"/>.</value>
    public RecommendationFallback Fallback { get; init; }

    /// <summary>Threads for a batch; null: all cores. The result does not depend on it.</summary>
    /// <value>Default null; range [1, 1024].</value>
    [OptionRange(1, 1024)]
    public int? NumberOfThreads { get; init; }

    /// <summary>Cancels a batch.</summary>
    /// <value>Default none.</value>
    public CancellationToken CancellationToken { get; init; }

    /// <exception cref="ArgumentOutOfRangeException"><see cref="NumberOfThreads"/> is out of its range.</exception>
    /// <exception cref="OperationCanceledException">Cancelled already.</exception>
    internal ParallelOptions ToParallel()
    {
        OptionChecker.Check(this);
        CancellationToken.ThrowIfCancellationRequested();
        return new() { MaxDegreeOfParallelism = NumberOfThreads ?? Environment.ProcessorCount, CancellationToken = CancellationToken };
    }
}
