using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace MLNetRecExt.Tests.Recommender;

/// <summary>Compiled where Microsoft.ML.Recommender could be restored.</summary>
public class StockRecommenderTests
{
    private readonly MLContext _ml = new(1);

    [Theory]
    [InlineData(true, 40, 25)]
    [InlineData(false, 40, 25)]
    [InlineData(true, 30, 30)]
    [InlineData(false, 30, 30)]
    public void AsRecommender_TrainedChain_ScoresLikeTheStockTransformerToTheBit(bool usersAreColumns, int users, int items)
    {
        var data = _ml.Data.LoadFromEnumerable(Ratings(users, items));
        var chain = Chain(usersAreColumns).Fit(data);

        var model = chain.AsRecommender(data.Schema, "UserKey", "ItemKey");

        Assert.Equal((users, items), (model.Users.Count, model.Items.Count));
        AssertSameScores(chain, data, model);
        AssertSameScores(chain, data, chain.LastTransformer.Model.AsRecommender(model.Users, model.Items, usersAreColumns));
    }

    [Fact]
    public void AsRecommender_LoadedZip_RecommendsOriginalIdsAndLeavesOutWhatWasTaken()
    {
        var data = _ml.Data.LoadFromEnumerable(Ratings(40, 25));
        using var stream = new MemoryStream();
        _ml.Model.Save(Chain(usersAreColumns: true).Fit(data), data.Schema, stream);
        stream.Position = 0;
        var loaded = _ml.Model.Load(stream, out var inputSchema);

        var model = loaded.AsRecommender(inputSchema, "UserKey", "ItemKey");
        var withHistory = loaded.AsRecommender(data, "UserKey", "ItemKey");

        AssertSameScores(loaded, data, model);
        var user = model.Users.IndexOf("user 3");
        var best = model.TopItems(RecommenderQuery.ForUser(user), 1)[0];
        Assert.StartsWith("item ", model.Items.GetText(best.Item));
        var taken = Ratings(40, 25).Where(row => row.User == "user 3").Select(row => row.Item).ToHashSet();
        var list = withHistory.TopItems(RecommenderQuery.ForUser(user), 25).Select(entry => withHistory.Items.GetText(entry.Item)).ToArray();
        Assert.Equal(25 - taken.Count, list.Length);
        Assert.DoesNotContain(list, taken.Contains);
        Assert.Equal(24, model.SimilarItems(best.Item, 25).Length);

        using var native = new MemoryStream();
        model.Save(native);
        native.Position = 0;
        Assert.Equal(model.Score(user, best.Item), Assert.IsType<StockMatrixFactorizationModel>(RecommenderModel.Load(native)).Score(user, best.Item));
    }

    [Fact]
    public void Trainer_TextIds_GivesWhatTheStockTrainerGivesForKeys()
    {
        // By user, then item: as the trainer hands rows on.
        var rows = Ratings(40, 25);
        var data = _ml.Data.LoadFromEnumerable(rows);
        var stock = Chain(usersAreColumns: true).Fit(data);

        var trained = _ml.Recommenders().Trainers.MatrixFactorization(new StockMatrixFactorizationTrainer.Options
        {
            LabelColumnName = "Label",
            ApproximationRank = 6,
            NumberOfThreads = 1,
        }).Fit(data);

        Assert.Equal(stock.Transform(data).GetColumn<float>("Score"), trained.Transform(data).GetColumn<float>("Score"));
        var error = _ml.Recommenders().EvaluateRatings(trained.Model, _ml.Recommenders().Data.ReadInteractions(data, new InteractionColumns(Label: "Label"), new() { Users = trained.Model.Users, Items = trained.Model.Items }));
        Assert.InRange(error.Rmse.Mean, 0.1, 1.5);
    }

    [Fact]
    public void BothCatalogs_InOneFile_AreNotAmbiguous()
    {
        var data = _ml.Data.LoadFromEnumerable(Ratings(20, 15));
        var pipeline = _ml.Transforms.Conversion.MapValueToKey([new InputOutputColumnPair("UserKey", "User"), new InputOutputColumnPair("ItemKey", "Item")])
            .Append(_ml.Recommendation().Trainers.MatrixFactorization(new MatrixFactorizationTrainer.Options
            {
                MatrixColumnIndexColumnName = "UserKey",
                MatrixRowIndexColumnName = "ItemKey",
                LabelColumnName = "Label",
                Quiet = true,
            }))
            .Append(_ml.Recommenders().Trainers.MatrixFactorization(new StockMatrixFactorizationTrainer.Options { LabelColumnName = "Label", ScoreColumnName = "Ours" }));

        var scored = pipeline.Fit(data).Transform(data);

        Assert.All(["Score", "Ours"], name => Assert.All(scored.GetColumn<float>(name), score => Assert.True(float.IsFinite(score))));
    }

    [Fact]
    public void OneClass_TwoGroups_RecommendsWithinTheGroup()
    {
        var rows = Enumerable.Range(0, 40).SelectMany(user => Enumerable.Range(0, 20).Where(item => item % 2 == user % 2 && (item / 2 + user) % 5 > 0)
            .Select(item => new Rating { User = $"{user}", Item = $"{item}" })).ToArray();
        var model = _ml.Recommenders().Trainers.MatrixFactorization(new StockMatrixFactorizationTrainer.Options
        {
            LossFunction = MatrixFactorizationTrainer.LossFunctionType.SquareLossOneClass,
            Alpha = 0.3,
            NumberOfThreads = 1,
        }).Fit(_ml.Data.LoadFromEnumerable(rows)).Model;

        for (int user = 0; user < 40; user++)
            Assert.Equal(user % 2, int.Parse(model.Items.GetText(model.TopItems(RecommenderQuery.ForUser(model.Users.IndexOf($"{user}")), 1)[0].Item)) % 2);
    }

    [Theory]
    [InlineData("ApproximationRank", 0)]
    [InlineData("NumberOfIterations", -1)]
    [InlineData("LearningRate", -1.0)]
    [InlineData("LearningRate", double.NaN)]
    [InlineData("Regularization", 0.0)]
    [InlineData("Alpha", 0.0)]
    [InlineData("C", double.PositiveInfinity)]
    [InlineData("NumberOfThreads", 0)]
    public void Constructor_OptionThatWouldCrash_IsNamed(string option, object value)
    {
        var options = new StockMatrixFactorizationTrainer.Options();
        typeof(StockMatrixFactorizationTrainer.Options).GetField(option)!.SetValue(options, value);

        var error = Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Recommenders().Trainers.MatrixFactorization(options));

        Assert.Equal(option, error.ParamName);
    }

    [Fact]
    public void Constructor_ShortOverload_IsGuardedToo() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Recommenders().Trainers.MatrixFactorization(approximationRank: 0));

    [Fact]
    public void Constructor_NonNegativeOneClass_IsRefused() =>
        Assert.Contains("NonNegative goes with SquareLossRegression only", Assert.Throws<ArgumentException>(() => _ml.Recommenders().Trainers.MatrixFactorization(new StockMatrixFactorizationTrainer.Options
        {
            NonNegative = true,
            LossFunction = MatrixFactorizationTrainer.LossFunctionType.SquareLossOneClass,
        })).Message);

    [Fact]
    public void Fit_EqualLabels_SaysWhatToDo() =>
        Assert.Contains("where all labels are equal", Assert.Throws<InvalidOperationException>(() =>
            _ml.Recommenders().Trainers.MatrixFactorization().Fit(_ml.Data.LoadFromEnumerable(Ratings(20, 15)))).Message);

    [Fact]
    public void Fit_Weights_AreRefused()
    {
        var data = Interactions.Create(IdMap.FromKeys(2), IdMap.FromKeys(2), [0, 1], [0, 1], weights: [1, 2]);

        Assert.Contains("knows no weights", Assert.Throws<ArgumentException>(() => _ml.Recommenders().Trainers.MatrixFactorization().Fit(data)).Message);
    }

    [Fact]
    public void AsRecommender_OtherTransformerOrColumn_SaysWhatIsNeeded()
    {
        var data = _ml.Data.LoadFromEnumerable(Ratings(10, 8));
        var chain = Chain(usersAreColumns: true).Fit(data);

        Assert.Contains("There is no stock matrix factorization", Assert.Throws<ArgumentException>(() =>
            _ml.Recommenders().Trainers.Popularity().Fit(data).AsRecommender(data.Schema)).Message);
        Assert.Contains("takes keys", Assert.Throws<ArgumentOutOfRangeException>(() => chain.AsRecommender(data.Schema)).Message);
        Assert.Contains("There are 3 user ids", Assert.Throws<ArgumentException>(() => chain.LastTransformer.Model.AsRecommender(IdMap.FromKeys(3))).Message);
    }

    private static void AssertSameScores(ITransformer stock, IDataView data, RecommenderModel model)
    {
        var scored = stock.Transform(data);
        var (users, items) = (scored.GetColumn<string>("User").ToArray(), scored.GetColumn<string>("Item").ToArray());
        Assert.Equal(
            scored.GetColumn<float>("Score").Select(BitConverter.SingleToInt32Bits),
            users.Zip(items, (user, item) => BitConverter.SingleToInt32Bits(model.Score(model.Users.IndexOf(user), model.Items.IndexOf(item)))));
    }

    private EstimatorChain<Microsoft.ML.Trainers.Recommender.MatrixFactorizationPredictionTransformer> Chain(bool usersAreColumns) =>
        _ml.Transforms.Conversion.MapValueToKey([new InputOutputColumnPair("UserKey", "User"), new InputOutputColumnPair("ItemKey", "Item")])
            .Append(_ml.Recommendation().Trainers.MatrixFactorization(new MatrixFactorizationTrainer.Options
            {
                MatrixColumnIndexColumnName = usersAreColumns ? "UserKey" : "ItemKey",
                MatrixRowIndexColumnName = usersAreColumns ? "ItemKey" : "UserKey",
                LabelColumnName = "Label",
                ApproximationRank = 6,
                NumberOfThreads = 1,
                Quiet = true,
            }));

    /// <summary>Ids occur in order, so that keys and indices are the same.</summary>
    private static Rating[] Ratings(int users, int items) =>
        [.. Enumerable.Range(0, users).SelectMany(user => Enumerable.Range(0, items).Where(item => user == 0 || (user * 7 + item * 3) % 4 > 0)
            .Select(item => new Rating { User = $"user {user}", Item = $"item {item}", Label = 1 + (user * item + user) % 5 }))];

    private sealed class Rating
    {
        public string User = "", Item = "";
        public float Label = 1;
    }
}
