using Microsoft.Data.Sqlite;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetRecExt.Tests.Sources;

/// <summary>What SQLite gives, whose rows may differ in type.</summary>
public sealed class SqliteTests : IDisposable
{
    private readonly RecommenderDataCatalog _data = new MLContext(seed: 1).Recommenders().Data;
    private readonly SqliteConnection _connection = new("Data Source=:memory:");

    public SqliteTests() => _connection.Open();

    public void Dispose() => _connection.Dispose();

    [Fact]
    public async Task ReadInteractionsAsync_Orders_ReadsTextAsTime()
    {
        await using var rows = await Query("""
            CREATE TABLE orders (customer INTEGER, sku TEXT, quantity REAL, ordered TEXT);
            INSERT INTO orders VALUES (NULL, 'A-17', 1, '2026-11-30'), (7, 'A-17', 2, '2026-11-30 18:00:00'), (8, 'B-03', 0.5, '2026-11-30T18:00:00Z'), (8, 'A-17', 1, 'today');
            SELECT * FROM orders
            """);

        var read = await _data.ReadInteractionsAsync(rows, new("customer", "sku", Weight: "quantity", Timestamp: "ordered"));

        Assert.Equal(new InteractionCounts(4, MissingIds: 1, BadTimestamps: 1), read.Counts);
        Assert.Equal((DataKind.Int64, DataKind.String), (read.Users.Kind, read.Items.Kind));
        Assert.Equal([2f, 0.5f], [read.ByUser.Weights(0)[0], read.ByUser.Weights(1)[0]]);
        Assert.Equal(new DateTime(2026, 11, 30, 18, 0, 0).Ticks, read.ByUser.Timestamps(0)[0]);
        Assert.Equal(new DateTime(2026, 11, 30, 18, 0, 0).Ticks, read.ByUser.Timestamps(1)[0]);
    }

    [Fact]
    public async Task ReadInteractionsAsync_RowsOfOtherTypes_AreReadWhereNothingIsLost()
    {
        // Text in a column of integers, an integer in one of text, and what is none.
        await using var rows = await Query("""
            CREATE TABLE orders (customer, sku, stars);
            INSERT INTO orders VALUES (7, 'A-17', 1), ('8', 12, '2.5'), ('ann', 'A-17', 1), (1.5, 'A-17', 1), (9, x'00', 1), (7, 'B-03', 'many');
            SELECT * FROM orders
            """);

        var read = await _data.ReadInteractionsAsync(rows, new("customer", "sku", "stars"));

        Assert.Equal(new InteractionCounts(6, MissingIds: 3, BadLabels: 1), read.Counts);
        Assert.Equal(["7", "8"], Enumerable.Range(0, 2).Select(read.Users.GetText));
        Assert.Equal(["A-17", "12"], Enumerable.Range(0, 2).Select(read.Items.GetText));
        Assert.Equal(2.5f, read.ByUser.Labels(1)[0]);
    }

    [Fact]
    public async Task ReadInteractionsAsync_NoRow_IsEmpty()
    {
        await using var rows = await Query("CREATE TABLE orders (customer INTEGER, sku TEXT); SELECT * FROM orders");

        var read = await _data.ReadInteractionsAsync(rows, new("customer", "sku"));

        Assert.Equal((0, 0, new InteractionCounts(0)), (read.Users.Count, read.Items.Count, read.Counts));
    }

    [Fact]
    public async Task ReadInteractionsAsync_ReaderThatFailsMidway_PassesThroughAndLosesNothing()
    {
        await using (var rows = await Query("""
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10)
            SELECT CASE WHEN i = 7 THEN abs(-9223372036854775808) ELSE i END AS u, i FROM n
            """))
            await Assert.ThrowsAsync<SqliteException>(() => _data.ReadInteractionsAsync(rows, new("u", "i")));
        await using var again = await Query("SELECT 1 AS u, 2 AS i");

        Assert.Equal(1, (await _data.ReadInteractionsAsync(again, new("u", "i"))).Count);
    }

    [Fact]
    public async Task ReadFeaturesAsync_Products_ReadsCategoriesAndNumbers()
    {
        await using var rows = await Query("""
            SELECT 'A-17' AS sku, 'tea' AS category, 3 AS price, julianday('2026-11-30') AS listed
            UNION ALL SELECT 'B-03', NULL, 2.5, NULL UNION ALL SELECT NULL, 'coffee', 1, 1
            """);

        var features = await _data.ReadFeaturesAsync(rows, "sku");

        Assert.Equal("2 ids; category: 1 categories, price: number, listed: number", features.ToString());
    }

    [Fact]
    public async Task ReadFeaturesAsync_TextAmongNumbers_IsNamed()
    {
        await using var rows = await Query("SELECT 1 AS id, 3 AS price UNION ALL SELECT 2, 'free'");

        var error = await Assert.ThrowsAsync<InvalidDataException>(() => _data.ReadFeaturesAsync(rows, "id"));

        Assert.Contains("'price' is 'free' (String), but a number", error.Message);
    }

    private async Task<SqliteDataReader> Query(string sql)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteReaderAsync();
    }
}
