using Microsoft.ML;
using MLNetRecExt.Schema;
using static MLNetRecExt.Tests.Onnx.OnnxModels;

namespace MLNetRecExt.Tests.Onnx;

public sealed class OnnxExportTests
{
    public static TheoryData<string> AllModels => [.. FoldIn, .. WithFeatures, .. LookupOnly];

    public static TheoryData<string> FoldInModels => [.. FoldIn];

    public static TheoryData<string> LookupOnlyModels => [.. LookupOnly];

    public static TheoryData<string> Kinds => [.. IdKinds];

    private static readonly OnnxExportOptions WithLabelsAndWeights = new() { HistoryLabelsColumnName = "Labels", HistoryWeightsColumnName = "Weights" };

    /// <summary>Item −1 is unknown to the ids, item 0 to training but for its features.</summary>
    private static readonly ItemFeedback[][] Histories =
    [
        [new(5), new(9), new(2)],
        [],
        [new(-1)],
        [new(0), new(-1)],
        [new(3, 4, 2), new(-1), new(7, 2, 0.5f), new(3, 1, 1.5f), new(0), new(11, 5), new(7, 3, 2)],
        [new(4, 3, 0)],
        [.. Enumerable.Range(1, 29).Select(item => new ItemFeedback(item, 1 + item % 5, 0.5f + item % 3))],
        [.. Enumerable.Range(1, 200).Select(place => new ItemFeedback(1 + place * 7 % 12, 1 + place % 4, 1 + place % 2))],
    ];

    [Theory, MemberData(nameof(AllModels))]
    public void UserEmbedding_KnownAndUnknownUsers_IsWhatScoresThem(string name)
    {
        var model = Train(name);
        using var file = new OnnxFile(model, OnnxForm.UserEmbedding);

        var embeddings = file.Embeddings(("User", AllUsers(model)));

        for (int user = -1; user < Users; user++)
            Assert.Equal(model.IsKnownUser(user) ? model.UserMatrix[user].ToArray() : new float[model.ItemMatrix.Columns], embeddings[user + 1]);
    }

    [Theory, MemberData(nameof(AllModels))]
    public void ItemEmbedding_KnownAndUnknownItems_IsWhatScoresThem(string name)
    {
        var model = Train(name);
        using var file = new OnnxFile(model, OnnxForm.ItemEmbedding, new OnnxExportOptions { ItemColumnName = "Film" });

        var embeddings = file.Embeddings(("Film", Rows(model.Items, [.. Enumerable.Range(-1, Items + 1).Select(item => new[] { item })])));

        for (int item = -1; item < Items; item++)
            Assert.Equal(model.IsKnownItem(item) ? model.ItemMatrix[item].ToArray() : new float[model.ItemMatrix.Columns], embeddings[item + 1]);
    }

    [Theory, MemberData(nameof(FoldInModels))]
    public void HistoryEmbedding_LabelsWeightsRepeatsAndUnknownItems_ScoresAsTheModel(string name)
    {
        var model = Train(name);
        using var file = new OnnxFile(model, OnnxForm.HistoryEmbedding, WithLabelsAndWeights);

        var embeddings = file.Embeddings(Inputs(model, Histories));

        for (int row = 0; row < Histories.Length; row++)
            AssertScores(model, RecommenderQuery.ForUserOrNobody(-1, Histories[row]), embeddings[row]);
    }

    [Theory, MemberData(nameof(FoldInModels))]
    public void HistoryEmbedding_ItemsAlone_HaveLabelAndWeightOne(string name)
    {
        var model = Train(name);
        using var file = new OnnxFile(model, OnnxForm.HistoryEmbedding);

        var embeddings = file.Embeddings(("History", Rows(model.Items, [[5, 9, 2, -1], [], [1, 1]])));

        AssertScores(model, RecommenderQuery.ForHistory(5, 9, 2), embeddings[0]);
        AssertScores(model, RecommenderQuery.ForHistory(), embeddings[1]);
        AssertScores(model, RecommenderQuery.ForHistory(1), embeddings[2]);
    }

    [Theory, MemberData(nameof(FoldInModels))]
    public void HistoryEmbedding_ARowAlone_IsWhatItIsAmongOthers(string name)
    {
        var model = Train(name);
        using var file = new OnnxFile(model, OnnxForm.HistoryEmbedding, WithLabelsAndWeights);
        var together = file.Embeddings(Inputs(model, Histories));

        for (int row = 0; row < Histories.Length; row++)
        {
            var alone = file.Embeddings(Inputs(model, [Histories[row]]))[0];
            for (int k = 0; k < alone.Length; k++)
                Assert.Equal(together[row][k], alone[k], 1e-6f * (1 + Math.Abs(alone[k])));
        }
    }

    [Theory, MemberData(nameof(FoldInModels))]
    public void HistoryEmbedding_LabelsAndWeightsThatTrainingWouldSkip_AreLeftOut(string name)
    {
        var model = Train(name);
        using var file = new OnnxFile(model, OnnxForm.HistoryEmbedding, WithLabelsAndWeights);
        ItemFeedback[] bad =
        [
            new(5, 2), new(6, float.NaN), new(7, 1, float.NaN), new(8, 1, -1), new(10, float.NegativeInfinity), new(11, 1, float.PositiveInfinity), new(9, 3, 0.5f), new(5, float.NaN),
        ];

        AssertScores(model, RecommenderQuery.ForHistory((ItemFeedback[])[bad[0], bad[6]]), file.Embeddings(Inputs(model, [bad]))[0]);
    }

    [Theory, MemberData(nameof(AllModels))]
    public void TopItemsForUser_EqualsTopItems(string name)
    {
        var model = Train(name);
        foreach (var excludeSeen in new[] { true, false })
        {
            using var file = new OnnxFile(model, OnnxForm.TopItemsForUser, new OnnxExportOptions { NumberOfItems = 25, ExcludeSeen = excludeSeen });

            var lists = file.Run(("User", AllUsers(model)));

            for (int user = -1; user < Users; user++)
                AssertList(model, RecommenderQuery.ForUserOrNobody(user), 25, excludeSeen, lists["Items"][user + 1], lists["Scores"][user + 1]);
        }
    }

    [Theory, MemberData(nameof(FoldInModels))]
    public void TopItemsForHistory_EqualsTopItems(string name)
    {
        var model = Train(name);
        var known = Enumerable.Range(0, Items).Count(model.IsKnownItem);
        foreach (var excludeSeen in new[] { true, false })
        {
            using var file = new OnnxFile(model, OnnxForm.TopItemsForHistory, WithLabelsAndWeights with { NumberOfItems = 1000, ExcludeSeen = excludeSeen });

            var lists = file.Run(Inputs(model, Histories));

            for (int row = 0; row < Histories.Length; row++)
                AssertList(model, RecommenderQuery.ForUserOrNobody(-1, Histories[row]), known, excludeSeen, lists["Items"][row], lists["Scores"][row]);
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public void TopItems_EveryKindOfIds_TakesAndGivesIdsOfTraining(string ids)
    {
        var model = Train("wals", ids);
        using var users = new OnnxFile(model, OnnxForm.TopItemsForUser);
        using var histories = new OnnxFile(model, OnnxForm.TopItemsForHistory);

        var lists = users.Run(("User", AllUsers(model)));
        for (int user = -1; user < Users; user++)
            AssertList(model, RecommenderQuery.ForUserOrNobody(user), 10, true, lists["Items"][user + 1], lists["Scores"][user + 1]);
        lists = histories.Run(("History", Rows(model.Items, [[5, 9, 2], [-1, -1, 0]])));
        AssertList(model, RecommenderQuery.ForHistory(5, 9, 2), 10, true, lists["Items"][0], lists["Scores"][0]);
        AssertList(model, RecommenderQuery.ForHistory(0), 10, true, lists["Items"][1], lists["Scores"][1]);
    }

    [Theory, MemberData(nameof(LookupOnlyModels))]
    public void SaveAsOnnx_HistoryThatNoGraphFoldsIn_SaysWhatCanBeExported(string name)
    {
        var model = Train(name);
        foreach (var form in new[] { OnnxForm.HistoryEmbedding, OnnxForm.TopItemsForHistory })
            Assert.Contains("UserEmbedding", Assert.Throws<NotSupportedException>(() => model.SaveAsOnnx("unused.onnx", form)).Message);
        Assert.False(File.Exists("unused.onnx"));
    }

    [Theory]
    [InlineData("Wals")]
    [InlineData("SoftmaxDnn")]
    public void SaveAsOnnx_HalfLife_HoldsKnownUsersAndRefusesHistories(string name)
    {
        long[] times = [.. new long[] { 3, 1, 4, 1, 5 }.Select(day => 1_600_000_000 + 86_400 * day)];
        var data = Interactions.Create(IdMap.FromKeys(3), IdMap.FromKeys(4), [0, 0, 1, 1, 2], [0, 1, 1, 2, 3], timestamps: times);
        var trainers = new MLContext(1).Recommenders().Trainers;
        FactorModel model = name == "Wals"
            ? trainers.Wals(new WalsTrainer.Options { ApproximationRank = 2, RecencyHalfLife = 1 }).Fit(data)
            : trainers.SoftmaxDnn(new SoftmaxDnnTrainer.Options { ApproximationRank = 2, RecencyHalfLifeDays = 1, NumberOfIterations = 1 }).Fit(data);
        using var file = new OnnxFile(model, OnnxForm.TopItemsForUser, new OnnxExportOptions { NumberOfItems = 2 });

        var lists = file.Run(("User", Rows(model.Users, [[0], [1], [2]])));

        for (int user = 0; user < 3; user++)
            AssertList(model, RecommenderQuery.ForUser(user), 2, true, lists["Items"][user], lists["Scores"][user]);
        foreach (var form in new[] { OnnxForm.HistoryEmbedding, OnnxForm.TopItemsForHistory })
            Assert.Contains("weighs a history by age", Assert.Throws<NotSupportedException>(() => model.SaveAsOnnx("unused.onnx", form)).Message);
    }

    [Fact]
    public void SaveAsOnnx_BadOptions_NameTheOption()
    {
        var model = Train("random");
        Assert.Contains("NumberOfItems", Assert.Throws<ArgumentOutOfRangeException>(() => model.SaveAsOnnx("unused.onnx", options: new() { NumberOfItems = 0 })).Message);
        Assert.Contains("'User'", Assert.Throws<ArgumentException>(() => model.SaveAsOnnx("unused.onnx", options: new() { ScoresColumnName = "User" })).Message);
        Assert.Contains("empty", Assert.Throws<ArgumentException>(() => model.SaveAsOnnx("unused.onnx", options: new() { HistoryLabelsColumnName = "" })).Message);
        Assert.Contains("'/x'", Assert.Throws<ArgumentException>(() => model.SaveAsOnnx("unused.onnx", options: new() { ItemColumnName = "/x" })).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => model.SaveAsOnnx("unused.onnx", (OnnxForm)99));
        Assert.False(File.Exists("unused.onnx"));
    }

    [Theory, MemberData(nameof(AllModels))]
    public void SaveAsOnnx_EveryForm_HasNoConstantThatNothingUses(string name)
    {
        var model = Train(name);
        foreach (var form in Enum.GetValues<OnnxForm>().Where(form => !LookupOnly.Contains(name) || form is not (OnnxForm.HistoryEmbedding or OnnxForm.TopItemsForHistory)))
            foreach (var options in new[] { new OnnxExportOptions(), WithLabelsAndWeights with { ExcludeSeen = false } })
            {
                var graph = OnnxExport.ToOnnx(model, form, options).Graph;
                var used = graph.Node.Concat(graph.Node.SelectMany(node => node.Attribute).SelectMany(attribute => attribute.G?.Node ?? [])).SelectMany(node => node.Input);
                Assert.Empty(graph.Initializer.Select(constant => constant.Name).Except(used));
            }
    }

    [Fact]
    public void SaveAsOnnx_ColumnsNamedAsPartsOfTheGraph_AreKeptApart()
    {
        var model = Train("wals");
        using var file = new OnnxFile(model, OnnxForm.TopItemsForHistory, new() { HistoryColumnName = "x", ItemsColumnName = "ItemIds", ScoresColumnName = "Gramian" });

        var lists = file.Run(("x", Rows(model.Items, [[5, 9, 2]])));

        AssertList(model, RecommenderQuery.ForHistory(5, 9, 2), 10, true, lists["ItemIds"][0], lists["Gramian"][0]);
    }

    [Fact]
    public void SaveAsOnnx_Metadata_SaysWhatTheFileIs()
    {
        using var file = new OnnxFile(Train("wals", "Int32"), OnnxForm.TopItemsForHistory, WithLabelsAndWeights with { HistoryColumnName = "Seen", ItemsColumnName = "Films" });

        var metadata = file.Session.ModelMetadata.CustomMetadataMap;

        Assert.Equal("TopItemsForHistory", metadata["mlnetrecext.form"]);
        Assert.Equal("Seen", metadata["mlnetrecext.history"]);
        Assert.Equal("Labels", metadata["mlnetrecext.history.labels"]);
        Assert.Equal("Films", metadata["mlnetrecext.items"]);
        Assert.Equal("-1", metadata["mlnetrecext.missing"]);
        Assert.StartsWith("WalsModel of rank 8, trained on ", metadata["mlnetrecext.training"], StringComparison.Ordinal);
        Assert.EndsWith(" interactions of 39 users with 29 items", metadata["mlnetrecext.training"], StringComparison.Ordinal);
        Assert.Matches(@"^\d+\.\d+\.\d+", metadata["mlnetrecext.version"]);
        Assert.Equal(["Seen", "Labels", "Weights"], file.Session.InputNames);
        Assert.Equal(["Films", "Scores"], file.Session.OutputNames);
        var graph = ModelProto.Parser.ParseFrom(File.ReadAllBytes(file.Path));
        Assert.Equal((8, 17), (graph.IrVersion, graph.OpsetImport.Single(import => import.Domain == "").Version));
    }

    private static (string, Array[])[] Inputs(FactorModel model, ItemFeedback[][] histories) =>
    [
        ("History", Rows(model.Items, Column(histories, entry => entry.Item))),
        ("Labels", Column(histories, entry => entry.Label)),
        ("Weights", Column(histories, entry => entry.Weight)),
    ];

    private static T[][] Column<T>(ItemFeedback[][] histories, Func<ItemFeedback, T> value) => Array.ConvertAll(histories, history => Array.ConvertAll(history, entry => value(entry)));

    /// <summary>The dot products with all items, against what the model itself scores.</summary>
    internal static void AssertScores(FactorModel model, RecommenderQuery query, float[] embedding)
    {
        var expected = new float[Items];
        model.ScoreItems(query, expected);
        var scale = expected.Where(score => !float.IsNaN(score)).Select(Math.Abs).DefaultIfEmpty(0).Max();
        if (scale == 0)
            Assert.All(embedding, value => Assert.Equal(0, value));
        for (int item = 0; item < Items; item++)
            if (!float.IsNaN(expected[item]))
                Assert.Equal(expected[item], embedding.Zip(model.ItemMatrix[item].ToArray(), (x, y) => (double)x * y).Sum(), 1e-5 * scale);
    }

    internal static void AssertList(FactorModel model, RecommenderQuery query, int count, bool excludeSeen, Array items, Array scores)
    {
        var expected = model.TopItems(query, count, new TopItemsOptions { ExcludeSeen = excludeSeen });
        object missing = items.GetType() == typeof(string[]) ? "" : model.Items.IndexOf(0) < 0 ? 0L : -1L;
        Assert.Equal(count, items.Length);
        Assert.Equal(expected.Select(entry => Id(model.Items, entry.Item)).Concat(Enumerable.Repeat(missing, count - expected.Length)), items.Cast<object>());
        var scale = expected.Select(entry => Math.Abs(entry.Score)).DefaultIfEmpty(0).Max();
        for (int place = 0; place < count; place++)
            if (place < expected.Length)
                Assert.Equal(expected[place].Score, (float)scores.GetValue(place)!, 1e-5f * scale);
            else
                Assert.Equal(float.NaN, scores.GetValue(place));
    }
}
