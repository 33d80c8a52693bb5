using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetRecExt.Tests.Onnx;

/// <summary>Small trained models of every kind that can be exported. User 0 and item 0 took no part in training, but may have features.</summary>
internal static class OnnxModels
{
    public const int Users = 40, Items = 30;

    /// <summary>Fold in a history alone by a graph.</summary>
    public static readonly string[] FoldIn = ["wals", "wals weighted", "wals observed", "wals ratings", "wals biases", "sgd", "sgd without biases", "dnn", "dnn deep", "dnn recent cosine", "dnn mean", "dnn item features"];

    /// <summary>Fold in features with a history.</summary>
    public static readonly string[] WithFeatures = ["dnn features", "dnn features cosine"];

    /// <summary>Fold in by random steps, or not at all.</summary>
    public static readonly string[] LookupOnly =
    [
        "sgd logistic", "random",
#if STOCK_RECOMMENDER
        "stock",
#endif
    ];

    public static readonly string[] IdKinds = ["text", "Int32", "Int64", "UInt64", "keys", "text keys", "Int64 keys", "Single keys"];

    public static FactorModel Train(string name, string ids = "text")
    {
        if (name == "random")
            return RandomFactorModel.Create(1, Users, Items, 6);
        var data = Data(ids, hasWeights: name != "stock");
        var trainers = new MLContext().Recommenders().Trainers;
        return name switch
        {
            "wals" => trainers.Wals(new WalsTrainer.Options { ApproximationRank = 8 }).Fit(data),
            "wals weighted" => trainers.Wals(new WalsTrainer.Options
            {
                ApproximationRank = 8,
                ConfidenceScale = 2,
                UnobservedPopularityExponent = 0.5f,
                UserWeightExponent = -0.4f,
                ItemWeightExponent = -0.3f,
                Regularization = 0.1f,
            }).Fit(data),
            "wals observed" => trainers.Wals(new WalsTrainer.Options { ApproximationRank = 8, UnobservedWeight = 0, RegularizationExponent = 0.5f, Regularization = 0.1f }).Fit(data),
            "wals ratings" => trainers.Wals(new WalsTrainer.Options { ApproximationRank = 8, Target = WalsTarget.Label, RegularizationExponent = 0 }).Fit(data),
            "wals biases" => trainers.Wals(new WalsTrainer.Options { ApproximationRank = 8, Target = WalsTarget.Label, UnobservedWeight = 0, UseBiases = true, Regularization = 0.1f }).Fit(data),
            "sgd" => trainers.SgdMatrixFactorization(new SgdMatrixFactorizationTrainer.Options { ApproximationRank = 8 }).Fit(data),
            "sgd without biases" => trainers.SgdMatrixFactorization(new SgdMatrixFactorizationTrainer.Options { ApproximationRank = 8, UseBiases = false }).Fit(data),
            "sgd logistic" => trainers.SgdMatrixFactorization(new SgdMatrixFactorizationTrainer.Options { ApproximationRank = 8, Loss = SgdLoss.Logistic, NumberOfIterations = 3 }).Fit(data),
#if STOCK_RECOMMENDER
            "stock" => trainers.MatrixFactorization(new StockMatrixFactorizationTrainer.Options { ApproximationRank = 6, NumberOfThreads = 1 }).Fit(data),
#endif
            "dnn" => trainers.SoftmaxDnn(new SoftmaxDnnTrainer.Options { ApproximationRank = 12, NumberOfIterations = 3 }).Fit(data),
            "dnn deep" => trainers.SoftmaxDnn(new SoftmaxDnnTrainer.Options { ApproximationRank = 12, HiddenLayers = [20, 16], NumberOfIterations = 3 }).Fit(data),
            "dnn recent cosine" => trainers.SoftmaxDnn(new SoftmaxDnnTrainer.Options
            {
                ApproximationRank = 12,
                HiddenLayers = [20],
                NumberOfIterations = 3,
                RecencyHalfLife = 2,
                Temperature = 0.1f,
                SkipConnection = true,
            }).Fit(data),
            "dnn mean" => trainers.SoftmaxDnn(new SoftmaxDnnTrainer.Options { ApproximationRank = 12, SkipConnection = true, NumberOfIterations = 3 }).Fit(data),
            "dnn item features" => trainers.SoftmaxDnn(new SoftmaxDnnTrainer.Options { ApproximationRank = 12, HiddenLayers = [20], NumberOfIterations = 3, ItemFeatures = Features(Items) }).Fit(data),
            "dnn features" => trainers.SoftmaxDnn(new SoftmaxDnnTrainer.Options
            {
                ApproximationRank = 12,
                HiddenLayers = [20],
                NumberOfIterations = 3,
                LearningRate = 0.02f,
                ShareItemEmbeddings = true,
                UserFeatures = Features(Users),
                ItemFeatures = Features(Items),
            }).Fit(data),
            "dnn features cosine" => trainers.SoftmaxDnn(new SoftmaxDnnTrainer.Options
            {
                ApproximationRank = 7,
                NumberOfIterations = 3,
                LearningRate = 0.02f,
                RecencyHalfLife = 2,
                Temperature = 0.1f,
                SkipConnection = true,
                UserFeatures = Features(Users),
            }).Fit(data),
            _ => throw new ArgumentException(name),
        };
    }

    private static SideFeatures Features(int count)
    {
        var ml = new MLContext();
        var rows = ml.Data.LoadFromEnumerable(Enumerable.Range(0, count).Select(index => new FeatureRow
        {
            Id = $"idé {index}",
            Kind = index % 5 == 0 ? "" : $"kïnd {index % 3}",
            Tags = [.. Enumerable.Range(0, index % 4).Select(tag => $"tag {(index + tag) % 6}")],
            Zip = 10_000_000_000 + index % 4,
            Member = index % 3 == 0,
            Level = (uint)(index % 5),
            Size = index % 6 == 0 ? float.NaN : index % 7,
            Spots = [index % 2, index % 4 == 0 ? float.NaN : 0.1f * index, 5],
        }).ToArray());
        return ml.Recommenders().Data.ReadFeatures(ml.Transforms.Conversion.MapValueToKey("Zip").Fit(rows).Transform(rows), "Id", ["Kind", "Tags", "Zip", "Member", "Level", "Size", "Spots"]);
    }

    /// <summary>An id as a graph takes it: text or Int64.</summary>
    public static object Id(IdMap ids, int index) => ids.Kind switch
    {
        DataKind.String or DataKind.Single => ids.GetText(index),
        DataKind.UInt64 => (long)ulong.Parse(ids.GetText(index), CultureInfo.InvariantCulture),
        _ => long.Parse(ids.GetText(index), CultureInfo.InvariantCulture),
    };

    /// <summary>Rows of ids; an index of −1 stands for an unknown one.</summary>
    public static Array[] Rows(IdMap ids, params int[][] rows) => ids.Kind is DataKind.String or DataKind.Single
        ? [.. rows.Select(row => row.Select(index => index < 0 ? "nobody" : (string)Id(ids, index)).ToArray())]
        : [.. rows.Select(row => row.Select(index => index < 0 ? -77L : (long)Id(ids, index)).ToArray())];

    /// <summary>All users and one that is unknown, a row each.</summary>
    public static Array[] AllUsers(FactorModel model) => Rows(model.Users, [.. Enumerable.Range(-1, Users + 1).Select(user => new[] { user })]);

    private static Interactions Data(string ids, bool hasWeights)
    {
        var random = new Random(1);
        var pairs = Enumerable.Range(1, Users - 1).SelectMany(user => Enumerable.Range(1, Items - 1).Where(_ => random.NextDouble() < 0.3).Select(item => (User: user, Item: item))).ToArray();
        return Interactions.Create(Map(Users), Map(Items), [.. pairs.Select(pair => pair.User)], [.. pairs.Select(pair => pair.Item)],
            [.. pairs.Select(pair => 1f + (pair.User * pair.Item + random.Next(2)) % 5)],
            hasWeights ? [.. pairs.Select(_ => 0.5f + random.NextSingle())] : null,
            [.. pairs.Select(_ => (long)random.Next(1000))]);

        IdMap Map(int count) => ids switch
        {
            "keys" => IdMap.FromKeys(count),
            "text" or "text keys" => IdMap.FromText([.. Enumerable.Range(0, count).Select(index => $"idé {index}")], ids == "text keys"),
            "Single keys" => IdMap.FromIntegers([.. Enumerable.Range(0, count).Select(index => (long)BitConverter.SingleToInt32Bits(index + 0.5f))], DataKind.Single, isKey: true),
            "UInt64" => IdMap.FromIntegers([.. Enumerable.Range(0, count).Select(index => -2L - 2 * index)], DataKind.UInt64),
            "Int32" => IdMap.FromIntegers([.. Enumerable.Range(0, count).Select(index => (long)index)], DataKind.Int32),
            _ => IdMap.FromIntegers([.. Enumerable.Range(0, count).Select(index => 10_000_000_000 + index)], DataKind.Int64, ids == "Int64 keys"),
        };
    }

    private sealed class FeatureRow
    {
        public string Id { get; set; } = "";
        public string Kind { get; set; } = "";
        [VectorType] public string[] Tags { get; set; } = [];
        public long Zip { get; set; }
        public bool Member { get; set; }
        [KeyType(4)] public uint Level { get; set; }
        public float Size { get; set; }
        [VectorType(3)] public float[] Spots { get; set; } = [];
    }
}
