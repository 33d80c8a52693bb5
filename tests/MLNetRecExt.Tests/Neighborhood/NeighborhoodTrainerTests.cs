using System.Reflection;
using Microsoft.ML;
using MLNetRecExt.Persistence;

namespace MLNetRecExt.Tests.Neighborhood;

public class NeighborhoodTrainerTests
{
    private static readonly RecommendersCatalog Recommenders = new MLContext(1).Recommenders();

    public static TheoryData<NeighborSimilarity, bool> Similarities
    {
        get
        {
            var cases = new TheoryData<NeighborSimilarity, bool>();
            foreach (var similarity in Enum.GetValues<NeighborSimilarity>())
                foreach (var sparse in new[] { false, true })
                    cases.Add(similarity, sparse);
            return cases;
        }
    }

    [Theory, MemberData(nameof(Similarities))]
    public void Fit_AnySimilarity_NeighborsAreThoseOfTheDefinition(NeighborSimilarity similarity, bool sparse)
    {
        var data = Data(sparse);
        var random = new Random(7);
        for (int draw = 0; draw < 3; draw++)
        {
            var items = Draw(new ItemKnnTrainer.Options(), similarity, random);
            AssertNeighbors(new DenseNeighbors(data, items, compareUsers: false), Recommenders.Trainers.ItemKnn(items).Fit(data).Weights, items);
            var users = Draw(new UserKnnTrainer.Options(), similarity, random);
            AssertNeighbors(new DenseNeighbors(data, users, compareUsers: true), Recommenders.Trainers.UserKnn(users).Fit(data).Neighbors, users);
        }
    }

    [Theory]
    [InlineData(NeighborScore.Sum)]
    [InlineData(NeighborScore.Mean)]
    public void Score_KnownPairs_EqualsTheFormulaAndTheSumOfItsExplanation(NeighborScore score)
    {
        var data = Data(sparse: false);
        var random = new Random(8);
        var itemOptions = Draw(new ItemKnnTrainer.Options { Score = score }, NeighborSimilarity.AdjustedCosine, random);
        var userOptions = Draw(new UserKnnTrainer.Options { Score = score }, NeighborSimilarity.AdjustedCosine, random);
        var (byItem, byUser) = (new DenseNeighbors(data, itemOptions, compareUsers: false), new DenseNeighbors(data, userOptions, compareUsers: true));
        var (itemKnn, userKnn) = (Recommenders.Trainers.ItemKnn(itemOptions).Fit(data), Recommenders.Trainers.UserKnn(userOptions).Fit(data));

        for (int user = 0; user < data.Users.Count; user++)
        {
            for (int item = 0; item < data.Items.Count; item++)
            {
                if (!itemKnn.IsKnownUser(user) || !itemKnn.IsKnownItem(item))
                    continue;
                var mean = byItem.Means[user];
                var start = score == NeighborScore.Mean ? mean : 0;

                Assert.Equal(Expected(byItem.Combine(itemKnn.Weights.Indices(item).ToArray(), item, user, _ => start), start), itemKnn.Score(user, item), 1e-4);
                Assert.Equal(Expected(byUser.Combine(userKnn.Neighbors.Indices(user).ToArray(), user, item, other => score == NeighborScore.Mean ? byUser.Means[other] : 0), start), userKnn.Score(user, item), 1e-4);

                Assert.Equal(itemKnn.Score(user, item) - start, itemKnn.Explain(user, item).Sum(entry => entry.Value), 1e-4);
                Assert.Equal(userKnn.Score(user, item) - start, userKnn.Explain(user, item).Sum(entry => entry.Value), 1e-4);
            }
        }

        double Expected((double Sum, double Total) parts, double mean) =>
            score == NeighborScore.Sum ? parts.Sum : mean + (parts.Total > 0 ? parts.Sum / parts.Total : 0);
    }

    [Fact]
    public void Fit_EqualSimilarities_KeepsTheLowerIndices()
    {
        // Items 1…5 are taken by the same two users, item 0 and 6 by one of them.
        var pairs = from user in new[] { 0, 1 } from item in Enumerable.Range(0, 7) where item is > 0 and < 6 || user == item / 6 select (user, item);
        var data = Interactions.Create(IdMap.FromKeys(2), IdMap.FromKeys(7), [.. pairs.Select(pair => pair.user)], [.. pairs.Select(pair => pair.item)]);

        var model = Recommenders.Trainers.ItemKnn(new ItemKnnTrainer.Options { NumberOfNeighbors = 3 }).Fit(data);

        Assert.Equal([1, 2, 3], model.Weights.Indices(0).ToArray());
        Assert.Equal([1, 2, 4], model.Weights.Indices(3).ToArray());
        Assert.Equal([1, 2, 3], model.Weights.Indices(6).ToArray());
        Assert.Equal([1, 2, 4], model.SimilarItems(3, 10).Select(entry => entry.Item));
        Assert.Empty(model.SimilarItems(9, 1));
    }

    [Theory]
    [InlineData(NeighborScore.Sum, NeighborSimilarity.Cosine)]
    [InlineData(NeighborScore.Sum, NeighborSimilarity.Bm25)]
    [InlineData(NeighborScore.Mean, NeighborSimilarity.AdjustedCosine)]
    public void ScoreItems_HistoryOfAUser_EqualsTheTrainedScoresToTheBit(NeighborScore score, NeighborSimilarity similarity)
    {
        var data = Data(sparse: false);
        var random = new Random(9);
        RecommenderModel[] models =
        [
            Recommenders.Trainers.ItemKnn(Draw(new ItemKnnTrainer.Options { Score = score }, similarity, random)).Fit(data),
            Recommenders.Trainers.UserKnn(Draw(new UserKnnTrainer.Options { Score = score }, similarity, random)).Fit(data),
        ];
        foreach (var model in models)
        {
            var (trained, folded) = (new float[data.Items.Count], new float[data.Items.Count]);
            for (int user = 0; user < data.Users.Count; user++)
            {
                if (!model.IsKnownUser(user))
                    continue;
                var history = new ItemFeedback[data.ByUser.Length(user)];
                for (int e = 0; e < history.Length; e++)
                    history[e] = new(data.ByUser.Indices(user)[e], data.ByUser.Labels(user)[e], data.ByUser.Weights(user)[e]);
                model.ScoreItems(RecommenderQuery.ForUser(user), trained);
                model.ScoreItems(RecommenderQuery.ForUser(user, history), folded);
                Assert.Equal(trained.Select(BitConverter.SingleToInt32Bits), folded.Select(BitConverter.SingleToInt32Bits));
            }
        }
    }

    [Fact]
    public void TopItems_HistoryOfAStranger_FollowsTheUserWhoTookTheSame()
    {
        var data = Interactions.Create(IdMap.FromKeys(3), IdMap.FromKeys(6), [0, 0, 0, 1, 1, 2, 2], [0, 1, 2, 3, 4, 4, 5]);
        var model = Recommenders.Trainers.UserKnn().Fit(data);

        Assert.Equal(2, model.TopItems(RecommenderQuery.ForHistory(0, 1), 1)[0].Item);
        Assert.Equal([0], model.Explain(RecommenderQuery.ForHistory(0, 1), 2).Select(entry => entry.Index));
        Assert.Equal([2], model.SimilarUsers(1, 5).Select(entry => entry.User));
        Assert.Throws<ArgumentOutOfRangeException>(() => model.Explain(0, 6));
    }

    [Fact]
    public void Fit_LabelTooLarge_SaysWhatToDo()
    {
        var data = Interactions.Create(IdMap.FromKeys(1), IdMap.FromKeys(1), [0], [0], [1e30f], [1e30f]);

        Assert.Contains("scale labels or weights down", Assert.Throws<ArgumentException>(() => Recommenders.Trainers.ItemKnn().Fit(data)).Message);
        Assert.Contains("scale labels or weights down", Assert.Throws<ArgumentException>(() => Recommenders.Trainers.UserKnn().Fit(data)).Message);
    }

    [Fact]
    public void Fit_LabelsNearTheLargestFloat_AreRefusedByName()
    {
        // Jaccard does not look at labels: the scores alone do. Sums of them, and distances from their mean, are infinite.
        var data = Interactions.Create(
            IdMap.FromKeys(2), IdMap.FromKeys(3), [0, 0, 0, 1, 1, 1], [0, 1, 2, 0, 1, 2], [3e38f, 3e38f, -3e38f, 3e38f, -3e38f, -3e38f]);
        foreach (var score in Enum.GetValues<NeighborScore>())
        {
            AssertRefused(Recommenders.Trainers.ItemKnn(Jaccard(new ItemKnnTrainer.Options(), score)));
            AssertRefused(Recommenders.Trainers.UserKnn(Jaccard(new UserKnnTrainer.Options(), score)));
        }

        static TOptions Jaccard<TOptions>(TOptions options, NeighborScore score) where TOptions : NeighborhoodTrainerOptions
        {
            (options.Similarity, options.Score) = (NeighborSimilarity.Jaccard, score);
            return options;
        }

        void AssertRefused(RecommenderTrainer trainer) =>
            Assert.Matches("the largest label is -?3E\\+38", Assert.Throws<InvalidOperationException>(() => trainer.Fit(data)).Message);
    }

    [Fact]
    public void Fit_NamedSettings_GiveTheWeightsOfTheirPapers()
    {
        // Users took 2, 3 and 1 items; items were taken by 3, 2 and 1 users. Weights stand as (item taken, item scored).
        var data = Interactions.Create(IdMap.FromKeys(3), IdMap.FromKeys(3), [0, 0, 1, 1, 1, 2], [0, 1, 0, 1, 2, 0]);

        AssertWeights(ItemKnnTrainer.Options.Cosine(), 2 / Math.Sqrt(6), 2 / Math.Sqrt(6), 1 / Math.Sqrt(3), 1 / Math.Sqrt(2));
        AssertWeights(ItemKnnTrainer.Options.P3Alpha(), 5.0 / 18, 5.0 / 12, 1.0 / 3, 1.0 / 6);
        AssertWeights(ItemKnnTrainer.Options.P3Alpha(0.5f), (Math.Sqrt(0.5) + Math.Sqrt(1 / 3.0)) / Math.Sqrt(3), (Math.Sqrt(0.5) + Math.Sqrt(1 / 3.0)) / Math.Sqrt(2),
            Math.Sqrt(1 / 3.0), Math.Sqrt(1 / 6.0));
        AssertWeights(ItemKnnTrainer.Options.Rp3Beta(popularityExponent: 0.5f), 5 / 18.0 / Math.Sqrt(2), 5 / 12.0 / Math.Sqrt(3), 1 / 3.0 / Math.Sqrt(3), 1 / 6.0);
        var (three, two) = (Math.Pow(3, -0.25), Math.Pow(2, -0.25));
        AssertWeights(ItemKnnTrainer.Options.TurboCf(0.75f, 2), Math.Pow((Math.Pow(2, -1.5) + Math.Pow(3, -1.5)) * three * two, 2),
            Math.Pow((Math.Pow(2, -1.5) + Math.Pow(3, -1.5)) * three * two, 2), Math.Pow(Math.Pow(3, -1.5) * three, 2), Math.Pow(Math.Pow(3, -1.5) * two, 2));

        void AssertWeights(ItemKnnTrainer.Options options, double zeroToOne, double oneToZero, double twoToZero, double oneToTwo)
        {
            var model = Recommenders.Trainers.ItemKnn(options).Fit(data);
            Assert.Equal(zeroToOne, model.ItemWeight(taken: 0, item: 1), 1e-6);
            Assert.Equal(oneToZero, model.ItemWeight(taken: 1, item: 0), 1e-6);
            Assert.Equal(twoToZero, model.ItemWeight(taken: 2, item: 0), 1e-6);
            Assert.Equal(oneToTwo, model.ItemWeight(taken: 1, item: 2), 1e-6);
        }
    }

    [Fact]
    public void Fit_AnyNumberOfThreads_GivesTheSameBits()
    {
        var data = Data(sparse: true);
        var (itemOptions, userOptions) = (Draw(new ItemKnnTrainer.Options(), NeighborSimilarity.Cosine, new Random(10)), Draw(new UserKnnTrainer.Options(), NeighborSimilarity.Cosine, new Random(11)));
        (itemOptions.NumberOfThreads, userOptions.NumberOfThreads) = (1, 1);
        var (items, users) = (Recommenders.Trainers.ItemKnn(itemOptions).Fit(data).Weights, Recommenders.Trainers.UserKnn(userOptions).Fit(data).Neighbors);

        (itemOptions.NumberOfThreads, userOptions.NumberOfThreads) = (5, 5);

        AssertSame(items, Recommenders.Trainers.ItemKnn(itemOptions).Fit(data).Weights);
        AssertSame(users, Recommenders.Trainers.UserKnn(userOptions).Fit(data).Neighbors);

        static void AssertSame(SparseMatrix expected, SparseMatrix actual)
        {
            Assert.Equal(expected.IndexArray, actual.IndexArray);
            Assert.Equal(expected.ValueArray.Select(BitConverter.SingleToInt32Bits), actual.ValueArray.Select(BitConverter.SingleToInt32Bits));
        }
    }

    [Fact]
    public void SaveAndLoad_Exponents_AreThoseThatHistoriesAreFoldedInBy()
    {
        var data = Data(sparse: false);
        var options = Draw(new UserKnnTrainer.Options(), NeighborSimilarity.Cosine, new Random(12));
        var model = Recommenders.Trainers.UserKnn(options).Fit(data);
        using var stream = new MemoryStream();
        model.Save(stream);
        stream.Position = 0;

        var loaded = Assert.IsType<UserKnnModel>(RecommenderModel.Load(stream));

        Assert.Equal(model.Settings, loaded.Settings);
        Assert.Equal((options.NeighborExponent, 0.5f, options.ItemExponent, options.SimilarityExponent),
            (loaded.Settings.NeighborExponent, loaded.Settings.OwnExponent, loaded.Settings.SharedExponent, loaded.Settings.SimilarityExponent));
        var history = RecommenderQuery.ForHistory(3, 5, 8);
        Assert.Equal(model.TopItems(history, 10), loaded.TopItems(history, 10));
    }

    [Fact]
    public void Read_SettingsOfFormatVersion2_SayWhatTheirAsymmetryMeant()
    {
        using var stream = new MemoryStream();
        var writer = new ModelWriter(stream);
        writer.WriteInt32(7);
        writer.WriteInt32((int)NeighborSimilarity.Bm25);
        foreach (var number in new[] { 1.5f, 0.2f, 1.2f, 0.75f })
            writer.WriteSingle(number);
        writer.WriteInt32((int)NeighborScore.Mean);
        writer.Flush();
        stream.Position = 0;

        var settings = NeighborSettings.Read(new ModelReader(stream) { Version = 2 });

        Assert.Equal(new NeighborSettings(7, NeighborSimilarity.Bm25, 1.5f, 0.8f, 0.2f, 0, 1, 1.2f, 0.75f, NeighborScore.Mean), settings);
    }

    [Fact]
    public void TuneStarts_OptionsForLists_AreValidCopiesOfThem()
    {
        var options = new ItemKnnTrainer.Options { ItemColumnName = "Film", Similarity = NeighborSimilarity.TfIdf, Seed = 5 };

        var starts = options.TuneStarts().Cast<ItemKnnTrainer.Options>().ToArray();

        Assert.Equal(4, starts.Select(start => start.Settings).Distinct().Count());
        Assert.All(starts, start =>
        {
            start.Validate();
            Assert.Equal(("Film", NeighborSimilarity.TfIdf, 5), (start.ItemColumnName, start.Similarity, start.Seed));
            Assert.All(typeof(ItemKnnTrainer.Options).GetFields(), option => AssertWithin(option.GetCustomAttribute<TuneRangeAttribute>(), option.GetValue(start)));
        });
        Assert.Equal(new ItemKnnTrainer.Options { Similarity = NeighborSimilarity.TfIdf }.Settings, options.Settings);
        Assert.Empty(ItemKnnTrainer.Options.ForRatings().TuneStarts());
        Assert.Empty(new UserKnnTrainer.Options().TuneStarts());

        static void AssertWithin(TuneRangeAttribute? range, object? value)
        {
            // 0 is a half-life that is off.
            if (range is not null && value is not 0f)
                Assert.InRange(Convert.ToSingle(value), (float)range.Min, (float)range.Max);
        }
    }

    /// <summary>Seven neighbors by exponents from all of the ranges that are tuned.</summary>
    private static TOptions Draw<TOptions>(TOptions options, NeighborSimilarity similarity, Random random) where TOptions : NeighborhoodTrainerOptions
    {
        (options.Similarity, options.Shrinkage, options.NumberOfNeighbors) = (similarity, 1.5f, 7);
        (options.NeighborExponent, options.SimilarityExponent) = (0.3f + 0.8f * random.NextSingle(), 0.5f + random.NextSingle());
        if (options is ItemKnnTrainer.Options items)
            (items.UserExponent, items.ItemExponent) = (1.5f * random.NextSingle(), 0.6f * random.NextSingle());
        if (options is UserKnnTrainer.Options users)
            users.ItemExponent = 1.5f * random.NextSingle();
        return options;
    }

    /// <summary>60 users and 50 items with labels and weights, or so many and so few that rare rows are searched their own way.</summary>
    private static Interactions Data(bool sparse)
    {
        var random = new Random(3);
        var (users, items) = sparse ? (150, 130) : (60, 50);
        var pairs = (from user in Enumerable.Range(1, users - 1) from item in Enumerable.Range(1, items - 1) where random.NextDouble() < (sparse ? 2.5 : 8.0) / (item + 8) select (user, item)).ToArray();
        return Interactions.Create(IdMap.FromKeys(users), IdMap.FromKeys(items), [.. pairs.Select(pair => pair.user)], [.. pairs.Select(pair => pair.item)],
            [.. pairs.Select(_ => (float)random.Next(1, 6))], [.. pairs.Select(_ => 0.5f + random.NextSingle())]);
    }

    private static void AssertNeighbors(DenseNeighbors expected, SparseMatrix actual, NeighborhoodTrainerOptions options)
    {
        for (int row = 0; row < expected.Rows; row++)
        {
            var similarities = Enumerable.Range(0, expected.Rows).Select(other => other == row ? 0 : expected.Similarity(row, other)).ToArray();
            var kept = actual.Indices(row).ToArray();
            // What is a sum of positive and negative numbers may be nearly 0, and a power below 1 enlarges its rounding: compared before it.
            var (power, largest) = (1 / options.SimilarityExponent, similarities.Max());
            var tolerance = 1e-6 * Math.Pow(largest, power);
            Assert.Equal(Math.Min(options.NumberOfNeighbors, similarities.Count(similarity => Math.Pow(similarity, power) > 1e-3 * tolerance)), kept.Length);
            for (int n = 0; n < kept.Length; n++)
                Assert.Equal(Math.Pow(similarities[kept[n]], power), Math.Pow(actual.Values(row)[n], power), tolerance);
            if (kept.Length > 0)
                Assert.All(Enumerable.Range(0, expected.Rows).Except(kept), other =>
                    Assert.True(Math.Pow(similarities[other], power) <= kept.Min(neighbor => Math.Pow(similarities[neighbor], power)) + tolerance));
        }
    }
}
