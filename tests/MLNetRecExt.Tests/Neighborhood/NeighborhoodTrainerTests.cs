using Microsoft.ML;

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
        foreach (var asymmetry in new[] { 0.5f, 0.2f })
        {
            var items = Set(new ItemKnnTrainer.Options(), similarity, asymmetry);
            AssertNeighbors(new DenseNeighbors(data, items, compareUsers: false), Recommenders.Trainers.ItemKnn(items).Fit(data).Weights, items);
            var users = Set(new UserKnnTrainer.Options(), similarity, asymmetry);
            AssertNeighbors(new DenseNeighbors(data, users, compareUsers: true), Recommenders.Trainers.UserKnn(users).Fit(data).Neighbors, users);
        }
    }

    [Theory]
    [InlineData(NeighborScore.Sum)]
    [InlineData(NeighborScore.Mean)]
    public void Score_KnownPairs_EqualsTheFormulaAndTheSumOfItsExplanation(NeighborScore score)
    {
        var data = Data(sparse: false);
        var itemOptions = Set(new ItemKnnTrainer.Options { Score = score }, NeighborSimilarity.AdjustedCosine, 0.3f);
        var userOptions = Set(new UserKnnTrainer.Options { Score = score }, NeighborSimilarity.AdjustedCosine, 0.3f);
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
        RecommenderModel[] models =
        [
            Recommenders.Trainers.ItemKnn(Set(new ItemKnnTrainer.Options { Score = score }, similarity, 0.4f)).Fit(data),
            Recommenders.Trainers.UserKnn(Set(new UserKnnTrainer.Options { Score = score }, similarity, 0.4f)).Fit(data),
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

    private static TOptions Set<TOptions>(TOptions options, NeighborSimilarity similarity, float asymmetry) where TOptions : NeighborhoodTrainerOptions
    {
        (options.Similarity, options.Asymmetry, options.Shrinkage, options.NumberOfNeighbors) = (similarity, asymmetry, 1.5f, 7);
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
            Assert.Equal(Math.Min(options.NumberOfNeighbors, similarities.Count(similarity => similarity > 1e-9)), kept.Length);
            for (int n = 0; n < kept.Length; n++)
                Assert.Equal(similarities[kept[n]], actual.Values(row)[n], 1e-6);
            if (kept.Length > 0)
                Assert.All(Enumerable.Range(0, expected.Rows).Except(kept), other => Assert.True(similarities[other] <= kept.Min(neighbor => similarities[neighbor]) + 1e-6));
        }
    }
}
