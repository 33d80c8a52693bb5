namespace MLNetRecExt.AspNetCore;

/// <summary>What an item of the history adds to a score.</summary>
/// <param name="Item">The item's id.</param>
/// <param name="Value">What it adds; may be negative.</param>
internal sealed record ItemPart<TItem>(TItem Item, float Value);
