using System.Diagnostics;
using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using Microsoft.ML;

namespace MLNetRecExt.Benchmarks;

/// <summary>
/// Reads generated rows into a store with 256 MB, and trains on it and on the same interactions in memory, each step in a process of its
/// own: seconds, peak memory, CPU seconds of a sweep, and whether the factors are the same.
/// </summary>
internal static class StoreBenchmark
{
    private const int Users = 138_493, Items = 26_744, Sweeps = 5;

    public static int Run(string[] args)
    {
        if (args is [var step, var path, var rowsOfStep])
            return RunStep(step, path, int.Parse(rowsOfStep, CultureInfo.InvariantCulture));
        var rows = args is [var given] ? given : "20000000";
        var folder = Path.Combine(Path.GetTempPath(), $"benchmark-{Environment.ProcessId}.store");
        try
        {
            Console.WriteLine("| step | s | CPU s | of a sweep | peak, MB | digest of the factors |");
            Console.WriteLine("|---|---|---|---|---|---|");
            return ((string[])["write", "store", "memory", "store", "memory"]).Max(each => OwnProcess.Run("store", each, folder, rows));
        }
        finally
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
    }

    private static int RunStep(string step, string folder, int rows)
    {
        var clock = Stopwatch.StartNew();
        var data = step == "write"
            ? new MLContext(1).Recommenders().Data.ReadInteractions(Rows(rows), row => row.User, row => row.Item, options: new()
            {
                Store = new(folder) { MemoryLimitMegabytes = 256 },
            })
            : InteractionStore.Open(folder).Interactions;
        var (sweep, digest) = step == "write" ? ("", "") : Train(step == "memory" ? data.InMemory() : data);
        Console.WriteLine(FormattableString.Invariant(
            $"| {step}, {data.LongCount:N0} | {clock.Elapsed.TotalSeconds:F1} | {Cpu():F1} | {sweep} | {PeakMemory.Megabytes():F0} | {digest} |"));
        return 0;
    }

    private static (string Sweep, string Digest) Train(Interactions data)
    {
        var settings = new WalsSettings(0.05f, 1, 1, 0, 1, 0, 0, WalsTarget.One, UseBiases: false);
        var training = new AlternatingLeastSquares(
            data.ByUser, data.Items.Count, settings, new(WalsSolver.ConjugateGradient, 64, Seed: 1, Threads: 2) { ByItem = data.StoredByItem });
        var seconds = new List<double>();
        training.Sweep();
        for (int sweep = 0; sweep < Sweeps; sweep++)
        {
            var before = Cpu();
            training.Sweep();
            seconds.Add(Cpu() - before);
        }
        var (users, items) = training.TakeFactors();
        var hash = XxHash3.HashToUInt64(MemoryMarshal.AsBytes(users.Padded)) ^ XxHash3.HashToUInt64(MemoryMarshal.AsBytes(items.Padded));
        return (FormattableString.Invariant($"{seconds.Order().ElementAt(Sweeps / 2):F3}"), $"{hash:x16}");
    }

    /// <summary>Active users and popular items are few; made one by one, so that they take no memory.</summary>
    private static IEnumerable<(int User, int Item)> Rows(int count)
    {
        var random = new Random(1);
        for (int row = 0; row < count; row++)
            yield return ((int)(Users * Math.Pow(random.NextDouble(), 1.5)), (int)(Items * Math.Pow(random.NextDouble(), 3)));
    }

    private static double Cpu() => Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds;
}
