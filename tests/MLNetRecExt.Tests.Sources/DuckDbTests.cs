using DuckDB.NET.Data;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetRecExt.Tests.Sources;

/// <summary>Parquet, JSON and many files of CSV, by DuckDB.</summary>
public sealed class DuckDbTests : IDisposable
{
    private readonly RecommenderDataCatalog _data = new MLContext(seed: 1).Recommenders().Data;
    private readonly DuckDBConnection _connection = new("Data Source=:memory:");
    private readonly string _folder = Directory.CreateTempSubdirectory("orders").FullName;

    public DuckDbTests()
    {
        _connection.Open();
        Run("""
            CREATE TABLE orders AS SELECT 5000000000 + i % 4 AS customer, 'P-' || i % 3 AS sku, (i % 5)::tinyint AS quantity,
                timestamp '2026-11-30 18:00:00' + to_seconds(i) AS ordered FROM range(12) AS lines(i)
            """);
    }

    public void Dispose()
    {
        _connection.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("parquet")]
    [InlineData("json")]
    [InlineData("csv")]
    public async Task ReadInteractionsAsync_FilesOfAFolder_AreReadTogether(string format)
    {
        Run($"COPY (SELECT * FROM orders WHERE customer % 2 = 0) TO '{_folder}/even.{format}'");
        Run($"COPY (SELECT * FROM orders WHERE customer % 2 = 1) TO '{_folder}/odd.{format}'");

        var read = await Read($"SELECT * FROM '{_folder}/*.{format}' ORDER BY ordered");

        Assert.Equal("12 rows: 12 interactions of 4 users and 3 items, density 100 %", read.ToString());
        Assert.Equal((DataKind.Int64, DataKind.String), (read.Users.Kind, read.Items.Kind));
        Assert.Equal(new DateTime(2026, 11, 30, 18, 0, 0).Ticks, read.ByUser.Timestamps(read.Users.IndexOf(5_000_000_000L))[read.Items.IndexOf("P-0")]);
    }

    [Fact]
    public async Task ReadInteractionsAsync_TypesOfItsOwn_AreIdsAndNumbers()
    {
        // Sums are huge integers, and days dates.
        var read = await Read("""
            SELECT uuid '6F9619FF-8B86-D011-B42D-00C04FC964FF' AS customer, 7::utinyint AS sku, sum(quantity) AS quantity, date '2026-11-30' AS ordered FROM orders
            UNION ALL SELECT NULL, 7, 1, date '2026-11-30'
            """);

        Assert.Equal(new InteractionCounts(2, MissingIds: 1), read.Counts);
        Assert.Equal(new Guid("6F9619FF-8B86-D011-B42D-00C04FC964FF"), read.Users.GetId<Guid>(0));
        Assert.Equal(21, read.ByUser.Weights(0)[0]);
        Assert.Equal(new DateTime(2026, 11, 30).Ticks, read.ByUser.Timestamps(0)[0]);
    }

    [Fact]
    public async Task ReadInteractionsAsync_SingleIds_SayCast()
    {
        var error = await Assert.ThrowsAsync<ArgumentException>(() => Read("SELECT customer::float AS customer, sku, quantity, ordered FROM orders"));

        Assert.Contains("Column 'customer' is Single", error.Message);
        Assert.Contains("Cast it in the query", error.Message);
    }

    [Fact]
    public async Task ReadFeaturesAsync_ListsAndNumbers_AreRead()
    {
        using var command = _connection.CreateCommand();
        command.CommandText = """
            SELECT 'A-17' AS sku, ['hot', 'green'] AS tags, 2.5 AS price, [0.5, 1]::float[] AS embedding, date '2026-11-30' AS listed
            UNION ALL SELECT 'B-03', NULL, NULL, NULL, NULL
            """;

        await using var rows = await command.ExecuteReaderAsync();
        var features = await _data.ReadFeaturesAsync(rows, "sku");

        Assert.Equal("2 ids; tags: 2 categories, price: number, embedding: 2 numbers, listed: date", features.ToString());
    }

    private async Task<Interactions> Read(string query)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = query;
        await using var rows = await command.ExecuteReaderAsync();
        return await _data.ReadInteractionsAsync(rows, new("customer", "sku", Weight: "quantity", Timestamp: "ordered"));
    }

    private void Run(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
