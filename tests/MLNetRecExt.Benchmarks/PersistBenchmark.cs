using System.Diagnostics;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using MLNetRecExt.Kernels;

namespace MLNetRecExt.Benchmarks;

/// <summary>
/// Seconds and peak memory of saving and loading 1 M users × 100 k items × rank 64, each step in a process of its own,
/// beside what plain bytes of that size take on the same machine.
/// </summary>
internal static class PersistBenchmark
{
    private const int Users = 1_000_000;
    private const int Items = 100_000;
    private const int Rank = 64;
    private const int EntriesPerUser = 2;
    private const double FactorMegabytes = (Users + Items) * Rank * sizeof(float) / 1048576.0;

    public static int Run(string[] args)
    {
        switch (args)
        {
            case ["make-and-save", var path]:
                var model = Make();
                Report("save", () => model.Save(path), path);
                Console.WriteLine($"  bits {Digest(model):x16}");
                return 0;
            case ["load", var path]:
                RecommenderModel? loaded = null;
                Report("load", () => loaded = RecommenderModel.Load(path), path);
                Console.WriteLine($"  bits {Digest((WalsModel)loaded!):x16}");
                return 0;
            case ["plain", var path]:
                byte[] bytes = [];
                Report("plain read into memory", () => bytes = File.ReadAllBytes(path), path);
                Report("plain write, synced", () => Write(path + ".copy", bytes), path);
                File.Delete(path + ".copy");
                return 0;
            default:
                var folder = args is [var given] ? given : Path.GetTempPath();
                var file = Path.Combine(folder, $"persist-{Environment.ProcessId}.model");
                Console.WriteLine(FormattableString.Invariant($"{Users} users × {Items} items × rank {Rank}: {FactorMegabytes:F0} MB of factors, in {folder}"));
                try
                {
                    return Step("make-and-save") | Step("load") | Step("plain");

                    int Step(string name) => OwnProcess.Run("persist", name, file);
                }
                finally
                {
                    File.Delete(file);
                }
        }
    }

    private static WalsModel Make()
    {
        var offsets = new int[Users + 1];
        var indices = new int[Users * EntriesPerUser + InteractionRows.Padding];
        for (int user = 0; user < Users; user++)
        {
            offsets[user + 1] = offsets[user] + EntriesPerUser;
            for (int e = 0; e < EntriesPerUser; e++)
                indices[offsets[user] + e] = user % (Items - EntriesPerUser) + e;
        }
        var random = new Random(1);
        return new WalsModel(IdMap.FromKeys(Users), IdMap.FromKeys(Items), new InteractionRows(offsets, indices, null, null, null),
            Fill(Users), Fill(Items),
            PlainObjective.Settings);

        AlignedMatrix Fill(int rows)
        {
            var matrix = new AlignedMatrix(rows, Rank);
            foreach (ref var value in matrix.Padded)
                value = random.NextSingle();
            return matrix;
        }
    }

    private static void Report(string step, Action action, string path)
    {
        var clock = Stopwatch.StartNew();
        var cpu = OwnProcess.CpuSeconds;
        action();
        var seconds = clock.Elapsed.TotalSeconds;
        var cpuSeconds = OwnProcess.CpuSeconds - cpu;
        var megabytes = new FileInfo(path).Length / 1048576.0;
        var peak = PeakMemory.Megabytes();
        Console.WriteLine(FormattableString.Invariant(
            $"{step}: {megabytes:F0} MB in {seconds:F2} s ({megabytes / seconds:F0} MB/s), CPU {cpuSeconds:F2} s, process peak {peak:F0} MB = {peak / FactorMegabytes:F2} × factors"));
    }

    private static ulong Digest(WalsModel model) =>
        XxHash3.HashToUInt64(MemoryMarshal.AsBytes(model.UserMatrix.Padded))
        ^ XxHash3.HashToUInt64(MemoryMarshal.AsBytes(model.ItemMatrix.Padded));

    private static void Write(string path, byte[] bytes)
    {
        using var target = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        target.Write(bytes);
        target.Flush(flushToDisk: true);
    }
}
