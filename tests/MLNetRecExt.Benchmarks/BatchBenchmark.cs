using System.Diagnostics;
using Microsoft.ML;

namespace MLNetRecExt.Benchmarks;

/// <summary>What a batch gains over its queries one by one, on one thread, by the number of items: from where the web package answers in
/// batches.</summary>
internal static class BatchBenchmark
{
    private const int Rank = 64, Users = 4_000, ListLength = 20;

    public static int Run()
    {
        Console.WriteLine("| items | millions of numbers | alone, µs | in 8, µs | in 64, µs |");
        Console.WriteLine("|---|---|---|---|---|");
        foreach (var items in new[] { 7_000, 27_000, 62_500, 125_000, 250_000, 1_000_000 })
        {
            var model = Model(items);
            string[] micros = [.. new[] { 1, 8, 64 }.Select(size => FormattableString.Invariant($"{Micros(model, size):0}"))];
            Console.WriteLine(
                FormattableString.Invariant($"| {items:N0} | {items * Rank / 1e6:0.0} | ") + string.Join(" | ", micros) + " |");
        }
        return 0;
    }

    /// <summary>Random factors: no search ends early.</summary>
    private static WalsModel Model(int items)
    {
        var random = new Random(1);
        var rows = Enumerable.Range(0, items).Select(item => new Taken(item % Users, item));
        var trained = new MLContext().Recommenders().Trainers.Wals(new WalsTrainer.Options
        {
            UserColumnName = nameof(Taken.User),
            ItemColumnName = nameof(Taken.Item),
            ApproximationRank = Rank,
            NumberOfIterations = 1,
        }).Fit(new MLContext().Data.LoadFromEnumerable(rows)).Model;
        foreach (var matrix in new[] { trained.UserMatrix, trained.ItemMatrix })
            for (int row = 0; row < matrix.Rows; row++)
                foreach (ref var value in matrix[row])
                    value = random.NextSingle() - 0.5f;
        return new(trained.Users, trained.Items, trained.History, trained.UserMatrix, trained.ItemMatrix, trained.Settings);
    }

    /// <summary>The least time per query of several runs.</summary>
    private static double Micros(WalsModel model, int size)
    {
        var options = new TopItemsOptions { NumberOfThreads = 1 };
        var users = Enumerable.Range(0, size).ToArray();
        // Packs the index.
        model.TopItems(users, ListLength, options);
        var least = double.MaxValue;
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start).TotalSeconds < 2;)
        {
            var clock = Stopwatch.GetTimestamp();
            model.TopItems(users, ListLength, options);
            least = Math.Min(least, Stopwatch.GetElapsedTime(clock).TotalMicroseconds / size);
        }
        return least;
    }

    private sealed record Taken(int User, int Item);
}
