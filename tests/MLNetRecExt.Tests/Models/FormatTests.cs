using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.ML;
using static MLNetRecExt.Testing.Checkerboard;

namespace MLNetRecExt.Tests.Models;

/// <summary>Files of every format version, kept beside this test: what was saved once is read for good, and what is too old says what it is.</summary>
/// <remarks>
/// With MLNETRECEXT_WRITE_FORMATS set, files that are missing are written, and what they should answer: set it once after a format version was
/// raised, and never delete a file.
/// </remarks>
public class FormatTests
{
    private const string Current = "5";

    private static readonly LoadOptions Trusted = new() { AllowPipelines = true };

    private static readonly MLContext Ml = new(1);
    private static readonly string Folder = Path.Combine(Path.GetDirectoryName(ThisFile())!, "Formats");
    private static readonly RecommenderTrainersCatalog Trainers = Ml.Recommenders().Trainers;

    private static readonly Dictionary<string, Func<IDataView, RecommenderModel>> Models = new()
    {
        ["ContentBased"] = data => Trainers.ContentBased(ItemFeatures).Fit(data).Model,
        ["DualEase"] = data => Trainers.Ease(regularization: 5).Fit(Ml.Data.TakeRows(data, 30)).Model,
        ["Ease"] = data => Trainers.Ease(regularization: 5).Fit(data).Model,
        ["Fused"] = data => Staged(data).Candidates is RankedModel ranked ? ranked.Candidates : throw new InvalidOperationException("Nothing was ranked."),
        ["ItemKnn"] = data => Trainers.ItemKnn().Fit(data).Model,
        ["Mean"] = data => Trainers.Mean("User", "Item", "Label", MeanOf.All).Fit(data).Model,
        ["NextItemEase"] = data => Trainers.NextItemEase(NextItem(topWeights: null)).Fit(data).Model,
        ["Popularity"] = data => Trainers.Popularity().Fit(data).Model,
        ["Ranked"] = data => Staged(data).Candidates,
        ["Reranked"] = Staged,
        ["SgdMatrixFactorization"] = data => Trainers.SgdMatrixFactorization(approximationRank: 4).Fit(data).Model,
        ["SoftmaxDnn"] = data => Trainers.SoftmaxDnn(new SoftmaxDnnTrainer.Options
        {
            ItemFeatures = ItemFeatures,
            ApproximationRank = 4,
            HiddenLayers = [8],
            NumberOfIterations = 2,
            UserFeatures = UserFeatures,
        }).Fit(data).Model,
        ["SparseItem"] = data => Trainers.Ease(new EaseTrainer.Options { Regularization = 5, TopWeightsPerItem = 4 }).Fit(data).Model,
        ["SparseNextItemEase"] = data => Trainers.NextItemEase(NextItem(topWeights: 4)).Fit(data).Model,
        ["UserKnn"] = data => Trainers.UserKnn().Fit(data).Model,
        ["Wals"] = data => Trainers.Wals(new WalsTrainer.Options { ApproximationRank = 4, ItemFeatures = ItemFeatures, ItemSmoothing = 0.1f }).Fit(data).Model,
    };

    public static TheoryData<string> Versions => [.. Directory.GetDirectories(Folder).Select(folder => Path.GetFileName(folder)!).Where(version => version != "1")];

    [Fact]
    public void Files_OfTheCurrentVersion_AreThereForEveryKind()
    {
        if (Environment.GetEnvironmentVariable("MLNETRECEXT_WRITE_FORMATS") is not null)
            WriteMissing(Path.Combine(Folder, Current));

        var kinds = typeof(RecommenderModel).Assembly.GetCustomAttributes(false).OfType<RecommenderKindAttribute>().Select(kind => kind.Name);
        Assert.Equal(
            kinds.Except(["StockMatrixFactorization"]).Order(StringComparer.Ordinal),
            Directory.GetFiles(Path.Combine(Folder, Current), "*.model").Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal));
    }

    [Theory, MemberData(nameof(Versions))]
    public void Load_FilesOfAVersion_AnswerAsOnTheDayTheyWereSaved(string version)
    {
        var models = Directory.GetFiles(Path.Combine(Folder, version), "*.model");
        Assert.NotEmpty(models);

        foreach (var path in models)
            AssertAnswers(path, Answers(RecommenderModel.Load(path, Trusted)));
    }

    [Theory, MemberData(nameof(Versions))]
    public void Load_ZipsOfAVersion_AnswerAsOnTheDayTheyWereSaved(string version)
    {
        var pipelines = Directory.GetFiles(Path.Combine(Folder, version), "*.zip");
        Assert.NotEmpty(pipelines);

        foreach (var path in pipelines)
            AssertAnswers(path, Answers(Ml.Model.Load(path, out _)));
    }

    /// <summary>Until version 3 files say nothing of how features of items become embeddings.</summary>
    [Theory]
    [InlineData("ContentBased")]
    [InlineData("SoftmaxDnn")]
    [InlineData("Wals")]
    public void WithItems_FilesOfAVersion_TakeNewItemsSinceVersion4(string kind)
    {
        for (int version = 2; version <= int.Parse(Current, CultureInfo.InvariantCulture); version++)
        {
            var model = RecommenderModel.Load(Path.Combine(Folder, $"{version}", $"{kind}.model"));
            if (version >= 4)
                Assert.True(model.WithItems(NewItemFeatures).IsKnownItem(model.Items.Count));
            else
                Assert.Contains("format version 3 or before",
                    Assert.Throws<NotSupportedException>(() => model.WithItems(NewItemFeatures)).Message);
        }
    }

    [Fact]
    public void Load_FilesOfVersion1_SayWhatTheyAre()
    {
        var native = Assert.Throws<InvalidDataException>(() => RecommenderModel.Load(Path.Combine(Folder, "1", "Wals.model")));
        var pipeline = Assert.Throws<InvalidDataException>(() => Ml.Model.Load(Path.Combine(Folder, "1", "Wals.zip"), out _).AsRecommender());

        Assert.Contains("format version 1, of MLNetRecExt 0.1", native.Message);
        Assert.Contains("format version 1, of MLNetRecExt 0.1", pipeline.Message);
    }

    private static NextItemEaseTrainer.Options NextItem(int? topWeights) =>
        new() { TimestampColumnName = "Time", RecencyHalfLife = 3, TopWeightsPerItem = topWeights };

    private static RerankedModel Staged(IDataView data) => Trainers.Staged(new StagedTrainer.Options
    {
        Sources = [new(Trainers.Wals(approximationRank: 4)), new(Trainers.Popularity(), Weight: 0.1f)],
        RankerShare = 0.3f,
        Rules = new() { Diversity = 0.1f },
    }).Fit(data).Model;

    private static void WriteMissing(string folder)
    {
        Directory.CreateDirectory(folder);
        var data = Text(Ml);
        foreach (var (kind, train) in Models)
            Write($"{kind}.model", path => train(data).Save(path), path => Answers(RecommenderModel.Load(path, Trusted)));
        var wals = Trainers.Wals(approximationRank: 4).Fit(data);
        var lists = Ml.Recommenders().Transforms.TopItems(wals.Model, new TopItemsEstimator.Options
        {
            NumberOfItems = 3,
            Candidates = new() { Filter = ItemFilter.Except([1, 2]), Fallback = RecommendationFallback.Popularity },
        }).Fit(data);
        Write("Wals scores.zip", path => Ml.Model.Save(wals, data.Schema, path), path => Answers(Ml.Model.Load(path, out _)));
        Write("Wals lists.zip", path => Ml.Model.Save(lists, data.Schema, path), path => Answers(Ml.Model.Load(path, out _)));

        void Write(string name, Action<string> save, Func<string, IEnumerable<string>> answers)
        {
            var path = Path.Combine(folder, name);
            if (File.Exists(path))
                return;
            save(path);
            File.WriteAllLines(path + ".txt", answers(path));
        }
    }

    /// <summary>The first three items of each user, with scores.</summary>
    private static IEnumerable<string> Answers(RecommenderModel model) =>
        from user in Enumerable.Range(0, model.Users.Count)
        from entry in model.TopItems(RecommenderQuery.ForUser(user), 3)
        select Line(model.Users.GetText(user), model.Items.GetText(entry.Item), entry.Score);

    private static IEnumerable<string> Answers(ITransformer pipeline)
    {
        var answered = pipeline.Transform(Text(Ml));
        return answered.Schema.GetColumnOrNull("Items") is null
            ? Ml.Data.CreateEnumerable<ScoredRow>(answered, reuseRowObject: false).Select(row => Line(row.User, row.Item, row.Score))
            : Ml.Data.CreateEnumerable<ListRow>(answered, reuseRowObject: false)
                .SelectMany(row => row.Items.Zip(row.Scores, (item, score) => Line(row.User, item, score)));
    }

    private static string Line(string user, string item, float score) => string.Create(CultureInfo.InvariantCulture, $"{user}\t{item}\t{score:R}");

    private static void AssertAnswers(string path, IEnumerable<string> answers)
    {
        var (expected, actual) = (File.ReadAllLines(path + ".txt").Select(Parse).ToArray(), answers.Select(Parse).ToArray());

        Assert.Equal(expected.Select(line => (line.User, line.Item)), actual.Select(line => (line.User, line.Item)));
        // Another instruction set sums in another order.
        for (int line = 0; line < expected.Length; line++)
            Assert.Equal(expected[line].Score, actual[line].Score, 1e-4f);

        static (string User, string Item, float Score) Parse(string line) =>
            line.Split('\t') is [var user, var item, var score] ? (user, item, float.Parse(score, CultureInfo.InvariantCulture)) : throw new FormatException(line);
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;

    private sealed class ScoredRow
    {
        public string User { get; set; } = "";
        public string Item { get; set; } = "";
        public float Score { get; set; }
    }

    private sealed class ListRow
    {
        public string User { get; set; } = "";
        public string[] Items { get; set; } = [];
        public float[] Scores { get; set; } = [];
    }
}
