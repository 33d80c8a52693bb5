namespace MLNetRecExt.AspNetCore.Tests.Page;

/// <summary>The items of <see cref="TrainedModels"/> as books, one of them sold out, one with a title made to hurt, and one that is
/// new.</summary>
public sealed class BookCatalogue : IItemCatalogue<string>
{
    public const string SoldOut = "item-05", Hostile = "item-03", New = "item-99";
    public const string HostileTitle = "<script>alert('x')</script> & \"co\"";

    public static IReadOnlyList<CatalogueItem<string>> Items { get; } =
    [
        .. Enumerable.Range(0, TrainedModels.Items).Select(item => new CatalogueItem<string>(
            $"item-{item:00}", $"Book {item:00}", item % 2 == 0 ? "Even" : "Odd", item != 5, 9.5m))
            .Select(item => item.Id == Hostile ? item with { Title = HostileTitle } : item),
        new(New, "Fresh ink", "Even"),
    ];

    public ValueTask<IReadOnlyList<CatalogueItem<string>>> ReadAsync(CancellationToken cancellationToken) => new(Items);
}
