using System.Diagnostics;
using Microsoft.ML;

namespace MLNetRecExt.Benchmarks;

/// <summary>
/// Users per second that get their top 20 of the whole catalogue, seen items removed, and the share of the FMA peak,
/// counted as if every score were computed: a search that ends early shows as more than the peak. Random factors
/// let none end early.
/// </summary>
internal static class RecommendBenchmark
{
    private const int ListLength = 20;

    public static int Run()
    {
        Run(PowerLawData.Generate(), [64, 128], runs: 5);
        return 0;
    }

    /// <summary>The table of some ranks, each line with the median of so many runs.</summary>
    public static void Run(Interactions data, IEnumerable<int> ranks, int runs)
    {
        Console.WriteLine($"top {ListLength} of {data.Items.Count} items, seen items removed");
        Console.WriteLine("| rank | factors | threads | users/s | CPU µs per user | GFLOP/s | FMA peak | share | one query, µs |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|");
        foreach (var rank in ranks)
        {
            var trained = new MLContext().Recommenders().Trainers.Wals(new WalsTrainer.Options { ApproximationRank = rank, NumberOfIterations = 3, UnobservedWeight = 1, ConfidenceScale = 1, Regularization = 0.05f }).Fit(data);
            Measure("trained", trained, 2, runs);
            Measure("trained", trained, 1, runs);
            if (rank != 64)
                continue;
            var random = new Random(1);
            foreach (var matrix in new[] { trained.UserMatrix, trained.ItemMatrix })
                for (int row = 0; row < matrix.Rows; row++)
                    foreach (ref var value in matrix[row])
                        value = random.NextSingle() - 0.5f;
            Measure("random", new WalsModel(data.Users, data.Items, data.ByUser, trained.UserMatrix, trained.ItemMatrix, trained.Settings), 2, runs);
        }
    }

    private static void Measure(string factors, WalsModel model, int threads, int count)
    {
        var options = new TopItemsOptions { NumberOfThreads = threads };
        var users = Enumerable.Range(0, model.Users.Count / 3).ToArray();
        model.TopItems(users[..Math.Min(users.Length, 1000)], ListLength, options);
        var runs = new List<(double Seconds, double CpuSeconds, double Peak)>();
        for (int run = 0; run < count; run++)
        {
            var before = FmaPeak.Measure(threads);
            var cpu = OwnProcess.CpuSeconds;
            var clock = Stopwatch.StartNew();
            model.TopItems(users, ListLength, options);
            var seconds = clock.Elapsed.TotalSeconds;
            var cpuSeconds = OwnProcess.CpuSeconds - cpu;
            runs.Add((seconds, cpuSeconds, (before + FmaPeak.Measure(threads)) / 2));
        }
        // The clock drifts: the share is judged run by run.
        var median = runs.OrderBy(run => run.Seconds * run.Peak).ElementAt(count / 2);
        var rate = users.Length / median.Seconds;
        var gflops = rate * 2 * model.Items.Count * model.ApproximationRank * 1e-9;

        var alone = Stopwatch.StartNew();
        var few = Math.Min(users.Length, 1000);
        for (int user = 0; user < few; user++)
            model.TopItems(RecommenderQuery.ForUser(user), ListLength, options);
        Console.WriteLine(FormattableString.Invariant(
            $"| {model.ApproximationRank} | {factors} | {threads} | {rate:F0} | {1e6 * median.CpuSeconds / users.Length:F1} | {gflops:F0} | {median.Peak:F0} | {100 * gflops / median.Peak:F1} % | {alone.Elapsed.TotalMicroseconds / few:F0} |"));
    }
}
