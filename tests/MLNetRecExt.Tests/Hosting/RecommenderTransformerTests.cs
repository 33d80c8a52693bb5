using Microsoft.ML;
using Microsoft.ML.Data;
using static MLNetRecExt.Testing.Checkerboard;
using static MLNetRecExt.Tests.CheckerboardRows;

namespace MLNetRecExt.Tests;

public class RecommenderTransformerTests
{
    private readonly MLContext _ml = new(1);

    [Fact]
    public void Transform_KeyColumns_ScoresAsModel()
    {
        var model = new ParityModel(IdMap.FromKeys(Size), IdMap.FromKeys(Size));
        // [KeyType] members are 0-based on the way in; one beyond the count becomes a missing key.
        var rows = new KeyRow[] { new() { User = 0, Item = 2 }, new() { User = 3, Item = 4 }, new() { User = Size, Item = 4 }, new() { User = 3, Item = Size } };

        var scores = Score(Transformer(model), rows);

        Assert.Equal([model.Score(0, 2), model.Score(3, 4), float.NaN, float.NaN], scores);
        Assert.False(float.IsNaN(scores[0]));
    }

    [Fact]
    public void Transform_TextIds_ScoresAsModel()
    {
        var model = new ParityModel(IdMap.FromText(UserNames), IdMap.FromText(ItemNames));
        var rows = new TextRow[] { new() { User = UserName(1), Item = ItemName(3) }, new() { User = "nobody", Item = ItemName(3) }, new() { User = UserName(1), Item = "" } };

        Assert.Equal([model.Score(1, 3), float.NaN, float.NaN], Score(Transformer(model), rows));
    }

    [Fact]
    public void Transform_Int64Ids_ScoresAsModel()
    {
        var model = new ParityModel(IdMap.FromIntegers(UserNumbers, DataKind.Int64), IdMap.FromIntegers(ItemNumbers, DataKind.Int64));
        var rows = new LongRow[] { new() { User = UserNumbers[7], Item = ItemNumbers[2] }, new() { User = 7, Item = ItemNumbers[2] } };

        Assert.Equal([model.Score(7, 2), float.NaN], Score(Transformer(model), rows));
    }

    [Fact]
    public void Transform_PopularityFallback_GivesShareAndReason()
    {
        var model = new ParityModel(IdMap.FromText(UserNames), IdMap.FromText(ItemNames));
        var columns = new ScoreColumns("User", "Item", "Score", "Reason", RecommendationFallback.Popularity);
        var rows = new TextRow[] { new() { User = UserName(1), Item = ItemName(3) }, new() { User = "nobody", Item = ItemName(3) }, new() { User = UserName(1), Item = "nothing" } };

        var view = new RecommenderTransformer<ParityModel>(_ml, model, columns).Transform(_ml.Data.LoadFromEnumerable(rows));
        var scored = _ml.Data.CreateEnumerable<Reasoned>(view, reuseRowObject: false).ToArray();

        Assert.Equal([model.Score(1, 3), (Size / 2f - 1) / Size, 0], scored.Select(row => row.Score));
        Assert.Equal(["Model", "Popularity", "Popularity"], scored.Select(row => row.Reason));
    }

    [Fact]
    public void Transform_NoFallback_GivesReasonUnknown()
    {
        var model = new ParityModel(IdMap.FromText(UserNames), IdMap.FromText(ItemNames));
        var columns = new ScoreColumns("User", "Item", "Score", "Reason", RecommendationFallback.None);
        var view = new RecommenderTransformer<ParityModel>(_ml, model, columns).Transform(_ml.Data.LoadFromEnumerable([new TextRow { User = "nobody", Item = ItemName(0) }]));

        var row = Assert.Single(_ml.Data.CreateEnumerable<Reasoned>(view, reuseRowObject: false));

        Assert.Equal("Unknown", row.Reason);
        Assert.True(float.IsNaN(row.Score));
    }

    [Fact]
    public void Predict_PredictionEngine_EqualsTransform()
    {
        var model = new ParityModel(IdMap.FromText(UserNames), IdMap.FromText(ItemNames));
        using var engine = _ml.Model.CreatePredictionEngine<TextRow, Scored>(Transformer(model));

        for (int user = 0; user < Size; user++)
            Assert.Equal(model.Score(user, 5), engine.Predict(new TextRow { User = UserName(user), Item = ItemName(5) }).Score);
    }

    [Fact]
    public void Transform_ColumnMissing_NamesItAndWhatWasFound()
    {
        var model = new ParityModel(IdMap.FromText(UserNames), IdMap.FromText(ItemNames));
        var rows = _ml.Data.LoadFromEnumerable(new Scored[1]);

        var error = Assert.Throws<ArgumentOutOfRangeException>(() => Transformer(model).Transform(rows));

        Assert.Contains("no column 'User'", error.Message);
        Assert.Contains("'Score'", error.Message);
    }

    public static TheoryData<string> WrongKinds => ["text for key", "key for text", "Int64 for text", "text for Int64", "other key count", "Int64 for Int32"];

    [Theory, MemberData(nameof(WrongKinds))]
    public void Transform_OtherKindOfIds_NamesColumnFoundAndNeeded(string which)
    {
        var text = _ml.Data.LoadFromEnumerable(new TextRow[1]);
        var longs = _ml.Data.LoadFromEnumerable(new LongRow[1]);
        var keys = _ml.Data.LoadFromEnumerable(new KeyRow[1]);
        var (users, view, found, needed, remedy) = which switch
        {
            "text for key" => (IdMap.FromKeys(Size), text, "String", "keys with a count of 12", "MapValueToKey"),
            "key for text" => (IdMap.FromText(UserNames), keys, "Key<UInt32, 0-11>", "raw ids of type String", "DataKind.String"),
            "Int64 for text" => (IdMap.FromText(UserNames), longs, "Int64", "raw ids of type String", "DataKind.String"),
            "text for Int64" => (IdMap.FromIntegers(UserNumbers, DataKind.Int64), text, "String", "raw ids of type Int64", "DataKind.Int64"),
            "Int64 for Int32" => (IdMap.FromIntegers([.. Enumerable.Range(0, Size).Select(id => (long)id)], DataKind.Int32), longs, "Int64", "raw ids of type Int32", "DataKind.Int32"),
            _ => (IdMap.FromKeys(Size + 1), keys, "Key<UInt32, 0-11>", "keys with a count of 13", "MapValueToKey"),
        };
        var model = new PopularityModel(users, IdMap.FromKeys(Size), Checkerboard.Interactions(users, IdMap.FromKeys(Size)).ByUser);
        var transformer = new RecommenderTransformer<PopularityModel>(_ml, model, new("User", "Item", "Score", null, RecommendationFallback.None));

        var error = Assert.Throws<ArgumentOutOfRangeException>(() => transformer.GetOutputSchema(view.Schema));

        Assert.Contains("Column 'User'", error.Message);
        Assert.Contains(found, error.Message);
        Assert.Contains(needed, error.Message);
        Assert.Contains(remedy, error.Message);
    }

    [Fact]
    public void Score_EstimatorOfATrainedModel_EqualsTheTrainersTransformer()
    {
        var model = new ParityModel(IdMap.FromText(UserNames), IdMap.FromText(ItemNames));
        var estimator = _ml.Recommenders().Transforms.Score(model, fallback: RecommendationFallback.Popularity, reasonColumnName: "Reason");

        var view = _ml.Transforms.CopyColumns("Copy", "Label").Append(estimator).Fit(Text(_ml)).Transform(Text(_ml));

        Assert.Equal(Pairs().Select(pair => model.Score(pair.User, pair.Item)), view.GetColumn<float>("Score"));
        Assert.All(view.GetColumn<string>("Reason"), reason => Assert.Equal("Model", reason));
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Transforms.CopyColumns("Who", "User").Append(_ml.Recommenders().Transforms.Score(model, "Label")).Fit(Text(_ml)));
        Assert.Contains("Column 'Label' is Single", error.Message);
    }

    [Fact]
    public void GetRowCursor_OnlyOtherColumnsAsked_AsksInputForNothingElse()
    {
        var model = new ParityModel(IdMap.FromText(UserNames), IdMap.FromText(ItemNames));
        var view = Transformer(model).Transform(Text(_ml));

        using var cursor = view.GetRowCursor([view.Schema["Label"]]);

        Assert.True(cursor.IsColumnActive(view.Schema["Label"]));
        Assert.False(cursor.IsColumnActive(view.Schema["User"]));
        Assert.False(cursor.IsColumnActive(view.Schema["Score"]));
        Assert.Throws<ArgumentException>(() => cursor.GetGetter<float>(view.Schema["Score"]));
    }

    [Fact]
    public void GetRowCursor_ScoreAsked_LeavesItsSourcesInactiveToTheReader()
    {
        var model = new ParityModel(IdMap.FromText(UserNames), IdMap.FromText(ItemNames));
        var view = Transformer(model).Transform(Text(_ml));

        using var cursor = view.GetRowCursor([view.Schema["Score"]]);
        Assert.True(cursor.MoveNext());
        float score = 0;
        cursor.GetGetter<float>(view.Schema["Score"])(ref score);

        Assert.Equal(model.Score(0, 2), score);
        Assert.Throws<ArgumentException>(() => cursor.GetGetter<double>(view.Schema["Score"]));
    }

    [Fact]
    public void GetRowCursorSet_ReadInParallel_GivesEveryRowOnce()
    {
        var model = new ParityModel(IdMap.FromText(UserNames), IdMap.FromText(ItemNames));
        var rows = Enumerable.Range(0, 5000).Select(n => new TextRow { User = UserName(n % Size), Item = ItemName(n / Size % Size), Label = n }).ToArray();
        var view = Transformer(model).Transform(_ml.Data.Cache(_ml.Data.LoadFromEnumerable(rows)));

        var found = new System.Collections.Concurrent.ConcurrentDictionary<int, float>();
        Parallel.ForEach(view.GetRowCursorSet([view.Schema["Score"], view.Schema["Label"]], 4), cursor =>
        {
            float score = 0, label = 0;
            var (getScore, getLabel) = (cursor.GetGetter<float>(view.Schema["Score"]), cursor.GetGetter<float>(view.Schema["Label"]));
            using (cursor)
            {
                while (cursor.MoveNext())
                {
                    getScore(ref score);
                    getLabel(ref label);
                    Assert.True(found.TryAdd((int)label, score));
                }
            }
        });

        Assert.Equal(rows.Length, found.Count);
        for (int n = 0; n < rows.Length; n++)
            Assert.Equal(model.Score(n % Size, n / Size % Size), found[n]);
    }

    private RecommenderTransformer<ParityModel> Transformer(ParityModel model) =>
        new(_ml, model, new ScoreColumns("User", "Item", "Score", null, RecommendationFallback.None));

    private float[] Score<TRow>(ITransformer transformer, TRow[] rows) where TRow : class =>
        [.. transformer.Transform(_ml.Data.LoadFromEnumerable(rows)).GetColumn<float>("Score")];
}
