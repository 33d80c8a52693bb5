namespace MLNetRecExt.AspNetCore.Tests.Serving;

public class QueryBatchesTests
{
    private static readonly RecommenderModel Model = TrainedModels.Recommender(TrainedModels.First).Model;

    [Fact]
    public async Task TopItems_ManyAtOnce_EachGetsWhatItGetsAlone()
    {
        var batches = new QueryBatches(Model, maxBatch: 16);
        var low = ItemFilter.Only(Enumerable.Range(0, 20));
        var asked = Enumerable.Range(0, 500).Select(place => (
            Query: place % 7 == 0 ? RecommenderQuery.Nobody : RecommenderQuery.ForUser(place % TrainedModels.Users),
            Count: 1 + place % 9,
            Options: new TopItemsOptions { Filter = place % 3 == 0 ? low : null, Fallback = RecommendationFallback.Popularity })).ToArray();
        var answers = await Task.WhenAll(asked.Select(
            one => Task.Run(() => batches.TopItemsAsync(one.Query, one.Count, one.Options, default))));
        foreach (var (one, (lists, list)) in asked.Zip(answers))
            Assert.Equal(Model.TopItems(one.Query, one.Count, one.Options), ToArray(lists, list).Take(one.Count));
    }

    [Fact]
    public async Task TopItems_OneCannotBeAnswered_OnlyThatOneFails()
    {
        // It cannot fold in.
        var means = TrainedModels.Recommender(TrainedModels.Means).Model;
        var batches = new QueryBatches(means, maxBatch: 64);
        var bad = RecommenderQuery.ForHistory(1);
        var answers = Enumerable.Range(0, 64).Select(place =>
            batches.TopItemsAsync(place == 20 ? bad : RecommenderQuery.ForUser(place % 60), 3, new(), default)).ToArray();
        await Assert.ThrowsAsync<NotSupportedException>(() => answers[20]);
        foreach (var (place, answer) in answers.Index().Where(answer => answer.Index != 20))
            Assert.Equal(means.TopItems(RecommenderQuery.ForUser(place % 60), 3), ToArray((await answer).Lists, (await answer).List));
    }

    [Fact]
    public async Task TopItems_Cancelled_IsNotAnswered()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => new QueryBatches(Model, 4).TopItemsAsync(RecommenderQuery.ForUser(1), 3, new(), cancelled.Token));
    }

    [Fact]
    public void For_SmallCatalogue_AnswersAlone() => Assert.Null(QueryBatches.For(Model, 64));

    private static ItemScore[] ToArray(TopItemLists lists, int list)
    {
        var items = new ItemScore[lists.Items(list).Length];
        for (int place = 0; place < items.Length; place++)
            items[place] = new(lists.Items(list)[place], lists.Scores(list)[place]);
        return items;
    }
}
