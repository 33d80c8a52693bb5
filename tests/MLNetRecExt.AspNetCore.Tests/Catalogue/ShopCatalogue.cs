using Microsoft.Extensions.Primitives;

namespace MLNetRecExt.AspNetCore.Tests.Catalogue;

/// <summary>All items of the models: every fourth sold out, in two categories, item-NN at NN.50, and one that no model knows.</summary>
public sealed class ShopCatalogue : IItemCatalogue<string>
{
    private CancellationTokenSource _changed = new();

    public static IReadOnlyList<CatalogueItem<string>> AllItems { get; } =
    [
        .. Enumerable.Range(0, TrainedModels.Items).Select(item => new CatalogueItem<string>(
            $"item-{item:00}", $"Item {item}", item < 20 ? "low" : "high", item % 4 != 0, item + 0.5m)),
        new("item-new", null, "low", true, 1),
    ];

    public IReadOnlyList<CatalogueItem<string>> Items { get; private set; } = AllItems;

    public Exception? Failure { get; set; }

    public int Readings { get; private set; }

    public void Change(IReadOnlyList<CatalogueItem<string>> items)
    {
        Items = items;
        Interlocked.Exchange(ref _changed, new()).Cancel();
    }

    public ValueTask<IReadOnlyList<CatalogueItem<string>>> ReadAsync(CancellationToken cancellationToken)
    {
        Readings++;
        // As a database would: other objects each time.
        return Failure is null ? new([.. Items.Select(item => item with { })]) : throw Failure;
    }

    public IChangeToken? Watch() => new CancellationChangeToken(_changed.Token);
}
