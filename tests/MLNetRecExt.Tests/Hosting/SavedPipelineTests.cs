using Microsoft.ML;
using Microsoft.ML.Data;
using static MLNetRecExt.Testing.Checkerboard;
using static MLNetRecExt.Tests.CheckerboardRows;

namespace MLNetRecExt.Tests;

public sealed class SavedPipelineTests : IDisposable
{
    private readonly MLContext _ml = new(1);
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    public static TheoryData<string> Kinds => ["text", "Int32", "Int64", "UInt32", "UInt64", "keys", "text keys", "Int64 keys"];

    /// <summary>Every pair of a user and an item, the last of each unknown to training.</summary>
    private static IEnumerable<(int User, int Item)> AllPairs() =>
        from user in Enumerable.Range(0, Size + 1) from item in Enumerable.Range(0, Size + 1) select (user, item);

    private IDataView Rows(string kind, IEnumerable<(int User, int Item)> pairs)
    {
        return kind switch
        {
            "text" or "text keys" => Load(pairs.Select(pair => new { User = UserName(pair.User), Item = ItemName(pair.Item) })),
            "Int32" => Load(pairs.Select(pair => new { User = pair.User - 5, Item = -pair.Item })),
            "UInt32" => Load(pairs.Select(pair => new { User = uint.MaxValue - (uint)pair.User, Item = (uint)pair.Item })),
            "UInt64" => Load(pairs.Select(pair => new { User = ulong.MaxValue - (ulong)pair.User, Item = (ulong)pair.Item })),
            "keys" => Load(pairs.Select(pair => new KeyRow { User = (uint)pair.User, Item = (uint)pair.Item })),
            _ => Load(pairs.Select(pair => new { User = long.MinValue + pair.User, Item = 10L * pair.Item })),
        };

        IDataView Load<T>(IEnumerable<T> rows) where T : class => _ml.Data.LoadFromEnumerable(rows.ToArray());
    }

    private TransformerChain<RecommenderTransformer<PopularityModel>> Train(string kind, RecommendationFallback fallback = RecommendationFallback.None)
    {
        var trainer = _ml.Recommenders().Trainers.Popularity(new PopularityTrainer.Options { Fallback = fallback, ReasonColumnName = "Reason" });
        var train = Rows(kind, Pairs());
        var chain = kind is "text keys" or "Int64 keys"
            ? _ml.Transforms.Conversion.MapValueToKey([new InputOutputColumnPair("User"), new InputOutputColumnPair("Item")]).Append(trainer)
            : new EstimatorChain<ITransformer>().Append(trainer);
        return chain.Fit(train);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Load_SavedScorer_ScoresTheSameBits(string kind)
    {
        foreach (var fallback in Enum.GetValues<RecommendationFallback>())
        {
            var trained = Train(kind, fallback);
            var rows = Rows(kind, AllPairs());

            var loaded = SaveAndLoad(trained, rows.Schema);

            var expected = trained.Transform(rows);
            var actual = loaded.Transform(rows);
            Assert.Equal(Bits(expected), Bits(actual));
            Assert.Equal(expected.GetColumn<string>("Reason"), actual.GetColumn<string>("Reason"));
            Assert.Equal(expected.Schema.Where(c => !c.IsHidden).Select(c => (c.Name, c.Type.ToString())), actual.Schema.Where(c => !c.IsHidden).Select(c => (c.Name, c.Type.ToString())));
            Assert.Contains(expected.GetColumn<float>("Score"), score => score > 0);
        }

        static IEnumerable<int> Bits(IDataView view) => view.GetColumn<float>("Score").Select(BitConverter.SingleToInt32Bits).ToArray();
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Load_SavedTopItems_GivesTheSameLists(string kind)
    {
        var trained = Train(kind);
        var rows = Rows(kind, AllPairs());
        var mapped = trained.Take(trained.Count() - 1).Aggregate(rows, (view, transformer) => transformer.Transform(view));
        var model = trained.AsRecommender();
        var top = _ml.Recommenders().Transforms.TopItems(model, new TopItemsEstimator.Options
        {
            NumberOfItems = 4,
            ReasonColumnName = "Reason",
            Candidates = new() { Filter = ItemFilter.Only([0, 1, 2, 3, 4, 7]).And(ItemFilter.Except([4])), Fallback = RecommendationFallback.Popularity },
        }).Fit(mapped);
        var chain = new TransformerChain<ITransformer>([.. trained.Take(trained.Count() - 1), top]);

        var loaded = SaveAndLoad(chain, rows.Schema);

        var (expected, actual) = (chain.Transform(rows), loaded.Transform(rows));
        Assert.Equal(expected.Schema.Where(c => !c.IsHidden).Select(c => (c.Name, c.Type.ToString())), actual.Schema.Where(c => !c.IsHidden).Select(c => (c.Name, c.Type.ToString())));
        Assert.Equal(Lists(expected), Lists(actual));
        Assert.Equal(expected.GetColumn<float[]>("Scores").SelectMany(scores => scores), actual.GetColumn<float[]>("Scores").SelectMany(scores => scores));
        Assert.Equal(expected.GetColumn<string>("Reason"), actual.GetColumn<string>("Reason"));
        Assert.Equal(4, expected.GetColumn<float[]>("Scores").Last().Length);

        string[] Lists(IDataView view)
        {
            if (kind.EndsWith("keys", StringComparison.Ordinal) && kind != "keys")
                view = _ml.Transforms.Conversion.MapKeyToValue("Items").Fit(view).Transform(view);
            var preview = view.Schema["Items"].Type.RawType;
            return preview == typeof(VBuffer<ReadOnlyMemory<char>>) ? Join<ReadOnlyMemory<char>>()
                : preview == typeof(VBuffer<int>) ? Join<int>()
                : preview == typeof(VBuffer<long>) ? Join<long>()
                : preview == typeof(VBuffer<uint>) ? Join<uint>()
                : Join<ulong>();

            string[] Join<T>() => [.. view.GetColumn<VBuffer<T>>("Items").Select(items => string.Join(" ", items.DenseValues()))];
        }
    }

    [Fact]
    public void Load_SavedFoldIn_GivesTheSameLists()
    {
        var model = _ml.Recommenders().Trainers.Wals(new WalsTrainer.Options { ApproximationRank = 4 }).Fit(Text(_ml)).Model;
        var rows = new HistoryRow[]
        {
            new() { User = UserName(1), History = [ItemName(1)], Labels = [2], Weights = [3] },
            new() { User = "nobody", History = [ItemName(4), "nothing", ItemName(2)], Labels = [1, 1, 1], Weights = [1, 5, 0.5f] },
            new() { User = "nobody", History = [], Labels = [], Weights = [] },
            new() { User = UserName(2), History = [], Labels = [], Weights = [] },
        };
        var view = _ml.Data.LoadFromEnumerable(rows);
        var top = _ml.Recommenders().Transforms.TopItems(model, new TopItemsEstimator.Options
        {
            UserColumnName = "User",
            HistoryColumnName = "History",
            HistoryLabelsColumnName = "Labels",
            HistoryWeightsColumnName = "Weights",
            ItemsColumnName = "Recommended",
        }).Fit(view);

        var loaded = SaveAndLoad(top, view.Schema);

        Assert.Equal(
            top.Transform(view).GetColumn<string[]>("Recommended").Select(items => string.Join(",", items)),
            loaded.Transform(view).GetColumn<string[]>("Recommended").Select(items => string.Join(",", items)));
        Assert.Equal([6, 10, 0, 7], loaded.Transform(view).GetColumn<float[]>("Scores").Select(scores => scores.Length));
    }

    [Fact]
    public void Load_PredictionEngine_EqualsTheTrainedOne()
    {
        var trained = _ml.Recommenders().Trainers.Wals(new WalsTrainer.Options { ApproximationRank = 4 }).Fit(Text(_ml));
        var loaded = SaveAndLoad(trained, Text(_ml).Schema);

        using var expected = _ml.Model.CreatePredictionEngine<TextRow, Scored>(trained);
        using var actual = _ml.Model.CreatePredictionEngine<TextRow, Scored>(loaded);

        for (int user = 0; user <= Size; user++)
        {
            for (int item = 0; item <= Size; item++)
            {
                var row = new TextRow { User = UserName(user), Item = ItemName(item) };
                Assert.Equal(expected.Predict(row).Score, actual.Predict(row).Score);
            }
        }
    }

    [Fact]
    public void AsRecommender_ChainWithAStockMatrixFactorization_PointsToTheOverloadWithColumnNames()
    {
        var stock = new MatrixFactorizationPredictionTransformer();
        var copy = _ml.Transforms.CopyColumns("Copy", "Label").Fit(Text(_ml));

        foreach (var transformer in new ITransformer[] { stock, copy.Append(stock), copy.Append(copy.Append(stock)).Append(copy) })
            Assert.Contains(
                "reference MLNetRecExt.Recommender and name the columns that it was trained on: AsRecommender(trainData.Schema, userColumnName",
                Assert.Throws<ArgumentException>(() => transformer.AsRecommender()).Message);
        Assert.DoesNotContain("MLNetRecExt.Recommender", Assert.Throws<ArgumentException>(() => copy.AsRecommender()).Message);
    }

    [Fact]
    public void AsRecommender_LoadedChain_GivesTypedModelWithTheSameFactors()
    {
        var trained = _ml.Recommenders().Trainers.Wals(new WalsTrainer.Options { ApproximationRank = 4 }).Fit(Text(_ml));
        var chain = _ml.Transforms.CopyColumns("Copy", "Label").Fit(Text(_ml)).Append(trained);

        var loaded = SaveAndLoad(chain, Text(_ml).Schema);
        var model = Assert.IsType<WalsModel>(loaded.AsRecommender());

        for (int user = 0; user < Size; user++)
            Assert.True(trained.Model.UserFactors(user).SequenceEqual(model.UserFactors(user)));
        Assert.Equal(trained.Model.TopItems(RecommenderQuery.ForUser(3), 5), model.TopItems(RecommenderQuery.ForUser(3), 5));
        Assert.Same(model, loaded.AsRecommender());
    }

    [Fact]
    public void AsRecommender_Trained_IsTheModelItself()
    {
        var trained = _ml.Recommenders().Trainers.Popularity().Fit(Text(_ml));

        Assert.Same(trained.Model, trained.AsRecommender());
        Assert.Same(trained.Model, new TransformerChain<ITransformer>(new TransformerChain<ITransformer>(trained)).AsRecommender());
    }

    [Fact]
    public void AsRecommender_NoRecommender_SaysWhatToPass()
    {
        var copy = _ml.Transforms.CopyColumns("Copy", "Label").Fit(Text(_ml));

        Assert.Contains("no recommender", Assert.Throws<ArgumentException>(() => copy.AsRecommender()).Message);
    }

    [Fact]
    public void Load_SavedAgain_StillScoresTheSame()
    {
        var trained = _ml.Recommenders().Trainers.Popularity().Fit(Text(_ml));
        var once = SaveAndLoad(trained, Text(_ml).Schema);

        var twice = SaveAndLoad(once, Text(_ml).Schema);

        Assert.Equal(trained.Transform(Text(_ml)).GetColumn<float>("Score"), twice.Transform(Text(_ml)).GetColumn<float>("Score"));
    }

    [Fact]
    public void Load_TwoModelsAtOnce_KeepApart()
    {
        var schema = Text(_ml).Schema;
        var first = SaveAndLoad(_ml.Recommenders().Trainers.Popularity().Fit(OfParity(0)), schema);
        var second = SaveAndLoad(_ml.Recommenders().Trainers.Popularity().Fit(OfParity(1)), schema);
        var rows = Text(_ml);

        var (one, two) = (first.Transform(rows).GetColumn<float>("Score").ToArray(), second.Transform(rows).GetColumn<float>("Score").ToArray());

        // Each knows the users and items of its parity alone.
        Assert.Equal(Pairs().Select(pair => pair.User % 2 == 0), one.Select(score => !float.IsNaN(score)));
        Assert.Equal(Pairs().Select(pair => pair.User % 2 == 1), two.Select(score => !float.IsNaN(score)));
    }

    private IDataView OfParity(int parity) => _ml.Data.LoadFromEnumerable(
        Pairs().Where(pair => pair.User % 2 == parity).Select(pair => new TextRow { User = UserName(pair.User), Item = ItemName(pair.Item) }).ToArray());

    [Fact]
    public void Transform_LoadedFromManyThreadsAtOnce_LoadsAndScoresTheSame()
    {
        var trained = _ml.Recommenders().Trainers.Wals(new WalsTrainer.Options { ApproximationRank = 4 }).Fit(Text(_ml));
        var loaded = SaveAndLoad(trained, Text(_ml).Schema);
        var expected = trained.Transform(Text(_ml)).GetColumn<float>("Score").ToArray();

        Parallel.For(0, 16, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ =>
            Assert.Equal(expected, loaded.Transform(Text(_ml)).GetColumn<float>("Score")));
    }

    [Fact]
    public void Read_NewerFormat_SaysVersionAndRemedy()
    {
        using var stream = new MemoryStream();
        stream.Write(BitConverter.GetBytes(99));
        stream.Position = 0;

        var error = Assert.Throws<InvalidDataException>(() => SavedState.Read(stream));

        Assert.Contains("format 99", error.Message);
        Assert.Contains("reads format 1", error.Message);
    }

    [Fact]
    public void Load_InAnotherProcess_ScoresAndRanksTheSame()
    {
        var trained = _ml.Recommenders().Trainers.Wals(new WalsTrainer.Options { ApproximationRank = 8, ReasonColumnName = "Reason" }).Fit(Text(_ml));
        _ml.Model.Save(trained, Text(_ml).Schema, _path);
        var scores = LoadModelProgram.Run("score", _path, Size);
        var top = _ml.Recommenders().Transforms.TopItems(trained.Model, LoadModelProgram.NumberOfItems).Fit(Text(_ml));
        _ml.Model.Save(top, Text(_ml).Schema, _path);
        var lists = LoadModelProgram.Run("top", _path, Size);

        Assert.Equal(LoadModelProgram.Scores(trained.Model), scores);
        Assert.Equal(LoadModelProgram.Lists(trained.Model), lists);
    }

    [Fact]
    public void Load_NetworkWithFeaturesInAnotherProcess_ScoresAndRanksTheSame()
    {
        var trained = LoadModelProgram.Network(_ml);
        _ml.Model.Save(trained, Text(_ml).Schema, _path);
        var scores = LoadModelProgram.Run("score", _path, Size);
        var rows = _ml.Data.LoadFromEnumerable(LoadModelProgram.SessionRows());
        var top = _ml.Recommenders().Transforms.TopItems(
            trained.Model, new TopItemsEstimator.Options { UserColumnName = "User", HistoryColumnName = "History", NumberOfItems = LoadModelProgram.NumberOfItems }).Fit(rows);
        _ml.Model.Save(top, rows.Schema, _path);
        var lists = LoadModelProgram.Run("session", _path, Size);

        Assert.Equal(LoadModelProgram.Scores(trained.Model), scores);
        Assert.Equal(LoadModelProgram.Sessions(trained.Model), lists);
    }

    private ITransformer SaveAndLoad(ITransformer transformer, DataViewSchema schema)
    {
        _ml.Model.Save(transformer, schema, _path);
        return new MLContext(2).Model.Load(_path, out _);
    }

    /// <summary>Named as the one of Microsoft.ML.Recommender, which not every feed has.</summary>
    private sealed class MatrixFactorizationPredictionTransformer : ITransformer
    {
        public bool IsRowToRowMapper => false;

        public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => inputSchema;

        public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => throw new NotSupportedException();

        public void Save(ModelSaveContext ctx) => throw new NotSupportedException();

        public IDataView Transform(IDataView input) => input;
    }
}
