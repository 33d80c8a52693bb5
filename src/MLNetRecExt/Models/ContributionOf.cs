namespace MLNetRecExt;

/// <summary>What adds to a score.</summary>
public enum ContributionOf
{
    /// <summary>An item of the history.</summary>
    Item,

    /// <summary>A user who took the item.</summary>
    User,

    /// <summary>A feature of the item.</summary>
    Feature,
}
