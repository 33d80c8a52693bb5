using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetRecExt.Kernels;

namespace MLNetRecExt.Benchmarks;

/// <summary>
/// What the first query of a loaded model takes beside later ones, 1 M items × 64, for embeddings of equal length, in which a search never
/// ends early, and of lengths that fall with the rank. Each way to serve in a process of its own, so that what is compiled counts, too.
/// </summary>
internal static class FirstQueryBenchmark
{
    private const string Pool = "pool over mlContext.Model.Load";
    private const int Users = 100_000, Items = 1_000_000, Rank = 64, ListLength = 20, Queries = 51;

    public static int Run(string[] args)
    {
        switch (args)
        {
            case ["make", var path, var lengths]:
                Make(path, falling: lengths == "falling");
                return 0;
            case [var way, var path, var lengths]:
                Measure(way, path, lengths);
                return 0;
        }
        Console.WriteLine("| lengths | way | load, s | prepare, s | CPU s | first, ms | median of the next 50, ms | ratio |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|");
        var file = Path.Combine(Path.GetTempPath(), $"first-query-{Environment.ProcessId}.model");
        try
        {
            foreach (var lengths in new[] { "equal", "falling" })
                foreach (var way in new[] { "make", "nothing", "WarmUp", "WarmUp, one thread", "prediction engine", Pool })
                    if (OwnProcess.Run("first-query", way, file, lengths) is var code and not 0)
                        return code;
            return 0;
        }
        finally
        {
            File.Delete(file);
            File.Delete(file + ".zip");
        }
    }

    private static void Make(string path, bool falling)
    {
        var random = new Random(1);
        // Each user takes ten items of their own.
        var offsets = Enumerable.Range(0, Users + 1).Select(user => user * (Items / Users)).ToArray();
        int[] indices = [.. Enumerable.Range(0, Items), .. new int[InteractionRows.Padding]];
        var model = new WalsModel(
            IdMap.FromIntegers([.. Enumerable.Range(0, Users).Select(user => 7L * user)], DataKind.Int64),
            IdMap.FromIntegers([.. Enumerable.Range(0, Items).Select(item => 5L * item)], DataKind.Int64),
            new InteractionRows(offsets, indices, null, null, null), Directions(Users, false), Directions(Items, falling),
            PlainObjective.Settings);
        model.Save(path);
        var ml = new MLContext();
        var rows = ml.Data.LoadFromEnumerable(Array.Empty<Row>());
        ml.Model.Save(ml.Recommenders().Transforms.TopItems(model, ListLength).Fit(rows), rows.Schema, path + ".zip");

        AlignedMatrix Directions(int count, bool isShorter)
        {
            var matrix = new AlignedMatrix(count, Rank);
            for (int row = 0; row < count; row++)
            {
                foreach (ref var value in matrix[row])
                    value = random.NextSingle() - 0.5f;
                var scale = (isShorter ? MathF.Pow(1 + row, -0.25f) : 1) / PanelIndex.Length(matrix[row]);
                foreach (ref var value in matrix[row])
                    value *= scale;
            }
            return matrix;
        }
    }

    private static void Measure(string way, string path, string lengths)
    {
        var ml = new MLContext();
        var clock = Stopwatch.StartNew();
        var loaded = way == Pool ? null : RecommenderModel.Load(path);
        var pipeline = loaded is null ? ml.Model.Load(path + ".zip", out _) : null;
        var load = clock.Elapsed.TotalSeconds;
        var cpu = OwnProcess.CpuSeconds;
        clock.Restart();
        var ask = Prepare(way, ml, loaded, pipeline);
        var prepare = clock.Elapsed.TotalSeconds;
        var cpuSeconds = OwnProcess.CpuSeconds - cpu;
        var millis = new double[Queries];
        for (int query = 0; query < Queries; query++)
        {
            clock.Restart();
            ask(query * 977 % Users);
            millis[query] = clock.Elapsed.TotalMilliseconds;
        }
        var (first, later) = (millis[0], millis.Skip(1).Order().ElementAt(Queries / 2));
        Console.WriteLine(FormattableString.Invariant(
            $"| {lengths} | {way} | {load:F2} | {prepare:F2} | {cpuSeconds:F2} | {first:F2} | {later:F2} | {first / later:F1} |"));
    }

    private static Action<int> Prepare(string way, MLContext ml, RecommenderModel? model, ITransformer? pipeline)
    {
        var options = new TopItemsOptions { NumberOfThreads = 1 };
        if (way == "prediction engine")
        {
            var top = ml.Recommenders().Transforms.TopItems(model!, ListLength).Fit(ml.Data.LoadFromEnumerable(Array.Empty<Row>()));
            var engine = ml.Model.CreatePredictionEngine<Row, Answer>(top);
            return user => engine.Predict(new Row { User = 7L * user });
        }
        if (pipeline is not null)
        {
            var pool = ml.Recommenders().CreateEnginePool<Row, Answer>(pipeline);
            return user => pool.Predict(new Row { User = 7L * user });
        }
        if (way != "nothing")
            model!.WarmUp(way == "WarmUp" ? null : options);
        return user => model!.TopItems(RecommenderQuery.ForUser(user), ListLength, options);
    }

    private sealed class Row
    {
        public long User { get; set; }
    }

    private sealed class Answer
    {
        public long[] Items { get; set; } = [];
        public float[] Scores { get; set; } = [];
    }
}
