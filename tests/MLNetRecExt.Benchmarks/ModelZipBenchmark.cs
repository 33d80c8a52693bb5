using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetRecExt.Kernels;

namespace MLNetRecExt.Benchmarks;

/// <summary>
/// <c>mlContext.Model.Save</c> and <c>Load</c> of a WALS model of 1 M users × 100 k items × rank 64: seconds and peak memory, each
/// in a process of its own, and whether the factors come back bit for bit.
/// </summary>
internal static class ModelZipBenchmark
{
    private const int Users = 1_000_000, Items = 100_000, Rank = 64;
    private const double FactorBytes = (Users + Items) * (double)Rank * sizeof(float);

    public static int Run(string[] args)
    {
        AppContext.SetSwitch("MLNetRecExt.CollectWhileLoading", true);
        if (args is [var step, var file])
            return RunStep(step, file);

        var path = Path.Combine(Path.GetTempPath(), $"model-zip-{Environment.ProcessId}.zip");
        try
        {
            Console.WriteLine(Invariant($"{Users:N0} users x {Items:N0} items x rank {Rank}: {FactorBytes / 1e6:N0} MB of factors"));
            Console.WriteLine("step               wall s    CPU s  peak MB  peak / factors  factors' SHA-256");
            foreach (var each in (string[])["save", "score", "as-recommender"])
            {
                if (OwnProcess.Run("model-zip", each, path) is var code and not 0)
                    return code;
            }
            Console.WriteLine(Invariant($"file: {new FileInfo(path).Length / 1e6:N0} MB"));
            return 0;
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static int RunStep(string step, string path)
    {
        var ml = new MLContext(1);
        RecommenderModel model;
        ITransformer? loaded = null;
        var watch = new Stopwatch();
        var cpu = TimeSpan.Zero;
        if (step == "save")
        {
            model = MakeModel();
            var transformer = new RecommenderTransformer<WalsModel>(ml, (WalsModel)model, new("User", "Item", "Score", null, RecommendationFallback.None));
            Start();
            ml.Model.Save(transformer, ml.Data.LoadFromEnumerable(new Row[0]).Schema, path);
        }
        else
        {
            Start();
            loaded = ml.Model.Load(path, out _);
            if (step == "score")
            {
                using var engine = ml.Model.CreatePredictionEngine<Row, Scored>(loaded);
                engine.Predict(new Row { User = 1, Item = 1 });
            }
            model = loaded.AsRecommender();
        }
        watch.Stop();
        cpu = Process.GetCurrentProcess().TotalProcessorTime - cpu;
        var peak = PeakMemory.Megabytes() * 1048576;
        Console.WriteLine(Invariant($"{step,-16} {watch.Elapsed.TotalSeconds,8:N1} {cpu.TotalSeconds,8:N1} {peak / 1e6,8:N0} {peak / FactorBytes,15:N2}  {Hash((WalsModel)model)[..16]}"));
        if (step == "score")
        {
            var native = ml.Recommenders().Transforms.Score((WalsModel)model).Fit(ml.Data.LoadFromEnumerable(new Row[0]));
            Console.WriteLine(Invariant($"a row of Transform: {NanosecondsPerRow(ml, loaded!):N0} ns by the loaded pipeline, {NanosecondsPerRow(ml, native):N0} ns by Transforms.Score(loaded.AsRecommender())"));
        }
        return 0;

        void Start()
        {
            cpu = Process.GetCurrentProcess().TotalProcessorTime;
            watch.Start();
        }
    }

    private static double NanosecondsPerRow(MLContext ml, ITransformer transformer)
    {
        var random = new Random(1);
        var rows = new Row[200_000];
        for (int i = 0; i < rows.Length; i++)
            rows[i] = new Row { User = (uint)random.Next(Users), Item = (uint)random.Next(Items) };
        var view = transformer.Transform(ml.Data.LoadFromEnumerable(rows));
        var best = double.MaxValue;
        for (int repeat = 0; repeat < 5; repeat++)
        {
            using var cursor = view.GetRowCursorSet([view.Schema["Score"]], 1)[0];
            var getter = cursor.GetGetter<float>(view.Schema["Score"]);
            float score = 0;
            var watch = Stopwatch.StartNew();
            while (cursor.MoveNext())
                getter(ref score);
            best = Math.Min(best, watch.Elapsed.TotalNanoseconds / rows.Length);
        }
        return best;
    }

    private static WalsModel MakeModel()
    {
        var random = new Random(42);
        var offsets = new int[Users + 1];
        var indices = new int[Users + InteractionRows.Padding];
        for (int user = 0; user < Users; user++)
        {
            offsets[user + 1] = user + 1;
            indices[user] = user % Items;
        }
        return new WalsModel(IdMap.FromKeys(Users), IdMap.FromKeys(Items), new InteractionRows(offsets, indices, null, null, null),
            Factors(Users), Factors(Items), PlainObjective.Settings);

        AlignedMatrix Factors(int rows)
        {
            var factors = new AlignedMatrix(rows, Rank);
            foreach (ref var value in factors.Padded)
                value = (float)(random.NextDouble() - 0.5);
            return factors;
        }
    }

    private static string Hash(WalsModel model)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (int user = 0; user < Users; user++)
            hash.AppendData(MemoryMarshal.AsBytes(model.UserFactors(user)));
        for (int item = 0; item < Items; item++)
            hash.AppendData(MemoryMarshal.AsBytes(model.ItemFactors(item)));
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    private sealed class Row
    {
        [KeyType(Users)]
        public uint User { get; set; }

        [KeyType(Items)]
        public uint Item { get; set; }
    }

    private sealed class Scored
    {
        public float Score { get; set; }
    }
}
