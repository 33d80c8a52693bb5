using Microsoft.Extensions.Caching.Memory;

namespace MLNetRecExt.AspNetCore;

/// <summary>What filters mean to one model and one catalogue, each worked out once and kept in bounded memory.</summary>
internal sealed class CatalogueFilters<TUser, TItem>(Recommender<TUser, TItem> recommender, CatalogueSnapshot<TItem> catalogue)
    where TUser : notnull
    where TItem : notnull
{
    // A filter holds about this many bytes an item: indices, popularity order and a bit. Where few items pass, less, with their embeddings.
    private const int BytesPerItem = 9;
    private const long MaxBytes = 64_000_000;
    private const int FewestKept = 4, MostKept = 256, MostWarmed = 32;

    private readonly MemoryCache _filters = new(new MemoryCacheOptions
    {
        SizeLimit = Math.Clamp(MaxBytes / (BytesPerItem * Math.Max(1L, recommender.Model.Items.Count)), FewestKept, MostKept),
    });

    public CatalogueSnapshot<TItem> Catalogue => catalogue;

    public int Count => _filters.Count;

    public ItemFilter For(CatalogueFilter where) => _filters.GetOrCreate(where, entry =>
    {
        entry.Size = 1;
        return recommender.Only(catalogue.Passing(where));
    })!;

    /// <summary>Works out the filter that everybody uses, and those that were in use, before anybody waits for them.</summary>
    public void WarmUp(CatalogueFilters<TUser, TItem>? before)
    {
        var used = before?._filters.Keys.OfType<CatalogueFilter>().Take(MostWarmed) ?? [];
        foreach (var where in used.Prepend(CatalogueFilter.InStock).Distinct())
            ModelWarmUp.Rank(recommender.Model, For(where));
    }
}
