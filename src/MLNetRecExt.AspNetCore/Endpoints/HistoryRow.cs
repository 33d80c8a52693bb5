namespace MLNetRecExt.AspNetCore;

/// <summary>One entry of a history in a request.</summary>
/// <param name="Item">The item's id.</param>
/// <param name="Label">Rating or feedback value.</param>
/// <param name="Weight">How much it counts.</param>
/// <param name="Time">When, in the unit of the training's timestamps.</param>
internal sealed record HistoryRow<TItem>(TItem Item, float Label = 1, float Weight = 1, long? Time = null);
