using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Shop;

/// <summary>The shop's database: a SQLite file, or PostgreSQL where a connection string names one. The SQL is the same for both.</summary>
internal static class Schema
{
    private const string Tables = """
        CREATE TABLE IF NOT EXISTS products (
            sku TEXT PRIMARY KEY, title TEXT NOT NULL, category TEXT NOT NULL, description TEXT NOT NULL, picture TEXT NOT NULL,
            price_in_cents INTEGER NOT NULL, stock INTEGER NOT NULL);
        CREATE TABLE IF NOT EXISTS customers (id BIGINT PRIMARY KEY, name TEXT NOT NULL);
        CREATE TABLE IF NOT EXISTS order_lines (
            customer_id BIGINT NOT NULL, sku TEXT NOT NULL, quantity INTEGER NOT NULL, ordered_at BIGINT NOT NULL);
        CREATE INDEX IF NOT EXISTS order_lines_of_customer ON order_lines (customer_id, ordered_at);
        CREATE INDEX IF NOT EXISTS order_lines_by_time ON order_lines (ordered_at);
        CREATE TABLE IF NOT EXISTS events (
            customer_id BIGINT NOT NULL, sku TEXT NOT NULL, kind TEXT NOT NULL, at BIGINT NOT NULL,
            list_id TEXT, position INTEGER, model TEXT);
        CREATE INDEX IF NOT EXISTS events_of_customer ON events (customer_id, at);
        """;

    public static DbDataSource Open(string? connectionString, string folder)
    {
        if (!string.IsNullOrEmpty(connectionString))
            return NpgsqlDataSource.Create(connectionString);
        var file = new SqliteConnectionStringBuilder { DataSource = Path.Combine(folder, "shop.db"), DefaultTimeout = 5 };
        return SqliteFactory.Instance.CreateDataSource(file.ConnectionString);
    }

    /// <summary>Makes the tables and, where there are no products, a made-up shop in them.</summary>
    public static async Task CreateAsync(DbDataSource database)
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var command = connection.CreateCommand();
        // Readers of a SQLite file then do not wait for who writes.
        command.CommandText = connection is SqliteConnection ? "PRAGMA journal_mode = WAL;" + Tables : Tables;
        await command.ExecuteNonQueryAsync();
        command.CommandText = "SELECT COUNT(*) FROM products";
        if (Convert.ToInt64(await command.ExecuteScalarAsync()) > 0)
            return;

        var shop = MadeUpShop.Generate(seed: 42, DateTimeOffset.UtcNow);
        await BulkCopy.WriteAsync(connection, "customers", ["id", "name"],
            shop.Customers.Select(customer => new object?[] { (long)customer.Id, customer.Name }));
        await BulkCopy.WriteAsync(connection, "order_lines", ["customer_id", "sku", "quantity", "ordered_at"],
            shop.Orders.Select(line => new object?[] { line.Customer, line.Sku, line.Quantity, line.OrderedAt }));
        await BulkCopy.WriteAsync(connection, "products", ["sku", "title", "category", "description", "picture", "price_in_cents", "stock"],
            shop.Products.Select(p => new object?[] { p.Sku, p.Title, p.Category, p.Description, p.Picture, p.PriceInCents, p.Stock }));
    }
}
