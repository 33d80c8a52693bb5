using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetRecExt.Benchmarks;

/// <summary>
/// CPU seconds from a text file of 20 M planted ratings, rows in random order, to matrix factorization of rank 64 after 20 passes: reading and
/// indexing, then training. Each way in a process of its own.
/// </summary>
internal static class ReadBenchmark
{
    private const int Rank = 64;
    private const int Iterations = 20;

    private static readonly string[] Ways =
    [
        "file-text", "file-integers", "view-text", "view-integers",
#if STOCK_RECOMMENDER
        "stock",
#endif
    ];

    public static int Run(string[] args)
    {
        if (args is [var way, var path, var threads])
        {
            Measure(way, path, int.Parse(threads, CultureInfo.InvariantCulture));
            return 0;
        }
        var file = Path.Combine(args is [var folder] ? folder : Path.GetTempPath(), $"read-{Environment.ProcessId}.csv");
        try
        {
            if (StartSelf("make", file, 1) != 0)
                return 1;
            Console.WriteLine("| way | threads | read and index, s | CPU s | CPU ns per row | with training, s | training, CPU s | in all, CPU s | process peak after reading, MB | in all, MB |");
            Console.WriteLine("|---|---|---|---|---|---|---|---|---|---|");
            return Ways.Max(one => StartSelf(one, file, 1)) | StartSelf("file-text", file, 2);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static void Measure(string way, string path, int threads)
    {
        if (way == "make")
        {
            Make(path);
            return;
        }
        var ml = new MLContext(1);
        var cpu = OwnProcess.CpuSeconds;
        var clock = Stopwatch.StartNew();
#if STOCK_RECOMMENDER
        if (way == "stock")
        {
            // The stock trainer reads the view itself.
            FitStock(ml, path);
            var (both, bothCpu, most) = Now();
            Console.WriteLine(FormattableString.Invariant($"| stock | {threads} | | | | {both:F1} | | {bothCpu:F1} | | {most:F0} |"));
            return;
        }
#endif
        var kind = way.EndsWith("text", StringComparison.Ordinal) ? DataKind.String : DataKind.Int32;
        var columns = new InteractionColumns("User", "Item", "Label");
        var data = way.StartsWith("file", StringComparison.Ordinal)
            ? ml.Recommenders().Data.ReadInteractions(path, new InteractionFileOptions { Columns = columns, UserKind = kind, ItemKind = kind }, new() { NumberOfThreads = threads })
            : ml.Recommenders().Data.ReadInteractions(Load(ml, path, kind), columns);
        var (seconds, cpuSeconds, peak) = Now();
        ml.Recommenders().Trainers.SgdMatrixFactorization(new SgdMatrixFactorizationTrainer.Options
        {
            ApproximationRank = Rank,
            NumberOfIterations = Iterations,
            NumberOfThreads = threads,
        }).Fit(data);
        var (allSeconds, allCpuSeconds, allPeak) = Now();
        Console.WriteLine(FormattableString.Invariant(
            $"| {way} | {threads} | {seconds:F1} | {cpuSeconds:F1} | {1e9 * cpuSeconds / data.Counts.Read:F0} | {allSeconds:F1} | {allCpuSeconds - cpuSeconds:F1} | {allCpuSeconds:F1} | {peak:F0} | {allPeak:F0} |"));

        (double Seconds, double CpuSeconds, double Peak) Now() =>
            (clock.Elapsed.TotalSeconds, OwnProcess.CpuSeconds - cpu, PeakMemory.Megabytes());
    }

    private static IDataView Load(MLContext ml, string path, DataKind kind) => ml.Data.LoadFromTextFile(path,
        [new TextLoader.Column("User", kind, 0), new TextLoader.Column("Item", kind, 1), new TextLoader.Column("Label", DataKind.Single, 2)], separatorChar: ',', hasHeader: true);

#if STOCK_RECOMMENDER
    private static void FitStock(MLContext ml, string path) => ml.Transforms.Conversion.MapValueToKey("User")
        .Append(ml.Transforms.Conversion.MapValueToKey("Item"))
        .Append(ml.Recommendation().Trainers.MatrixFactorization(new Microsoft.ML.Trainers.MatrixFactorizationTrainer.Options
        {
            MatrixColumnIndexColumnName = "User",
            MatrixRowIndexColumnName = "Item",
            LabelColumnName = "Label",
            ApproximationRank = Rank,
            NumberOfIterations = Iterations,
            NumberOfThreads = 1,
            Quiet = true,
        }))
        .Fit(Load(ml, path, DataKind.String));
#endif

    private static void Make(string path)
    {
        var data = PlantedRatings.Generate().Train;
        var rows = data.ByUser;
        var order = new (int User, int Entry)[data.Count];
        for (int user = 0; user < rows.RowCount; user++)
            for (int e = rows.Offsets[user]; e < rows.Offsets[user + 1]; e++)
                order[e] = (user, e);
        new Random(1).Shuffle(order);
        using var writer = new StreamWriter(path, append: false, new UTF8Encoding(false), 1 << 16);
        writer.WriteLine("User,Item,Label");
        foreach (var (user, e) in order)
            writer.WriteLine(FormattableString.Invariant($"{user + 1},{rows.IndexArray[e] + 1},{rows.LabelArray![e]:F2}"));
        Console.WriteLine(FormattableString.Invariant($"{data.Count} rows in random order, {data.Users.Count} users, {data.Items.Count} items"));
    }

    private static int StartSelf(string way, string path, int threads)
    {
        string[] words = ["read", way, path, threads.ToString(CultureInfo.InvariantCulture)];
        using var process = Process.Start(Environment.ProcessPath!, Environment.ProcessPath!.EndsWith("dotnet", StringComparison.Ordinal)
            ? [typeof(ReadBenchmark).Assembly.Location, .. words]
            : words);
        process.WaitForExit();
        return process.ExitCode;
    }
}
