using Microsoft.ML;
using Microsoft.ML.Data;
using static MLNetRecExt.Tests.Onnx.OnnxExportTests;
using static MLNetRecExt.Tests.Onnx.OnnxModels;

namespace MLNetRecExt.Tests.Onnx;

public sealed class OnnxFeaturesTests : IDisposable
{
    private const long NoInteger = -5;

    private readonly MLContext _ml = new(1);
    private readonly string _path = Path.GetTempFileName();

    public static TheoryData<string> Models => [.. WithFeatures];

    public void Dispose() => File.Delete(_path);

    private static string[] HistoryOf(FactorModel model, params int[] items) => [.. items.Select(item => item < 0 ? "nothing" : model.Items.GetText(item))];

    /// <summary>Everything known, everything missing, unknown categories, and parts of all; with and without a history.</summary>
    private static Session[] Sessions(SoftmaxDnnModel model)
    {
        var size = model.Encoder.Columns.Single(feature => feature.Name == "Size");
        Session[] features =
        [
            new() { Kind = "kïnd 1", Tags = ["tag 2", "tag 4"], Zip = 10_000_000_002, Member = 1, Level = 3, Size = 4.5f, Spots = [1, 0.7f, 5] },
            new(),
            new() { Kind = "kind 1", Tags = ["tag 77"], Zip = 7, Member = 2, Level = 99, Size = float.NegativeInfinity, Spots = [float.PositiveInfinity, float.NaN, float.PositiveInfinity] },
            new() { Tags = ["tag 3", "tag 1", "tag 77", "tag 3", "", "tag 3"] },
            new() { Member = 0 },
            new() { Size = size.Means[0] },
            new() { Size = -3, Kind = "kïnd 0" },
            new() { Spots = [float.NaN, 2, 17] },
        ];
        var histories = new[] { [], HistoryOf(model, -1), HistoryOf(model, 5, 9, 2, 5), HistoryOf(model, 0) };
        return [.. from history in histories from session in features select session.With(history)];
    }

    private static RecommenderQuery Query(FactorModel model, Session session) =>
        RecommenderQuery.ForHistory([.. session.History.Select(item => model.Items.IndexOf(item)).Where(item => item >= 0)]).WithFeatures(new FeatureValues
        {
            { "Kind", session.Kind },
            { "Tags", session.Tags },
            { "Zip", $"{session.Zip}" },
            { "Member", session.Member == 1 ? "True" : session.Member == 0 ? "False" : "" },
            { "Level", $"{session.Level}" },
            { "Size", session.Size },
            { "Spots", session.Spots },
        });

    private static (string, Array[])[] Inputs(Session[] sessions) =>
    [
        ("History", [.. sessions.Select(session => session.History)]),
        ("Kind", [.. sessions.Select(session => new[] { session.Kind })]),
        ("Tags", [.. sessions.Select(session => session.Tags)]),
        ("Zip", [.. sessions.Select(session => new[] { session.Zip })]),
        ("Member", [.. sessions.Select(session => new[] { session.Member })]),
        ("Level", [.. sessions.Select(session => new[] { session.Level })]),
        ("Size", [.. sessions.Select(session => new[] { session.Size })]),
        ("Spots", [.. sessions.Select(session => session.Spots)]),
    ];

    private static SoftmaxDnnModel Model(string name) => (SoftmaxDnnModel)Train(name);

    [Theory, MemberData(nameof(Models))]
    public void HistoryEmbedding_MissingUnknownAndKnownFeatures_ScoresAsTheModel(string name)
    {
        var model = Model(name);
        using var file = new OnnxFile(model, OnnxForm.HistoryEmbedding);
        var sessions = Sessions(model);

        var embeddings = file.Embeddings(Inputs(sessions));

        for (int row = 0; row < sessions.Length; row++)
            AssertScores(model, Query(model, sessions[row]), embeddings[row]);
        // Every kind of feature says something: alone it makes an embedding.
        Session[] alone = [new() { Kind = "kïnd 1" }, new() { Tags = ["tag 1"] }, new() { Zip = 10_000_000_001 }, new() { Member = 0 }, new() { Level = 2 }, new() { Size = 1 }, new() { Spots = [1, float.NaN, float.NaN] }];
        Assert.All(file.Embeddings(Inputs(alone)), embedding => Assert.Contains(embedding, value => value != 0));
    }

    [Theory, MemberData(nameof(Models))]
    public void TopItemsForHistory_Features_EqualsTopItems(string name)
    {
        var model = Model(name);
        var known = Enumerable.Range(0, Items).Count(model.IsKnownItem);
        var sessions = Sessions(model);
        foreach (var excludeSeen in new[] { true, false })
        {
            using var file = new OnnxFile(model, OnnxForm.TopItemsForHistory, new() { NumberOfItems = 1000, ExcludeSeen = excludeSeen });

            var lists = file.Run(Inputs(sessions));

            for (int row = 0; row < sessions.Length; row++)
                AssertList(model, Query(model, sessions[row]), known, excludeSeen, lists["Items"][row], lists["Scores"][row]);
            Assert.Contains(lists["Scores"], scores => float.IsNaN(((float[])scores)[0]));
        }
    }

    [Fact]
    public void SaveAsOnnx_Features_AreInputsOfTheHistoryFormsAlone()
    {
        var model = Model("dnn features");
        using var history = new OnnxFile(model, OnnxForm.TopItemsForHistory);
        using var user = new OnnxFile(model, OnnxForm.TopItemsForUser);

        Assert.Equal(["History", "Kind", "Tags", "Zip", "Member", "Level", "Size", "Spots"], history.Session.InputNames);
        Assert.Equal(["User"], user.Session.InputNames);
        var metadata = history.Session.ModelMetadata.CustomMetadataMap;
        Assert.Equal(["", "", "0", "-1", "0", "NaN", "NaN"], history.Session.InputNames.Skip(1).Select(name => metadata[$"mlnetrecext.feature.{name}"]));
        Assert.DoesNotContain(user.Session.ModelMetadata.CustomMetadataMap.Keys, key => key.StartsWith("mlnetrecext.feature.", StringComparison.Ordinal));
    }

    [Fact]
    public void SaveAsOnnx_NameOfAFeatureTaken_SaysSo()
    {
        var model = Model("dnn features");

        Assert.Contains("'Size'", Assert.Throws<ArgumentException>(() => model.SaveAsOnnx(_path, OnnxForm.TopItemsForHistory, new() { ScoresColumnName = "Size" })).Message);
        model.SaveAsOnnx(_path, OnnxForm.TopItemsForUser, new() { ScoresColumnName = "Size" });
    }

    [Fact]
    public void SaveAsOnnx_FeatureThatNobodyHad_IsAnInputThatSaysNothing()
    {
        var rows = _ml.Data.LoadFromEnumerable(new[] { new { User = "a", Item = "x", Empty = "", Color = "red" }, new { User = "a", Item = "y", Empty = "", Color = "red" }, new { User = "b", Item = "y", Empty = "", Color = "blue" } });
        var model = _ml.Recommenders().Trainers.SoftmaxDnn(new SoftmaxDnnTrainer.Options { ApproximationRank = 3, NumberOfIterations = 2, UserFeatureColumnNames = ["Empty", "Color"] }).Fit(rows).Model;
        using var file = new OnnxFile(model, OnnxForm.HistoryEmbedding);

        var embeddings = file.Embeddings(("History", Rows("", "")), ("Empty", Rows("red", "")), ("Color", Rows("", "red")));

        Assert.Equal(new float[3], embeddings[0]);
        var expected = model.Embed(RecommenderQuery.ForHistory().WithFeatures(new() { { "Color", "red" } }));
        for (int k = 0; k < 3; k++)
            Assert.Equal(expected[k], embeddings[1][k], 1e-6f);

        static Array[] Rows(params string[] values) => [.. values.Select(value => new[] { value })];
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void Transform_ColumnsOfFeatures_GivesTheModelsLists(int batchSize)
    {
        var model = Model("dnn features");
        using var file = new OnnxFile(model, OnnxForm.TopItemsForHistory);
        var sessions = Sessions(model);
        var view = _ml.Data.LoadFromEnumerable(sessions);
        using var transformer = _ml.Recommenders().Transforms.ApplyOnnxRecommender(file.Path, batchSize).Fit(view);
        using var engine = _ml.Model.CreatePredictionEngine<Session, Lists>(transformer);

        var (items, scores) = (transformer.Transform(view).GetColumn<string[]>("Items").ToArray(), transformer.Transform(view).GetColumn<float[]>("Scores").ToArray());

        for (int row = 0; row < sessions.Length; row++)
        {
            AssertList(model, Query(model, sessions[row]), 10, true, items[row], scores[row]);
            var alone = engine.Predict(sessions[row]);
            AssertList(model, Query(model, sessions[row]), 10, true, alone.Items, alone.Scores);
        }
    }

    [Fact]
    public void ApplyOnnxModel_AndSavedPipeline_GiveTheModelsLists()
    {
        var model = Model("dnn features cosine");
        using var file = new OnnxFile(model, OnnxForm.TopItemsForHistory);
        var sessions = Sessions(model);
        var view = _ml.Data.LoadFromEnumerable(sessions);
        _ml.Model.Save(_ml.Recommenders().Transforms.ApplyOnnxRecommender(file.Path).Fit(view), view.Schema, _path);

        foreach (var transformer in new[] { _ml.Transforms.ApplyOnnxModel(["Items", "Scores"], [.. file.Session.InputNames], file.Path).Fit(view), new MLContext(2).Model.Load(_path, out _) })
        {
            var result = transformer.Transform(view);
            var (items, scores) = (result.GetColumn<string[]>("Items").ToArray(), result.GetColumn<float[]>("Scores").ToArray());
            for (int row = 0; row < sessions.Length; row++)
                AssertList(model, Query(model, sessions[row]), 10, true, items[row], scores[row]);
        }
    }

    [Fact]
    public void Fit_WrongColumnsOfFeatures_SaysWhatIsNeeded()
    {
        using var file = new OnnxFile(Model("dnn features"), OnnxForm.TopItemsForHistory);
        var view = _ml.Data.LoadFromEnumerable(new[] { new Session() });
        var conversion = _ml.Transforms.Conversion;

        AssertError("no column 'Zip'", _ml.Transforms.DropColumns("Zip"));
        AssertError("one or several Int64", conversion.ConvertType("Zip", outputKind: DataKind.Int32));
        AssertError("DataKind.Int64", conversion.ConvertType("Member", outputKind: DataKind.Boolean));
        AssertError("one or several String", conversion.MapValueToKey("Kind"));
        AssertError("DataKind.Single", conversion.ConvertType("Size", outputKind: DataKind.Double));
        AssertError("days since the year 1", _ml.Transforms.CopyColumns("Size", "Date"));
        AssertError("a vector of 3 Single", _ml.Transforms.CopyColumns("Spots", "Size"));
        // Before there is data, nobody knows lengths.
        var longer = _ml.Transforms.Concatenate("Spots", "Spots", "Size").Fit(view).Transform(view);
        Assert.Contains("a vector of 3 Single", Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Recommenders().Transforms.ApplyOnnxRecommender(file.Path).Fit(longer)).Message);

        void AssertError(string part, IEstimator<ITransformer> change)
        {
            var estimator = _ml.Recommenders().Transforms.ApplyOnnxRecommender(file.Path);
            Assert.Contains(part, Assert.Throws<ArgumentOutOfRangeException>(() => estimator.Fit(change.Fit(view).Transform(view))).Message);
            Assert.Contains(part, Assert.Throws<ArgumentOutOfRangeException>(() => change.Append(estimator).Fit(view)).Message);
        }
    }

    private sealed class Session
    {
        [VectorType] public string[] History { get; set; } = [];
        public string Kind { get; set; } = "";
        [VectorType] public string[] Tags { get; set; } = [];
        public long Zip { get; set; } = NoInteger;
        public long Member { get; set; } = NoInteger;
        public long Level { get; set; } = NoInteger;
        public float Size { get; set; } = float.NaN;
        public DateTime Date { get; set; }
        [VectorType(3)] public float[] Spots { get; set; } = [float.NaN, float.NaN, float.NaN];

        public Session With(string[] history)
        {
            var copy = (Session)MemberwiseClone();
            copy.History = history;
            return copy;
        }
    }

    private sealed class Lists
    {
        public string[] Items { get; set; } = [];
        public float[] Scores { get; set; } = [];
    }
}
