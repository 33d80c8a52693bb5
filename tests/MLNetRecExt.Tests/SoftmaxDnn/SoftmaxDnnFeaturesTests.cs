using Microsoft.ML;

namespace MLNetRecExt.Tests.SoftmaxDnn;

/// <summary>Users of two colours, each taking a third of the items of their colour. Every tenth item and user is in the features alone.</summary>
public sealed class SoftmaxDnnFeaturesTests
{
    private const int Users = 90, Items = 60;

    private static readonly MLContext Ml = new();

    private static string Color(int index) => index % 2 == 0 ? "red" : "blue";

    private static IEnumerable<Taken> Rows()
    {
        var random = new Random(2);
        for (int user = 0; user < Users; user++)
            for (int item = 0; item < Items; item++)
                if (!IsCold(user) && !IsCold(item) && user % 2 == item % 2 && random.NextDouble() < 0.35)
                    yield return new Taken { User = $"u{user}", Item = $"i{item}", Color = Color(user), Age = user % 7 == 0 ? float.NaN : 20 + user % 2 };
    }

    /// <summary>One of either colour in each twenty.</summary>
    private static bool IsCold(int index) => index % 20 is 6 or 13;

    private static SideFeatures Features(string prefix, int count) => Ml.Recommenders().Data.ReadFeatures(
        Ml.Data.LoadFromEnumerable(Enumerable.Range(0, count).Select(index => new Thing { Id = $"{prefix}{index}", Color = Color(index), Age = index % 7 == 0 ? float.NaN : 20 + index % 2 }).ToArray()),
        "Id", ["Color", "Age"]);

    private static SoftmaxDnnTrainer.Options Options(float temperature = 0) => new()
    {
        ApproximationRank = 10,
        HiddenLayers = [],
        MaxExamplesPerUser = 4,
        NumberOfIterations = 40,
        BatchSize = 64,
        LearningRate = 0.02f,
        FinalLearningRate = 1,
        WarmUpSteps = 10,
        Temperature = temperature,
        ShareItemEmbeddings = temperature > 0,
        SkipConnection = temperature > 0,
        ItemFeatures = Features("i", Items),
    };

    private static SoftmaxDnnModel Fit(SoftmaxDnnTrainer.Options options) =>
        Ml.Recommenders().Trainers.SoftmaxDnn(options).Fit(Ml.Data.LoadFromEnumerable(Rows().ToArray())).Model;

    private static IEnumerable<bool> AreRed(SoftmaxDnnModel model, IEnumerable<int> items) => items.Select(item => int.Parse(model.Items.GetText(item)[1..]) % 2 == 0);

    private static int[] ColdItems(SoftmaxDnnModel model) => [.. Enumerable.Range(0, model.Items.Count).Where(item => model.ItemPopularity[item] == 0)];

    [Theory]
    [InlineData(0)]
    [InlineData(0.2f)]
    public void TopItems_ItemsThatNobodyTook_AreRankedByTheirFeatures(float temperature)
    {
        var model = Fit(Options(temperature));

        Assert.Equal(Items, model.Items.Count);
        var cold = ColdItems(model);
        Assert.Equal(6, cold.Length);
        foreach (var user in Enumerable.Range(0, model.Users.Count))
        {
            var list = model.TopItems(RecommenderQuery.ForUser(user), 6, new TopItemsOptions { Filter = ItemFilter.Only(cold) });
            var isRed = int.Parse(model.Users.GetText(user)[1..]) % 2 == 0;
            Assert.Equal([isRed, isRed, isRed, !isRed, !isRed, !isRed], AreRed(model, list.Select(entry => entry.Item)));
            Assert.Equal(list.Select(entry => model.Score(user, entry.Item)), list.Select(entry => entry.Score));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.2f)]
    public void TopItems_UntakenItemsThatCompeted_RankBehindTakenOnesOfTheirKind(float temperature)
    {
        var options = Options(temperature);
        options.UntakenItemsCompete = true;
        var model = Fit(options);

        var cold = ColdItems(model);
        foreach (var user in Enumerable.Range(0, model.Users.Count))
        {
            var isRed = int.Parse(model.Users.GetText(user)[1..]) % 2 == 0;
            var first = model.TopItems(RecommenderQuery.ForUser(user), 15, new TopItemsOptions { ExcludeSeen = false }).Select(entry => entry.Item).ToArray();
            Assert.All(AreRed(model, first), red => Assert.Equal(isRed, red));
            Assert.Empty(first.Intersect(cold));
            if (!options.ShareItemEmbeddings)
                Assert.Equal(Enumerable.Repeat(isRed, 3), AreRed(model, model.TopItems(RecommenderQuery.ForUser(user), 3, new TopItemsOptions { Filter = ItemFilter.Only(cold) }).Select(entry => entry.Item)));
        }
    }

    [Fact]
    public void TopItems_UsersWithFeaturesAlone_GetTheirColour()
    {
        var options = Options();
        options.UserFeatures = Features("u", Users);
        var model = Fit(options);

        Assert.Equal(["Color", "Age"], model.UserFeatureNames);
        var users = Enumerable.Range(0, Users).Where(IsCold).ToArray();
        foreach (var user in users)
        {
            var index = model.Users.IndexOf($"u{user}");
            Assert.True(model.IsKnownUser(index));
            Assert.All(AreRed(model, model.TopItems(RecommenderQuery.ForUser(index), 5).Select(entry => entry.Item)), isRed => Assert.Equal(user % 2 == 0, isRed));
        }
    }

    [Fact]
    public void TopItems_FeaturesOfTheQuery_CountInsteadOfThoseOfTraining()
    {
        var options = Options();
        options.UserFeatureColumnNames = ["Color", "Age"];
        var model = Fit(options);

        Assert.False(model.IsKnownUser(Users));
        foreach (var isRed in new[] { true, false })
        {
            var session = new FeatureValues { { "Color", isRed ? "red" : "blue" }, { "Age", float.NaN } };
            var query = RecommenderQuery.Nobody.WithFeatures(session);
            Assert.All(AreRed(model, model.TopItems(query, 5).Select(entry => entry.Item)), red => Assert.Equal(isRed, red));
            Assert.Equal(1, model.Probabilities(query).Sum(), 1e-4);
        }
        // The features of training again: the same embedding, by another way.
        var user = model.Users.IndexOf("u1");
        Assert.Equal(model.Embed(RecommenderQuery.ForUser(user)), model.Embed(RecommenderQuery.ForUser(user).WithFeatures(new() { { "Color", ["blue"] }, { "Age", [21] } })));
        Assert.NotEqual(model.Embed(RecommenderQuery.ForUser(user)), model.Embed(RecommenderQuery.ForUser(user).WithFeatures(new() { { "Color", "blue" } })));
        // With news a known user keeps its features.
        var news = new ItemFeedback[] { new(model.History.Indices(user)[0]) };
        Assert.Equal(
            model.Embed(RecommenderQuery.ForUser(user, news).WithFeatures(new() { { "Color", "blue" }, { "Age", 21 } })),
            model.Embed(RecommenderQuery.ForUser(user, news)));
    }

    [Fact]
    public void Embed_FeaturesThatSayNothing_IsAsWithout()
    {
        var options = Options();
        options.UserFeatureColumnNames = ["Color", "Age"];
        var model = Fit(options);
        var nothing = new FeatureValues { { "Color", "green" }, { "Age", float.PositiveInfinity } };

        Assert.Equal(new float[10], model.Embed(RecommenderQuery.Nobody.WithFeatures(nothing)));
        Assert.Empty(model.TopItems(RecommenderQuery.Nobody.WithFeatures(nothing), 5));
        Assert.Equal(model.Embed(RecommenderQuery.ForHistory(3, 5)), model.Embed(RecommenderQuery.ForHistory(3, 5).WithFeatures(nothing)));
        // An item that nobody took adds nothing to a history.
        Assert.Equal(model.Embed(RecommenderQuery.ForHistory(3, 5)), model.Embed(RecommenderQuery.ForHistory(3, ColdItems(model)[0], 5)));
    }

    [Fact]
    public void TopItems_HistoryOfAnItemThatNobodyTook_CountsItsFeaturesInASharedEmbedding()
    {
        var model = Fit(Options(temperature: 0.2f));

        foreach (var item in ColdItems(model))
        {
            var isRed = int.Parse(model.Items.GetText(item)[1..]) % 2 == 0;
            Assert.All(AreRed(model, model.TopItems(RecommenderQuery.ForHistory(item), 20).Select(entry => entry.Item)), red => Assert.Equal(isRed, red));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TopItems_NewItems_GoToTheUsersOfTheirGroupByNothingButFeatures(bool shared)
    {
        const int Groups = 8, PerGroup = 20, NewPerGroup = 2;
        var random = new Random(7);
        // Two groups of eight for a user, one item in five from anywhere. The last of a group are new.
        var rows = Enumerable.Range(0, 300).SelectMany(user => Enumerable.Range(0, 12).Select(taken => new Taken
        {
            User = $"{user}",
            Item = $"{PerGroup * (taken % 5 == 0 ? random.Next(Groups) : GroupOf(user, taken % 2)) + random.Next(PerGroup - NewPerGroup)}",
        })).ToArray();

        // Of 16 new items 4 are of a user's groups: a quarter at random.
        Assert.InRange(ShareOfOwn(item => item / PerGroup), 0.85, 1);
        var dealt = Enumerable.Range(0, Groups * PerGroup).Select(item => item / PerGroup).ToArray();
        random.Shuffle(dealt);
        Assert.InRange(ShareOfOwn(item => dealt[item]), 0, 0.4);

        static int GroupOf(int user, int first) => (user + first * (1 + user / Groups % (Groups - 1))) % Groups;

        double ShareOfOwn(Func<int, int> feature)
        {
            var things = Enumerable.Range(0, Groups * PerGroup).Select(item => new Thing { Id = $"{item}", Color = $"{feature(item)}", Age = item % 7 });
            var model = Ml.Recommenders().Trainers.SoftmaxDnn(new SoftmaxDnnTrainer.Options
            {
                ApproximationRank = 32,
                ShareItemEmbeddings = shared,
                SkipConnection = shared,
                HiddenLayers = shared ? [128] : [],
                Temperature = shared ? 0.15f : 0,
                NumberOfIterations = shared ? 10 : 30,
                ItemFeatures = Ml.Recommenders().Data.ReadFeatures(Ml.Data.LoadFromEnumerable(things.ToArray()), "Id", ["Color", "Age"]),
            }).Fit(Ml.Data.LoadFromEnumerable(rows)).Model;
            var cold = ColdItems(model);
            Assert.Equal(Groups * NewPerGroup, cold.Length);
            return Enumerable.Range(0, model.Users.Count).Average(user => model.TopItems(RecommenderQuery.ForUser(user), 4, new TopItemsOptions { Filter = ItemFilter.Only(cold) })
                .Average(entry => int.Parse(model.Items.GetText(entry.Item)) / PerGroup is var group
                    && int.Parse(model.Users.GetText(user)) is var id && (group == GroupOf(id, 0) || group == GroupOf(id, 1)) ? 1.0 : 0));
        }
    }

    [Fact]
    public void Fit_NewItemAmongCosines_HasTheShareOfALengthThatItsFeaturesHave()
    {
        // Colour says all of what there is to learn of even items, and nothing of odd ones, each of which has users of its own.
        var rows = Enumerable.Range(0, 400).SelectMany(user => Enumerable.Range(0, 4).Select(taken => new Taken
        {
            User = $"{user}",
            Item = $"{(user % 2 == 0 ? 2 * ((user + 3 * taken) % 20) : 2 * (user / 2 % 20) + 1)}",
        })).ToArray();
        var things = Enumerable.Range(0, 44).Select(item => new Thing { Id = $"{item}", Color = item % 2 == 0 ? "red" : "blue", Age = float.NaN });
        var model = Ml.Recommenders().Trainers.SoftmaxDnn(new SoftmaxDnnTrainer.Options
        {
            ApproximationRank = 32,
            ItemFeatures = Ml.Recommenders().Data.ReadFeatures(Ml.Data.LoadFromEnumerable(things.ToArray()), "Id", ["Color"]),
        }).Fit(Ml.Data.LoadFromEnumerable(rows)).Model;

        double Length(int item) => Math.Sqrt(model.ItemFactors(item).ToArray().Sum(value => (double)value * value));
        for (int item = 0; item < model.Items.Count; item++)
            if (model.ItemPopularity[item] > 0)
                Assert.Equal(1, Length(item), 1e-5);
            else
                Assert.InRange(Length(item), 0.01, 0.9);
        Assert.Equal(4, ColdItems(model).Length);
    }

    [Theory]
    [InlineData(true, 0.15f)]
    [InlineData(true, 0)]
    [InlineData(false, 0.15f)]
    public void WithItems_ItemThatTrainingLacked_IsAsOneThatNobodyTook(bool shared, float temperature)
    {
        var random = new Random(3);
        int[] users = [.. Enumerable.Range(0, 120).Select(row => row % 30)], items = [.. users.Select(_ => random.Next(20))];
        var training = Fit(21);

        var added = (SoftmaxDnnModel)Fit(20).WithItems(Things(0, 21));

        AssertClose(training.ItemFactors(20), added.ItemFactors(20));
        AssertClose(training.Tower.History[20], added.Tower.History[20]);
        AssertClose(training.Embed(RecommenderQuery.ForHistory(3, 20)), added.Embed(RecommenderQuery.ForHistory(3, 20)));
        Assert.Equal(shared, added.FoldsIn(20));

        SoftmaxDnnModel Fit(int known)
        {
            var features = Things(0, known);
            return Ml.Recommenders().Trainers.SoftmaxDnn(new SoftmaxDnnTrainer.Options
            {
                ApproximationRank = 8,
                HiddenLayers = [8],
                Dropout = 0,
                NumberOfIterations = 2,
                Temperature = temperature,
                ShareItemEmbeddings = shared,
                UntakenItemsCompete = false,
                NegativeSampling = NegativeSampling.Full,
                ItemFeatures = features,
            }).Fit(Interactions.Create(IdMap.FromKeys(30), features.Ids, users, items));
        }

        static SideFeatures Things(int first, int end) => Ml.Recommenders().Data.ReadFeatures(Ml.Data.LoadFromEnumerable(
            Enumerable.Range(first, end - first)
                .Select(item => new Thing { Id = $"{item}", Color = item % 3 == 0 ? "red" : "blue" }).ToArray()), "Id", ["Color"]);

        static void AssertClose(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
        {
            for (int k = 0; k < expected.Length; k++)
                Assert.Equal(expected[k], actual[k], 1e-4f);
        }
    }

    [Fact]
    public void Explain_OnlyEntryBesideFeatures_IsWhatTheScoreHasBeyondThem()
    {
        var options = Options();
        options.UserFeatures = Features("u", Users);
        var model = Fit(options);
        FeatureValues red = new() { { "Color", "red" }, { "Age", 20 } };
        float[] with = new float[Items], without = new float[Items];
        model.ScoreItems(RecommenderQuery.ForHistory(4).WithFeatures(red), with);
        model.ScoreItems(RecommenderQuery.Nobody.WithFeatures(red), without);
        for (int item = 0; item < Items; item++)
        {
            var (_, taken, _, _, contribution) = Assert.Single(model.Explain(RecommenderQuery.ForHistory(4).WithFeatures(red), item));
            Assert.Equal(4, taken);
            Assert.Equal(with[item] - without[item], contribution, 1e-4);
        }
        Assert.Empty(model.Explain(RecommenderQuery.Nobody.WithFeatures(red), 3));
    }

    [Fact]
    public void Embed_WrongFeature_SaysWhichThereAre()
    {
        var options = Options();
        options.UserFeatureColumnNames = ["Color", "Age"];
        var model = Fit(options);

        void Throws(string part, FeatureValues values) =>
            Assert.Contains(part, Assert.Throws<ArgumentException>(() => model.Embed(RecommenderQuery.ForHistory(1).WithFeatures(values))).Message);
        Throws("'Color', 'Age'", new() { { "Colour", "red" } });
        Throws("categories", new() { { "Color", 3 } });
        Throws("one Single", new() { { "Age", "old" } });
        Throws("one Single", new() { { "Age", [1, 2] } });
        Assert.Throws<NotSupportedException>(() => Fit(Options()).TopItems(RecommenderQuery.ForHistory(1).WithFeatures(new() { { "Color", "red" } }), 5));
        Assert.Throws<NotSupportedException>(() => Ml.Recommenders().Trainers.Wals("User", "Item").Fit(Ml.Data.LoadFromEnumerable(Rows())).Model
            .TopItems(RecommenderQuery.ForHistory(1).WithFeatures(new() { { "Color", "red" } }), 5));
    }

    [Fact]
    public void SaveAndLoad_Features_GivesTheSameModel()
    {
        var options = Options(temperature: 0.2f);
        options.UserFeatures = Features("u", Users);
        var view = Ml.Data.LoadFromEnumerable(Rows().ToArray());
        var transformer = Ml.Recommenders().Trainers.SoftmaxDnn(options).Fit(view);
        var model = transformer.Model;
        using MemoryStream native = new(), zip = new();
        model.Save(native);
        Ml.Model.Save(transformer, view.Schema, zip);
        native.Position = zip.Position = 0;

        foreach (var loaded in new[] { (SoftmaxDnnModel)RecommenderModel.Load(native), (SoftmaxDnnModel)Ml.Model.Load(zip, out _).AsRecommender() })
        {
            Assert.Equal(model.UserFeatureNames, loaded.UserFeatureNames);
            foreach (var query in (RecommenderQuery[])
            [
                .. Enumerable.Range(0, Users).Select(RecommenderQuery.ForUser),
                RecommenderQuery.ForUser(3, new ItemFeedback[] { new(1) }),
                RecommenderQuery.ForHistory(1, 4).WithFeatures(new() { { "Color", "blue" }, { "Age", 27 } }),
            ])
            {
                Assert.Equal(model.Embed(query), loaded.Embed(query));
                Assert.Equal(model.TopItems(query, Items), loaded.TopItems(query, Items));
            }
        }
    }

    [Fact]
    public void Load_DamagedByte_NeverGivesAModel()
    {
        var options = Options();
        options.UserFeatures = Features("u", Users);
        using var stream = new MemoryStream();
        Fit(options).Save(stream);
        var bytes = stream.ToArray();
        var random = new Random(1);
        for (int trial = 0; trial < 300; trial++)
        {
            var damaged = (byte[])bytes.Clone();
            // The state's last part, where the features are.
            damaged[bytes.Length - 1 - random.Next(4000)] ^= (byte)(1 + random.Next(255));
            Assert.Throws<InvalidDataException>(() => RecommenderModel.Load(new MemoryStream(damaged)));
        }
    }

    [Fact]
    public void Fit_Interactions_LeavesOutFeaturesOfIdsThatTheyLack()
    {
        var catalog = Ml.Recommenders();
        var view = Ml.Data.LoadFromEnumerable(Rows().ToArray());
        var without = catalog.Trainers.SoftmaxDnn(Options()).Fit(catalog.Data.ReadInteractions(view));
        var with = catalog.Trainers.SoftmaxDnn(Options()).Fit(catalog.Data.ReadInteractions(view, options: new() { Items = Options().ItemFeatures!.Ids }));

        Assert.Equal((Items - 6, 0), (without.Items.Count, ColdItems(without).Length));
        Assert.Equal((Items, 6), (with.Items.Count, ColdItems(with).Count(with.IsKnownItem)));
    }

    [Fact]
    public void Fit_KeyColumns_FindFeaturesByTheKeysValues()
    {
        var view = Ml.Data.LoadFromEnumerable(Rows().ToArray());
        var keys = Ml.Transforms.Conversion.MapValueToKey([new InputOutputColumnPair("User"), new InputOutputColumnPair("Item")], keyData: null).Fit(view).Transform(view);
        var options = Options();
        options.UserFeatures = Features("u", Users);

        var model = Ml.Recommenders().Trainers.SoftmaxDnn(options).Fit(keys).Model;

        for (int user = 0; user < model.Users.Count; user++)
            Assert.False(model.UserFeatures.Rows(user).IsEmpty);
    }

    [Fact]
    public void SoftmaxDnn_FeaturesFromTwoPlacesOrNowhere_NamesTheOptions()
    {
        var both = Options();
        (both.UserFeatureColumnNames, both.UserFeatures) = (["Color"], Features("u", Users));
        Assert.Contains("UserFeatureColumnNames", Assert.Throws<ArgumentException>(() => Ml.Recommenders().Trainers.SoftmaxDnn(both)).Message);
        var columns = Options();
        columns.UserFeatureColumnNames = ["Colour"];
        var trainer = Ml.Recommenders().Trainers.SoftmaxDnn(columns);
        var view = Ml.Data.LoadFromEnumerable(Rows().ToArray());
        Assert.Contains("'Color'", Assert.Throws<ArgumentOutOfRangeException>(() => trainer.Fit(view)).Message);
        Assert.Contains("'Color'", Assert.Throws<ArgumentOutOfRangeException>(() => trainer.GetOutputSchema(SchemaShapes.Of(view.Schema))).Message);
        Assert.Contains("UserFeatures ", Assert.Throws<ArgumentException>(() => trainer.Fit(Ml.Recommenders().Data.ReadInteractions(view))).Message);
    }

    [Fact]
    public void Learn_Numbers_AreStandardisedWithoutTheMissing()
    {
        var features = Ml.Recommenders().Data.ReadFeatures(Ml.Data.LoadFromEnumerable(new Thing[]
        {
            new() { Id = "a", Age = 1 }, new() { Id = "b", Age = 5 }, new() { Id = "c", Age = float.NaN }, new() { Id = "d", Age = 3, Color = "red" },
        }), "Id", ["Age", "Color"]);
        var encoder = FeatureEncoder.Learn(features);
        var rows = encoder.Encode(features, features.Ids, out var leftOut);

        Assert.Equal((2, 0), (encoder.TableRows, leftOut));
        // Mean 3, variance (4 + 4 + 0) / 3.
        Assert.Equal(-2 / Math.Sqrt(8 / 3.0), rows.Coefficients(0)[0], 1e-6);
        Assert.Equal(2 / Math.Sqrt(8 / 3.0), rows.Coefficients(1)[0], 1e-6);
        Assert.True(rows.Rows(2).IsEmpty);
        Assert.Equal([1], rows.Rows(3).ToArray());
        Assert.Equal([1f], rows.Coefficients(3).ToArray());
    }

    private sealed class Taken
    {
        public string User { get; set; } = "";
        public string Item { get; set; } = "";
        public string Color { get; set; } = "";
        public float Age { get; set; }
    }

    private sealed class Thing
    {
        public string Id { get; set; } = "";
        public string Color { get; set; } = "";
        public float Age { get; set; }
    }
}
