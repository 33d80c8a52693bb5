using System.Data.Common;
using System.Diagnostics;
using Microsoft.ML;
using Npgsql;

namespace MLNetRecExt.Benchmarks;

/// <summary>
/// Seconds to read 1 M orders from a PostgreSQL server, beside a bare loop over the same reader that calls its typed getters and keeps
/// nothing. Both by turns: CPU seconds, the server's own left out, and what a clock shows, its time included.
/// </summary>
internal static class QueryBenchmark
{
    private const int Rounds = 9;
    public const string Variable = "MLNETRECEXT_POSTGRES";

    public static async Task<int> RunAsync()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } server)
        {
            Console.Error.WriteLine($"{Variable} must hold the connection string of a PostgreSQL server.");
            return 2;
        }
        await using var connection = new NpgsqlConnection(server);
        await connection.OpenAsync();
        await using (var make = new NpgsqlCommand("""
            CREATE TEMP TABLE order_lines AS
                SELECT (100000 * random() * random())::bigint AS customer_id, 'SKU-' || lpad((20000 * random() * random())::int::text, 6, '0') AS sku,
                    1 + i % 3 AS quantity, timestamptz '2026-01-01' + i * interval '20 seconds' AS ordered_at
                FROM generate_series(1, 1000000) AS i
            """, connection))
            await make.ExecuteNonQueryAsync();

        var data = new MLContext(1).Recommenders().Data;
        var columns = new InteractionColumns("customer_id", "sku", Weight: "quantity", Timestamp: "ordered_at");
        List<(double Cpu, double Clock)> bare = [], read = [];
        for (int round = 0; round < Rounds; round++)
        {
            bare.Add(await MeasureAsync(BareLoopAsync));
            read.Add(await MeasureAsync(rows => data.ReadInteractionsAsync(rows, columns)));
        }
        Console.WriteLine("| | bare loop, s | ReadInteractionsAsync, s | ratio |");
        Console.WriteLine("|---|---|---|---|");
        Report("CPU", seconds => seconds.Cpu);
        Report("clock", seconds => seconds.Clock);
        return 0;

        void Report(string what, Func<(double Cpu, double Clock), double> seconds)
        {
            var (loop, ours) = (Median(bare.Select(seconds)), Median(read.Select(seconds)));
            Console.WriteLine(FormattableString.Invariant($"| {what} | {loop:F3} | {ours:F3} | {ours / loop:F2} |"));
        }

        async Task<(double, double)> MeasureAsync(Func<DbDataReader, Task> readAll)
        {
            await using var command = new NpgsqlCommand("SELECT customer_id, sku, quantity, ordered_at FROM order_lines", connection);
            await using var rows = await command.ExecuteReaderAsync();
            var (before, clock) = (OwnProcess.CpuSeconds, Stopwatch.StartNew());
            await readAll(rows);
            return (OwnProcess.CpuSeconds - before, clock.Elapsed.TotalSeconds);
        }
    }

    private static async Task BareLoopAsync(DbDataReader rows)
    {
        long sum = 0;
        while (await rows.ReadAsync())
            sum += rows.GetInt64(0) + rows.GetString(1).Length + rows.GetInt32(2) + rows.GetDateTime(3).Ticks;
        GC.KeepAlive(sum);
    }

    // The first round compiles.
    private static double Median(IEnumerable<double> seconds) => seconds.Skip(1).Order().ElementAt((Rounds - 1) / 2);
}
