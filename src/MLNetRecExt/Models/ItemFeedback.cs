namespace MLNetRecExt;

/// <summary>One entry of a history: an item that somebody took.</summary>
/// <param name="Item">0-based item index.</param>
/// <param name="Label">Rating or feedback value.</param>
/// <param name="Weight">How much the entry counts; not negative.</param>
/// <param name="Timestamp">When it was taken, in the unit of the training's timestamps; null: at the time of the query, after all
/// entries that say when.</param>
public readonly record struct ItemFeedback(int Item, float Label = 1, float Weight = 1, long? Timestamp = null);
