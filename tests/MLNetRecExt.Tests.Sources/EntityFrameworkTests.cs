using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.ML;

namespace MLNetRecExt.Tests.Sources;

/// <summary>Entities as they arrive from Entity Framework.</summary>
public sealed class EntityFrameworkTests : IDisposable
{
    private static readonly Guid Ann = new("6F9619FF-8B86-D011-B42D-00C04FC964FF"), Bob = new(7, 7, 7, new byte[8]);
    private static readonly DateTime Day = new(2026, 11, 30);

    private readonly RecommenderDataCatalog _data = new MLContext(seed: 1).Recommenders().Data;
    private readonly SqliteConnection _connection = new("Data Source=:memory:");
    private readonly Shop _shop;

    public EntityFrameworkTests()
    {
        _connection.Open();
        _shop = new Shop(new DbContextOptionsBuilder<Shop>().UseSqlite(_connection).Options);
        _shop.Database.EnsureCreated();
        _shop.Products.AddRange(new Product("A-17", "tea", 2.5m, Day), new Product("B-03", null, null, Day.AddDays(1)));
        _shop.OrderLines.AddRange(
            new OrderLine(0, Ann, "A-17", 2, Day), new OrderLine(0, Bob, "A-17", 1, Day.AddDays(1)), new OrderLine(0, null, "B-03", 1, Day),
            new OrderLine(0, Bob, "B-03", 3, Day.AddDays(2)));
        _shop.SaveChanges();
    }

    public sealed record OrderLine(int Id, Guid? CustomerId, string Sku, int Quantity, DateTime Ordered);

    public sealed record Product(string Id, string? Category, decimal? Price, DateTime Listed);

    public sealed class Shop(DbContextOptions<Shop> options) : DbContext(options)
    {
        public DbSet<OrderLine> OrderLines => Set<OrderLine>();

        public DbSet<Product> Products => Set<Product>();
    }

    public void Dispose()
    {
        _shop.Dispose();
        _connection.Dispose();
    }

    [Fact]
    public async Task ReadInteractionsAsync_Entities_AreReadAsTheyArriveAndNotTracked()
    {
        _shop.ChangeTracker.Clear();

        var read = await _data.ReadInteractionsAsync(
            _shop.OrderLines.AsNoTracking().OrderBy(line => line.Id).AsAsyncEnumerable(), line => line.CustomerId, line => line.Sku,
            new() { Weight = line => line.Quantity, Timestamp = line => line.Ordered.Ticks });

        Assert.Equal(new InteractionCounts(4, MissingIds: 1), read.Counts);
        Assert.Equal([Ann, Bob], new[] { read.Users.GetId<Guid>(0), read.Users.GetId<Guid>(1) });
        Assert.Equal([1f, 3f], read.ByUser.Weights(1).ToArray());
        Assert.Equal(Day.AddDays(2).Ticks, read.ByUser.Timestamps(1)[1]);
        Assert.Empty(_shop.ChangeTracker.Entries());
    }

    [Fact]
    public void ReadFeatures_Entities_AreFeaturesByTheirProperties()
    {
        var features = _data.ReadFeatures(_shop.Products.AsNoTracking(), product => product.Id,
            product => new { product.Category, product.Price, product.Listed });

        Assert.Equal("2 ids; Category: 1 categories, Price: number, Listed: date", features.ToString());
    }
}
