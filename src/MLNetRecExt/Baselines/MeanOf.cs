namespace MLNetRecExt;

/// <summary>Whose mean label is predicted.</summary>
public enum MeanOf
{
    /// <summary>The mean of all labels, for every pair.</summary>
    All,

    /// <summary>The mean of the user's labels, for every item.</summary>
    User,

    /// <summary>The mean of the item's labels, for every user.</summary>
    Item,
}
