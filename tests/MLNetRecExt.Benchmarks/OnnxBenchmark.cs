using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetRecExt.Benchmarks;

/// <summary>Rows per second through exported graphs: in batches by <c>ApplyOnnxRecommender</c>, and row by row by ML.NET's <c>ApplyOnnxModel</c>.</summary>
internal static class OnnxBenchmark
{
    private const int Users = 4000, Items = 10_000, HistoryLength = 60, Rows = 4096;

    public static int Run()
    {
        var data = Generate();
        var trainers = new MLContext().Recommenders().Trainers;
        var wals = trainers.Wals(new WalsTrainer.Options { ApproximationRank = 64, NumberOfIterations = 2 }).Fit(data);
        var dnn = trainers.SoftmaxDnn(new SoftmaxDnnTrainer.Options { ApproximationRank = 64, HiddenLayers = [256, 128], NumberOfIterations = 1, MaxExamplesPerUser = 1 }).Fit(data);
        Console.WriteLine($"{Items} items, histories of {HistoryLength}, rank 64, two output columns of lists or one of embeddings");
        Console.WriteLine("| model, form | batches of 64, rows/s | row by row, rows/s | times |");
        Console.WriteLine("|---|---|---|---|");
        Measure("wals", wals, OnnxForm.UserEmbedding);
        Measure("wals", wals, OnnxForm.TopItemsForUser);
        Measure("wals", wals, OnnxForm.HistoryEmbedding);
        Measure("dnn 256/128/64", dnn, OnnxForm.HistoryEmbedding);
        Measure("dnn 256/128/64", dnn, OnnxForm.TopItemsForHistory);
        return 0;
    }

    private static void Measure(string name, FactorModel model, OnnxForm form)
    {
        var path = Path.GetTempFileName();
        try
        {
            model.SaveAsOnnx(path, form);
            var ml = new MLContext();
            var random = new Random(2);
            var rows = ml.Data.LoadFromEnumerable(Enumerable.Range(0, Rows).Select(_ => new Row
            {
                User = 1 + random.Next(Users),
                History = [.. Enumerable.Range(0, HistoryLength).Select(_ => 1L + random.Next(Items))],
            }).ToArray());
            string[] outputs = form is OnnxForm.TopItemsForUser or OnnxForm.TopItemsForHistory ? ["Items", "Scores"] : ["Embedding"];
            string[] inputs = [form is OnnxForm.TopItemsForUser or OnnxForm.UserEmbedding ? "User" : "History"];
            using var batched = ml.Recommenders().Transforms.ApplyOnnxRecommender(path).Fit(rows);
            var batches = Rate(batched.Transform(rows), outputs);
            var single = Rate(ml.Transforms.ApplyOnnxModel(outputs, inputs, path).Fit(rows).Transform(rows), outputs);
            Console.WriteLine(FormattableString.Invariant($"| {name}, {form} | {batches:F0} | {single:F0} | {batches / single:F1} |"));
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>The better of two passes after a short one.</summary>
    private static double Rate(IDataView view, string[] columns)
    {
        Read(view, columns, 256);
        return Math.Max(Once(), Once());

        double Once()
        {
            var clock = Stopwatch.StartNew();
            Read(view, columns, Rows);
            return Rows / clock.Elapsed.TotalSeconds;
        }
    }

    private static void Read(IDataView view, string[] names, int count)
    {
        var columns = Array.ConvertAll(names, name => view.Schema[name]);
        using var cursor = view.GetRowCursorSet(columns, 1)[0];
        var getters = Array.ConvertAll(columns, column => column.Name == "Items" ? Reader<long>(column) : Reader<float>(column));
        for (int row = 0; row < count && cursor.MoveNext(); row++)
            foreach (var read in getters)
                read();

        Action Reader<T>(DataViewSchema.Column column)
        {
            var getter = cursor.GetGetter<VBuffer<T>>(column);
            var value = default(VBuffer<T>);
            return () => getter(ref value);
        }
    }

    private static Interactions Generate()
    {
        var random = new Random(1);
        var (users, items) = (new int[Users * HistoryLength], new int[Users * HistoryLength]);
        for (int entry = 0; entry < users.Length; entry++)
            (users[entry], items[entry]) = (entry / HistoryLength, random.Next(Items));
        return Interactions.Create(IdMap.FromKeys(Users), IdMap.FromKeys(Items), users, items);
    }

    private sealed class Row
    {
        public long User { get; set; }

        [VectorType]
        public long[] History { get; set; } = [];
    }
}
