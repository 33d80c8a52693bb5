namespace MLNetRecExt;

/// <summary>One entry of a history, by original id: an item that somebody took.</summary>
/// <typeparam name="TItem">Type of the item ids.</typeparam>
/// <param name="Item">The item's original id.</param>
/// <param name="Label">Rating or feedback value; finite.</param>
/// <param name="Weight">How much the entry counts; finite, not negative.</param>
/// <param name="Timestamp">When it was taken, in the unit of the training's timestamps; null: at the time of the query, after all
/// entries that say when.</param>
public readonly record struct HistoryEntry<TItem>(TItem Item, float Label = 1, float Weight = 1, long? Timestamp = null);
