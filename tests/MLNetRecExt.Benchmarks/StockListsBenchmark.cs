#if STOCK_RECOMMENDER
using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace MLNetRecExt.Benchmarks;

/// <summary>
/// Top 20 of all items for all users by a stock model: a loop over its PredictionEngine, which is measured on some users, beside
/// <c>AsRecommender</c>. Built where Microsoft.ML.Recommender can be restored.
/// </summary>
internal static class StockListsBenchmark
{
    private const int ListLength = 20;
    private const int LoopedUsers = 150;

    public static int Run(string path)
    {
        var ml = new MLContext(1);
        var columns = new InteractionColumns("user", "item", "rating");
        var data = ml.Recommenders().Data.ReadInteractions(path, new InteractionFileOptions { Columns = columns });
        var rows = Enumerable.Range(0, data.Users.Count).SelectMany(user => Enumerable.Range(0, data.ByUser.Length(user)).Select(e => new Pair
        {
            User = (uint)user,
            Item = (uint)data.ByUser.Indices(user)[e],
            Label = data.ByUser.Labels(user)[e],
        }));
        var definition = SchemaDefinition.Create(typeof(Pair));
        definition[nameof(Pair.User)].ColumnType = new KeyDataViewType(typeof(uint), data.Users.Count);
        definition[nameof(Pair.Item)].ColumnType = new KeyDataViewType(typeof(uint), data.Items.Count);
        var view = ml.Data.LoadFromEnumerable(rows, definition);
        var stock = ml.Recommendation().Trainers.MatrixFactorization(new MatrixFactorizationTrainer.Options
        {
            MatrixColumnIndexColumnName = nameof(Pair.User),
            MatrixRowIndexColumnName = nameof(Pair.Item),
            LabelColumnName = nameof(Pair.Label),
            ApproximationRank = 64,
            NumberOfThreads = 1,
            Quiet = true,
        }).Fit(view);

        var engine = ml.Model.CreatePredictionEngine<Pair, Scored>(stock, inputSchemaDefinition: definition);
        Loop(engine, 10, data.Items.Count);
        var loop = Measure(() => Loop(engine, LoopedUsers, data.Items.Count));
        loop = (loop.Seconds / LoopedUsers * data.Users.Count, loop.CpuSeconds / LoopedUsers * data.Users.Count);
        Console.WriteLine(FormattableString.Invariant($"{data.Users.Count} users, {data.Items.Count} items; a loop over the PredictionEngine would take {loop.Seconds:F1} s, {loop.CpuSeconds:F1} CPU s"));
        Console.WriteLine("| AsRecommender | threads | all users, s | times the loop | CPU s | times the loop |");
        Console.WriteLine("|---|---|---|---|---|---|");
        var users = Enumerable.Range(0, data.Users.Count).ToArray();
        foreach (var threads in new[] { 2, 1 })
        {
            var options = new TopItemsOptions { NumberOfThreads = threads };
            var model = stock.Model.AsRecommender();
            Report("first call", Measure(() => model.TopItems(users, ListLength, options)));
            Report("median of nine more", Enumerable.Range(0, 9).Select(_ => Measure(() => model.TopItems(users, ListLength, options))).Order().ElementAt(4));

            void Report(string call, (double Seconds, double CpuSeconds) took) => Console.WriteLine(FormattableString.Invariant(
                $"| {call} | {threads} | {took.Seconds:F3} | {loop.Seconds / took.Seconds:F0} | {took.CpuSeconds:F3} | {loop.CpuSeconds / took.CpuSeconds:F0} |"));
        }
        return 0;
    }

    private static void Loop(PredictionEngine<Pair, Scored> engine, int users, int items)
    {
        var (pair, scored) = (new Pair(), new Scored());
        for (uint user = 0; user < users; user++)
        {
            var best = new PriorityQueue<uint, float>();
            for (uint item = 0; item < items; item++)
            {
                (pair.User, pair.Item) = (user, item);
                engine.Predict(pair, ref scored);
                if (best.Count < ListLength)
                    best.Enqueue(item, scored.Score);
                else
                    best.EnqueueDequeue(item, scored.Score);
            }
        }
    }

    private static (double Seconds, double CpuSeconds) Measure(Action action)
    {
        var cpu = Environment.CpuUsage.TotalTime;
        var clock = Stopwatch.StartNew();
        action();
        return (clock.Elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds);
    }

    private sealed class Pair
    {
        public uint User, Item;
        public float Label;
    }

    private sealed class Scored
    {
        public float Score { get; set; }
    }
}
#endif
