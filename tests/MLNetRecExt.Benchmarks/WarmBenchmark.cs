using System.Diagnostics;
using Microsoft.ML;

namespace MLNetRecExt.Benchmarks;

/// <summary>What last night's model saves: few iterations from it beside many from the start, in NDCG@20 and seconds, and the seconds of
/// taking in new interactions without a training.</summary>
internal static class WarmBenchmark
{
    private const int WarmSweeps = 3, ColdSweeps = 15, AppendedRows = 1000, Seed = 42;

    private static readonly RecommendersCatalog Recommenders = new MLContext(Seed).Recommenders();

    public static int Run(string[] args)
    {
        if (args is not [var folder])
            throw new ArgumentException("warm takes a folder with train.csv and test.csv, which have columns user and item.");
        var train = Read("train.csv", null);
        var test = Read("test.csv", train);
        Console.WriteLine(FormattableString.Invariant(
            $"{train.Count:N0} interactions of {train.Users.Count:N0} users and {train.Items.Count:N0} items, a tenth new, seed {Seed}"));
        Console.WriteLine();
        CompareStarts(train, test);
        Console.WriteLine();
        CompareAppends(train);
        return 0;

        Interactions Read(string file, Interactions? idsOf) => Recommenders.Data.ReadInteractions(
            Path.Combine(folder, file), new InteractionFileOptions { Columns = new("user", "item") }, new() { IdsOf = idsOf });
    }

    private static void CompareStarts(Interactions train, Interactions test)
    {
        var (older, _) = Split(train, train.Count / 10);
        var (lastNight, _) = Timed(() => Wals(ColdSweeps).Fit(older));
        var (cold, coldSeconds) = Timed(() => Wals(ColdSweeps).Fit(train));
        var (warm, warmSeconds) = Timed(() => Wals(WarmSweeps).Fit(train, initial: lastNight));
        var (coldFew, coldFewSeconds) = Timed(() => Wals(WarmSweeps).Fit(train));

        Console.WriteLine("| Wals | NDCG@20 | less that of 15 sweeps | half a standard error | s |");
        Console.WriteLine("|---|---|---|---|---|");
        var expected = Recommenders.Evaluate(cold, test);
        WriteRow($"{ColdSweeps} sweeps from the start", cold, coldSeconds);
        WriteRow($"{WarmSweeps} sweeps from last night's model", warm, warmSeconds);
        WriteRow($"{WarmSweeps} sweeps from the start", coldFew, coldFewSeconds);
        WriteRow("last night's model as it is", lastNight, 0);

        void WriteRow(string name, RecommenderModel model, double seconds)
        {
            var report = Recommenders.Evaluate(model, test);
            var difference = EvaluationReport.Compare(report, expected, "NDCG@20");
            // A 95 % interval reaches 1.96 standard errors to each side.
            var half = (difference.High - difference.Low) / (4 * 1.96);
            Console.WriteLine(FormattableString.Invariant(
                $"| {name} | {report.Ndcg(20).Mean:F4} | {difference.Difference:+0.0000;-0.0000} | {half:F4} | {seconds:F2} |"));
        }
    }

    private static void CompareAppends(Interactions train)
    {
        var (older, newer) = Split(train, AppendedRows);
        Console.WriteLine(FormattableString.Invariant($"| {AppendedRows:N0} new interactions | Append, s | fit on everything, s |"));
        Console.WriteLine("|---|---|---|");
        var trainers = Recommenders.Trainers;
        foreach (var trainer in new RecommenderTrainer[] { Wals(ColdSweeps), trainers.ItemKnn(), trainers.Popularity() })
        {
            var model = trainer.Fit(older);
            // Once before the clock starts: the code is compiled then.
            model.Append(newer);
            var (_, append) = Timed(() => model.Append(newer));
            var (_, fit) = Timed(() => trainer.Fit(train));
            Console.WriteLine(FormattableString.Invariant($"| {trainer.GetType().Name} | {append:F3} | {fit:F3} |"));
        }
    }

    private static WalsTrainer Wals(int sweeps) => Recommenders.Trainers.Wals(new WalsTrainer.Options { NumberOfIterations = sweeps });

    /// <summary>Holds back some interactions, drawn alike from all.</summary>
    private static (Interactions Older, Interactions Newer) Split(Interactions all, int count)
    {
        var random = new SeededRandom(Seed);
        var parts = new SplitPart[all.Count];
        for (int e = 0, left = count; e < parts.Length; e++)
        {
            var isNew = random.Next(all.Count - e) < left;
            left -= isNew ? 1 : 0;
            parts[e] = isNew ? SplitPart.Test : SplitPart.Train;
        }
        return (all.Where(parts, SplitPart.Train), all.Where(parts, SplitPart.Test));
    }

    private static (T Result, double Seconds) Timed<T>(Func<T> work)
    {
        var clock = Stopwatch.StartNew();
        return (work(), clock.Elapsed.TotalSeconds);
    }
}
