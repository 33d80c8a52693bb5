using Microsoft.ML;

namespace MLNetRecExt.Tests;

public class FactorModelTests
{
    public static TheoryData<int, int, int, int> Models() => new()
    {
        // users, items, rank, levels
        { 1, 1, 1, 3 },
        { 9, 5, 1, 2 },
        { 9, 47, 3, 3 },
        { 70, 49, 17, int.MaxValue },
        { 150, 200, 5, 2 },
        { 131, 333, 32, int.MaxValue },
    };

    [Theory]
    [MemberData(nameof(Models))]
    public void TopItems_EveryLength_IsTheSortedScores(int users, int items, int rank, int levels)
    {
        var model = RandomFactorModel.Create(3, users, items, rank, levels);
        var everyone = Enumerable.Range(0, users + 2).ToArray();
        var scores = new float[items];
        foreach (var excludeSeen in new[] { true, false })
        {
            var sorted = everyone.Select(user =>
            {
                model.ScoreItems(RecommenderQuery.ForUser(user), scores);
                HashSet<int> seen = excludeSeen && model.IsKnownUser(user) ? [.. model.History.Indices(user)] : [];
                return Best(scores, items, item => !seen.Contains(item)).Select(item => new ItemScore(item, scores[item])).ToArray();
            }).ToArray();
            for (int count = 1; count <= items; count += count < 12 ? 1 : items / 7 + 1)
            {
                var lists = model.TopItems(everyone, count, new TopItemsOptions { ExcludeSeen = excludeSeen });
                for (int list = 0; list < everyone.Length; list++)
                {
                    Assert.True(sorted[list].AsSpan(0, Math.Min(count, sorted[list].Length)).SequenceEqual(lists.ToArray(list)));
                    Assert.Equal(model.IsKnownUser(everyone[list]) ? RecommendationReason.Model : RecommendationReason.Unknown, lists.Reason(list));
                }
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void WarmUp_WithAndWithoutUsers_PacksTheItems(bool withoutUsers)
    {
        var trained = new MLContext(1).Recommenders().Trainers.Wals(approximationRank: 4)
            .Fit(Checkerboard.Interactions(IdMap.FromKeys(Checkerboard.Size), IdMap.FromKeys(Checkerboard.Size)));
        var model = withoutUsers ? (WalsModel)trained.Without(Enumerable.Range(0, Checkerboard.Size)) : trained;
        Assert.False(model.PackedItems.IsPacked);

        model.WarmUp();

        Assert.True(model.PackedItems.IsPacked);
    }

    [Fact]
    public void WarmUp_Cancelled_ThrowsAndCanBeAskedAgain()
    {
        var model = RandomFactorModel.Create(3, 20, 30, 4);
        Assert.ThrowsAny<OperationCanceledException>(
            () => model.WarmUp(new() { CancellationToken = new CancellationToken(canceled: true) }));
        Assert.False(model.PackedItems.IsPacked);

        model.WarmUp();

        Assert.True(model.PackedItems.IsPacked);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void ScoreItems_KnownUser_IsTheDotProductOrNaN(int users, int items, int rank, int levels)
    {
        var model = RandomFactorModel.Create(5, users, items, rank, levels);
        var scores = new float[items];
        for (int user = 0; user < users; user++)
        {
            model.ScoreItems(RecommenderQuery.ForUser(user), scores);
            for (int item = 0; item < items; item++)
            {
                Assert.Equal(model.Score(user, item), scores[item]);
                if (!model.IsKnownUser(user) || !model.IsKnownItem(item))
                {
                    Assert.True(float.IsNaN(scores[item]));
                    continue;
                }
                double exact = 0;
                for (int k = 0; k < rank; k++)
                    exact += (double)model.UserFactors(user)[k] * model.ItemFactors(item)[k];
                Assert.Equal(exact, scores[item], 1e-5);
            }
        }
    }

    [Fact]
    public void TopItems_BatchThreadsOrAlone_SameBits()
    {
        var model = RandomFactorModel.Create(11, 203, 151, 24, levels: 5);
        var users = Enumerable.Range(0, 203).ToArray();
        var one = model.TopItems(users, 10, new TopItemsOptions { NumberOfThreads = 1 });
        var two = model.TopItems(users, 10, new TopItemsOptions { NumberOfThreads = 2 });
        for (int user = 0; user < 203; user++)
        {
            Assert.Equal(one.Items(user), two.Items(user));
            Assert.Equal(one.Scores(user), two.Scores(user));
            var alone = model.TopItems(RecommenderQuery.ForUser(user), 10);
            Assert.Equal(alone.Select(entry => entry.Item).ToArray(), one.Items(user));
            Assert.Equal(alone.Select(entry => entry.Score).ToArray(), one.Scores(user));
        }
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.05)]
    [InlineData(0.0)]
    public void TopItems_Filters_AreKept(double share)
    {
        var model = RandomFactorModel.Create(13, 30, 400, 8);
        var random = new Random(1);
        var allow = Enumerable.Range(0, 400).Where(_ => random.NextDouble() < share).ToList();
        var deny = Enumerable.Range(0, 400).Where(_ => random.Next(3) == 0).ToList();
        // Unknown items in the lists are no error, nor is naming one twice.
        allow.AddRange([400, .. allow.Take(1)]);
        deny.AddRange([5000, .. deny.Take(1)]);
        var scores = new float[400];
        var (only, except) = (ItemFilter.Only(allow), ItemFilter.Except(deny));
        (ItemFilter, bool, bool)[] filters = [(only, true, false), (except, false, true), (only.And(except), true, true), (except.And(only), true, true)];
        foreach (var (filter, allows, denies) in filters)
        {
            var lists = model.TopItems(Enumerable.Range(0, 30).ToArray(), 25, new TopItemsOptions { Filter = filter });
            for (int user = 0; user < 30; user++)
            {
                model.ScoreItems(RecommenderQuery.ForUser(user), scores);
                var seen = model.History.Indices(user).ToArray();
                var expected = Best(scores, 25, item => !seen.Contains(item)
                    && (!allows || allow.Contains(item)) && (!denies || !deny.Contains(item)));
                Assert.Equal(expected, lists.Items(user));
            }
        }
    }

    [Fact]
    public void TopItems_History_IsFoldedInAndLeftOut()
    {
        var model = RandomFactorModel.Create(17, 40, 90, 6);
        var history = new ItemFeedback[] { new(70), new(3, 2), new(70), new(1000) };
        var queries = new[] { RecommenderQuery.ForHistory(history), RecommenderQuery.ForUser(2, history), RecommenderQuery.ForUser(6, history), RecommenderQuery.ForHistory(1000) };
        var lists = model.TopItems(queries, 90);
        var scores = new float[90];
        for (int q = 0; q < 3; q++)
        {
            model.ScoreItems(queries[q], scores);
            var trained = model.IsKnownUser(queries[q].User) ? model.History.Indices(queries[q].User).ToArray() : [];
            Assert.Equal(Best(scores, 90, item => item is not (3 or 70) && !trained.Contains(item)), lists.Items(q));
            Assert.Equal(RecommendationReason.FoldIn, lists.Reason(q));
        }
        Assert.Equal(RecommendationReason.Unknown, lists.Reason(3));
        Assert.True(lists.Items(3).IsEmpty);
        model.ScoreItems(queries[3], scores);
        Assert.All(scores, score => Assert.True(float.IsNaN(score)));
    }

    [Theory]
    [InlineData(float.NaN, 1)]
    [InlineData(float.PositiveInfinity, 1)]
    [InlineData(1, float.NaN)]
    [InlineData(1, -1)]
    public void Query_BadHistory_SaysWhatIsWrong(float label, float weight)
    {
        ItemFeedback[] history = [new(2), new(3, label, weight)];

        foreach (var ask in new Func<object>[] { () => RecommenderQuery.ForHistory(history), () => RecommenderQuery.ForUser(1, history) })
            Assert.Contains("must be finite", Assert.Throws<ArgumentException>(ask).Message);
    }

    [Fact]
    public void TopItems_UnknownUsers_GetNothingOrThePopularItems()
    {
        var model = RandomFactorModel.Create(19, 30, 60, 4);
        var users = new[] { 6, 30, 1_000_000 };
        var nothing = model.TopItems(users, 5);
        var popular = model.TopItems(users, 5, new TopItemsOptions { Fallback = RecommendationFallback.Popularity });
        var popularity = model.ItemPopularity.ToArray();
        var expected = Enumerable.Range(0, 60).OrderByDescending(item => popularity[item]).ThenBy(item => item).Take(5).ToArray();
        for (int list = 0; list < users.Length; list++)
        {
            Assert.True(nothing.Items(list).IsEmpty);
            Assert.Equal(RecommendationReason.Unknown, nothing.Reason(list));
            Assert.Equal(expected, popular.Items(list));
            Assert.Equal(popularity[expected[0]] / 30f, popular.Scores(list)[0]);
            Assert.Equal(RecommendationReason.Popularity, popular.Reason(list));
        }
    }

    [Fact]
    public void TopItems_BadArguments_SayWhatIsAllowed()
    {
        var model = RandomFactorModel.Create(19, 30, 60, 4);
        Assert.Throws<ArgumentOutOfRangeException>(() => model.TopItems([0], 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => model.TopItems([0], 1, new TopItemsOptions { NumberOfThreads = 0 }));
        var large = RandomFactorModel.Create(19, 1, 50_000, 1);
        var error = Assert.Throws<ArgumentException>(() => large.TopItems(new int[43_000], 50_000));
        Assert.Contains("fewer at a time", error.Message);
        Assert.Empty(model.TopItems(RecommenderQuery.Nobody, 3));
        Assert.Equal(0, model.TopItems(Array.Empty<int>(), 3).Count);
    }

    [Fact]
    public void TopItems_Cancelled_Throws()
    {
        var model = RandomFactorModel.Create(19, 30, 60, 4);
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => model.TopItems([0], 3, new TopItemsOptions { CancellationToken = source.Token }));
        Assert.ThrowsAny<OperationCanceledException>(() => model.SimilarItems([0], 3, new TopItemsOptions { CancellationToken = source.Token }));
    }

    [Fact]
    public void SimilarItems_AnyItem_AreTheLargestCosines()
    {
        var model = RandomFactorModel.Create(23, 12, 130, 7);
        var lists = model.SimilarItems(Enumerable.Range(0, 131).ToArray(), 9);
        for (int item = 0; item < 130; item++)
        {
            var expected = Enumerable.Range(0, 130).Where(other => other != item && model.IsKnownItem(item) && model.IsKnownItem(other))
                .OrderByDescending(other => Cosine(model.ItemFactors(item), model.ItemFactors(other))).Take(9).ToArray();
            Assert.Equal(expected, lists.Items(item));
            for (int n = 0; n < expected.Length; n++)
                Assert.Equal(Cosine(model.ItemFactors(item), model.ItemFactors(expected[n])), lists.Scores(item)[n], 1e-6);
            Assert.Equal(lists.ToArray(item), model.SimilarItems(item, 9));
        }
        Assert.True(lists.Items(130).IsEmpty);
        Assert.Equal(RecommendationReason.Unknown, lists.Reason(130));
    }

    [Fact]
    public void SimilarItems_Filter_IsKept()
    {
        var model = RandomFactorModel.Create(23, 40, 130, 7);
        var all = model.SimilarItems(4, 130);
        var few = model.SimilarItems(4, 130, new TopItemsOptions { Filter = ItemFilter.Only([4, 9, 77, 100]) });
        Assert.Equal(all.Where(entry => entry.Item is 9 or 77 or 100), few);
        var most = model.SimilarItems(4, 130, new TopItemsOptions { Filter = ItemFilter.Except([9]) });
        Assert.Equal(all.Where(entry => entry.Item != 9), most);
    }

    [Fact]
    public void SimilarUsers_AnyUser_AreTheLargestCosines()
    {
        var model = RandomFactorModel.Create(29, 140, 40, 7);
        for (int user = 0; user <= 140; user++)
        {
            var expected = Enumerable.Range(0, 140).Where(other => other != user && model.IsKnownUser(user) && model.IsKnownUser(other))
                .OrderByDescending(other => Cosine(model.UserFactors(user), model.UserFactors(other))).Take(5).ToArray();
            var similar = model.SimilarUsers(user, 5);
            Assert.Equal(expected, similar.Select(entry => entry.User));
            Assert.All(similar, entry => Assert.Equal(Cosine(model.UserFactors(user), model.UserFactors(entry.User)), entry.Score, 1e-6));
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => model.SimilarUsers(0, 0));
    }

    private static int[] Best(float[] scores, int count, Func<int, bool> isCandidate) =>
        Enumerable.Range(0, scores.Length).Where(item => isCandidate(item) && !float.IsNaN(scores[item]))
            .OrderByDescending(item => scores[item]).ThenBy(item => item).Take(count).ToArray();

    private static double Cosine(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        double xy = 0, xx = 0, yy = 0;
        for (int k = 0; k < x.Length; k++)
            (xy, xx, yy) = (xy + (double)x[k] * y[k], xx + (double)x[k] * x[k], yy + (double)y[k] * y[k]);
        return xy / Math.Sqrt(xx * yy);
    }
}
