namespace MLNetRecExt;

/// <summary>An item and its score.</summary>
/// <param name="Item">0-based item index.</param>
/// <param name="Score">The model's score; higher is better.</param>
public readonly record struct ItemScore(int Item, float Score);
