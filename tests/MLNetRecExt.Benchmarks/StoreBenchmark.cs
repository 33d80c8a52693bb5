using System.Diagnostics;
using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using Microsoft.ML;

namespace MLNetRecExt.Benchmarks;

/// <summary>
/// Reads generated rows into a store with 256 MB, and trains on it and on the same interactions in memory, each step in a process of its
/// own: seconds, peak memory, CPU seconds of a sweep, and whether the factors are the same. Then sweeps by turns in one process: in memory,
/// over files that the system has in memory, and over files that it has to read.
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
            return ((string[])["write", "store", "memory", "turns"]).Max(each => OwnProcess.Run("store", each, folder, rows));
        }
        finally
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
    }

    private static int RunStep(string step, string folder, int rows)
    {
        if (step == "turns")
            return TakeTurns(folder);
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

    /// <summary>Sweeps by turns: CPU and waiting of each kind, beside what the disk alone takes for the same bytes.</summary>
    private static int TakeTurns(string folder)
    {
        var stored = InteractionStore.Open(folder).Interactions;
        var (files, memory) = (Training(stored), Training(stored.InMemory()));
        Console.WriteLine("\n| sweep over | s | CPU s | read from the disk, MB |");
        Console.WriteLine("|---|---|---|---|");
        var turns = new List<(string Name, double Seconds, double Cpu, double Read)>();
        foreach (var training in new[] { files, memory })
            training.Sweep();
        for (int turn = 0; turn < Sweeps; turn++)
        {
            turns.Add(Timed("arrays", () => memory.Sweep()));
            turns.Add(Timed("files in memory", () => files.Sweep()));
            if (!OperatingSystem.IsLinux())
                continue;
            PageCache.Drop(folder);
            turns.Add(Timed("files on the disk", () => files.Sweep()));
            PageCache.Drop(folder);
            turns.Add(Timed("the disk alone", () => ReadAll(folder)));
        }
        foreach (var kind in turns.GroupBy(turn => turn.Name))
            Console.WriteLine(FormattableString.Invariant(
                $"| {kind.Key} | {Median(kind.Select(turn => turn.Seconds)):F3} | {Median(kind.Select(turn => turn.Cpu)):F3} | {Median(kind.Select(turn => turn.Read)):F0} |"));
        return 0;
    }

    private static (string Name, double Seconds, double Cpu, double Read) Timed(string name, Action work)
    {
        var (cpu, read, clock) = (Cpu(), Read(), Stopwatch.StartNew());
        work();
        return (name, clock.Elapsed.TotalSeconds, Cpu() - cpu, Read() - read);

        static double Read() => OperatingSystem.IsLinux() ? PageCache.MegabytesRead() : 0;
    }

    /// <summary>What a sweep reads: the rows of both sides, from their beginnings to their ends.</summary>
    private static void ReadAll(string folder)
    {
        var buffer = new byte[1 << 20];
        foreach (var path in Directory.GetFiles(folder).Where(path => Path.GetExtension(path) is ".offsets" or ".indices" or ".labels" or ".weights"))
        {
            using var file = File.OpenHandle(path, options: FileOptions.SequentialScan);
            for (long place = 0; RandomAccess.Read(file, buffer, place) is var count and > 0;)
                place += count;
        }
    }

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(Sweeps / 2);

    private static AlternatingLeastSquares Training(Interactions data) => new(
        data.ByUser, data.Items.Count, new(0.05f, 1, 1, 0, 1, 0, 0, WalsTarget.One, UseBiases: false),
        new(WalsSolver.ConjugateGradient, 64, Seed: 1, Threads: 2) { ByItem = data.StoredByItem });

    private static (string Sweep, string Digest) Train(Interactions data)
    {
        var training = Training(data);
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
        return (FormattableString.Invariant($"{Median(seconds):F3}"), $"{hash:x16}");
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
