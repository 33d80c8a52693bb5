namespace MLNetRecExt.AspNetCore.Page;

/// <summary>An item on the map.</summary>
/// <param name="Item">The item.</param>
/// <param name="X">From −1, left, to 1.</param>
/// <param name="Y">From −1, below, to 1.</param>
/// <param name="Color">Number of its color.</param>
/// <param name="IsFound">Whether it was searched for.</param>
internal sealed record MapPoint(CatalogueItem<string> Item, float X, float Y, int Color, bool IsFound);
