using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace MLNetRecExt.AspNetCore.Tests.History;

public class HistoryReaderTests
{
    private static readonly Recommender<long, string> Model = TrainedModels.Recommender(TrainedModels.First);

    [Fact]
    public async Task Recommend_NewClicks_AreFoldedInWithReasons()
    {
        var clicks = new Clicks { Items = { "item-04", "item-06", "item-xx" } };
        await using var shop = await StartAsync(clicks);
        foreach (var user in new long[] { 7, 999 })
        {
            var list = await shop.Recommender.RecommendAsync(user, 5);
            var expected = Model.Recommend(user, [new("item-04"), new("item-06")], 5);
            Assert.Equal(expected.Select(entry => (entry.Item, entry.Score)), list.Items.Select(item => (item.Id, item.Score)));
            Assert.Equal(RecommendationReason.FoldIn, list.Reason);
            Assert.DoesNotContain("item-04", list.Items.Select(item => item.Id));
        }
        // A newcomer's reasons can only be these.
        var newcomer = await shop.Recommender.RecommendAsync(999, 5);
        Assert.All(newcomer.Items.SelectMany(item => item.Because), reason => Assert.Contains(reason, (string[])["item-04", "item-06"]));
        Assert.All(clicks.Trained, card => Assert.Equal("WalsTrainer", card!.Trainer));
    }

    [Fact]
    public async Task Recommend_HistoryFails_AnswersWithoutItAndCounts()
    {
        await using var shop = await StartAsync(new Clicks { Failure = new IOException("No connection.") });
        await IsAnsweredWithoutHistoryAsync(shop, () => { });
    }

    [Fact]
    public async Task Recommend_HistoryHangs_AnswersWithoutItAndCounts()
    {
        var time = new FakeTimeProvider();
        await using var shop = await StartAsync(new Clicks { Hangs = true }, time: time);
        await IsAnsweredWithoutHistoryAsync(shop, () => time.Advance(TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public async Task Recommend_HistoryHoldsNoNumber_AnswersWithoutItAndCounts()
    {
        await using var shop = await StartAsync(new Clicks { Label = float.NaN, Items = { "item-04" } });
        await IsAnsweredWithoutHistoryAsync(shop, () => { });
    }

    [Fact]
    public async Task Recommend_LongHistory_TheLastCount()
    {
        await using var shop = await StartAsync(
            new Clicks { Items = { "item-01", "item-03", "item-04", "item-06" } }, options => options.MaxHistoryLength = 2);
        var list = await shop.Recommender.RecommendAsync(999, 5);
        Assert.Equal(Model.RecommendFor(["item-04", "item-06"], 5).Select(entry => entry.Item), list.Items.Select(item => item.Id));
    }

    [Fact]
    public async Task Recommend_ModelCannotFoldIn_AnswersByTraining()
    {
        await using var shop = await StartAsync(new Clicks { Items = { "item-04" } }, model: TrainedModels.Means);
        Assert.NotEmpty((await shop.Recommender.RecommendAsync(7)).Items);
        Assert.Equal(RecommendationReason.Popularity, (await shop.Recommender.RecommendForAsync([new("item-04")])).Reason);
    }

    private static async Task IsAnsweredWithoutHistoryAsync(RunningShop shop, Action meanwhile)
    {
        var asked = shop.Recommender.RecommendAsync(7, 5).AsTask();
        await Eventually.TrueAsync(() => asked.IsCompleted, meanwhile);
        Assert.Equal(Model.Recommend(7, 5).Select(entry => entry.Item), (await asked).Items.Select(item => item.Id));
        Assert.Equal(1, shop.Recommender.Status.HistoryFailures);
        Assert.Contains(shop.Log.Warnings, line => line.Contains("without what happened since training", StringComparison.Ordinal));
    }

    private static Task<RunningShop> StartAsync(
        Clicks clicks, Action<RecommenderServiceOptions>? configure = null, TimeProvider? time = null, byte[]? model = null) =>
        RunningShop.StartAsync(configure, recommender => recommender.WithHistory<Clicks>(), services =>
        {
            services.AddSingleton(clicks);
            if (time is not null)
                services.AddSingleton(time);
        }, model: model ?? TrainedModels.First);

    private sealed class Clicks : IUserHistory<long, string>
    {
        public List<string> Items { get; } = [];

        public List<ModelInfo?> Trained { get; } = [];

        public Exception? Failure { get; init; }

        public bool Hangs { get; init; }

        public float Label { get; init; } = 1;

        public async ValueTask<IReadOnlyCollection<HistoryEntry<string>>> SinceAsync(
            long user, ModelInfo? trained, CancellationToken cancellationToken)
        {
            Trained.Add(trained);
            if (Hangs)
                await new TaskCompletionSource().Task;
            if (Failure is not null)
                throw Failure;
            return [.. Items.Select(item => new HistoryEntry<string>(item, Label))];
        }
    }
}
