using System.Diagnostics;
using System.Globalization;

namespace MLNetRecExt.Benchmarks;

/// <summary>CPU seconds per pass of stochastic gradient descent, and what the passes reach on held-out ratings.</summary>
internal static class SgdBenchmark
{
    private const int Iterations = 20;

    public static int Run(string[] args)
    {
        List<(int Rank, int Threads)> cases = args switch
        {
            [var rank, var threads] => [(int.Parse(rank, CultureInfo.InvariantCulture), int.Parse(threads, CultureInfo.InvariantCulture))],
            [] => [(16, 1), (32, 1), (64, 1), (64, 2), (128, 1)],
            _ => throw new ArgumentException("sgd takes nothing, or: RANK THREADS"),
        };
        var split = PlantedRatings.Generate();
        Console.WriteLine(FormattableString.Invariant(
            $"{split.Train.Count} ratings to learn from, {split.Test.Count} held out, noise {PlantedRatings.Noise}; {Iterations} passes with biases"));
        Console.WriteLine("| rank | threads | pass, s | CPU s | GFLOP/s | GB/s | first pass, s | test RMSE | managed MB above the data |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|");
        foreach (var (rank, threads) in cases)
            Measure(split, rank, threads);
        return 0;
    }

    private static void Measure(InteractionSplit split, int rank, int threads)
    {
        var options = new SgdMatrixFactorizationTrainer.Options();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var rows = split.Train.ByUser;
        var descent = new StochasticGradientDescent(rows, split.Train.Items.Count, options.Settings, rank, threads, CancellationToken.None);
        var seconds = new double[Iterations];
        var cpuSeconds = new double[Iterations];
        for (int iteration = 0; iteration < Iterations; iteration++)
        {
            var cpu = OwnProcess.CpuSeconds;
            var clock = Stopwatch.StartNew();
            descent.Iterate();
            seconds[iteration] = clock.Elapsed.TotalSeconds;
            cpuSeconds[iteration] = OwnProcess.CpuSeconds - cpu;
        }
        var megabytes = (GC.GetTotalMemory(forceFullCollection: true) - before) >> 20;
        var (users, items) = descent.CopyFactors();
        var model = new SgdMatrixFactorizationModel(split.Train.Users, split.Train.Items, rows, users, items, descent.Mean, options.Settings);
        var rmse = RatingEvaluator.Evaluate(model, split.Test, new RatingEvaluationOptions { BootstrapSamples = 0 }).Rmse.Mean;
        var first = seconds[0];
        Array.Sort(seconds);
        Array.Sort(cpuSeconds);
        var (pass, cpuPass) = (seconds[Iterations / 2], cpuSeconds[Iterations / 2]);
        // A dot product, two gradients and two steps; both rows read and written, and an entry read.
        var gflop = 1e-9 * rows.EntryCount * 14.0 * rank;
        var gigabytes = 1e-9 * rows.EntryCount * (16.0 * rank + 8);
        Console.WriteLine(FormattableString.Invariant(
            $"| {rank} | {threads} | {pass:F3} | {cpuPass:F3} | {gflop / pass:F1} | {gigabytes / pass:F1} | {first:F2} | {rmse:F4} | {megabytes} |"));
    }
}
