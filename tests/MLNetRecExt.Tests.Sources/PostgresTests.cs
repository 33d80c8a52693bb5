using Microsoft.ML;
using Microsoft.ML.Data;
using Npgsql;

namespace MLNetRecExt.Tests.Sources;

/// <summary>What a PostgreSQL server sends.</summary>
public class PostgresTests
{
    private readonly RecommenderDataCatalog _data = new MLContext(seed: 1).Recommenders().Data;

    [PostgresFact]
    public async Task ReadInteractionsAsync_Orders_ReadsIdsNumbersAndTimes()
    {
        await using var connection = await Postgres.OpenAsync();
        var command = await Orders(connection, "SELECT customer_id, sku, stars, quantity, ordered_at FROM order_lines ORDER BY place");

        await using var rows = await command.ExecuteReaderAsync();
        var read = await _data.ReadInteractionsAsync(rows, new("CUSTOMER_ID", "sku", "stars", "quantity", "ordered_at"));

        Assert.Equal(new InteractionCounts(6, MissingIds: 2, BadLabels: 1, BadTimestamps: 1), read.Counts);
        Assert.Equal((DataKind.Int64, DataKind.String), (read.Users.Kind, read.Items.Kind));
        Assert.Equal([0, 1], new[] { read.Users.IndexOf(5_000_000_000L), read.Users.IndexOf(-1L) });
        Assert.Equal([4.5f, 2f], [read.ByUser.Labels(0)[0], read.ByUser.Weights(0)[0]]);
        // Sent with its time zone, kept in UTC.
        Assert.Equal(new DateTime(2026, 11, 30, 16, 0, 0).Ticks, read.ByUser.Timestamps(0)[0]);
        Assert.Equal(System.Data.ConnectionState.Open, connection.State);
    }

    [PostgresFact]
    public async Task ReadInteractionsAsync_UuidsNumericsAndDates_AreIdsAndTimes()
    {
        await using var connection = await Postgres.OpenAsync();
        await using var command = new NpgsqlCommand("""
            SELECT '6F9619FF-8B86-D011-B42D-00C04FC964FF'::uuid AS customer, 12.00::numeric AS product, sum(quantity) AS quantity, date '2026-11-30' AS day
            FROM (VALUES (1::bigint), (2)) lines(quantity)
            UNION ALL SELECT '00000000-0000-0000-0000-000000000007', 12.5, 1, NULL
            UNION ALL SELECT '00000000-0000-0000-0000-000000000007', 7, 1, date '2026-12-01'
            """, connection);

        await using var rows = await command.ExecuteReaderAsync();
        var read = await _data.ReadInteractionsAsync(rows, new("customer", "product", Weight: "quantity", Timestamp: "day"));

        Assert.Equal(new InteractionCounts(3, MissingIds: 1), read.Counts);
        Assert.Equal(new Guid("6F9619FF-8B86-D011-B42D-00C04FC964FF"), read.Users.GetId<Guid>(0));
        Assert.Equal([12L, 7L], new[] { read.Items.GetId<long>(0), read.Items.GetId<long>(1) });
        Assert.Equal(3, read.ByUser.Weights(0)[0]);
        Assert.Equal(new DateTime(2026, 12, 1).Ticks, read.ByUser.Timestamps(1)[0]);
    }

    [PostgresFact]
    public async Task ReadInteractionsAsync_ServerFailsMidway_PassesThroughAndLosesNothing()
    {
        await using var connection = await Postgres.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT 1 / (50000 - i) AS u, i FROM generate_series(1, 100000) AS i", connection);

        await using (var rows = await command.ExecuteReaderAsync())
            Assert.Equal("22012", (await Assert.ThrowsAsync<PostgresException>(() => _data.ReadInteractionsAsync(rows, new("u", "i")))).SqlState);
        command.CommandText = "SELECT 1 AS u, 2 AS i";
        await using var again = await command.ExecuteReaderAsync();

        Assert.Equal(1, (await _data.ReadInteractionsAsync(again, new("u", "i"))).Count);
    }

    [PostgresFact]
    public async Task ReadInteractionsAsync_CancelledMidway_Stops()
    {
        await using var connection = await Postgres.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT i AS u, i % 9 AS i FROM generate_series(1, 3000000) AS i", connection);
        using var cancel = new CancellationTokenSource();
        var options = new InteractionReadOptions { Progress = new AtFirst(cancel.Cancel) };

        await using var rows = await command.ExecuteReaderAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _data.ReadInteractionsAsync(rows, new("u", "i"), options, cancel.Token));
    }

    [PostgresFact]
    public async Task ReadFeaturesAsync_Products_ReadsArraysNumbersAndDates()
    {
        await using var connection = await Postgres.OpenAsync();
        await using var command = new NpgsqlCommand("""
            SELECT 'A-17' AS sku, ARRAY['hot', 'green'] AS tags, 2.5::numeric AS price, timestamptz '2026-11-30 18:00+02' AS listed, ARRAY[1, 0.5]::real[] AS embedding
            UNION ALL SELECT 'B-03', NULL, NULL, NULL, NULL
            UNION ALL SELECT 'C-99', ARRAY['hot'], 4, now(), ARRAY[3, 4]::real[]
            """, connection);

        await using var rows = await command.ExecuteReaderAsync();
        var features = await _data.ReadFeaturesAsync(rows, "sku");

        Assert.Equal("3 ids; tags: 2 categories, price: number, listed: date, embedding: 2 numbers", features.ToString());
    }

    private static async Task<NpgsqlCommand> Orders(NpgsqlConnection connection, string query)
    {
        await using var create = new NpgsqlCommand("""
            CREATE TEMP TABLE order_lines (place serial, customer_id bigint, sku text, stars real, quantity smallint, ordered_at timestamptz);
            INSERT INTO order_lines (customer_id, sku, stars, quantity, ordered_at) VALUES
                (5000000000, 'A-17', 4.5, 2, '2026-11-30 18:00+02'), (NULL, 'A-17', 1, 1, now()), (5000000000, '', 1, 1, now()),
                (-1, 'B-03', 'NaN', 1, now()), (-1, 'B-03', 1, 1, NULL), (-1, 'B-03', 1, 1, now());
            """, connection);
        await create.ExecuteNonQueryAsync();
        return new NpgsqlCommand(query, connection);
    }

    private sealed class AtFirst(Action action) : IProgress<long>
    {
        public void Report(long value) => action();
    }
}
