namespace MLNetRecExt;

/// <summary>One entry of a history: an item that somebody took.</summary>
/// <param name="Item">0-based item index.</param>
/// <param name="Label">Rating or feedback value.</param>
/// <param name="Weight">How much the entry counts; not negative.</param>
public readonly record struct ItemFeedback(int Item, float Label = 1, float Weight = 1);
