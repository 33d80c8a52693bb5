using Microsoft.ML;

namespace MLNetRecExt.Tests.Models;

public class RecencyTests
{
    private const int Users = 25, Items = 16;
    private const long Day = 86_400, Start = 1_600_000_000;

    private static readonly MLContext Ml = new(1);
    private static readonly RecommendersCatalog Recommenders = Ml.Recommenders();
    private static readonly RecommenderTrainersCatalog Trainers = Recommenders.Trainers;

    // By half-life in entries, and in days.
    private static readonly Dictionary<string, Func<Interactions, float, float, RecommenderModel>> Fits = new()
    {
        ["ItemKnn"] = (data, entries, days) => Trainers.ItemKnn(new ItemKnnTrainer.Options { RecencyHalfLife = entries, RecencyHalfLifeDays = days }).Fit(data),
        ["ItemKnn for ratings"] = (data, entries, days) =>
        {
            var options = ItemKnnTrainer.Options.ForRatings();
            (options.RecencyHalfLife, options.RecencyHalfLifeDays) = (entries, days);
            return Trainers.ItemKnn(options).Fit(data);
        },
        ["Ease"] = (data, entries, days) => Trainers.Ease(EaseOptions(entries, days, isDual: false)).Fit(data),
        ["Ease, dual"] = (data, entries, days) => Trainers.Ease(EaseOptions(entries, days, isDual: true)).Fit(data),
        ["Ease, sparse"] = (data, entries, days) => Trainers.Ease(EaseOptions(entries, days, isDual: false, topWeights: 5)).Fit(data),
        ["NextItemEase"] = (data, entries, days) => Trainers.NextItemEase(new NextItemEaseTrainer.Options
        {
            RecencyHalfLife = entries,
            RecencyHalfLifeDays = days,
        }).Fit(data),
        ["SoftmaxDnn"] = (data, entries, days) => Trainers.SoftmaxDnn(DnnOptions(entries, days)).Fit(data),
        ["Wals"] = (data, entries, days) => Trainers.Wals(WalsOptions(entries, days)).Fit(data),
        ["Wals for ratings"] = (data, entries, days) =>
        {
            var options = WalsOptions(entries, days);
            (options.Target, options.UnobservedWeight, options.UseBiases, options.Regularization) = (WalsTarget.Label, 0, true, 0.1f);
            return Trainers.Wals(options).Fit(data);
        },
        ["Wals with features"] = (data, entries, days) =>
        {
            var options = WalsOptions(entries, days);
            options.ItemFeatures = Checkerboard.ItemFeatures;
            return Trainers.Wals(options).Fit(data);
        },
        ["Wals by Cholesky"] = (data, entries, days) =>
        {
            var options = WalsOptions(entries, days);
            options.Solver = WalsSolver.Cholesky;
            return Trainers.Wals(options).Fit(data);
        },
    };

    public static TheoryData<string> Names => [.. Fits.Keys];

    public static TheoryData<string> WalsNames => [.. Fits.Keys.Where(name => name.StartsWith("Wals"))];

    public static TheoryData<string, float, float> Weighed
    {
        get
        {
            var data = new TheoryData<string, float, float>();
            foreach (var name in Fits.Keys.Where(name => !name.StartsWith("Wals") && name != "SoftmaxDnn"))
            {
                data.Add(name, 1.5f, 0);
                data.Add(name, 0, 20);
            }
            return data;
        }
    }

    [Theory, MemberData(nameof(Weighed))]
    public void ScoreItems_AnyQuery_IsTheSumOfWeighedItems(string name, float entries, float days)
    {
        var data = Data(seed: 1);
        var model = (ItemToItemModel)Fits[name](data, entries, days);
        Assert.Equal(new Recency(entries, days), model.Recency);

        foreach (var (query, user, news, at) in Queries())
        {
            var history = Weigh(model, user, news, at);
            if (history.Length == 0)
                continue;
            var scores = new float[Items];
            model.ScoreItems(query, scores);
            for (int item = 0; item < Items; item++)
            {
                var parts = history.Select(entry => entry.Weight * model.ItemWeight(entry.Item, item)).ToArray();
                var sum = history.Zip(parts).Sum(pair => pair.First.Label * pair.Second);
                if (name == "ItemKnn for ratings")
                {
                    var mean = history.Average(entry => entry.Label);
                    sum = mean + (parts.Sum() > 0 ? history.Zip(parts).Sum(pair => (pair.First.Label - mean) * pair.Second) / parts.Sum() : 0);
                }
                if (model.IsKnownItem(item))
                    Assert.Equal(sum, scores[item], 2e-5 * Math.Max(1, Math.Abs(sum)));
            }
            var top = model.TopItems(query, 1)[0];
            Assert.Equal(scores[top.Item], top.Score);
            if (name != "ItemKnn for ratings")
                Assert.Equal(scores[top.Item], model.Explain(query, top.Item).Sum(part => part.Value), 1e-4);
        }
    }

    [Theory, MemberData(nameof(WalsNames))]
    public void Fit_Wals_EmbedsUsersByTheirWeighedHistory(string name)
    {
        var data = Data(seed: 2);
        var plain = (WalsModel)Fits[name](data, 0, 0);
        foreach (var (entries, days) in new[] { (2f, 0f), (0f, 15f) })
        {
            var model = (WalsModel)Fits[name](data, entries, days);

            for (int item = 0; item < Items; item++)
                Assert.Equal(plain.SolvedItemMatrix[item], model.SolvedItemMatrix[item]);
            for (int user = 0; user < Users; user++)
            {
                var weighed = Weigh(model, user, [], null).Select(entry => new ItemFeedback(entry.Item, (float)entry.Label, (float)entry.Weight)).ToArray();
                var expected = plain.FoldIn(weighed);
                for (int k = 0; k < expected.Length; k++)
                    Assert.Equal(expected[k], model.UserFactors(user)[k], 1e-4);
                Assert.Equal(model.UserFactors(user), model.FoldIn(RecommenderQuery.ForUser(user)));
            }
        }
    }

    [Fact]
    public void Embed_SoftmaxDnnByDays_IsTheMeanOfTheWeighedHistory()
    {
        var model = (SoftmaxDnnModel)Fits["SoftmaxDnn"](Data(seed: 13), 0, 4);
        Assert.Equal(new Recency(0, 4), model.Recency);

        foreach (var (query, user, news, at) in Queries())
        {
            var history = Weigh(model, user, news, at);
            if (history.Length == 0)
                continue;
            var embedding = model.Embed(query);
            for (int k = 0; k < embedding.Length; k++)
                Assert.Equal(
                    history.Sum(entry => entry.Weight * model.Tower.History[entry.Item][k]) / history.Sum(entry => entry.Weight), embedding[k], 1e-5);
        }
        for (int user = 0; user < Users; user++)
            Assert.Equal(model.UserFactors(user).ToArray(), model.Embed(RecommenderQuery.ForUser(user).At(Start + 60 * Day)));
    }

    [Fact]
    public void Fit_SoftmaxDnnAtOneTime_DaysGiveTheBitsOfOff()
    {
        var taken = Data(seed: 14);
        var (users, items) = (Enumerable.Range(0, Users).SelectMany(user => Enumerable.Repeat(user, taken.ByUser.Length(user))).ToArray(),
            Enumerable.Range(0, Users).SelectMany(user => taken.ByUser.Indices(user).ToArray()).ToArray());
        var data = Interactions.Create(taken.Users, taken.Items, users, items, timestamps: [.. users.Select(user => Start + user * Day)]);

        var (off, days) = (Fits["SoftmaxDnn"](data, 0, 0), Fits["SoftmaxDnn"](data, 0, 0.001f));

        for (int user = 0; user < Users; user++)
            Assert.Equal(((SoftmaxDnnModel)off).UserFactors(user), ((SoftmaxDnnModel)days).UserFactors(user));
    }

    [Theory, MemberData(nameof(WalsNames))]
    public void Explain_Wals_AddsUpToTheScore(string name)
    {
        var model = (WalsModel)Fits[name](Data(seed: 3), 0, 15);

        for (int user = 0; user < Users; user++)
            foreach (var top in model.TopItems(RecommenderQuery.ForUser(user), 3))
            {
                var expected = top.Score - (model.HasBiases ? model.Mean + model.ItemBias(top.Item) : 0);
                Assert.Equal(expected, model.Explain(user, top.Item).Sum(part => part.Value), 1e-3 * Math.Max(1, Math.Abs(expected)));
            }
    }

    [Theory, MemberData(nameof(Names))]
    public void Fit_HalfLifeWithoutEnd_IsAsOff(string name)
    {
        var data = Data(seed: 4);

        var off = name.StartsWith("Wals") ? null : Fits[name](data, 0, 0);

        // Without a half-life users of WALS are where conjugate gradients leave them.
        off ??= Fits[name](data, 1e6f, 0);
        foreach (var model in new[] { Fits[name](data, 1e6f, 0), Fits[name](data, 0, 1e6f) })
            AssertScores(off, model, 1e-3);
    }

    [Theory, MemberData(nameof(Names))]
    public void Fit_EvenlySpacedInTime_EntriesAndDaysAgree(string name)
    {
        var data = Data(seed: 5, evenly: true);

        AssertScores(Fits[name](data, 2, 0), Fits[name](data, 0, 6), 1e-4);
    }

    [Theory, MemberData(nameof(Names))]
    public void SaveAndLoad_Model_AnswersEveryQueryAlike(string name)
    {
        var model = Fits[name](Data(seed: 6), 0, 9);
        using var stream = new MemoryStream();

        model.Save(stream);
        stream.Position = 0;
        var loaded = RecommenderModel.Load(stream);

        Assert.Equal(model.Recency, loaded.Recency);
        foreach (var (query, _, _, _) in Queries())
            Assert.Equal(model.TopItems(query, 4), loaded.TopItems(query, 4));
    }

    [Fact]
    public void At_Time_IsTheHistoryUpToThen()
    {
        var data = Data(seed: 8);
        RecommenderModel[] models =
        [
            .. Fits.Values.Select(fit => fit(data, 2, 0)), .. Fits.Values.Select(fit => fit(data, 0, 10)), Trainers.Wals(WalsOptions(0, 0)).Fit(data),
            Trainers.SgdMatrixFactorization(approximationRank: 4).Fit(data),
        ];

        foreach (var model in models)
            for (int user = 0; user < Users; user++)
            {
                var times = data.ByUser.Timestamps(user).ToArray().Order().ToArray();
                Assert.Empty(model.TopItems(RecommenderQuery.ForUser(user).At(times[0] - 1), 3));
                Assert.Equal(RecommendationReason.Unknown, model.ReasonFor(RecommenderQuery.ForUser(user).At(times[0] - 1)));
                var half = times[times.Length / 2];
                var history = Entries(data, user).Where(entry => entry.Timestamp <= half).ToArray();
                var (expected, actual) = (new float[Items], new float[Items]);
                model.ScoreItems(RecommenderQuery.ForHistory(history), expected);
                model.ScoreItems(RecommenderQuery.ForUser(user).At(half), actual);
                for (int item = 0; item < Items; item++)
                    Assert.Equal(expected[item], actual[item], 1e-4f);
                // What was taken later is not left out as seen.
                Assert.Equal(Items - history.Length - Enumerable.Range(0, Items).Count(item => !model.IsKnownItem(item)),
                    model.TopItems(RecommenderQuery.ForUser(user).At(half), Items).Length);
            }
    }

    [Fact]
    public void At_ModelThatCannotFoldIn_SaysSo()
    {
        var model = Trainers.Mean(new MeanTrainer.Options()).Fit(Data(seed: 9));

        Assert.Contains("without At", Assert.Throws<NotSupportedException>(() => model.TopItems(RecommenderQuery.ForUser(1).At(Start), 3)).Message);
    }

    [Fact]
    public void For_At_AsksAtThatTime()
    {
        var data = Data(seed: 10);
        var model = Fits["Ease"](data, 0, 10);
        var time = Start + 30 * Day;
        var recommender = model.For<uint, uint>(new() { At = time, Fallback = RecommendationFallback.None });
        // Keys without values are ids from 1 on.
        var user = Enumerable.Range(0, Users).First(user => data.ByUser.Timestamps(user).ToArray().Count(taken => taken <= time) > 2);
        var query = RecommenderQuery.ForUser(user).At(time);

        var list = model.TopItems(query, 3);

        Assert.Equal(list.Select(entry => (uint)entry.Item + 1), recommender.Recommend((uint)user + 1, 3).Select(entry => entry.Item));
        Assert.Equal(list[0].Score, recommender.Score((uint)user + 1, (uint)list[0].Item + 1));
        Assert.Equal(model.Explain(query, list[0].Item).Select(part => part.Value),
            recommender.Explain((uint)user + 1, (uint)list[0].Item + 1).Select(part => part.Value));
        Assert.Equal(
            model.TopItems(RecommenderQuery.ForHistory(new ItemFeedback[] { new(2), new(3, Timestamp: time - 5 * Day) }).At(time), 2).Select(entry => entry.Score),
            recommender.RecommendFor([new HistoryEntry<uint>(3), new(4, Timestamp: time - 5 * Day), new(5, Timestamp: time + 1)], 2).Select(entry => entry.Score));
    }

    [Fact]
    public void Evaluate_FoldIn_TakesTheOrderOfTheData()
    {
        var data = Data(seed: 11);
        var model = Fits["NextItemEase"](data, 1, 0);
        var split = Recommenders.Splits.LeaveLast(data);

        var report = Recommenders.Evaluate(model, split.Test, new() { FoldIn = split.Train, Cutoffs = [1] });

        Assert.NotEmpty(report.Users.ToArray());
        foreach (var user in report.Users)
        {
            var list = model.TopItems(RecommenderQuery.ForUser(user, Entries(split.Train, user)), 1);
            var hits = report.UserValues("HitRate@1")[report.Users.IndexOf(user)];
            Assert.Equal(split.Test.ByUser.Indices(user).Contains(list[0].Item), hits == 1);
        }
    }

    [Fact]
    public void Fit_WithoutTimestampsOrDays_SaysWhatIsNeeded()
    {
        var (none, ordinal) = (Interactions.Create(IdMap.FromKeys(2), IdMap.FromKeys(2), [0, 1], [0, 1]),
            Interactions.Create(IdMap.FromKeys(2), IdMap.FromKeys(2), [0, 1], [0, 1], timestamps: [1, 2]));
        foreach (var (name, fit) in Fits.Where(fit => fit.Key != "NextItemEase"))
        {
            if (name != "SoftmaxDnn")
                Assert.Contains("RecencyHalfLife needs to know when", Assert.Throws<ArgumentException>(() => fit(none, 2, 0)).Message);
            Assert.Contains("(TimestampColumnName)", Assert.Throws<ArgumentException>(() => fit(none, 0, 2)).Message);
            Assert.Contains("the latest timestamp, 2, does not tell", Assert.Throws<ArgumentException>(() => fit(ordinal, 0, 2)).Message);
            Assert.Contains("set one of them to 0", Assert.Throws<ArgumentException>(() => fit(Data(1), 2, 2)).Message);
        }
        var view = Ml.Data.LoadFromEnumerable(new[] { new { User = "a", Item = "b" } });
        var trainer = Trainers.ItemKnn(new ItemKnnTrainer.Options { RecencyHalfLifeDays = 7 });
        Assert.Contains("RecencyHalfLifeDays", Assert.Throws<ArgumentException>(() => trainer.Fit(view)).Message);
        Assert.Contains("RecencyHalfLifeDays", Assert.Throws<ArgumentException>(() => trainer.GetOutputSchema(SchemaShapes.Of(view.Schema))).Message);
    }

    [Fact]
    public void Tune_RangeOfAHalfLife_SweepsItWithinATrial()
    {
        var split = Recommenders.Splits.LeaveLast(Data(seed: 12));
        var tuning = new TunerOptions
        {
            Trials = 2,
            Ranges = new() { ["Regularization"] = null, ["DiagonalRelaxation"] = null, ["RecencyHalfLifeDays"] = new(1, 128) { Logarithmic = true } },
        };

        var tuned = Recommenders.Tune(Trainers.Ease, EaseOptions(0, 0, isDual: false), split.Train, split.Test, tuning);

        Assert.Equal(Ndcg(0), tuned.Trials[0].Metric, 1e-12);
        Assert.Equal(Enumerable.Range(0, 8).Max(n => Ndcg(MathF.Pow(2, n))), tuned.Trials[1].Metric, 1e-12);
        var swept = Trainers.Ease(EaseOptions(0, 4, isDual: false)).FitSwept(split.Train, [2, 32]).ToArray();
        Assert.Equal([2f, 32f], swept.Select(model => model.Recency.HalfLifeDays));
        Assert.Equal(["2", "32"], swept.Select(model => model.Info!.Options["RecencyHalfLifeDays"]));
        Assert.Null(Trainers.Wals(WalsOptions(3, 0)).SweptOption);
        Assert.Null(Trainers.SoftmaxDnn(DnnOptions(0, 3)).SweptOption);

        double Ndcg(float days) => Recommenders.Evaluate(Fits["Ease"](split.Train, 0, days), split.Test).Ndcg(20).Mean;
    }

    private static EaseTrainer.Options EaseOptions(float entries, float days, bool isDual, int? topWeights = null) => new()
    {
        Regularization = 3,
        RecencyHalfLife = entries,
        RecencyHalfLifeDays = days,
        IsDual = isDual,
        TopWeightsPerItem = topWeights,
    };

    // The next item: a history is then without gaps, whose entries the other half-life would not count.
    private static SoftmaxDnnTrainer.Options DnnOptions(float entries, float days) => new()
    {
        ApproximationRank = 4,
        HiddenLayers = [],
        Temperature = 0,
        Target = SoftmaxDnnTarget.NextItem,
        NumberOfIterations = 2,
        BatchSize = 64,
        RecencyHalfLife = entries,
        RecencyHalfLifeDays = days,
    };

    private static WalsTrainer.Options WalsOptions(float entries, float days) => new()
    {
        ApproximationRank = 5,
        NumberOfIterations = 5,
        RecencyHalfLife = entries,
        RecencyHalfLifeDays = days,
    };

    /// <summary>Queries of all sorts: by user, and −1, what the query brings, and when it asks.</summary>
    private static IEnumerable<(RecommenderQuery Query, int User, ItemFeedback[] News, long? At)> Queries()
    {
        ItemFeedback[][] all =
        [
            [],
            [new(3, 2), new(7), new(3, 4, 0.5f)],
            [new(5, Timestamp: Start + 20 * Day), new(9, 2, Timestamp: Start + 90 * Day), new(2, Timestamp: Start + 3 * Day)],
            [new(5, Timestamp: Start + 20 * Day), new(11), new(12)],
        ];
        foreach (var user in new[] { -1, 4, 9 })
            foreach (var news in all)
                foreach (var at in new long?[] { null, Start + 40 * Day })
                {
                    var query = user < 0 ? RecommenderQuery.ForHistory(news) : RecommenderQuery.ForUser(user, news);
                    yield return (at is { } time ? query.At(time) : query, user, news, at);
                }
    }

    /// <summary>What counts of a history, with the weights by the definition, in double precision.</summary>
    private static (int Item, double Label, double Weight)[] Weigh(RecommenderModel model, int user, ItemFeedback[] news, long? at)
    {
        var entries = new Dictionary<int, (ItemFeedback Entry, bool IsNew, int Place)>();
        foreach (var entry in user < 0 || !model.IsKnownUser(user) ? [] : Entries(model.History, user))
            if (!(entry.Timestamp > at))
                entries[entry.Item] = (entry, false, entry.Item);
        for (int place = 0; place < news.Length; place++)
            if (model.IsKnownItem(news[place].Item) && !(news[place].Timestamp > at))
                entries[news[place].Item] = (news[place], true, place);
        var told = entries.Values.Max(value => value.Entry.Timestamp);
        var now = at ?? Math.Max(told ?? long.MinValue, model.History.Times!.Value.Latest);
        var newest = entries.Values.Any(value => value.Entry.Timestamp is null) ? now : told;
        var order = entries.Values.OrderBy(value => value.Entry.Timestamp ?? long.MaxValue).ThenBy(value => value.IsNew).ThenBy(value => value.Place).Reverse();
        return [.. order.Select((value, rank) => (
            value.Entry.Item,
            (double)value.Entry.Label,
            value.Entry.Weight * (model.Recency.HalfLife > 0
                ? Math.Pow(2, -rank / (double)model.Recency.HalfLife)
                : Math.Pow(2, -(newest!.Value - (value.Entry.Timestamp ?? now)) / (double)Day / model.Recency.HalfLifeDays))))];
    }

    private static ItemFeedback[] Entries(Interactions data, int user) => Entries(data.ByUser, user);

    private static ItemFeedback[] Entries(InteractionRows rows, int user) => [.. Enumerable.Range(0, rows.Length(user)).Select(e => new ItemFeedback(
        rows.Indices(user)[e], rows.HasLabels ? rows.Labels(user)[e] : 1, rows.HasWeights ? rows.Weights(user)[e] : 1, rows.Timestamps(user)[e]))];

    private static void AssertScores(RecommenderModel expected, RecommenderModel actual, double tolerance)
    {
        for (int user = 0; user < Users; user++)
            for (int item = 0; item < Items; item++)
                if (expected.IsKnownItem(item))
                    Assert.Equal(expected.Score(user, item), (double)actual.Score(user, item), tolerance);
    }

    /// <summary>Labels, weights and seconds: anywhere within 60 days, or of each user every three days.</summary>
    private static Interactions Data(int seed, bool evenly = false)
    {
        var random = new Random(seed);
        var pairs = (from user in Enumerable.Range(0, Users) from item in Enumerable.Range(1, Items - 1) where random.Next(3) == 0 || item == 1 + user % 5 select (user, item)).ToArray();
        random.Shuffle(pairs);
        var taken = new int[Users];
        return Interactions.Create(IdMap.FromKeys(Users), IdMap.FromKeys(Items), [.. pairs.Select(pair => pair.user)], [.. pairs.Select(pair => pair.item)],
            [.. pairs.Select(_ => (float)random.Next(1, 6))], [.. pairs.Select(_ => 0.5f + random.NextSingle())],
            [.. pairs.Select(pair => Start + (evenly ? 3 * Day * taken[pair.user]++ : random.NextInt64(60 * Day)))]);
    }
}
