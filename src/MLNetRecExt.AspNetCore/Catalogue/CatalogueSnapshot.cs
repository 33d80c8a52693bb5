namespace MLNetRecExt.AspNetCore;

/// <summary>The catalogue as it was read at one time. Immutable.</summary>
internal sealed class CatalogueSnapshot<TItem>(IReadOnlyList<CatalogueItem<TItem>> items, DateTimeOffset readAt)
    where TItem : notnull
{
    public IReadOnlyList<CatalogueItem<TItem>> Items => items;

    public DateTimeOffset ReadAt => readAt;

    /// <summary>Ids of the items that pass.</summary>
    public IEnumerable<TItem> Passing(CatalogueFilter where) => items.Where(item => Passes(item, where)).Select(item => item.Id);

    private static bool Passes(CatalogueItem<TItem> item, CatalogueFilter where) =>
        (item.InStock || !where.InStockOnly)
        && (where.Category is null || item.Category == where.Category)
        // Comparisons with null are false.
        && (where.MinPrice is null || item.Price >= where.MinPrice)
        && (where.MaxPrice is null || item.Price <= where.MaxPrice);
}
