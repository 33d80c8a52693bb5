namespace MLNetRecExt;

/// <summary>How much one item of a history adds to the score of another.</summary>
/// <param name="Item">0-based index of the item taken.</param>
/// <param name="Contribution">Its part of the score; may be negative.</param>
public readonly record struct ItemContribution(int Item, float Contribution);
