using System.Diagnostics;
using System.Globalization;
using MLNetRecExt.Kernels;

namespace MLNetRecExt.Benchmarks;

/// <summary>What EASE costs but for its sparse product: seconds of the inverse, and its rate beside those of matrix products and of FMA
/// instructions.</summary>
internal static unsafe class EaseBenchmark
{
    public static int Run(string[] args)
    {
        var (items, threads) = args switch
        {
            [var number, var team] => (int.Parse(number, CultureInfo.InvariantCulture), int.Parse(team, CultureInfo.InvariantCulture)),
            [] => (20_000, 2),
            _ => throw new ArgumentException("ease takes nothing, or: ITEMS THREADS"),
        };
        var matrix = new AlignedMatrix(items, items);
        var random = new SeededRandom(20, 1);
        for (int i = 0; i < items; i++)
        {
            for (int j = 0; j < i; j++)
                matrix[i][j] = random.Next(2);
            matrix[i][i] = items;
        }
        var (before, peak) = (GemmRate(threads), FmaPeak.Measure(threads));
        var clock = Stopwatch.StartNew();
        if (!SymmetricInverse.Negated(matrix, new ParallelOptions { MaxDegreeOfParallelism = threads }))
            throw new InvalidOperationException("The matrix is not positive definite.");
        var seconds = clock.Elapsed.TotalSeconds;
        var products = (before + GemmRate(threads)) / 2;
        peak = (peak + FmaPeak.Measure(threads)) / 2;
        var rate = Math.Pow(items, 3) / seconds / 1e9;
        Console.WriteLine("| items | threads | s | GFLOP/s | products, GFLOP/s | share | FMA peak, GFLOP/s | share | process peak MB |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|");
        Console.WriteLine(FormattableString.Invariant($"| {items} | {threads} | {seconds:F2} | {rate:F0} ")
            + FormattableString.Invariant($"| {products:F0} | {100 * rate / products:F0} % | {peak:F0} | {100 * rate / peak:F0} % ")
            + FormattableString.Invariant($"| {Process.GetCurrentProcess().PeakWorkingSet64 >> 20} |"));
        return 0;
    }

    /// <summary>GFLOP/s of products of 504 × 256 by 256 × 512, each thread its own.</summary>
    private static double GemmRate(int threads)
    {
        const int Rounds = 1000;
        Multiply(10);
        var clock = Stopwatch.StartNew();
        var team = new Thread[threads];
        for (int thread = 0; thread < threads; thread++)
        {
            team[thread] = new Thread(() => Multiply(Rounds));
            team[thread].Start();
        }
        foreach (var thread in team)
            thread.Join();
        return 2.0 * 504 * 256 * 512 * Rounds * threads / clock.Elapsed.TotalSeconds / 1e9;
    }

    private static void Multiply(int rounds)
    {
        var (a, b, c) = (new AlignedMatrix(504, 272), new AlignedMatrix(256, 512), new AlignedMatrix(504, 512));
        for (int round = 0; round < rounds; round++)
            for (int strip = 0; strip < 512; strip += 32)
                GemmKernels.Best.Multiply(a.Pointer, a.Stride, 1, b.Pointer + 256 * strip, 32, c.Pointer + strip, c.Stride, 504, 32, 256, add: true);
        GC.KeepAlive((a, b, c));
    }
}
