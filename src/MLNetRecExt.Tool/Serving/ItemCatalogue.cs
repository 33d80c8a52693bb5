using System.ComponentModel;
using MLNetRecExt.AspNetCore;

namespace MLNetRecExt.Tool.Serving;

/// <summary>The items of a file, with titles and groups.</summary>
internal sealed class ItemCatalogue<TItem>(ItemCatalogueFile file) : IItemCatalogue<TItem>
    where TItem : notnull
{
    private static readonly TypeConverter Ids = TypeDescriptor.GetConverter(typeof(TItem));

    public ValueTask<IReadOnlyList<CatalogueItem<TItem>>> ReadAsync(CancellationToken cancellationToken)
    {
        var (titles, groups) = ItemTexts.Read(file.Path, file.Data);
        return new([.. titles?.Select(item => new CatalogueItem<TItem>(
            (TItem)Ids.ConvertFromInvariantString(item.Key)!, item.Value, groups?.GetValueOrDefault(item.Key))) ?? []]);
    }
}
