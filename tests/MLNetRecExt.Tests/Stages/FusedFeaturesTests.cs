using Microsoft.ML;

namespace MLNetRecExt.Tests.Stages;

/// <summary>Two networks that learned different features of users, as sources of one model.</summary>
public sealed class FusedFeaturesTests
{
    private const int Users = 40, Items = 20;

    private static readonly MLContext Ml = new(1);
    private static readonly RecommendersCatalog Recommenders = Ml.Recommenders();
    private static readonly Interactions Train = Recommenders.Data.ReadInteractions(Ml.Data.LoadFromEnumerable(Rows().ToArray()));
    private static readonly SoftmaxDnnModel ByAge = Fit("Age"), ByCity = Fit("City");
    private static readonly FusedModel Fused = Recommenders.Stages.Fuse([new(ByAge, 5), new(ByCity, 5)]);

    private static readonly FeatureValues Age = new() { { "Age", 61 } }, City = new() { { "City", "Rome" } };
    private static readonly FeatureValues Both = new() { { "City", "Rome" }, { "Age", 61 } };

    private static IEnumerable<Row> Rows()
    {
        var random = new Random(3);
        for (int user = 0; user < Users; user++)
            for (int item = 0; item < Items; item++)
                if ((user + item) % 2 == 0 && (user / 2 + item / 2) % 2 == 0 && random.NextDouble() < 0.7)
                    yield return new Row { User = $"u{user}", Item = $"i{item}" };
    }

    private static SoftmaxDnnModel Fit(string feature)
    {
        var people = Enumerable.Range(0, Users).Select(user => new Person { User = $"u{user}", Age = user / 2 % 2 == 0 ? 21 : 61, City = user % 2 == 0 ? "Oslo" : "Rome" }).ToArray();
        return Recommenders.Trainers.SoftmaxDnn(new SoftmaxDnnTrainer.Options
        {
            ApproximationRank = 6,
            NumberOfIterations = 15,
            BatchSize = 16,
            LearningRate = 0.02f,
            WarmUpSteps = 5,
            UserFeatures = Recommenders.Data.ReadFeatures(Ml.Data.LoadFromEnumerable(people), "User", [feature]),
        }).Fit(Train);
    }

    /// <summary>Somebody unknown, with a history or without, and a known user; with features of either model, or of both.</summary>
    public static TheoryData<int, int, string> Queries
    {
        get
        {
            var queries = new TheoryData<int, int, string>();
            foreach (var features in new[] { "Age", "City", "Both" })
                foreach (var (user, history) in new[] { (-1, 0), (-1, 2), (4, 0), (4, 2) })
                    queries.Add(user, history, features);
            return queries;
        }
    }

    private static (RecommenderQuery Query, RecommenderQuery OfAge, RecommenderQuery OfCity) Ask(int user, int history, string features)
    {
        var query = RecommenderQuery.ForUserOrNobody(user, Enumerable.Range(1, history).Select(item => new ItemFeedback(item)).ToArray());
        return (
            query.WithFeatures(features switch { "Age" => Age, "City" => City, _ => Both }),
            query.WithFeatures(features == "City" ? [] : Age),
            query.WithFeatures(features == "Age" ? [] : City));
    }

    [Theory, MemberData(nameof(Queries))]
    public void TopItems_SourcesOfDifferentFeatures_EachGetsItsOwn(int user, int history, string features)
    {
        var (query, ofAge, ofCity) = Ask(user, history, features);
        var expected = new float[Items];
        foreach (var list in new[] { ByAge.TopItems(ofAge, 5), ByCity.TopItems(ofCity, 5) })
            for (int place = 0; place < list.Length; place++)
                expected[list[place].Item] += 1f / (60 + place + 1);

        var scores = new float[Items];
        Fused.ScoreItems(query, scores);

        Assert.Equal(expected, scores);
        var top = Fused.TopItems(query, Items);
        Assert.Equal(Enumerable.Range(0, Items).Where(item => expected[item] > 0).OrderByDescending(item => expected[item]).ThenBy(item => item), top.Select(entry => entry.Item));
        var nested = Recommenders.Stages.Fuse([new(Recommenders.Stages.Rerank(ByAge, new RerankOptions { NumberOfCandidates = Items }), 5), new(Recommenders.Stages.Fuse([new(ByCity, 5)]), 5)]);
        Assert.Equal(top, nested.TopItems(query, Items));
        using var stream = new MemoryStream();
        Fused.Save(stream);
        stream.Position = 0;
        Assert.Equal(top, RecommenderModel.Load(stream).TopItems(query, Items));
    }

    [Theory, MemberData(nameof(Queries))]
    public void Rank_SourcesOfDifferentFeatures_EachIsAskedForScoresWithItsOwn(int user, int history, string features)
    {
        var (query, ofAge, ofCity) = Ask(user, history, features);
        var table = Recommenders.Stages.RankingTable(Fused, Interactions.Create(Train.Users, Train.Items, [0], [Fused.TopItems(RecommenderQuery.ForUser(0), 1)[0].Item]));
        foreach (var (source, model, asked) in new[] { (0, ByAge, ofAge), (1, ByCity, ofCity) })
        {
            var ranker = Ml.Transforms.CustomMapping<Candidate, Scored>((row, scored) => scored.Score = row.SourceScores.GetItemOrDefault(source), contractName: null).Fit(table);
            var ranked = Recommenders.Stages.Rank(Fused, ranker, 10);
            var (expected, scores) = (new float[Items], new float[Items]);

            model.ScoreItems(asked, expected);
            ranked.ScoreItems(query, scores);

            Assert.Equal(expected, scores);
        }
    }

    [Fact]
    public void TopItems_FeatureThatNoSourceLearned_IsRefusedWithTheNamesOfAll()
    {
        var query = RecommenderQuery.ForHistory(1).WithFeatures(new() { { "Age", 21 }, { "Color", "red" } });
        var wrong = RecommenderQuery.ForHistory(1).WithFeatures(new() { { "Age", 21 }, { "City", 3 } });

        foreach (RecommenderModel model in new RecommenderModel[] { Fused, Recommenders.Stages.Rerank(Fused, new RerankOptions()) })
        {
            Assert.Contains("no feature 'Color' of users; it knows 'Age', 'City'", Assert.Throws<ArgumentException>(() => model.TopItems(query, 5)).Message);
            Assert.Contains("Feature 'City' is categories", Assert.Throws<ArgumentException>(() => model.TopItems(wrong, 5)).Message);
        }
    }

    [Fact]
    public void Transform_RowsWithTheFeaturesOfAllSources_GetTheModelsListsSavedOrNot()
    {
        Session[] sessions =
        [
            new() { Age = 61, City = "Rome" }, new() { Age = 21 }, new() { City = "Oslo", History = ["i3", "i7"] }, new() { User = "u7", Age = 21, City = "Oslo" }, new() { User = "u7", History = ["i2"] }, new(),
        ];
        var view = Ml.Data.LoadFromEnumerable(sessions);
        var transformer = Recommenders.Transforms.TopItems(Fused, new TopItemsEstimator.Options { UserColumnName = "User", HistoryColumnName = "History", NumberOfItems = 8 }).Fit(view);
        using var stream = new MemoryStream();
        Ml.Model.Save(transformer, view.Schema, stream);
        stream.Position = 0;

        var lists = Lists(transformer);

        Assert.Equal(sessions.Select(Expected), lists);
        Assert.Equal(5, lists.Count(list => list.Length > 0));
        Assert.Equal(lists, Lists(new MLContext().Model.Load(stream, out _)));

        string[][] Lists(ITransformer chain) => [.. Ml.Data.CreateEnumerable<Listed>(chain.Transform(view), reuseRowObject: false).Select(row => row.Items)];

        static string[] Expected(Session session)
        {
            var query = RecommenderQuery.ForUserOrNobody(Train.Users.IndexOf(session.User), Array.ConvertAll(session.History, item => new ItemFeedback(Train.Items.IndexOf(item))));
            var features = new FeatureValues();
            if (!float.IsNaN(session.Age))
                features.Add("Age", session.Age);
            if (session.City != "")
                features.Add("City", session.City);
            return [.. Fused.TopItems(features.Any() ? query.WithFeatures(features) : query, 8).Select(entry => Train.Items.GetText(entry.Item))];
        }
    }

    private sealed class Row
    {
        public string User = "", Item = "";
    }

    private sealed class Person
    {
        public string User = "", City = "";
        public float Age;
    }

    private sealed class Session
    {
        public string User { get; set; } = "nobody";
        public string[] History { get; set; } = [];
        public float Age { get; set; } = float.NaN;
        public string City { get; set; } = "";
    }

    private sealed class Listed
    {
        public string[] Items { get; set; } = [];
    }

    private sealed class Candidate
    {
        public Microsoft.ML.Data.VBuffer<float> SourceScores { get; set; }
    }

    private sealed class Scored
    {
        public float Score { get; set; }
    }
}
