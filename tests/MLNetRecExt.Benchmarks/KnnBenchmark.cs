using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;

namespace MLNetRecExt.Benchmarks;

/// <summary>CPU seconds and peak memory of finding every item's neighbors.</summary>
internal static class KnnBenchmark
{
    public static int Run(string[] args)
    {
        var threads = args switch
        {
            [var number] => int.Parse(number, CultureInfo.InvariantCulture),
            [] => 2,
            _ => throw new ArgumentException("knn takes nothing, or: THREADS"),
        };
        Run(PowerLawData.Generate(), threads);
        return 0;
    }

    public static void Run(Interactions data, int threads)
    {
        var trainer = new MLContext().Recommenders().Trainers.ItemKnn(new ItemKnnTrainer.Options { NumberOfThreads = threads });
        var cpu = OwnProcess.CpuSeconds;
        var clock = Stopwatch.StartNew();
        var model = trainer.Fit(data);
        var seconds = clock.Elapsed.TotalSeconds;
        var cpuSeconds = OwnProcess.CpuSeconds - cpu;
        double products = 0;
        for (int user = 0; user < data.ByUser.RowCount; user++)
            products += Math.Pow(data.ByUser.Length(user), 2);
        Console.WriteLine($"{data.Users.Count} users, {data.Items.Count} items, {data.Count} entries; {model.Weights.EntryCount} neighbors");
        Console.WriteLine("| threads | s | CPU s | products, 10⁹ | CPU ns per product | process peak MB |");
        Console.WriteLine("|---|---|---|---|---|---|");
        Console.WriteLine(FormattableString.Invariant(
            $"| {threads} | {seconds:F1} | {cpuSeconds:F1} | {products / 1e9:F1} | {1e9 * cpuSeconds / products:F2} | {Process.GetCurrentProcess().PeakWorkingSet64 >> 20} |"));
    }
}
