using Microsoft.ML;
using Microsoft.ML.Data;
using static MLNetRecExt.Testing.Checkerboard;
using static MLNetRecExt.Tests.CheckerboardRows;

namespace MLNetRecExt.Tests;

public class TopItemsTransformerTests
{
    private readonly MLContext _ml = new(1);

    private static ParityModel TextModel() => new(IdMap.FromText(UserNames), IdMap.FromText(ItemNames));

    private static ParityModel NumberModel() => new(IdMap.FromIntegers(UserNumbers, DataKind.Int64), IdMap.FromIntegers(ItemNumbers, DataKind.Int64));

    private static ParityModel KeyModel() => new(IdMap.FromKeys(Size), IdMap.FromText(ItemNames, isKey: true));

    [Fact]
    public void Predict_TextUser_WithheldDiagonalComesFirst()
    {
        using var engine = Engine<UserRow, TextItems>(TextModel(), numberOfItems: 3);

        for (int user = 0; user < Size; user++)
        {
            var prediction = engine.Predict(new UserRow { User = UserName(user) });

            Assert.Equal(3, prediction.Items.Length);
            Assert.Equal(ItemName(user), prediction.Items[0]);
            Assert.Equal(TextModel().Score(user, user), prediction.Scores[0]);
            Assert.True(prediction.Scores[0] > prediction.Scores[1] && prediction.Scores[1] > prediction.Scores[2]);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Transform_CursorOrEngineMade_ItemsArePackedBeforeTheFirstRow(bool engine)
    {
        var model = _ml.Recommenders().Trainers.Wals(approximationRank: 4).Fit(Interactions(IdMap.FromText(UserNames), IdMap.FromText(ItemNames)));
        var rows = _ml.Data.LoadFromEnumerable(new[] { new UserRow { User = UserName(1) } });
        var top = _ml.Recommenders().Transforms.TopItems(model).Fit(rows);
        var view = top.Transform(rows);
        Assert.False(model.PackedItems.IsPacked);

        using IDisposable asked = engine
            ? _ml.Model.CreatePredictionEngine<UserRow, TextItems>(top)
            : view.GetRowCursor([view.Schema["Items"]]);

        Assert.True(model.PackedItems.IsPacked);
    }

    [Fact]
    public void Predict_UnknownUser_GivesEmptyLists()
    {
        using var engine = Engine<UserRow, TextItems>(TextModel());

        var prediction = engine.Predict(new UserRow { User = "nobody" });

        Assert.Empty(prediction.Items);
        Assert.Empty(prediction.Scores);
    }

    [Fact]
    public void Predict_FewerCandidatesThanAsked_GivesShorterLists()
    {
        using var engine = Engine<UserRow, TextItems>(TextModel(), numberOfItems: 100);

        // Of 12 items the user took 5.
        Assert.Equal(7, engine.Predict(new UserRow { User = UserName(2) }).Items.Length);
        Assert.Equal(7, engine.Predict(new UserRow { User = UserName(2) }).Scores.Length);
    }

    [Fact]
    public void Predict_PopularityFallback_GivesReason()
    {
        using var engine = Engine<UserRow, TextItems>(TextModel(), new TopItemsEstimator.Options
        {
            NumberOfItems = 4,
            ReasonColumnName = "Reason",
            Candidates = new() { Fallback = RecommendationFallback.Popularity },
        });

        var prediction = engine.Predict(new UserRow { User = "nobody" });

        Assert.Equal("Popularity", prediction.Reason);
        Assert.Equal(ItemNames[..4], prediction.Items);
        Assert.Equal("Model", engine.Predict(new UserRow { User = UserName(1) }).Reason);
    }

    [Fact]
    public void Predict_Int64Ids_GivesOriginalIds()
    {
        using var engine = Engine<LongRow, LongItems>(NumberModel(), numberOfItems: 1);

        Assert.Equal([ItemNumbers[5]], engine.Predict(new LongRow { User = UserNumbers[5] }).Items);
    }

    [Fact]
    public void Transform_KeyModel_GivesKeysWithValues()
    {
        var estimator = _ml.Recommenders().Transforms.TopItems(KeyModel(), numberOfItems: 2);
        var rows = _ml.Data.LoadFromEnumerable([new KeyRow { User = 4 }]);

        var view = estimator.Append(_ml.Transforms.Conversion.MapKeyToValue("Names", "Items")).Fit(rows).Transform(rows);

        var type = Assert.IsType<VectorDataViewType>(view.Schema["Items"].Type);
        Assert.Equal((ulong)Size, Assert.IsType<KeyDataViewType>(type.ItemType).Count);
        Assert.Equal([5u, 2u], Assert.Single(view.GetColumn<uint[]>("Items")));
        Assert.Equal([ItemName(4), ItemName(1)], Assert.Single(view.GetColumn<string[]>("Names")));
    }

    [Fact]
    public void Predict_TextHistory_FoldsInAndLeavesOutHistory()
    {
        using var engine = Engine<HistoryRow, TextItems>(TextModel(), numberOfItems: 2, historyColumnName: "History");

        Assert.Equal([ItemName(3), ItemName(5)], engine.Predict(new HistoryRow { History = [ItemName(1), "nothing"] }).Items);
        Assert.Equal([ItemName(2), ItemName(4)], engine.Predict(new HistoryRow { History = ["nothing", ItemName(0)] }).Items);
    }

    [Fact]
    public void Predict_HistoryWithoutKnownItems_IsUnknown()
    {
        using var engine = Engine<HistoryRow, TextItems>(TextModel(), historyColumnName: "History");

        Assert.Empty(engine.Predict(new HistoryRow { History = ["nothing"] }).Items);
        Assert.Empty(engine.Predict(new HistoryRow { History = [] }).Items);
    }

    [Fact]
    public void Predict_KeyHistory_IgnoresMissingKeys()
    {
        using var engine = Engine<KeyHistoryRow, KeyItems>(KeyModel(), numberOfItems: 1, historyColumnName: "History");

        // Members that are vectors of keys hold them 1-based, unlike single ones; 0, and what is beyond the count, is missing.
        Assert.Equal([2u], engine.Predict(new KeyHistoryRow { History = [0, Size + 1, 4] }).Items);
        Assert.Equal([1u], engine.Predict(new KeyHistoryRow { History = [Size + 1, 0, 3] }).Items);
    }

    [Fact]
    public void Predict_UserAndHistory_TakesBoth()
    {
        using var engine = Engine<HistoryRow, TextItems>(TextModel(), new TopItemsEstimator.Options { UserColumnName = "User", HistoryColumnName = "History", ReasonColumnName = "Reason", NumberOfItems = 1 });

        var known = engine.Predict(new HistoryRow { User = UserName(2), History = [ItemName(2)] });
        var news = engine.Predict(new HistoryRow { User = UserName(2), History = [] });
        var stranger = engine.Predict(new HistoryRow { User = "nobody", History = [ItemName(2)] });

        // User 2 took the even items but 2 in training, and 2 now.
        Assert.Equal(("FoldIn", ItemName(1)), (known.Reason, known.Items[0]));
        Assert.Equal(("Model", ItemName(2)), (news.Reason, news.Items[0]));
        Assert.Equal(("FoldIn", ItemName(0)), (stranger.Reason, stranger.Items[0]));
    }

    [Fact]
    public void Predict_LabelsAndWeights_ReachTheModel()
    {
        using var engine = Engine<HistoryRow, TextItems>(TextModel(), new TopItemsEstimator.Options
        {
            HistoryColumnName = "History",
            HistoryLabelsColumnName = "Labels",
            HistoryWeightsColumnName = "Weights",
            NumberOfItems = 1,
        });
        string[] history = [ItemName(0), ItemName(1)];

        Assert.Equal([ItemName(2)], engine.Predict(new HistoryRow { History = history, Labels = [2, 1], Weights = [1, 1] }).Items);
        Assert.Equal([ItemName(3)], engine.Predict(new HistoryRow { History = history, Labels = [2, 1], Weights = [1, 3] }).Items);
        Assert.Equal([ItemName(3)], engine.Predict(new HistoryRow { History = history, Labels = [float.NaN, 1], Weights = [1, 1] }).Items);
        var error = Assert.Throws<InvalidOperationException>(() => engine.Predict(new HistoryRow { History = history, Labels = [2], Weights = [1, 3] }));
        Assert.Contains("2 items, 1 labels and 2 weights", error.Message);
    }

    [Fact]
    public void Predict_AllowAndDenyByOriginalId_AreKept()
    {
        var text = TextModel();
        using var engine = Engine<UserRow, TextItems>(text, candidates: new()
        {
            Filter = ItemFilter.Only(text.Items.IndicesOf([ItemName(1), ItemName(3), ItemName(5), "nothing"]))
                .And(ItemFilter.Except(text.Items.IndicesOf([ItemName(3)]))),
            ExcludeSeen = false,
        });

        Assert.Equal([ItemName(1), ItemName(5)], engine.Predict(new UserRow { User = UserName(7) }).Items);
        Assert.Equal([2, 0], NumberModel().Items.IndicesOf([ItemNumbers[2], 123L, ItemNumbers[0]]));
    }

    [Fact]
    public void GetRowCursor_ItemsAndScores_ShareOneComputation()
    {
        var model = new CountingModel();
        var rows = _ml.Data.LoadFromEnumerable(UserNames.Select(user => new UserRow { User = user }).ToArray());
        var view = _ml.Recommenders().Transforms.TopItems(model).Fit(rows).Transform(rows);

        using var cursor = view.GetRowCursor([view.Schema["Items"], view.Schema["Scores"]]);
        var (getItems, getScores) = (cursor.GetGetter<VBuffer<ReadOnlyMemory<char>>>(view.Schema["Items"]), cursor.GetGetter<VBuffer<float>>(view.Schema["Scores"]));
        VBuffer<ReadOnlyMemory<char>> items = default;
        VBuffer<float> scores = default;
        // A cursor warms its model up.
        var before = model.Calls;
        while (cursor.MoveNext())
        {
            getItems(ref items);
            getScores(ref scores);
            getItems(ref items);
            Assert.Equal(items.Length, scores.Length);
        }

        Assert.Equal(Size, model.Calls - before);
    }

    [Fact]
    public void GetRowCursor_OtherColumnAsked_ComputesNothing()
    {
        var model = new CountingModel();
        var rows = _ml.Data.LoadFromEnumerable(UserNames.Select(user => new UserRow { User = user }).ToArray());

        Assert.Equal(UserNames, _ml.Recommenders().Transforms.TopItems(model).Fit(rows).Transform(rows).GetColumn<string>("User"));
        Assert.Equal(0, model.Calls);
    }

    [Fact]
    public void GetOutputSchema_Shape_IsThatOfTheTransformedSchema()
    {
        foreach (var (model, rows) in new (ParityModel, IDataView)[] { (TextModel(), Text(_ml)), (KeyModel(), _ml.Data.LoadFromEnumerable(new KeyRow[1])) })
        {
            var estimator = _ml.Recommenders().Transforms.TopItems(model, new TopItemsEstimator.Options { ReasonColumnName = "Reason" });

            Assert.Equal(
                Describe(SchemaShapes.Of(estimator.Fit(rows).GetOutputSchema(rows.Schema))),
                Describe(estimator.GetOutputSchema(SchemaShapes.Of(rows.Schema))));
        }
    }

    [Theory]
    [InlineData("missing", "no column 'Who' of users", "'User'")]
    [InlineData("other kind", "Column 'User' is Int64", "DataKind.String")]
    [InlineData("scalar history", "Column 'User' is", "vector per row")]
    public void GetOutputSchema_WrongColumn_SaysFoundNeededAndRemedy(string which, string found, string remedy)
    {
        var (estimator, view) = which switch
        {
            "missing" => (_ml.Recommenders().Transforms.TopItems(TextModel(), userColumnName: "Who"), Text(_ml)),
            "other kind" => (_ml.Recommenders().Transforms.TopItems(TextModel()), _ml.Data.LoadFromEnumerable(new LongRow[1])),
            _ => (_ml.Recommenders().Transforms.TopItems(TextModel(), historyColumnName: "User"), Text(_ml)),
        };

        var early = Assert.Throws<ArgumentOutOfRangeException>(() => estimator.GetOutputSchema(SchemaShapes.Of(view.Schema))).Message;
        var late = Assert.Throws<ArgumentOutOfRangeException>(() => estimator.Fit(view)).Message;

        Assert.All([early, late], message => Assert.Contains(found, message));
        Assert.All([early, late], message => Assert.Contains(remedy, message));
    }

    [Fact]
    public void TopItems_BadOptions_AreRefused()
    {
        var transforms = _ml.Recommenders().Transforms;

        Assert.Throws<ArgumentOutOfRangeException>(() => transforms.TopItems(TextModel(), numberOfItems: 0));
        Assert.Throws<ArgumentException>(() => transforms.TopItems(TextModel(), new TopItemsEstimator.Options { HistoryLabelsColumnName = "Labels" }));
        Assert.Throws<NotSupportedException>(() => transforms.TopItems(new CountingModel(), historyColumnName: "History"));
    }

    [Fact]
    public void Predict_PredictionEngineIsReused_EveryRowIsFresh()
    {
        using var engine = Engine<UserRow, TextItems>(TextModel(), numberOfItems: 2);
        var prediction = new TextItems();

        foreach (var user in new[] { 0, 1, 1, 4 })
        {
            engine.Predict(new UserRow { User = UserName(user) }, ref prediction);
            Assert.Equal(ItemName(user), prediction.Items[0]);
        }
    }

    private static IEnumerable<string> Describe(SchemaShape shape) => shape.Select(column =>
        $"{column.Name} {column.Kind} {column.ItemType} {column.IsKey} {string.Join(",", Describe(column.Annotations))}");

    private PredictionEngine<TRow, TItems> Engine<TRow, TItems>(RecommenderModel model, int numberOfItems = 10, string? historyColumnName = null, TopItemsOptions? candidates = null)
        where TRow : class where TItems : class, new() =>
        Engine<TRow, TItems>(_ml.Recommenders().Transforms.TopItems(model, numberOfItems, historyColumnName: historyColumnName, candidates: candidates));

    private PredictionEngine<TRow, TItems> Engine<TRow, TItems>(RecommenderModel model, TopItemsEstimator.Options options)
        where TRow : class where TItems : class, new() => Engine<TRow, TItems>(_ml.Recommenders().Transforms.TopItems(model, options));

    private PredictionEngine<TRow, TItems> Engine<TRow, TItems>(TopItemsEstimator estimator)
        where TRow : class where TItems : class, new() =>
        _ml.Model.CreatePredictionEngine<TRow, TItems>(estimator.Fit(_ml.Data.LoadFromEnumerable(Array.Empty<TRow>())));

    private sealed class CountingModel() : RecommenderModel(
        IdMap.FromText(UserNames), IdMap.FromText(ItemNames), Checkerboard.Interactions(IdMap.FromText(UserNames), IdMap.FromText(ItemNames)).ByUser)
    {
        public int Calls;

        public override bool CanFoldIn => false;

        protected override float ScoreKnown(int user, int item) => item;

        protected override void ScoreAllItems(RecommenderQuery query, Span<float> scores)
        {
            Interlocked.Increment(ref Calls);
            for (int item = 0; item < scores.Length; item++)
                scores[item] = item;
        }
    }
}
