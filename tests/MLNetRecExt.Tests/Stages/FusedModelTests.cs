using Microsoft.ML;
using MLNetRecExt.Tests.Evaluation;

namespace MLNetRecExt.Tests.Stages;

public sealed class FusedModelTests
{
    private readonly RecommendersCatalog _recommenders = new MLContext(1).Recommenders();

    // User 0 took item 5; user 1 took all the others, so that they are known.
    private static readonly Interactions Train = TestModel.Rows(6, [5], [0, 1, 2, 3, 4]);

    private static TestModel Ordered(params int[] order)
    {
        var scores = new float[2, 6];
        for (int place = 0; place < order.Length; place++)
            scores[0, order[place]] = scores[1, order[place]] = 10 - place;
        return new TestModel(Train, scores);
    }

    [Fact]
    public void TopItems_ReciprocalRank_SumsWeightOverSixtyPlusRank()
    {
        var fused = _recommenders.Stages.Fuse([new(Ordered(5, 0, 1, 2, 3, 4), 3), new(Ordered(3, 2, 1, 0, 4, 5), 2, Weight: 2)]);

        var list = fused.TopItems(RecommenderQuery.ForUser(0), 6);

        // The first proposes 0, 1, 2 (5 is seen), the second 3, 2.
        (int Item, float Score)[] expected = [(2, 1f / 63 + 2f / 62), (3, 2f / 61), (0, 1f / 61), (1, 1f / 62)];
        Assert.Equal(expected.Select(e => e.Item), list.Select(entry => entry.Item));
        Assert.All(expected.Zip(list), pair => Assert.Equal(pair.First.Score, pair.Second.Score, 1e-7f));
        var scores = new float[6];
        fused.ScoreItems(RecommenderQuery.ForUser(0), scores);
        Assert.All(list, entry => Assert.Equal(scores[entry.Item], entry.Score));
        Assert.Equal(0, scores[4]);
        Assert.Equal(scores[2], fused.Score(0, 2));
    }

    [Fact]
    public void TopItems_Interleaved_SourcesTakeTurnsByWeightAndNoItemComesTwice()
    {
        var fused = _recommenders.Stages.Fuse([new(Ordered(0, 1, 2, 3, 4)), new(Ordered(4, 0, 3, 2, 1), Weight: 2)], CandidateFusion.Interleaved);

        var list = fused.TopItems(RecommenderQuery.ForUser(0), 5);

        // Turns (taken + 1) / weight: second ½, first 1 (the lower index of equals), second 1, second 1½ …
        Assert.Equal([4, 0, 3, 2, 1], list.Select(entry => entry.Item));
        Assert.Equal([1f, 1f / 2, 1f / 3, 1f / 4, 1f / 5], list.Select(entry => entry.Score));
    }

    [Fact]
    public void TopItems_StandardizedScore_SumsWeightTimesHeightAboveTheLowest()
    {
        var fused = _recommenders.Stages.Fuse(
            [new(Ordered(5, 0, 1, 2, 3, 4), 3), new(Ordered(3, 2, 1, 0, 4, 5), 2, Weight: 2)], CandidateFusion.StandardizedScore);

        var list = fused.TopItems(RecommenderQuery.ForUser(0), 6);

        // The first proposes 0, 1, 2 with scores 9, 8, 7, of deviation √⅔; the second 3, 2 with 10, 9, of deviation ½.
        var deviation = MathF.Sqrt(2f / 3);
        (int Item, float Score)[] expected = [(3, 2 * (1 / 0.5f)), (0, 2 / deviation), (1, 1 / deviation), (2, 0)];
        Assert.Equal(expected.Select(e => e.Item), list.Select(entry => entry.Item));
        Assert.All(expected.Zip(list), pair => Assert.Equal(pair.First.Score, pair.Second.Score, 1e-5f));
    }

    [Fact]
    public void TopItems_StandardizedScoreOfEqualScores_KeepsTheProposals()
    {
        var fused = _recommenders.Stages.Fuse([new(new TestModel(Train, new float[2, 6]), 3)], CandidateFusion.StandardizedScore);

        Assert.Equal([0, 1, 2], fused.TopItems(RecommenderQuery.ForUser(0), 6).Select(entry => entry.Item));
    }

    [Fact]
    public void TopItems_Filters_HoldForTheSourcesToo()
    {
        var fused = _recommenders.Stages.Fuse([new(Ordered(0, 1, 2, 3, 4), 1), new(Ordered(1, 0, 2, 3, 4), 1)]);

        Assert.Equal([3], fused.TopItems(RecommenderQuery.ForUser(0), 5, new TopItemsOptions { Filter = ItemFilter.Only([3, 4]) }).Select(entry => entry.Item));
        Assert.Equal([2], fused.TopItems(RecommenderQuery.ForUser(0), 5, new TopItemsOptions { Filter = ItemFilter.Except([0, 1]) }).Select(entry => entry.Item));
    }

    [Fact]
    public void TopItems_HistoryThatASourceCannotFoldIn_IsAnsweredByTheOthers()
    {
        var data = RandomFactorModel.Create(rank: 4, users: 8, items: 20, seed: 3);
        var cannot = new MeanModel(data.Users, data.Items, data.History, MeanOf.Item);
        var popularity = new PopularityModel(data.Users, data.Items, data.History);
        var fused = _recommenders.Stages.Fuse([new(cannot, 5), new(popularity, 5)]);
        var query = RecommenderQuery.ForHistory(1, 2);

        Assert.True(fused.CanFoldIn);
        Assert.Equal(popularity.TopItems(query, 5).Select(entry => entry.Item), fused.TopItems(query, 20).Select(entry => entry.Item));
        Assert.Empty(_recommenders.Stages.Fuse([new(popularity)]).TopItems(RecommenderQuery.Nobody, 3));
    }

    [Fact]
    public void TopItems_ManyUsers_EqualsOneByOne()
    {
        var model = RandomFactorModel.Create(rank: 4, users: 200, items: 30, seed: 5);
        var fused = _recommenders.Stages.Fuse([new(model, 7), new(new PopularityModel(model.Users, model.Items, model.History), 4)]);
        var all = fused.TopItems([.. Enumerable.Range(0, 200)], 9);

        for (int user = 0; user < 200; user++)
            Assert.Equal(fused.TopItems(RecommenderQuery.ForUser(user), 9).Select(entry => entry.Item), all.Items(user).ToArray());
    }

    [Fact]
    public void Fuse_BadSources_SaysWhatIsWrong()
    {
        var other = new TestModel(TestModel.Rows(7, [5], [0]), new float[2, 7]);

        Assert.Throws<ArgumentException>(() => _recommenders.Stages.Fuse([]));
        Assert.Contains("6 and 7 items", Assert.Throws<ArgumentException>(() => _recommenders.Stages.Fuse([new(Ordered(0)), new(other)])).Message);
        Assert.Contains(nameof(CandidateSource.Count), Assert.Throws<ArgumentOutOfRangeException>(() => _recommenders.Stages.Fuse([new(Ordered(0), 0)])).Message);
        foreach (var weight in new[] { 0, -1, float.NaN, float.PositiveInfinity })
            Assert.Contains(nameof(CandidateSource.Weight), Assert.Throws<ArgumentOutOfRangeException>(() => _recommenders.Stages.Fuse([new(Ordered(0), 1, weight)])).Message);
    }

    [Fact]
    public void TopItems_FeaturesThatNoSourceLearned_AreRefused()
    {
        var query = RecommenderQuery.ForUser(0).WithFeatures(new() { { "Color", "red" } });
        var fused = _recommenders.Stages.Fuse([new(Ordered(0, 1, 2, 3, 4), 1)]);

        Assert.Contains("takes no features", Assert.Throws<NotSupportedException>(() => fused.TopItems(query, 5)).Message);
        Assert.Throws<NotSupportedException>(() => _recommenders.Stages.Rerank(fused, new RerankOptions()).TopItems(query, 5));
    }
}
