namespace MLNetRecExt;

/// <summary>Where a list or a score comes from.</summary>
public enum RecommendationReason
{
    /// <summary>Nothing is known about the user or item: NaN, or an empty list.</summary>
    Unknown,

    /// <summary>The trained model.</summary>
    Model,

    /// <summary>The model, with the query's history folded in.</summary>
    FoldIn,

    /// <summary>Training popularity, since the model knows nothing about the user or item.</summary>
    Popularity,
}
