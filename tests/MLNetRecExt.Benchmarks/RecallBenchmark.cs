using System.Diagnostics;
using Cloud.Unum.USearch;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetRecExt.Benchmarks;

/// <summary>What share of the exact lists an approximate index finds, by metric, and what a query takes there and here.</summary>
internal static class RecallBenchmark
{
    private const int Count = 20, Queries = 1000;

    public static async Task<int> RunAsync(string path)
    {
        var recommenders = new MLContext(1).Recommenders();
        var columns = InteractionFileOptions.Infer(path);
        columns = columns with { Columns = columns.Columns with { Label = null }, ItemKind = DataKind.String };
        var train = recommenders.Data.ReadInteractions(path, columns);
        var model = recommenders.Trainers.Wals().Fit(train);
        model.WarmUp();
        var asked = Enumerable.Range(0, Math.Min(Queries, model.Users.Count)).Select(RecommenderQuery.ForUser).ToArray();
        var exact = Clock(() => Array.ForEach(asked, query => model.TopItems(query, Count, new() { NumberOfThreads = 1, ExcludeSeen = false })));
        Console.WriteLine(FormattableString.Invariant(
            $"{model.Items.Count:N0} items × {model.ApproximationRank}; TopItems, exact: {1e3 * exact / asked.Length:F3} ms a list"));
        Console.WriteLine();
        Console.WriteLine($"| vectors | index by | candidates | recall@{Count} | ms a list |");
        Console.WriteLine("|---|---|---|---|---|");
        foreach (var (metric, kind, name) in new[]
        {
            (VectorMetric.CosineOrEuclidean, MetricKind.Cos, "cosine"), (VectorMetric.CosineOrEuclidean, MetricKind.L2sq, "distance"),
            (VectorMetric.DotProduct, MetricKind.Ip, "product"), (VectorMetric.DotProduct, MetricKind.Cos, "cosine"),
        })
            foreach (var expansion in new ulong[] { 64, 256, 1024 })
                await RowAsync(model, metric, kind, name, expansion, asked);
        return 0;
    }

    private static async Task RowAsync(
        WalsModel model, VectorMetric metric, MetricKind kind, string name, ulong expansion, RecommenderQuery[] asked)
    {
        using var collection = new HnswCollection(kind, expansion);
        var vectors = model.ToItemVectors(metric);
        await vectors.UpsertAsync(collection, (string id, ReadOnlyMemory<float> vector) => new ItemRecord(id, vector));
        var recall = await vectors.RecallAsync(collection, record => record.Id, asked, Count);
        var queries = Array.ConvertAll(asked, query => new ReadOnlyMemory<float>(vectors.QueryFor(query)));
        var clock = Stopwatch.StartNew();
        foreach (var query in queries)
            await foreach (var _ in collection.SearchAsync(query, Count))
            {
            }
        Console.WriteLine(FormattableString.Invariant(
            $"| {metric} | {name} | {expansion} | {recall:F3} | {clock.Elapsed.TotalMilliseconds / asked.Length:F3} |"));
    }

    private static double Clock(Action action)
    {
        var clock = Stopwatch.StartNew();
        action();
        return clock.Elapsed.TotalSeconds;
    }
}
