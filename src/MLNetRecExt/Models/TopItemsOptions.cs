namespace MLNetRecExt;

/// <summary>Which items may be recommended, and how the work is done.</summary>
public sealed record TopItemsOptions
{
    /// <summary>Leave out what the user took in training, and what the query's history holds.</summary>
    /// <value>Default true.</value>
    public bool ExcludeSeen { get; init; } = true;

    /// <summary>Only these items (0-based indices), or null for the whole catalogue. Items that the model does not know are passed
    /// over.</summary>
    /// <value>Default null.</value>
    public IReadOnlyCollection<int>? AllowItems { get; init; }

    /// <summary>Never these items (0-based indices), or null. Wins over <see cref="AllowItems"/>; items that the model does not know are
    /// passed over.</summary>
    /// <value>Default null.</value>
    public IReadOnlyCollection<int>? DenyItems { get; init; }

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

    internal void Validate() => OptionChecker.Check(this);
}
