using System.Diagnostics;
using System.Globalization;
using MLNetRecExt.Kernels;

namespace MLNetRecExt.Benchmarks;

/// <summary>Seconds of a training's random start, first into memory that the process has never touched, then again into the same.</summary>
internal static class StartBenchmark
{
    public static int Run(string[] args)
    {
        var (users, rank) = args switch
        {
            [var u, var r] => (int.Parse(u, CultureInfo.InvariantCulture), int.Parse(r, CultureInfo.InvariantCulture)),
            [] => (5_000_000, 64),
            _ => throw new ArgumentException("start takes nothing, or: USERS RANK"),
        };
        Console.WriteLine($"{users} users, rank {rank}");
        Console.WriteLine("| threads | memory | s | CPU s | CPU ns per number |");
        Console.WriteLine("|---|---|---|---|---|");
        Measure(new AlignedMatrix(20_000, rank), 2, null);
        for (int threads = 1; threads <= 2; threads++)
        {
            var matrix = new AlignedMatrix(users, rank);
            foreach (var memory in new[] { "new", "touched" })
                Measure(matrix, threads, memory);
        }
        return 0;
    }

    private static void Measure(AlignedMatrix matrix, int threads, string? memory)
    {
        var cpu = OwnProcess.CpuSeconds;
        var clock = Stopwatch.StartNew();
        SeededRandom.FillNormal(matrix, matrix.Columns, row => new(1, row), mean: 0, deviation: 0.0125,
            new() { MaxDegreeOfParallelism = threads });
        var seconds = clock.Elapsed.TotalSeconds;
        var cpuSeconds = OwnProcess.CpuSeconds - cpu;
        if (memory is not null)
            Console.WriteLine(FormattableString.Invariant(
                $"| {threads} | {memory} | {seconds:F3} | {cpuSeconds:F3} | {1e9 * cpuSeconds / matrix.Rows / matrix.Columns:F2} |"));
    }
}
