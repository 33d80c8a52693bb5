namespace MLNetRecExt.AspNetCore.Page;

/// <summary>An item of a list.</summary>
/// <param name="Item">The item.</param>
/// <param name="Place">Its place, from 1.</param>
/// <param name="Score">Its score.</param>
/// <param name="Reasons">The largest parts of the score, where the model tells them.</param>
internal sealed record ListLine(CatalogueItem<string> Item, int Place, float Score, IReadOnlyList<ListReason> Reasons);
