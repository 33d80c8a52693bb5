using System.Diagnostics;
using System.Globalization;

namespace MLNetRecExt.Benchmarks;

/// <summary>Seconds per WALS sweep, and the share of the FMA peak that its useful work reaches.</summary>
internal static class SweepBenchmark
{
    public static int Run(string[] args)
    {
        int Number(int place) => int.Parse(args[place], CultureInfo.InvariantCulture);
        var isKnown = args.Length == 0
            || (args.Length is >= 3 and <= 6 && args[1].Split('-') is ["cg" or "cholesky"] or ["cg" or "cholesky", "bf16"]);
        if (!isKnown)
            throw new ArgumentException("sweep takes nothing, or: RANK cg|cholesky[-bf16] THREADS [USERS [ITEMS [LENGTH]]]");
        List<(int Rank, WalsSolver Solver, int Threads)> cases = args.Length == 0
            ? [(64, WalsSolver.ConjugateGradient, 2), (64, WalsSolver.ConjugateGradient, 1), (32, WalsSolver.ConjugateGradient, 2), (128, WalsSolver.ConjugateGradient, 2), (64, WalsSolver.Cholesky, 2)]
            : [(Number(0), args[1].StartsWith("cg", StringComparison.Ordinal) ? WalsSolver.ConjugateGradient : WalsSolver.Cholesky, Number(2))];
        var data = args.Length switch
        {
            6 => PowerLawData.Generate(Number(3), Number(4), Number(5)),
            5 => PowerLawData.Generate(Number(3), Number(4)),
            4 => PowerLawData.Generate(Number(3)),
            _ => PowerLawData.Generate(),
        };

        Run(data, cases, sweeps: 5, args.Length > 0 && args[1].EndsWith("-bf16", StringComparison.Ordinal) ? WalsPrecision.BFloat16 : WalsPrecision.Single);
        return 0;
    }

    /// <summary>The table of some cases, each with the median of so many sweeps.</summary>
    public static void Run(Interactions data, IEnumerable<(int Rank, WalsSolver Solver, int Threads)> cases, int sweeps, WalsPrecision precision = WalsPrecision.Single)
    {
        Console.WriteLine($"{data.Users.Count} users, {data.Items.Count} items, {data.Count} entries; longest user {Longest(data.ByUser)}, longest item {data.ByUser.CountColumns(data.Items.Count).Max()}");
        Console.WriteLine("| rank | solver | threads | set-up, s | CPU s | first sweep, s | sweep, s | CPU s | useful GFLOP | GFLOP/s | FMA peak | share | loss | process peak MB |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|");
        foreach (var (rank, solver, threads) in cases)
            Measure(data.ByUser, data.Items.Count, rank, solver, threads, sweeps, precision);
    }

    private static void Measure(InteractionRows byUser, int itemCount, int rank, WalsSolver solver, int threads, int sweeps, WalsPrecision precision)
    {
        var settings = new WalsSettings(
            Regularization: 0.05f, RegularizationExponent: 1, UnobservedWeight: 1, UnobservedPopularityExponent: 0,
            ConfidenceScale: 1, UserWeightExponent: 0, ItemWeightExponent: 0, WalsTarget.One, UseBiases: false);
        var (clock, cpuStart) = (Stopwatch.StartNew(), OwnProcess.CpuSeconds);
        var training = new AlternatingLeastSquares(byUser, itemCount, settings, new(solver, rank, Seed: 1, threads) { Precision = precision });
        // What a first loss adds to a set-up.
        training.Energy(0);
        var (setUp, setUpCpu) = (clock.Elapsed.TotalSeconds, OwnProcess.CpuSeconds - cpuStart);
        clock.Restart();
        training.Sweep();
        var firstSweep = clock.Elapsed.TotalSeconds;

        var runs = new List<(double Seconds, double CpuSeconds, double Peak)>();
        double loss = 0;
        for (int sweep = 0; sweep < sweeps; sweep++)
        {
            var before = FmaPeak.Measure(threads);
            var cpu = OwnProcess.CpuSeconds;
            clock.Restart();
            loss = training.Sweep();
            var seconds = clock.Elapsed.TotalSeconds;
            var cpuSeconds = OwnProcess.CpuSeconds - cpu;
            runs.Add((seconds, cpuSeconds, (before + FmaPeak.Measure(threads)) / 2));
        }
        // The clock drifts: the share is judged run by run.
        var gflop = UsefulGflop(byUser, itemCount, rank, solver);
        var median = runs.OrderBy(run => gflop / run.Seconds / run.Peak).ElementAt(sweeps / 2);
        var rate = gflop / median.Seconds;
        Console.WriteLine(FormattableString.Invariant(
            $"| {rank} | {(solver == WalsSolver.Cholesky ? "Cholesky" : "CG 3")} | {threads} | {setUp:F2} | {setUpCpu:F2} | {firstSweep:F2} | {median.Seconds:F3} | {median.CpuSeconds:F3} | {gflop:F0} | {rate:F1} | {median.Peak:F0} | {100 * rate / median.Peak:F1} % | {loss:G7} | {PeakMemory.Megabytes():F0} |"));
    }

    /// <summary>The arithmetic that the definition asks for, whatever the kernels do.</summary>
    private static double UsefulGflop(InteractionRows byUser, int itemCount, double rank, WalsSolver solver)
    {
        double entries = 2.0 * byUser.EntryCount, rows = byUser.RowCount + itemCount;
        return 1e-9 * (solver == WalsSolver.Cholesky
            // Half of each outer product; the factorisation; two triangular solves.
            ? entries * rank * rank + rows * (rank * rank * rank / 3 + 2 * rank * rank)
            // Four passes, each a dot product and a weighted sum per entry and a product with the Gramian per row.
            : 4 * entries * 4 * rank + 4 * rows * 2 * rank * rank);
    }

    private static int Longest(InteractionRows rows)
    {
        var longest = 0;
        for (int row = 0; row < rows.RowCount; row++)
            longest = Math.Max(longest, rows.Length(row));
        return longest;
    }
}
