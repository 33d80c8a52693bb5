using System.Reflection;
using Microsoft.ML;
using MLNetRecExt.Kernels;

namespace MLNetRecExt.Fuzz;

/// <summary>Small models of every kind that the library declares.</summary>
internal static class SampleModels
{
    private static readonly MLContext Ml = new(1);

    private static readonly Dictionary<string, Func<Interactions, Random, RecommenderModel>> Makers = new()
    {
        ["Popularity"] = (data, _) => Trainers.Popularity().Fit(data),
        ["Mean"] = (data, random) => Trainers.Mean(new MeanTrainer.Options { Of = (MeanOf)random.Next(3) }).Fit(data),
        ["StockMatrixFactorization"] = Stock,
        ["SgdMatrixFactorization"] = Sgd,
        ["Wals"] = Wals,
        ["ItemKnn"] = (data, random) => Trainers.ItemKnn(Neighbors<ItemKnnTrainer.Options>(random)).Fit(data),
        ["UserKnn"] = (data, random) => Trainers.UserKnn(Neighbors<UserKnnTrainer.Options>(random)).Fit(data),
        ["Ease"] = Ease,
        ["DualEase"] = (data, _) => Trainers.Ease(new EaseTrainer.Options { Regularization = 3, IsDual = true }).Fit(data),
        ["NextItemEase"] = (data, random) => NextItem(data, random, topWeights: null),
        ["SparseNextItemEase"] = (data, random) => NextItem(data, random, topWeights: 4),
        ["SparseItem"] = Sparse,
        ["ContentBased"] = Content,
        ["SoftmaxDnn"] = SoftmaxDnn,
        ["Fused"] = Fused,
        ["Ranked"] = Ranked,
        ["Reranked"] = Reranked,
    };

    /// <summary>The kinds that the library declares.</summary>
    /// <exception cref="InvalidOperationException">One has no sample here.</exception>
    public static IReadOnlyList<string> Kinds { get; } =
    [
        .. typeof(RecommenderModel).Assembly.GetCustomAttributes<RecommenderKindAttribute>()
            .Select(kind => kind.Name).Order(StringComparer.Ordinal)
            .Select(name => Makers.ContainsKey(name)
                ? name : throw new InvalidOperationException($"The kind '{name}' has no sample: add one to {nameof(SampleModels)}.")),
    ];

    private static RecommenderTrainersCatalog Trainers => Ml.Recommenders().Trainers;

    /// <summary>A model.</summary>
    /// <param name="kind">One of <see cref="Kinds"/>.</param>
    /// <param name="variant">Another variant, other data and options.</param>
    public static RecommenderModel Make(string kind, int variant)
    {
        var random = new Random(variant);
        var model = Makers[kind](RandomData.Ordinary(random.Next(2, 12), random.Next(2, 9), random), random);
        return random.Next(3) == 0 ? Shrunk(model, random) : model;
    }

    /// <summary>The bytes of its file.</summary>
    public static byte[] Bytes(RecommenderModel model)
    {
        using var stream = new MemoryStream();
        model.Save(stream);
        return stream.ToArray();
    }

    /// <summary>The model without some of its users, where it can be without.</summary>
    private static RecommenderModel Shrunk(RecommenderModel model, Random random)
    {
        try
        {
            return model.Without(Enumerable.Range(0, random.Next(model.Users.Count)));
        }
        catch (NotSupportedException)
        {
            return model;
        }
    }

    private static StockMatrixFactorizationModel Stock(Interactions data, Random random)
    {
        var rank = random.Next(1, 20);
        return new(data.Users, data.Items, data.ByUser, Factors(data.Users.Count), Factors(data.Items.Count));

        AlignedMatrix Factors(int rows)
        {
            var factors = new AlignedMatrix(rows, rank);
            for (int row = 0; row < rows; row++)
                for (int k = 0; k < rank; k++)
                    factors[row][k] = row % 7 == 2 ? float.NaN : random.NextSingle();
            return factors;
        }
    }

    private static float HalfLife(Interactions data, Random random) => data.ByUser.HasTimestamps ? random.Next(2) * 2 : 0;

    private static TOptions Neighbors<TOptions>(Random random) where TOptions : NeighborhoodTrainerOptions, new() =>
        new() { NumberOfNeighbors = random.Next(1, 6), NeighborExponent = random.NextSingle(), Score = (NeighborScore)random.Next(2) };

    private static ItemToItemModel Ease(Interactions data, Random random) => Trainers.Ease(new EaseTrainer.Options
    {
        Regularization = 3,
        TopWeightsPerItem = random.Next(2) == 0 ? null : 4,
        IsDual = false,
        RecencyHalfLife = HalfLife(data, random),
    }).Fit(data);

    private static ItemToItemModel NextItem(Interactions data, Random random, int? topWeights) => Trainers.NextItemEase(new NextItemEaseTrainer.Options
    {
        Regularization = 3,
        RecencyHalfLife = random.Next(1, 5),
        TopWeightsPerItem = topWeights,
    }).Fit(data.ByUser.HasTimestamps ? data : InOrder(data));

    private static Interactions InOrder(Interactions data)
    {
        var rows = data.ByUser;
        long[] timestamps = [.. Enumerable.Range(0, rows.EntryCount + InteractionRows.Padding).Select(time => (long)time)];
        return new(data.Users, data.Items, new(rows.OffsetArray, rows.IndexArray, rows.LabelArray, rows.WeightArray, timestamps), data.Counts);
    }

    private static SgdMatrixFactorizationModel Sgd(Interactions data, Random random)
    {
        return Trainers.SgdMatrixFactorization(new SgdMatrixFactorizationTrainer.Options
        {
            ApproximationRank = random.Next(1, 20),
            NumberOfIterations = 2,
            Loss = (SgdLoss)random.Next(Enum.GetValues<SgdLoss>().Length),
            UseBiases = random.Next(2) == 0,
        }).Fit(data);
    }

    private static WalsModel Wals(Interactions data, Random random)
    {
        var hasBiases = random.Next(2) == 0;
        return Trainers.Wals(new WalsTrainer.Options
        {
            ApproximationRank = random.Next(1, 20),
            NumberOfIterations = 2,
            ConfidenceScale = random.Next(3),
            UnobservedWeight = hasBiases ? 0 : 0.05f,
            UnobservedPopularityExponent = random.Next(2) / 2f,
            RecencyHalfLife = HalfLife(data, random),
            Target = hasBiases ? WalsTarget.Label : WalsTarget.One,
            UseBiases = hasBiases,
            ItemFeatures = random.Next(2) == 0 ? RandomData.Features(data.Items, random) : null,
        }).Fit(data);
    }

    private static SparseItemModel Sparse(Interactions data, Random random)
    {
        var items = Enumerable.Range(0, data.Items.Count);
        (int, float)[] Row() => [.. items.Where(_ => random.Next(3) == 0).Select(item => (item, random.NextSingle()))];
        (int, float)[][] rows = [.. items.Select(_ => Row())];
        return new(data.Users, data.Items, data.ByUser, new SparseMatrix(data.Items.Count, rows));
    }

    private static ContentBasedModel Content(Interactions data, Random random) => Trainers.ContentBased(new ContentBasedTrainer.Options
    {
        ItemFeatures = RandomData.Features(data.Items, random),
        LikedFrom = random.Next(2) == 0 ? null : 3,
        Similarity = (ContentSimilarity)random.Next(2),
    }).Fit(data);

    private static SoftmaxDnnModel SoftmaxDnn(Interactions data, Random random) => Trainers.SoftmaxDnn(new SoftmaxDnnTrainer.Options
    {
        ApproximationRank = random.Next(1, 9),
        HiddenLayers = [.. Enumerable.Range(0, random.Next(3)).Select(_ => random.Next(1, 6))],
        SkipConnection = random.Next(2) == 0,
        RecencyHalfLife = HalfLife(data, random),
        Temperature = random.Next(2) * 0.15f,
        NumberOfIterations = 1,
        NumberOfThreads = 1,
        UserFeatures = random.Next(3) > 0 ? RandomData.Features(data.Users, random) : null,
        ItemFeatures = random.Next(2) > 0 ? RandomData.Features(data.Items, random) : null,
    }).Fit(data);

    private static FusedModel Fused(Interactions data, Random random) => Ml.Recommenders().Stages.Fuse(
        [new(Wals(data, random), 4), new(Trainers.Popularity().Fit(data), 3, 0.5f)],
        (CandidateFusion)random.Next(Enum.GetValues<CandidateFusion>().Length));

    private static RankedModel Ranked(Interactions data, Random random)
    {
        var table = Ml.Data.LoadFromEnumerable(new[] { new { ItemPopularity = 1f } });
        return Ml.Recommenders().Stages.Rank(
            Fused(data, random), Ml.Transforms.CopyColumns("Score", "ItemPopularity").Fit(table), numberOfCandidates: random.Next(1, 9));
    }

    private static RerankedModel Reranked(Interactions data, Random random)
    {
        return Ml.Recommenders().Stages.Rerank(Fused(data, random), new RerankOptions
        {
            NumberOfCandidates = random.Next(1, 20),
            Diversity = random.Next(2) * 0.2f,
            SimilarityOf = random.Next(2) == 0 ? Sgd(data, random) : null,
            FreshnessHalfLife = 2,
            ExcludedItems = [0],
            ItemFeatures = RandomData.Features(data.Items, random),
            CategoryColumnName = "Kind",
            DateColumnName = "Size",
        });
    }
}
