namespace MLNetRecExt.AspNetCore.Page;

/// <summary>Items of a catalogue by their id. Of several with one id the last counts.</summary>
internal sealed class CatalogueIndex<TItem>
    where TItem : notnull
{
    public CatalogueIndex(IReadOnlyList<CatalogueItem<TItem>> items)
    {
        (Items, ById) = (items, new Dictionary<TItem, CatalogueItem<TItem>>(items.Count));
        foreach (var item in items)
            ById[item.Id] = item;
    }

    public IReadOnlyList<CatalogueItem<TItem>> Items { get; }

    public Dictionary<TItem, CatalogueItem<TItem>> ById { get; }
}
