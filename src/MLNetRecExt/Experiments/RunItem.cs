namespace MLNetRecExt;

/// <summary>One item of a list in a record.</summary>
/// <param name="Item">Its title, or id.</param>
/// <param name="IsHit">Whether it was held out: the user took it.</param>
public sealed record RunItem(string Item, bool IsHit);
