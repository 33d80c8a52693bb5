using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetRecExt.Tests.Onnx;

namespace MLNetRecExt.Tests;

/// <summary>Top items for rows that bring side features of each type that there is.</summary>
public sealed class TopItemsFeaturesTests : IDisposable
{
    private static readonly SoftmaxDnnModel Model = (SoftmaxDnnModel)OnnxModels.Train("dnn features");

    private readonly MLContext _ml = new(1);
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    private static Session[] Sessions()
    {
        var (user, history) = (Model.Users.GetText(3), new[] { Model.Items.GetText(5), "nothing", Model.Items.GetText(9) });
        return
        [
            new() { User = user, History = history, Kind = "kïnd 1", Tags = ["tag 2", "", "tag 4"], Zip = 10_000_000_002, Member = true, Level = 2, Size = 4.5f, Spots = [1, 0.7f, 5] },
            new() { User = user, Kind = "kind 1", Tags = ["tag 77"], Zip = 7 },
            new() { User = "nobody", History = history, Tags = ["tag 1", "tag 3", "tag 1"], Size = float.PositiveInfinity, Spots = [float.NaN, 2, float.NaN] },
            new() { User = "nobody", History = ["nothing"], Zip = 10_000_000_001, Size = 1 / 3f },
            new() { User = "nobody", Level = 3, Member = true },
            new() { User = "nobody" },
        ];
    }

    private static RecommenderQuery Query(Session session)
    {
        var history = session.History.Select(item => Model.Items.IndexOf(item)).Where(item => item >= 0).Select(item => new ItemFeedback(item)).ToArray();
        return RecommenderQuery.ForUserOrNobody(Model.Users.IndexOf(session.User), history).WithFeatures(new FeatureValues
        {
            { "Kind", session.Kind },
            { "Tags", session.Tags },
            { "Zip", $"{session.Zip}" },
            { "Member", $"{session.Member}" },
            { "Level", session.Level < 4 ? $"{session.Level + 1}" : "" },
            { "Size", session.Size },
            { "Spots", session.Spots },
        });
    }

    private static string List(IEnumerable<string> items, IEnumerable<float> scores) => string.Join(" ", items.Zip(scores, (item, score) => $"{item}={BitConverter.SingleToInt32Bits(score)}"));

    private static string Expected(RecommenderQuery query) =>
        Model.TopItems(query, 7) is var list ? List(list.Select(entry => Model.Items.GetText(entry.Item)), list.Select(entry => entry.Score)) : "";

    private static string[] Lists(IDataView view) => [.. view.GetColumn<string[]>("Items").Zip(view.GetColumn<float[]>("Scores"), List)];

    /// <summary>The count and order of these keys are not those of training.</summary>
    private IEstimator<ITransformer> WithKeys(TopItemsEstimator.Options options) =>
        _ml.Transforms.Conversion.MapValueToKey("Zip").Append(_ml.Recommenders().Transforms.TopItems(Model, options));

    private static TopItemsEstimator.Options Options() => new() { UserColumnName = "User", HistoryColumnName = "History", NumberOfItems = 7 };

    [Fact]
    public void Transform_FeaturesOfEveryType_GivesTheModelsLists()
    {
        var sessions = Sessions();
        var view = _ml.Data.LoadFromEnumerable(sessions);
        var chain = WithKeys(Options()).Fit(view);

        var lists = Lists(chain.Transform(view));

        Assert.Equal(sessions.Select(session => Expected(Query(session))), lists);
        Assert.Equal(lists.Length, lists.Distinct().Count());
        using var engine = _ml.Model.CreatePredictionEngine<Session, CheckerboardRows.TextItems>(chain);
        Assert.Equal(lists, sessions.Select(session => engine.Predict(session) is var answer ? List(answer.Items, answer.Scores) : ""));
    }

    [Fact]
    public void Transform_StagesAroundTheModel_PassFeaturesOn()
    {
        var stages = _ml.Recommenders().Stages;
        var sessions = Sessions();
        var data = _ml.Data.LoadFromEnumerable(sessions);
        var view = _ml.Transforms.Conversion.MapValueToKey("Zip").Fit(data).Transform(data);
        var fused = stages.Fuse([new(new PopularityModel(Model.Users, Model.Items, Model.History), 1, Weight: 1e-6f), new(Model, 7)]);
        var table = stages.RankingTable(fused, Interactions.Create(Model.Users, Model.Items, [0], [fused.TopItems(RecommenderQuery.ForUser(0), 1)[0].Item]));
        var ranked = stages.Rank(fused, _ml.Transforms.CustomMapping<Ranks, Ranked>((row, ranked) => ranked.Score = row.SourceRanks.GetItemOrDefault(1), contractName: null).Fit(table), 8);

        foreach (RecommenderModel model in new RecommenderModel[] { fused, ranked, stages.Rerank(fused, new RerankOptions()) })
        {
            var lists = _ml.Recommenders().Transforms.TopItems(model, Options()).Fit(view).Transform(view).GetColumn<string[]>("Items").ToArray();
            for (int session = 0; session < sessions.Length; session++)
            {
                var expected = Model.TopItems(Query(sessions[session]), 7).Select(entry => Model.Items.GetText(entry.Item)).ToArray();
                Assert.Equal(expected, lists[session].Take(7));
            }
        }
    }

    [Fact]
    public void Load_SavedPipeline_GivesTheSameLists()
    {
        var view = _ml.Data.LoadFromEnumerable(Sessions());
        var chain = WithKeys(Options()).Fit(view);
        _ml.Model.Save(chain, view.Schema, _path);

        var loaded = new MLContext(2).Model.Load(_path, out _);

        Assert.Equal(Lists(chain.Transform(view)), Lists(loaded.Transform(view)));
        Assert.Equal(
            chain.Transform(view).Schema.Where(column => !column.IsHidden).Select(column => (column.Name, column.Type.ToString())),
            loaded.Transform(view).Schema.Where(column => !column.IsHidden).Select(column => (column.Name, column.Type.ToString())));
        using var engine = _ml.Model.CreatePredictionEngine<Session, CheckerboardRows.TextItems>(loaded);
        Assert.Equal(Lists(chain.Transform(view)), Sessions().Select(session => engine.Predict(session) is var answer ? List(answer.Items, answer.Scores) : ""));
    }

    [Fact]
    public void Transform_Dates_AreThoseOfTrainingSavedOrNot()
    {
        var start = new DateTime(2024, 2, 29);
        var rows = Enumerable.Range(0, 60).SelectMany(user => Enumerable.Range(0, 5).Select(n => new Dated
        {
            User = $"u{user}",
            Item = $"i{(user % 6 * 3 + 2 * n) % 20}",
            Joined = start.AddDays(user % 6),
            Visits = [start.AddHours(user % 5), start.AddYears(user % 3)],
        })).ToArray();
        var model = _ml.Recommenders().Trainers.SoftmaxDnn(new SoftmaxDnnTrainer.Options { ApproximationRank = 6, UserFeatureColumnNames = ["Joined", "Visits"] })
            .Fit(_ml.Data.LoadFromEnumerable(rows)).Model;
        DateTime[][] visits = [[start, start.AddYears(2)], [start.AddHours(3), default], [default, default]];
        var sessions = visits.Select((visits, n) => new Dated { Joined = n == 1 ? default : start.AddDays(2 * n), Visits = visits }).ToArray();
        var view = _ml.Data.LoadFromEnumerable(sessions);
        var transformer = _ml.Recommenders().Transforms.TopItems(model, new TopItemsEstimator.Options { NumberOfItems = 7, FeatureColumns = [new("Joined"), new("Visits")] }).Fit(view);
        _ml.Model.Save(transformer, view.Schema, _path);

        var expected = sessions.Select(session => model.TopItems(RecommenderQuery.Nobody.WithFeatures(new() { { "Joined", session.Joined }, { "Visits", session.Visits } }), 7))
            .Select(list => List(list.Select(entry => model.Items.GetText(entry.Item)), list.Select(entry => entry.Score))).ToArray();
        Assert.Equal(3, expected.Distinct().Count());
        Assert.Equal(expected, Lists(transformer.Transform(view)));
        Assert.Equal(expected, Lists(new MLContext(2).Model.Load(_path, out _).Transform(view)));
        Assert.Contains("give one DateTime", Assert.Throws<ArgumentException>(() => model.Embed(RecommenderQuery.Nobody.WithFeatures(new() { { "Joined", "yesterday" } }))).Message);
        Assert.Contains("give 2 of type DateTime", Assert.Throws<ArgumentException>(() => model.Embed(RecommenderQuery.Nobody.WithFeatures(new() { { "Visits", start } }))).Message);
        Assert.Contains("DataKind.DateTime", Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Recommenders().Transforms
            .TopItems(model, new TopItemsEstimator.Options { FeatureColumns = [new("Joined", "User")] }).Fit(view)).Message);
    }

    [Fact]
    public void Transform_SomeFeaturesInColumnsOfOtherNames_AreFoundSavedOrNot()
    {
        var rows = new Renamed[] { new() { Kinds = ["kïnd 2", "kïnd 0"], Spots = [0, 1, 2], Levels = [2, 8] }, new() { Levels = [1] }, new() };
        var view = _ml.Data.LoadFromEnumerable(rows);
        // Neither user nor history: features are all that rows bring.
        var transformer = _ml.Recommenders().Transforms.TopItems(Model, new TopItemsEstimator.Options
        {
            NumberOfItems = 7,
            FeatureColumns = [new("Spots"), new("Level", "Levels"), new("Kind", "Kinds")],
        }).Fit(view);
        _ml.Model.Save(transformer, view.Schema, _path);

        string[] expected =
        [
            Expected(RecommenderQuery.Nobody.WithFeatures(new() { { "Kind", ["kïnd 0", "kïnd 2"] }, { "Spots", [0, 1, 2] }, { "Level", "2" } })),
            Expected(RecommenderQuery.Nobody.WithFeatures(new() { { "Level", "1" } })),
            "",
        ];

        Assert.Equal(expected, Lists(transformer.Transform(view)));
        Assert.Equal(expected, Lists(new MLContext(2).Model.Load(_path, out _).Transform(view)));
    }

    [Fact]
    public void Transform_AllFeaturesMissing_LeavesAKnownUserThoseOfTraining()
    {
        var users = Enumerable.Range(0, OnnxModels.Users).ToArray();
        var view = _ml.Data.LoadFromEnumerable(users.Select(user => new Renamed { User = Model.Users.GetText(user) }).ToArray());
        var transformer = _ml.Recommenders().Transforms.TopItems(Model, new TopItemsEstimator.Options
        {
            UserColumnName = "User",
            NumberOfItems = 7,
            ReasonColumnName = "Reason",
            FeatureColumns = [new("Spots"), new("Kind", "Kinds")],
        }).Fit(view);

        Assert.Equal(users.Select(user => Expected(RecommenderQuery.ForUser(user))), Lists(transformer.Transform(view)));
        Assert.All(transformer.Transform(view).GetColumn<string>("Reason"), reason => Assert.Equal("Model", reason));
    }

    [Fact]
    public void Transform_NoFeaturesWanted_NeedsNoColumns()
    {
        var view = _ml.Data.LoadFromEnumerable(new[] { new CheckerboardRows.HistoryRow { User = Model.Users.GetText(4), History = [Model.Items.GetText(2)] } });
        var transforms = _ml.Recommenders().Transforms;
        var options = Options();
        options.FeatureColumns = [];

        Assert.Equal([Expected(RecommenderQuery.ForUser(4, new ItemFeedback[] { new(2) }))], Lists(transforms.TopItems(Model, options).Fit(view).Transform(view)));
        // Without a history a row is a known user, whose features training knew.
        Assert.Equal([Expected(RecommenderQuery.ForUser(4))], Lists(transforms.TopItems(Model, 7).Fit(view).Transform(view)));
    }

    [Fact]
    public void GetOutputSchema_WrongColumns_SayFoundNeededAndRemedy()
    {
        var view = _ml.Data.LoadFromEnumerable(new[] { new Session() });
        var conversion = _ml.Transforms.Conversion;
        IEstimator<ITransformer> zip = conversion.MapValueToKey("Zip");

        AssertError("no column 'Member' with the feature 'Member'", "FeatureColumns", zip.Append(_ml.Transforms.DropColumns("Member")));
        AssertError("'Zip' is Int64", "MapValueToKey", _ml.Transforms.CopyColumns("Other", "Zip"));
        AssertError("'Kind' is ", "MapKeyToValue", zip.Append(conversion.MapValueToKey("Kind")));
        AssertError("'Member' is String", "DataKind.Boolean", zip.Append(conversion.ConvertType("Member", outputKind: DataKind.String)));
        AssertError("'Size' is Double", "DataKind.Single", zip.Append(conversion.ConvertType("Size", outputKind: DataKind.Double)));
        AssertError("'Size' is DateTime", "number that they were in training", zip.Append(_ml.Transforms.CopyColumns("Size", "Date")));
        AssertError("'Level' is Single", "keys without KeyValues", zip.Append(_ml.Transforms.CopyColumns("Level", "Size")));
        AssertError("'Spots' is Single", "vectors of 3 Single", zip.Append(_ml.Transforms.CopyColumns("Spots", "Size")));
        // What a shape does not say.
        AssertLateError("vectors of 3 Single", zip.Append(_ml.Transforms.Concatenate("Spots", "Spots", "Size")));
        AssertLateError("keys with Int64 KeyValues", conversion.ConvertType("Zip", outputKind: DataKind.Int32).Append(conversion.MapValueToKey("Zip")));
        AssertLateError("keys without KeyValues", zip.Append(_ml.Transforms.CopyColumns("Level", "Zip")));

        void AssertError(string found, string remedy, IEstimator<ITransformer> change)
        {
            var estimator = _ml.Recommenders().Transforms.TopItems(Model, Options());
            var messages = new[] { Late(change), Assert.Throws<ArgumentOutOfRangeException>(() => change.Append(estimator).Fit(view)).Message };
            Assert.All(messages, message => Assert.Contains(found, message));
            Assert.All(messages, message => Assert.Contains(remedy, message));
        }

        void AssertLateError(string part, IEstimator<ITransformer> change) => Assert.Contains(part, Late(change));

        string Late(IEstimator<ITransformer> change) => Assert.Throws<ArgumentOutOfRangeException>(
            () => _ml.Recommenders().Transforms.TopItems(Model, Options()).Fit(change.Fit(view).Transform(view))).Message;
    }

    [Fact]
    public void TopItems_BadFeatureColumns_AreRefused()
    {
        void Throws(string part, RecommenderModel model, params InputOutputColumnPair[] columns) => Assert.Contains(
            part, Assert.Throws<ArgumentException>(() => _ml.Recommenders().Transforms.TopItems(model, new TopItemsEstimator.Options { FeatureColumns = columns })).Message);

        Throws("'Age' of users; it knows 'Kind', 'Tags'", Model, new InputOutputColumnPair("Age"));
        Throws("a feature twice", Model, new("Kind"), new("Kind", "Other"));
        Throws("trained without any", OnnxModels.Train("dnn"), new InputOutputColumnPair("Kind"));
    }

    [Fact]
    public void Save_FeatureOfKeysOfFractions_SaysWhatToTrainWith()
    {
        var view = _ml.Data.LoadFromEnumerable(new[] { new { User = "a", Item = "x", Size = 1.1f }, new { User = "b", Item = "x", Size = 1.2f } });
        var keys = _ml.Transforms.Conversion.MapValueToKey("Size").Fit(view).Transform(view);
        var model = _ml.Recommenders().Trainers.SoftmaxDnn(new SoftmaxDnnTrainer.Options { ApproximationRank = 3, NumberOfIterations = 1, UserFeatureColumnNames = ["Size"] }).Fit(keys).Model;
        var transformer = _ml.Recommenders().Transforms.TopItems(model, new TopItemsEstimator.Options { FeatureColumns = [new("Size")] }).Fit(keys);

        Assert.Single(transformer.Transform(keys).GetColumn<string[]>("Items").First());
        Assert.Contains("text or integers", Assert.Throws<NotSupportedException>(() => _ml.Model.Save(transformer, keys.Schema, _path)).Message);
    }

    private sealed class Ranks
    {
        public VBuffer<float> SourceRanks { get; set; }
    }

    private sealed class Ranked
    {
        public float Score { get; set; }
    }

    private sealed class Session
    {
        public string User { get; set; } = "";
        [VectorType] public string[] History { get; set; } = [];
        public string Kind { get; set; } = "";
        [VectorType] public string[] Tags { get; set; } = [];
        public long Zip { get; set; }
        public bool Member { get; set; }
        [KeyType(4)] public uint Level { get; set; } = 4;
        public float Size { get; set; } = float.NaN;
        public DateTime Date { get; set; }
        [VectorType(3)] public float[] Spots { get; set; } = [float.NaN, float.NaN, float.NaN];
    }

    private sealed class Dated
    {
        public string User { get; set; } = "";
        public string Item { get; set; } = "";
        public DateTime Joined { get; set; }
        [VectorType(2)] public DateTime[] Visits { get; set; } = [];
    }

    private sealed class Renamed
    {
        public string User { get; set; } = "";
        [VectorType(2)] public string[] Kinds { get; set; } = ["", ""];
        [VectorType(3)] public float[] Spots { get; set; } = [float.NaN, float.NaN, float.NaN];
        [KeyType(9), VectorType] public uint[] Levels { get; set; } = [];
    }
}
