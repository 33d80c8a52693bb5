namespace MLNetRecExt.AspNetCore;

/// <summary>What the shop knows of an item.</summary>
/// <typeparam name="TItem">Type of the item ids.</typeparam>
/// <param name="Id">The item's id.</param>
/// <param name="Title">Its name, for people.</param>
/// <param name="Category">Its category.</param>
/// <param name="InStock">Whether it can be bought now.</param>
/// <param name="Price">Its price.</param>
public sealed record CatalogueItem<TItem>(
    TItem Id, string? Title = null, string? Category = null, bool InStock = true, decimal? Price = null);
