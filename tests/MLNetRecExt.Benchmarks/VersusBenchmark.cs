using System.Globalization;

namespace MLNetRecExt.Benchmarks;

/// <summary>
/// What is compared with other libraries: the generated data in a file that they read, and our side of the table, beside what the machine
/// can do at most in the same run.
/// </summary>
internal static class VersusBenchmark
{
    private const int Threads = 2;

    public static int Run(string[] args)
    {
        var (folder, data) = args switch
        {
            [var path] => (path, PowerLawData.Generate()),
            [var path, var users] => (path, PowerLawData.Generate(int.Parse(users, CultureInfo.InvariantCulture))),
            _ => throw new ArgumentException("versus takes FOLDER, or: FOLDER USERS"),
        };
        var file = Path.Combine(folder, "interactions.mtx");
        Directory.CreateDirectory(folder);
        MatrixMarketFile.Write(data.ByUser, data.Items.Count, file);
        Console.WriteLine($"""
            {file}: users × items, labels 1 to 10. Peers do the same work with: weight of an observed pair 1 + label (implicit: confidence),
            of an unobserved one 1, target 1, regularization 0.05 by frequency, 3 steps of conjugate gradients or exact solutions.

            """);
        Console.WriteLine(FormattableString.Invariant(
            $"Machine: FMA peak {FmaPeak.Measure(1):F0} GFLOP/s of one thread, {FmaPeak.Measure(Threads):F0} of {Threads}; reads {StreamRate.Measure(1):F1} GB/s with one, {StreamRate.Measure(Threads):F1} with {Threads}\n"));

        // A few users are for a look at the files.
        var runs = data.Users.Count < 10_000 ? 1 : 5;
        SweepBenchmark.Run(data,
            [(64, WalsSolver.ConjugateGradient, 2), (64, WalsSolver.ConjugateGradient, 1), (128, WalsSolver.ConjugateGradient, 2), (64, WalsSolver.Cholesky, 2)],
            runs);
        Console.WriteLine();
        RecommendBenchmark.Run(data, [64], runs);
        Console.WriteLine();
        KnnBenchmark.Run(data, Threads);
        return 0;
    }
}
