using System.Collections.Frozen;
using System.Data.Common;
using Microsoft.Extensions.Primitives;
using MLNetRecExt.AspNetCore;

namespace Shop;

/// <summary>The products, read from the database each minute and after each order: for the recommender, which must not show what is sold
/// out, and for the pages, which so need no query for them.</summary>
internal sealed class Catalogue(DbDataSource database) : IItemCatalogue<string>
{
    private const string Sql = """
        SELECT p.sku, p.title, p.category, p.description, p.picture, p.price_in_cents, p.stock, COUNT(o.sku)
        FROM products p LEFT JOIN order_lines o ON o.sku = p.sku AND o.ordered_at > @since
        GROUP BY p.sku, p.title, p.category, p.description, p.picture, p.price_in_cents, p.stock
        """;

    private FrozenDictionary<string, Product> _products = FrozenDictionary<string, Product>.Empty;
    private CancellationTokenSource _changed = new();

    /// <summary>What sells best first.</summary>
    public IReadOnlyList<Product> All { get; private set; } = [];

    public IReadOnlyList<string> Categories { get; private set; } = [];

    public Product? Find(string? sku) => sku is null ? null : _products.GetValueOrDefault(sku);

    public async ValueTask<IReadOnlyList<CatalogueItem<string>>> ReadAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Sql)
            .AddParameter("since", DateTimeOffset.UtcNow.AddDays(-90).ToUnixTimeMilliseconds());
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var products = new List<Product>();
        while (await reader.ReadAsync(cancellationToken))
            products.Add(new(reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.GetString(4),
                reader.GetInt32(5), reader.GetInt32(6), reader.GetInt64(7)));

        _products = products.ToFrozenDictionary(product => product.Sku);
        All = [.. products.OrderByDescending(product => product.Sold).ThenBy(product => product.Sku)];
        Categories = [.. products.Select(product => product.Category).Distinct().Order()];
        return [.. products.Select(p => new CatalogueItem<string>(p.Sku, p.Title, p.Category, p.Stock > 0, p.Price))];
    }

    public IChangeToken Watch() => new CancellationChangeToken(_changed.Token);

    /// <summary>Has the catalogue read again: somebody bought something.</summary>
    public void Change() => Interlocked.Exchange(ref _changed, new()).Cancel();
}
