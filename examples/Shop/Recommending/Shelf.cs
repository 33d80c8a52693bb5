using MLNetRecExt.AspNetCore;

namespace Shop;

/// <summary>A row of recommended products, ready for a page.</summary>
/// <param name="Id">Names the row in the page.</param>
internal sealed record Shelf(string Id, string Title, RecommendationList<string> List, IReadOnlyList<ShelfItem> Items);
