using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetRecExt.Kernels;
using MLNetRecExt.Persistence;

namespace MLNetRecExt.Tests.Models;

/// <summary>Files with right checksums and wrong contents: each gives an <see cref="InvalidDataException"/> when it is loaded.</summary>
public class HostileFileTests
{
    private static readonly LoadOptions Trusted = new() { AllowPipelines = true };
    private static readonly WalsSettings Wals = new(0.1f, 1, 0, 0, 0, 0, 0, WalsTarget.Label, UseBiases: false);
    private static readonly SgdSettings Sgd = new(
        SgdLoss.Logistic, SgdNegatives.Uniform, SgdSchedule.PerRow, 1, 0.05f, 0.2f, 0.1f, UseBiases: false, NonNegative: false, Seed: 42);
    private static readonly NeighborSettings Neighbors = new(5, NeighborSimilarity.Cosine, 10, 0.5f, 0.5f, 0, 1, 1.2f, 0.75f, NeighborScore.Sum);
    private static readonly ContentSettings Content = new(float.NegativeInfinity, 0.5f, default);
    private static readonly SoftmaxDnnSettings Softmax = new(0, 0.15f, SkipConnection: true);

    /// <summary>Settings of each kind that a training may have had, and the same with one that none can.</summary>
    private static readonly Dictionary<string, (string Kind, Action<ModelWriter> Good, Action<ModelWriter> Bad)> Settings = new()
    {
        ["Wals.Regularization"] = OfWals(Wals with { Regularization = -1 }),
        ["Wals.RegularizationExponent"] = OfWals(Wals with { RegularizationExponent = float.NaN }),
        ["Wals.UnobservedWeight"] = OfWals(Wals with { UnobservedWeight = float.PositiveInfinity }),
        ["Wals.UnobservedPopularityExponent"] = OfWals(Wals with { UnobservedPopularityExponent = float.NaN }),
        ["Wals.ConfidenceScale"] = OfWals(Wals with { ConfidenceScale = -1 }),
        ["Wals.UserWeightExponent"] = OfWals(Wals with { UserWeightExponent = 1e9f }),
        ["Wals.ItemWeightExponent"] = OfWals(Wals with { ItemWeightExponent = float.NaN }),
        ["Wals.Target"] = OfWals(Wals with { Target = (WalsTarget)7 }),
        ["Wals.UseBiases"] = OfWals(Wals with { UseBiases = true, UnobservedWeight = 0.1f }),
        ["Wals.ItemSmoothing"] = OfWals(Wals with { ItemSmoothing = 0.1f }),
        ["Wals mean"] = ("Wals", Factors(State(Wals)), Factors(State(Wals), mean: float.NaN)),
        ["Sgd.Loss"] = OfSgd(Sgd with { Loss = (SgdLoss)9 }),
        ["Sgd.Negatives"] = OfSgd(Sgd with { Negatives = (SgdNegatives)9 }),
        ["Sgd.Schedule"] = OfSgd(Sgd with { Schedule = (SgdSchedule)9 }),
        ["Sgd.NumberOfNegatives"] = OfSgd(Sgd with { NumberOfNegatives = int.MaxValue }),
        ["Sgd.LearningRate"] = OfSgd(Sgd with { LearningRate = 0 }),
        ["Sgd.LearningRateDecay"] = OfSgd(Sgd with { LearningRateDecay = float.NaN }),
        ["Sgd.Regularization"] = OfSgd(Sgd with { Regularization = float.NegativeInfinity }),
        ["Neighbors.NumberOfNeighbors"] = OfNeighbors(Neighbors with { NumberOfNeighbors = int.MaxValue }),
        ["Neighbors.Similarity"] = OfNeighbors(Neighbors with { Similarity = (NeighborSimilarity)99 }),
        ["Neighbors.Shrinkage"] = OfNeighbors(Neighbors with { Shrinkage = -3 }),
        ["Neighbors.NeighborExponent"] = OfNeighbors(Neighbors with { NeighborExponent = 2 }),
        ["Neighbors.OwnExponent"] = OfNeighbors(Neighbors with { OwnExponent = -1 }),
        ["Neighbors.SharedExponent"] = OfNeighbors(Neighbors with { SharedExponent = float.PositiveInfinity }),
        ["Neighbors.SimilarityExponent"] = OfNeighbors(Neighbors with { SimilarityExponent = 0 }),
        ["Neighbors.Bm25K"] = OfNeighbors(Neighbors with { Bm25K = float.PositiveInfinity }),
        ["Neighbors.Bm25B"] = OfNeighbors(Neighbors with { Bm25B = float.NaN }),
        ["Neighbors.Score"] = OfNeighbors(Neighbors with { Score = (NeighborScore)3 }),
        ["Content.LikedFrom"] = OfContent(Content with { LikedFrom = float.NaN }),
        ["Content.DislikedWeight"] = OfContent(Content with { DislikedWeight = -1 }),
        ["Content.Similarity"] = OfContent(Content with { Similarity = (ContentSimilarity)5 }),
        ["Softmax.RecencyHalfLife"] = ("SoftmaxDnn", SoftmaxDnn(Softmax), SoftmaxDnn(Softmax with { RecencyHalfLife = -1 })),
        ["Softmax.Temperature"] = ("SoftmaxDnn", SoftmaxDnn(Softmax), SoftmaxDnn(Softmax with { Temperature = float.NaN })),
        ["Ease shape"] = ("Ease", Weights(1), Weights(2)),
        ["DualEase shape"] = ("DualEase", DualEase(), DualEase(columns: 2)),
        ["DualEase.UserExponent"] = ("DualEase", DualEase(), DualEase(exponent: 3)),
        ["DualEase.Scale"] = ("DualEase", DualEase(), DualEase(scale: 0.3)),
        ["DualEase.Scale infinite"] = ("DualEase", DualEase(), DualEase(scale: double.PositiveInfinity)),
        ["DualEase.Own"] = ("DualEase", DualEase(), DualEase(own: double.NaN)),
        ["Popularity.HalfLifeDays"] = ("Popularity", Popular, writer => writer.WriteSingle(-1)),
        ["Popularity.HalfLifeDays without timestamps"] = ("Popularity", Popular, writer => writer.WriteSingle(7)),
        ["Fused.Weight"] = ("Fused", Fused(1, 1), Fused(1, float.NaN)),
        ["Fused.Count"] = ("Fused", Fused(1, 1), Fused(0, 1)),
        ["Reranked.NumberOfCandidates"] = ("Reranked", Reranked(1, 0, 5), Reranked(0, 0, 5)),
        ["Reranked.Diversity"] = ("Reranked", Reranked(1, 0, 5), Reranked(1, 2, 5)),
        ["Reranked.AsOf"] = ("Reranked", Reranked(1, 0, 5), Reranked(1, 0, double.PositiveInfinity)),
    };

    public static TheoryData<string> SettingNames => [.. Settings.Keys];

    [Theory, MemberData(nameof(SettingNames))]
    public void Load_SettingThatNoTrainingCanHave_IsDamaged(string setting)
    {
        var (kind, good, bad) = Settings[setting];

        Load(Craft(kind, good));
        AssertDamaged(Craft(kind, bad));
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(float.NaN, 0)]
    [InlineData(0, 2e6f)]
    [InlineData(0, 7)]
    [InlineData(3, 7)]
    public void Load_RecencyThatNoTrainingCanHave_IsDamaged(float halfLife, float halfLifeDays)
    {
        Assert.Equal(new(3, 0), Load(Craft("Popularity", Popular, common: Base(3, 0))).Recency);

        // There are no timestamps to tell days by.
        AssertDamaged(Craft("Popularity", Popular, common: Base(halfLife, halfLifeDays)));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("{ \"trainer\": \"T\"")]
    [InlineData("""{ "trainer": 1, "options": {}, "fromData": [], "users": 1, "items": 1, "interactions": 1, "libraryVersion": "1" }""")]
    [InlineData("""{ "trainer": null, "options": {}, "fromData": [], "users": 1, "items": 1, "interactions": 1, "libraryVersion": "1" }""")]
    [InlineData("""{ "trainer": "T", "options": { "A": 1 }, "fromData": [], "users": 1, "items": 1, "interactions": 1, "libraryVersion": "1" }""")]
    [InlineData("""{ "trainer": "T", "options": {}, "fromData": {}, "users": 1, "items": 1, "interactions": 1, "libraryVersion": "1" }""")]
    [InlineData("""{ "trainer": "T", "options": {}, "fromData": [], "users": 1e99, "items": 1, "interactions": 1, "libraryVersion": "1" }""")]
    [InlineData("""{ "trainer": "\ud800", "options": {}, "fromData": [], "users": 1, "items": 1, "interactions": 1, "libraryVersion": "1" }""")]
    public void Load_CardThatNobodyWrites_IsDamaged(string card)
    {
        const string good = """{ "trainer": "T", "options": { "A": "1" }, "fromData": ["A"], "users": 1, "items": 2, "interactions": 3, "libraryVersion": "4", "later": 5 }""";

        Assert.Equal("1", Load(OfCard(Encoding.UTF8.GetBytes(good))).Info!.Options["A"]);
        AssertDamaged(OfCard(Encoding.UTF8.GetBytes(card)));
        AssertDamaged(OfCard([0xff, 0xfe]));

        static byte[] OfCard(byte[] bytes) => Craft("Popularity", Popular, common: Base(0, 0, bytes));
    }

    [Theory]
    [InlineData(4, 3)]
    [InlineData(3, 4)]
    [InlineData(400_000, 1)]
    public void Load_SoftmaxDnnWhoseSkipConnectionIsOfAnotherWidth_IsDamaged(int width, int inputs) =>
        AssertDamaged(Craft("SoftmaxDnn", SoftmaxDnn(Softmax with { SkipConnection = true }, width, inputs)));

    [Fact]
    public void Load_SoftmaxDnnWhoseEmbeddingsOfUsersHaveAnotherWidth_IsDamaged() => AssertDamaged(Craft("SoftmaxDnn", writer =>
    {
        writer.WriteMatrix(new AlignedMatrix(1, 5));
        writer.WriteMatrix(new AlignedMatrix(1, 3));
        Softmax.Write(writer);
        writer.WriteMatrix(new AlignedMatrix(1, 3));
        writer.WriteByte(0);
        writer.WriteInt32(0);
        writer.WriteText([]);
    }));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Load_TwoCategoriesOfOneName_IsDamaged(bool areEqual)
    {
        var file = Craft("SoftmaxDnn", SoftmaxDnn(Softmax, categories: ["m", areEqual ? "m" : "f"]));

        if (areEqual)
            AssertDamaged(file);
        else
            Assert.Equal(["m", "f"], Assert.IsType<SoftmaxDnnModel>(Load(file)).Encoder.Columns[0].Categories!);
    }

    [Fact]
    public void Load_CoefficientOfAFeatureThatIsNoNumber_IsDamaged() =>
        AssertDamaged(Craft("SoftmaxDnn", SoftmaxDnn(Softmax, categories: ["m"], coefficient: float.NaN)));

    [Theory]
    [InlineData("Fused")]
    [InlineData("Ranked")]
    [InlineData("Reranked")]
    public void Load_StagesDeeperThanTheStack_AreDamaged(string kind) => AssertDamaged(Craft(kind, Nest(kind, 50_000)));

    [Fact]
    public void SaveAndLoad_StagesAsDeepAsAFileHolds_WorkAndNoDeeper()
    {
        var data = Interactions.Create(IdMap.FromKeys(2), IdMap.FromKeys(2), [0, 1], [0, 1]);
        var ml = new MLContext(1).Recommenders();
        RecommenderModel model = ml.Trainers.Popularity().Fit(data);
        for (int depth = 0; depth < ModelFile.MaxDepth; depth++)
            model = ml.Stages.Fuse([new(model)]);
        using var stream = new MemoryStream();

        model.Save(stream);

        Assert.Equal(model.TopItems(RecommenderQuery.ForUser(0), 2), Load(stream.ToArray()).TopItems(RecommenderQuery.ForUser(0), 2));
        Assert.Throws<NotSupportedException>(() => ml.Stages.Fuse([new(model)]).Save(new MemoryStream()));
        AssertDamaged(Craft("Fused", Nest("Fused", ModelFile.MaxDepth + 1)));
        Load(Craft("Fused", Nest("Fused", ModelFile.MaxDepth)));
    }

    [Theory]
    [InlineData("Wals")]
    [InlineData("SgdMatrixFactorization")]
    [InlineData("StockMatrixFactorization")]
    public void Load_EmbeddingsLongerThanAnyTrainerMakes_AreDamaged(string kind)
    {
        var scores = new float[1];
        Load(File(1024)).ScoreItems(RecommenderQuery.ForUser(0), scores);

        Assert.Equal([0], scores);
        AssertDamaged(File(1025));
        AssertDamaged(File(3_000_000));

        byte[] File(int columns)
        {
            return Craft(kind, kind switch
            {
                "Wals" => Factors(State(Wals), columns),
                "SgdMatrixFactorization" => Factors(Sgd.Write, columns),
                _ => WriteTwo,
            });

            void WriteTwo(ModelWriter writer)
            {
                writer.WriteMatrix(new AlignedMatrix(1, columns));
                writer.WriteMatrix(new AlignedMatrix(1, columns));
            }
        }
    }

    [Theory]
    [InlineData(new[] { 2 }, new[] { 7, -5 })]
    [InlineData(new[] { 1 }, new[] { 0 })]
    [InlineData(new[] { -1 }, new int[0])]
    public void Load_HistoryOfNobody_HoldsNothing(int[] offsets, int[] indices)
    {
        Load(Craft("Popularity", Popular, IdMap.FromKeys(0), IdMap.FromKeys(3), Rows([0], [])));
        AssertDamaged(Craft("Popularity", Popular, IdMap.FromKeys(0), IdMap.FromKeys(3), Rows(offsets, indices)));
    }

    [Theory]
    [InlineData(float.NaN, 1)]
    [InlineData(float.PositiveInfinity, 1)]
    [InlineData(float.NegativeInfinity, 1)]
    [InlineData(1, float.NaN)]
    [InlineData(1, float.PositiveInfinity)]
    [InlineData(1, -1)]
    public void Load_LabelOrWeightThatNoReaderTakes_IsDamaged(float label, float weight)
    {
        Load(Craft("Popularity", Popular, rows: Rows([0, 1], [0], -2, 0)));
        AssertDamaged(Craft("Popularity", Popular, rows: Rows([0, 1], [0], label, weight)));
    }

    /// <summary>By kind and part a file in which one number is as given.</summary>
    private static readonly Dictionary<string, (string Kind, Func<float, Action<ModelWriter>> State)> Numbers = new()
    {
        ["Wals users"] = ("Wals", number => Factors(State(Wals), number, 1)),
        ["Wals items"] = ("Wals", number => Factors(State(Wals), 1, number)),
        ["Sgd users"] = ("SgdMatrixFactorization", number => Factors(Sgd.Write, number, 1)),
        ["Sgd items"] = ("SgdMatrixFactorization", number => Factors(Sgd.Write, 1, number)),
        ["Ease weights"] = ("Ease", number => writer => writer.WriteMatrix(Matrix(1, 1, number))),
        ["Sparse weights"] = ("SparseItem", number => writer => writer.WriteMatrix(new SparseMatrix(1, [[(0, number)]]))),
        ["Similarities of items"] = ("ItemKnn", number => new NeighborLists(new SparseMatrix(1, [[(0, number)]]), Neighbors).Write),
        ["Similarities of users"] = ("UserKnn", number => new NeighborLists(new SparseMatrix(1, [[(0, number)]]), Neighbors).Write),
        ["Content"] = ("ContentBased", number => writer =>
        {
            Content.Write(writer);
            writer.WriteInt32(1);
            writer.WriteText(["Genre"]);
            writer.WriteText(["war"]);
            writer.WriteMatrix(new SparseMatrix(1, [[(0, number)]]));
            writer.WriteByte(0);
        }
        ),
        ["Softmax users"] = ("SoftmaxDnn", number => SoftmaxDnn(0, number)),
        ["Softmax items"] = ("SoftmaxDnn", number => SoftmaxDnn(1, number)),
        ["Softmax history"] = ("SoftmaxDnn", number => SoftmaxDnn(2, number)),
        ["Softmax layer"] = ("SoftmaxDnn", number => SoftmaxDnn(3, number)),
        ["Softmax features"] = ("SoftmaxDnn", number => SoftmaxDnn(4, number)),
    };

    public static TheoryData<string> NumberNames => [.. Numbers.Keys];

    [Theory, MemberData(nameof(NumberNames))]
    public void Load_NumberThatIsNaNOrInfinite_IsDamaged(string part)
    {
        var (kind, state) = Numbers[part];

        Load(Craft(kind, state(1)));
        foreach (var number in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
            AssertDamaged(Craft(kind, state(number)));
    }

    [Theory]
    [InlineData("users", -1, 1, 2, 1.5, 3)]
    [InlineData("known users", 1, -1, 2, 1.5, 3)]
    [InlineData("more users than entries", 9, 3, 2, 1.5, 3)]
    [InlineData("a count", 1, 1, -2, 1.5, 3)]
    [InlineData("a sum of labels", 1, 1, 2, double.NaN, 3)]
    [InlineData("a moment", 1, 1, 2, 1.5, double.PositiveInfinity)]
    public void Load_UsersTakenOutWhoCannotHaveBeen_AreDamage(string what, int users, int known, int count, double sum, double moment)
    {
        Assert.Equal([2], Load(Craft("Popularity", Popular, rows: Rows(1, 1, 2, 1.5, 3))).ItemPopularity);

        Assert.NotEmpty(what);
        AssertDamaged(Craft("Popularity", Popular, rows: Rows(users, known, count, sum, moment)));

        static Action<ModelWriter> Rows(int users, int known, int count, double sum, double moment) => writer =>
        {
            writer.WriteInt32(1 + 8);
            writer.WriteArray<int>([0, 0]);
            writer.WriteArray<int>([]);
            writer.WriteArray<float>([]);
            writer.WriteInt32(users);
            writer.WriteInt32(known);
            writer.WriteArray<int>([count]);
            writer.WriteArray<double>([sum]);
            writer.WriteArray<double>([1, 1, moment]);
            writer.WriteArray<long>([]);
        };
    }

    [Fact]
    public void Load_StockEmbeddingsOfNaN_AreWhatTrainingDidNotSee()
    {
        var model = Load(Craft("StockMatrixFactorization", writer =>
        {
            writer.WriteMatrix(Matrix(1, 1, 1));
            writer.WriteMatrix(Matrix(1, 1, float.NaN));
        }));

        Assert.True(model.IsKnownUser(0));
        Assert.False(model.IsKnownItem(0));
    }

    [Theory]
    [InlineData(DataKind.Int32, int.MinValue, 1L << 31)]
    [InlineData(DataKind.UInt32, uint.MaxValue, -1)]
    [InlineData(DataKind.Int16, short.MaxValue, short.MaxValue + 1L)]
    [InlineData(DataKind.Byte, 255, 256)]
    [InlineData(DataKind.Boolean, 1, 2)]
    [InlineData(DataKind.DateTime, 3155378975999999999, 3155378976000000000)]
    [InlineData(DataKind.DateTime, 0, -1)]
    [InlineData(DataKind.Single, -1, 1L << 40)]
    public void Load_IdOutsideTheRangeOfItsKind_IsDamaged(DataKind kind, long good, long bad)
    {
        Assert.NotEmpty(Load(Craft("Popularity", Popular, Users(good))).Users.GetText(0));

        AssertDamaged(Craft("Popularity", Popular, Users(bad)));
        Assert.Contains($"{bad}", Assert.Throws<ArgumentException>(() => IdMap.FromIntegers([bad], kind)).Message);

        Action<ModelWriter> Users(long id) => writer =>
        {
            writer.WriteInt32(1);
            writer.WriteInt32((int)kind);
            writer.WriteInt32(1);
            writer.WriteArray<long>([id]);
        };
    }

    [Fact]
    public void Load_RankerThatMlNetCannotRead_GivesTheOneException()
    {
        var pipeline = Pipeline();
        var random = new Random(1);
        for (int trial = 0; trial < 300; trial++)
        {
            var damaged = (byte[])pipeline.Clone();
            for (int change = 0; change <= trial % 3; change++)
                damaged[random.Next(damaged.Length)] ^= (byte)(1 + random.Next(255));
            if (trial % 10 == 0)
                damaged = damaged[..random.Next(damaged.Length)];
            Exception? thrown = Record.Exception(() => Load(Craft("Ranked", Ranked(damaged))));
            Assert.True(thrown is null or InvalidDataException, $"trial {trial}: {thrown}");
        }
        Assert.IsType<RankedModel>(Load(Craft("Ranked", Ranked(pipeline))));
        var noZip = Assert.Throws<InvalidDataException>(() => Load(Craft("Ranked", Ranked([1, 2, 3]))));
        Assert.Contains("ranker cannot be loaded", noZip.Message);
        Assert.NotNull(noZip.InnerException);
    }

    [Fact]
    public void Load_RankedModel_AsksForTrustFirst()
    {
        var ranked = Craft("Ranked", Ranked(Pipeline()));
        var within = Craft("Fused", writer =>
        {
            writer.WriteInt32(0);
            writer.WriteByte(1);
            writer.WriteInt32(1);
            writer.WriteSingle(1);
            Head(writer, "Ranked");
            Ranked(Pipeline())(writer);
        });

        foreach (var file in new[] { ranked, within })
        {
            Load(file);
            foreach (var options in new[] { null, new LoadOptions() })
            {
                var refused = Assert.Throws<InvalidDataException>(() => RecommenderModel.Load(new MemoryStream(file), options));
                Assert.Contains("AllowPipelines = true", refused.Message);
            }
        }
    }

    private static RecommenderModel Load(byte[] file) => RecommenderModel.Load(new MemoryStream(file), Trusted);

    private static void AssertDamaged(byte[] file)
    {
        var damaged = Assert.Throws<InvalidDataException>(() => Load(file));
        Assert.Contains("The model is damaged", damaged.Message);
    }

    /// <summary>A file of one user who took the one item, unless it says otherwise.</summary>
    internal static byte[] Craft(
        string kind, Action<ModelWriter> state, IdMap? users = null, IdMap? items = null, Action<ModelWriter>? rows = null,
        Action<ModelWriter>? common = null) =>
        Craft(kind, state, writer => writer.WriteIds(users ?? IdMap.FromKeys(1)), items, rows, common);

    private static byte[] Craft(
        string kind, Action<ModelWriter> state, Action<ModelWriter> users, IdMap? items = null, Action<ModelWriter>? rows = null,
        Action<ModelWriter>? common = null)
    {
        using var stream = new MemoryStream();
        var writer = new ModelWriter(stream);
        ModelFile.WriteHead(writer, kind);
        users(writer);
        writer.WriteIds(items ?? IdMap.FromKeys(1));
        (rows ?? Rows([0, 1], [0]))(writer);
        (common ?? NoBase)(writer);
        state(writer);
        writer.WriteChecksum();
        writer.Flush();
        return stream.ToArray();
    }

    internal static void NoBase(ModelWriter writer) => ModelFile.WriteBase(writer, default, null);

    internal static void Popular(ModelWriter writer) => writer.WriteSingle(0);

    private static Action<ModelWriter> Base(float halfLife, float halfLifeDays, ReadOnlyMemory<byte> card = default) => writer =>
    {
        writer.WriteSingle(halfLife);
        writer.WriteSingle(halfLifeDays);
        writer.WriteArray(card.Span);
    };

    internal static Action<ModelWriter> Rows(int[] offsets, int[] indices, float label = 1, float weight = 1) => writer =>
    {
        writer.WriteInt32(3);
        writer.WriteArray<int>(offsets);
        writer.WriteArray<int>(indices);
        writer.WriteArray<float>(Array.ConvertAll(indices, _ => label));
        writer.WriteArray<float>(Array.ConvertAll(indices, _ => weight));
    };

    private static Action<ModelWriter> Factors(Action<ModelWriter> settings, int columns = 3, float mean = 0) => writer =>
    {
        writer.WriteMatrix(new AlignedMatrix(1, columns));
        writer.WriteMatrix(new AlignedMatrix(1, columns));
        writer.WriteSingle(mean);
        settings(writer);
    };

    private static Action<ModelWriter> Factors(Action<ModelWriter> settings, float user, float item) => writer =>
    {
        writer.WriteMatrix(Matrix(1, 3, user));
        writer.WriteMatrix(Matrix(1, 3, item));
        writer.WriteSingle(0);
        settings(writer);
    };

    /// <summary>Ones, and a number as the last.</summary>
    private static AlignedMatrix Matrix(int rows, int columns, float last)
    {
        var matrix = new AlignedMatrix(rows, columns);
        for (int row = 0; row < rows; row++)
            matrix[row].Fill(1);
        matrix[rows - 1][^1] = last;
        return matrix;
    }

    /// <summary>A number in one of the matrices: of users, items, items in a history, the layer, the feature.</summary>
    private static Action<ModelWriter> SoftmaxDnn(int place, float number) => writer =>
    {
        writer.WriteMatrix(Matrix(1, 3, place == 0 ? number : 1));
        writer.WriteMatrix(Matrix(1, 3, place == 1 ? number : 1));
        Softmax.Write(writer);
        writer.WriteMatrix(Matrix(1, 3, place == 2 ? number : 1));
        writer.WriteByte(1);
        writer.WriteMatrix(Matrix(4, 3, place == 3 ? number : 1));
        writer.WriteInt32(1);
        writer.WriteText(["Sex"]);
        writer.WriteInt32((int)DataKind.String);
        writer.WriteInt32(0);
        writer.WriteInt32(1);
        writer.WriteText(["m"]);
        writer.WriteMatrix(Matrix(1, 3, place == 4 ? number : 1));
        writer.WriteArray<int>([0, 1]);
        writer.WriteArray<int>([0]);
        writer.WriteArray<float>([1]);
        writer.WriteByte(0);
    };

    private static Action<ModelWriter> Weights(int columns) => writer => writer.WriteMatrix(new AlignedMatrix(1, columns));

    private static Action<ModelWriter> DualEase(int columns = 1, float exponent = 1, double scale = 0.25, double own = 1) =>
        new DualEaseState(new AlignedMatrix(1, columns), scale, exponent, [1], [1], [own]).Write;

    /// <summary>Without a map from features.</summary>
    private static Action<ModelWriter> State(WalsSettings settings) => writer =>
    {
        settings.Write(writer);
        writer.WriteByte(0);
    };

    private static (string Kind, Action<ModelWriter> Good, Action<ModelWriter> Bad) OfWals(WalsSettings bad) =>
        ("Wals", Factors(State(Wals)), Factors(State(bad)));

    private static (string Kind, Action<ModelWriter> Good, Action<ModelWriter> Bad) OfSgd(SgdSettings bad) =>
        ("SgdMatrixFactorization", Factors(Sgd.Write), Factors(bad.Write));

    private static (string Kind, Action<ModelWriter> Good, Action<ModelWriter> Bad) OfNeighbors(NeighborSettings bad)
    {
        return ("UserKnn", Write(Neighbors), Write(bad));

        static Action<ModelWriter> Write(NeighborSettings settings) => new NeighborLists(new SparseMatrix(1, [[]]), settings).Write;
    }

    private static (string Kind, Action<ModelWriter> Good, Action<ModelWriter> Bad) OfContent(ContentSettings bad)
    {
        return ("ContentBased", Write(Content), Write(bad));

        static Action<ModelWriter> Write(ContentSettings settings) => writer =>
        {
            settings.Write(writer);
            writer.WriteInt32(1);
            writer.WriteText(["Genre"]);
            writer.WriteText(["war"]);
            writer.WriteMatrix(new SparseMatrix(1, [[(0, 1f)]]));
            writer.WriteByte(0);
        };
    }

    /// <summary>Embeddings of a width, from inputs of another by one layer, and perhaps a feature of users.</summary>
    private static Action<ModelWriter> SoftmaxDnn(
        SoftmaxDnnSettings settings, int width = 3, int inputs = 3, string[]? categories = null, float coefficient = 1) => writer =>
    {
        writer.WriteMatrix(new AlignedMatrix(1, width));
        writer.WriteMatrix(new AlignedMatrix(1, width));
        settings.Write(writer);
        writer.WriteMatrix(new AlignedMatrix(1, inputs));
        writer.WriteByte(1);
        writer.WriteMatrix(new AlignedMatrix(inputs + 1, width));
        writer.WriteInt32(categories is null ? 0 : 1);
        writer.WriteText(categories is null ? [] : ["Sex"]);
        if (categories is not null)
        {
            writer.WriteInt32((int)DataKind.String);
            writer.WriteInt32(0);
            writer.WriteInt32(categories.Length);
            writer.WriteText(categories);
            writer.WriteMatrix(new AlignedMatrix(categories.Length, inputs));
            writer.WriteArray<int>([0, 1]);
            writer.WriteArray<int>([0]);
            writer.WriteArray<float>([coefficient]);
        }
        writer.WriteByte(0);
    };

    private static Action<ModelWriter> Fused(int count, float weight) => writer =>
    {
        writer.WriteInt32(0);
        writer.WriteByte(1);
        writer.WriteInt32(count);
        writer.WriteSingle(weight);
        Head(writer, "Popularity");
    };

    private static Action<ModelWriter> Reranked(int candidates, float diversity, double asOf) => writer =>
    {
        Rules(writer, candidates, diversity, asOf);
        Head(writer, "Popularity");
    };

    private static Action<ModelWriter> Ranked(byte[] pipeline) => writer =>
    {
        writer.WriteInt32(1);
        writer.WriteName("Score");
        Head(writer, "Popularity");
        writer.WriteArray<byte>(pipeline);
        writer.WriteChecksum();
    };

    /// <summary>A stage within a stage, so often, and popularity within the last.</summary>
    private static Action<ModelWriter> Nest(string kind, int depth) => writer =>
    {
        for (int level = 1; level <= depth; level++)
        {
            if (kind == "Fused")
            {
                writer.WriteInt32(0);
                writer.WriteByte(1);
                writer.WriteInt32(1);
                writer.WriteSingle(1);
            }
            else if (kind == "Ranked")
            {
                writer.WriteInt32(1);
                writer.WriteName("Score");
            }
            else
                Rules(writer, 1, 0, 5);
            Head(writer, level < depth ? kind : "Popularity");
        }
    };

    private static void Rules(ModelWriter writer, int candidates, float diversity, double asOf)
    {
        writer.WriteInt32(candidates);
        writer.WriteSingle(diversity);
        writer.WriteSingle(0);
        writer.WriteInt32(-1);
        writer.WriteArray<double>([double.NaN, asOf]);
        writer.WriteArray<int>([]);
        writer.WriteByte(0);
        writer.WriteByte(0);
        writer.WriteByte(0);
    }

    internal static void Head(ModelWriter writer, string kind)
    {
        writer.WriteName(kind);
        writer.WriteByte(1);
        writer.WriteChecksum();
        NoBase(writer);
        if (kind == "Popularity")
            Popular(writer);
    }

    /// <summary>A ranker as ML.NET saves it: the popularity is the score.</summary>
    private static byte[] Pipeline()
    {
        var ml = new MLContext(1);
        var table = ml.Data.LoadFromEnumerable(new[] { new { ItemPopularity = 1f } });
        using var stream = new MemoryStream();
        ml.Model.Save(ml.Transforms.CopyColumns("Score", "ItemPopularity").Fit(table), table.Schema, stream);
        return stream.ToArray();
    }
}
