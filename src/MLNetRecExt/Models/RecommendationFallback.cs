namespace MLNetRecExt;

/// <summary>What an unknown user gets.</summary>
public enum RecommendationFallback
{
    /// <summary>An empty list, and NaN as score.</summary>
    None,

    /// <summary>The items that most users took in training; the score is the share of users that took the item.</summary>
    Popularity,
}
