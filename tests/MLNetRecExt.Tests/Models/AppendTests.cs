using Microsoft.ML;

namespace MLNetRecExt.Tests.Models;

/// <summary>Models that take in new interactions: <see cref="RecommenderModel.Append"/>.</summary>
public class AppendTests
{
    private static readonly RecommenderTrainersCatalog Trainers = new MLContext(1).Recommenders().Trainers;

    /// <summary>Trainers whose models are, with new interactions, those of a training on everything.</summary>
    public static TheoryData<string> ExactNames => [.. Exact.Keys];

    private static Dictionary<string, RecommenderTrainer> Exact { get; } = new()
    {
        ["Popularity"] = Trainers.Popularity(),
        ["Popularity by days"] = Trainers.Popularity(new PopularityTrainer.Options { HalfLifeDays = 20 }),
        ["Mean of items"] = Trainers.Mean("User", "Item", "Label"),
        ["ItemKnn"] = Trainers.ItemKnn(new ItemKnnTrainer.Options { NumberOfNeighbors = 5 }),
        ["ItemKnn of ratings"] = Trainers.ItemKnn(ItemKnnTrainer.Options.ForRatings()),
        ["ItemKnn by Jaccard"] = Trainers.ItemKnn(new ItemKnnTrainer.Options { Similarity = NeighborSimilarity.Jaccard, NumberOfNeighbors = 5 }),
        ["ItemKnn by TfIdf"] = Trainers.ItemKnn(new ItemKnnTrainer.Options { Similarity = NeighborSimilarity.TfIdf, NumberOfNeighbors = 5 }),
        ["ItemKnn by Bm25"] = Trainers.ItemKnn(new ItemKnnTrainer.Options { Similarity = NeighborSimilarity.Bm25, NumberOfNeighbors = 5 }),
        ["ItemKnn as a walk, recent items first"] = Trainers.ItemKnn(Recent(ItemKnnTrainer.Options.Rp3Beta())),
    };

    [Theory, MemberData(nameof(ExactNames))]
    public void Append_ExactModels_GivesTheBitsOfATrainingOnEverything(string name)
    {
        for (int seed = 0; seed < 8; seed++)
        {
            var (older, newer) = Rows(seed);
            var model = Exact[name].Fit(Named([.. older]));

            var appended = model.Append(Named([.. newer]));
            var expected = Exact[name].Fit(Named([.. older, .. newer]));

            Assert.Equal(Texts(expected.Users), Texts(appended.Users));
            Assert.Equal(Texts(expected.Items), Texts(appended.Items));
            AssertSameHistory(expected.History, appended.History);
            var (first, second) = (new float[expected.Items.Count], new float[expected.Items.Count]);
            for (int user = 0; user < expected.Users.Count; user++)
            {
                expected.ScoreItems(RecommenderQuery.ForUser(user), first);
                appended.ScoreItems(RecommenderQuery.ForUser(user), second);
                Assert.Equal(first, second);
            }
        }
    }

    [Fact]
    public void Append_FewRowsOfASparseCatalogue_LeavesTheOtherNeighborsAlone()
    {
        // Two groups of users and items that have nothing in common.
        var rows = Enumerable.Range(0, 40).SelectMany(user => Enumerable.Range(0, 4).Select(n => new Row(user, user % 2 * 10 + (user / 2 + n * n) % 10))).ToArray();
        var model = Trainers.ItemKnn().Fit(Named(rows));

        var appended = (ItemKnnModel)model.Append(Named(new Row(0, 3), new Row(0, 7)));

        for (int item = 0; item < model.Items.Count; item++)
            if (model.Items.GetText(item) is ['i', '1', _])
                Assert.Equal(model.Weights.Values(item).ToArray(), appended.Weights.Values(item).ToArray());
        Assert.NotEqual(model.Weights.Values(model.Items.IndexOf("i3")).ToArray(), appended.Weights.Values(model.Items.IndexOf("i3")).ToArray());
    }

    [Fact]
    public void Append_ModelWithoutUsersOfTraining_IsRefused()
    {
        var model = Trainers.Popularity().Fit(Named(new Row(1, 1, 5, 100), new Row(2, 1, 4, 200)));

        var error = Assert.Throws<NotSupportedException>(() => model.Without([0]).Append(Named(new Row(3, 1, 1, 300))));

        Assert.Contains("Append to the model that has them", error.Message);
    }

    [Fact]
    public void Append_JudgedModel_KeepsItsCardButForMetrics()
    {
        var data = Named(new Row(1, 1, 5, 100), new Row(2, 1, 4, 200), new Row(2, 2, 4, 200));
        var recommenders = new MLContext().Recommenders();
        var model = Trainers.Popularity().Fit(data);
        var judged = model.WithMetrics(recommenders.Evaluate(model, data));

        var appended = judged.Append(Named(new Row(3, 1, 1, 300)));

        Assert.NotEmpty(judged.Info!.Metrics);
        Assert.Empty(appended.Info!.Metrics);
        Assert.Equal((judged.Info.Trained, 1, 4), (appended.Info.Trained, appended.Info.Appended, appended.Info.Interactions));
    }

    [Fact]
    public void Append_AnEntryOfTheSamePair_ReplacesTheOldOne()
    {
        var model = Trainers.Popularity().Fit(Named(new Row(1, 1, 5, 100), new Row(2, 1, 4, 200)));

        var appended = model.Append(Named(new Row(2, 1, 1, 300)));

        Assert.Equal([5f, 1f], [.. appended.History.Labels(0), .. appended.History.Labels(1)]);
        Assert.Equal(300, appended.History.Timestamps(1)[0]);
        Assert.Equal((2, 1, 100L, 300L), (appended.Info!.Interactions, appended.Info.Appended, appended.Info.EarliestTimestamp, appended.Info.LatestTimestamp));
        Assert.Contains("1 taken in since training", appended.Info.ToString());
        Assert.Equal(3, appended.Append(Named(new Row(5, 5), new Row(5, 6))).Info!.Appended);
    }

    [Fact]
    public void Append_Nothing_ChangesNothing()
    {
        var model = Trainers.Wals(new WalsTrainer.Options { ApproximationRank = 4, NumberOfIterations = 2 }).Fit(Named([.. Rows(1).Older]));

        var appended = (WalsModel)model.Append(Named());

        for (int user = 0; user < model.Users.Count; user++)
            Assert.Equal(model.UserFactors(user).ToArray(), appended.UserFactors(user).ToArray());
        Assert.Equal(0, appended.Info!.Appended);
    }

    [Fact]
    public void Append_TimestampsOfOneSideOnly_AreAskedForOrLeftOut()
    {
        var untimed = Interactions.Create(IdMap.FromText(["u1"]), IdMap.FromText(["i1"]), [0], [0]);
        var timed = Trainers.Popularity().Fit(Named(new Row(1, 1)));

        Assert.Contains("timestamps", Assert.Throws<ArgumentException>(() => timed.Append(untimed)).Message);
        Assert.False(Trainers.Popularity().Fit(untimed).Append(Named(new Row(2, 2))).History.HasTimestamps);
    }

    [Fact]
    public void Append_LabelsThatTrainingWouldRefuse_AreRefused()
    {
        var wals = Trainers.Wals(new WalsTrainer.Options { ApproximationRank = 4, ConfidenceScale = 1, NumberOfIterations = 1 }).Fit(Named([.. Rows(1).Older]));
        var knn = Trainers.ItemKnn().Fit(Named([.. Rows(1).Older]));

        Assert.Contains("negative weight", Assert.Throws<ArgumentException>(() => wals.Append(Named(new Row(1, 1, -5)))).Message);
        Assert.Contains("label", Assert.Throws<ArgumentException>(() => knn.Append(Named(new Row(1, 1, float.MaxValue), new Row(1, 2, float.MaxValue)))).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => knn.Append(Named(), numberOfThreads: 0));
    }

    private static ItemKnnTrainer.Options Recent(ItemKnnTrainer.Options options)
    {
        options.RecencyHalfLife = 3;
        return options;
    }

    private static void AssertSameHistory(InteractionRows expected, InteractionRows actual)
    {
        Assert.Equal(expected.Offsets.ToArray(), actual.Offsets.ToArray());
        for (int user = 0; user < expected.RowCount; user++)
        {
            Assert.Equal(expected.Indices(user).ToArray(), actual.Indices(user).ToArray());
            Assert.Equal(expected.Labels(user).ToArray(), actual.Labels(user).ToArray());
            Assert.Equal(expected.Timestamps(user).ToArray(), actual.Timestamps(user).ToArray());
        }
    }

    private static IEnumerable<string> Texts(IdMap ids) => Enumerable.Range(0, ids.Count).Select(ids.GetText);

    /// <summary>Interactions in order of time: the newer ones bring new users, new items and other labels of old pairs.</summary>
    private static (Row[] Older, Row[] Newer) Rows(int seed)
    {
        var random = new Random(seed);
        return (Draw(300, users: 30, items: 20, time: 0), Draw(1 + random.Next(30), users: 33, items: 24, time: 90));

        Row[] Draw(int count, int users, int items, int time) => [.. Enumerable.Range(0, count).Select(n =>
            new Row(random.Next(users), (int)(items * random.NextDouble() * random.NextDouble()), 1 + random.Next(5), 1_600_000_000L + 86_400 * (time + random.Next(10))))];
    }

    /// <summary>The rows with text ids, by order of first occurrence.</summary>
    private static Interactions Named(params Row[] rows)
    {
        var users = IdMap.Index([.. rows.Select(row => $"u{row.User}")], out var userIndices);
        var items = IdMap.Index([.. rows.Select(row => $"i{row.Item}")], out var itemIndices);
        return Interactions.Create(users, items, userIndices, itemIndices, [.. rows.Select(row => row.Label)], timestamps: [.. rows.Select(row => row.Time)]);
    }

    private sealed record Row(int User, int Item, float Label = 1, long Time = 1_600_000_000);
}
