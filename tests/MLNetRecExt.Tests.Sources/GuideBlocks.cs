using Apache.Arrow;
using DuckDB.NET.Data;
using Microsoft.Data.Analysis;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace MLNetRecExt.Tests.Sources;

/// <summary>The guide's code blocks that need a package of others, where they must compile. ReadmeTests sees to it that they are the
/// same; the tests beside this file run what they do.</summary>
internal static class GuideBlocks
{
    private sealed record OrderLine(Guid CustomerId, string Sku, int Quantity, DateTime Ordered);

    private sealed record Product(string Sku, string Category, decimal Price);

    private sealed class Shop : DbContext
    {
        public DbSet<OrderLine> OrderLines => Set<OrderLine>();

        public DbSet<Product> Products => Set<Product>();
    }

    public static async Task Database(RecommendersCatalog recommenders, NpgsqlDataSource shop)
    {
        await using var command = shop.CreateCommand("SELECT customer_id, sku, quantity, ordered_at FROM order_lines");
        await using var rows = await command.ExecuteReaderAsync();
        var orders = await recommenders.Data.ReadInteractionsAsync(rows, new("customer_id", "sku", Weight: "quantity", Timestamp: "ordered_at"));
        Console.WriteLine(orders);
    }

    private static async Task EntityFramework(RecommendersCatalog recommenders, Shop shop)
    {
        var lines = shop.OrderLines.AsNoTracking().AsAsyncEnumerable();
        var orders = await recommenders.Data.ReadInteractionsAsync(lines, line => line.CustomerId, line => line.Sku, new()
        {
            Weight = line => line.Quantity,
            Timestamp = line => line.Ordered.Ticks,
        });
    }

    public static async Task Files(RecommendersCatalog recommenders)
    {
        await using var files = new DuckDBConnection("Data Source=:memory:");
        await files.OpenAsync();
        await using var command = files.CreateCommand();
        command.CommandText = "SELECT customer, sku, quantity, ordered FROM 'orders/*.parquet'";
        await using var rows = await command.ExecuteReaderAsync();
        var orders = await recommenders.Data.ReadInteractionsAsync(rows, new("customer", "sku", Weight: "quantity", Timestamp: "ordered"));
    }

    public static void Frame(RecommendersCatalog recommenders, RecordBatch batch)
    {
        var frame = DataFrame.LoadCsv("orders.csv", dataTypes: [typeof(long), typeof(string), typeof(float)]);
        var orders = recommenders.Data.ReadInteractions(frame.DropNulls(), new("customer", "sku", Weight: "quantity"));
        var others = recommenders.Data.ReadInteractions(DataFrame.FromArrowRecordBatch(batch), new("customer", "sku"));
    }

    private static void Features(RecommendersCatalog recommenders, Shop shop)
    {
        var products = recommenders.Data.ReadFeatures(shop.Products, product => product.Sku, product => new { product.Category, product.Price });
    }
}
