namespace MLNetRecExt;

/// <summary>How <see cref="Recommender{TUser, TItem}"/> answers.</summary>
public sealed record RecommenderOptions
{
    /// <summary>
    /// What an unknown user, or a history of which nothing is known, gets. <see cref="RecommendationFallback.None"/>: an exception that
    /// names the id.
    /// </summary>
    /// <value>Default <see cref="RecommendationFallback.Popularity"/>.</value>
    public RecommendationFallback Fallback { get; init; } = RecommendationFallback.Popularity;

    /// <summary>
    /// What becomes of unknown items in histories and filters. An unknown item that is asked for itself is an exception always.
    /// </summary>
    /// <value>Default <see cref="UnknownItemHandling.Throw"/>.</value>
    public UnknownItemHandling UnknownItems { get; init; } = UnknownItemHandling.Throw;

    /// <summary>Leave out of recommendations what the user took in training, and what the history holds.</summary>
    /// <value>Default true.</value>
    public bool ExcludeSeen { get; init; } = true;

    /// <summary>The time that everybody asks at, in the unit of the training's timestamps, as <see cref="RecommenderQuery.At"/> has it:
    /// what was taken later does not count. Null: all counts.</summary>
    /// <value>Default null; any integer.</value>
    public long? At { get; init; }

    /// <summary>Threads for answers to many at once; null: all cores. The result does not depend on it.</summary>
    /// <value>Default null; range [1, 1024].</value>
    [OptionRange(1, 1024)]
    public int? NumberOfThreads { get; init; }
}
