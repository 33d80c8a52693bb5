using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace MLNetRecExt.AspNetCore.Tests.Serving;

public class RecommenderSlotTests
{
    [Fact]
    public async Task Start_ModelPublished_AnswersFromTheFirstRequestOn()
    {
        await using var shop = await RunningShop.StartAsync(model: TrainedModels.First);
        var list = await shop.Recommender.RecommendAsync(7);
        var expected = TrainedModels.Recommender(TrainedModels.First).Recommend(7);
        Assert.Equal(expected.Select(entry => (entry.Item, entry.Score)), list.Items.Select(entry => (entry.Id, entry.Score)));
        Assert.Equal(RecommendationReason.Model, list.Reason);
        Assert.Equal("shop", list.Model);
        Assert.Equal(Version(TrainedModels.First), list.Version);
        Assert.False(shop.Recommender.Status.IsDegraded);
    }

    [Fact]
    public async Task Start_NothingPublished_ServesEmptyListsUntilThereIsAModel()
    {
        await using var shop = await RunningShop.StartAsync();
        var list = await shop.Recommender.RecommendAsync(7);
        Assert.Empty(list.Items);
        Assert.Equal(RecommendationReason.Unknown, list.Reason);
        Assert.True(shop.Recommender.Status.IsDegraded);
        Assert.Null(shop.Recommender.Current);

        shop.Shelf.Publish(TrainedModels.First);
        await Eventually.TrueAsync(() => shop.Recommender.Current is not null);
        Assert.NotEmpty((await shop.Recommender.RecommendAsync(7)).Items);
        Assert.False(shop.Recommender.Status.IsDegraded);
    }

    [Fact]
    public async Task Publish_Another_IsSwappedIn()
    {
        await using var shop = await RunningShop.StartAsync(model: TrainedModels.First);
        shop.Shelf.Publish(TrainedModels.Second);
        await Eventually.TrueAsync(() => shop.Recommender.Status.Version == Version(TrainedModels.Second));
        var list = await shop.Recommender.RecommendAsync(7);
        Assert.Equal(
            TrainedModels.Recommender(TrainedModels.Second).Recommend(7).Select(entry => entry.Score),
            list.Items.Select(entry => entry.Score));
        Assert.All(shop.Recommender.Status.Reloads, record => Assert.True(record.Accepted));
        Assert.Equal(2, shop.Recommender.Status.Reloads.Count);
    }

    public static TheoryData<string, byte[], string> Unusable => new()
    {
        { "damaged", [.. TrainedModels.Second[..^40], .. new byte[40]], "" },
        { "cut", TrainedModels.Second[..(TrainedModels.Second.Length / 2)], "" },
        { "no model", "Hello"u8.ToArray(), "" },
        { "empty", [], "" },
        { "smaller", TrainedModels.Smaller, "MinCatalogueShare" },
        { "worse", TrainedModels.Bad, "MaxMetricLoss" },
        { "other lists", TrainedModels.Swapped, "MinOverlap" },
        { "other ids", TrainedModels.TextUsers, "For<string" },
    };

    [Theory]
    [MemberData(nameof(Unusable))]
    public async Task Publish_Unusable_OldOneServesAndSaysSo(string what, byte[] model, string reason)
    {
        await using var shop = await RunningShop.StartAsync(model: TrainedModels.Good);
        shop.Shelf.Publish(model);
        await Eventually.TrueAsync(() => shop.Recommender.Status.IsDegraded);

        var status = shop.Recommender.Status;
        Assert.Equal(Version(TrainedModels.Good), status.Version);
        Assert.NotEmpty((await shop.Recommender.RecommendAsync(7)).Items);
        Assert.True(status.Reason!.Contains(reason, StringComparison.Ordinal), $"{what}: {status.Reason}");
        Assert.Contains(shop.Log.Warnings, line => line.Contains(status.Reason!, StringComparison.Ordinal));
        Assert.False(status.Reloads[0].Accepted);
        Assert.NotNull(status.Reloads[0].Reason);

        shop.Shelf.Publish(TrainedModels.Second);
        await Eventually.TrueAsync(() => !shop.Recommender.Status.IsDegraded);
        Assert.Equal(Version(TrainedModels.Second), shop.Recommender.Status.Version);
    }

    [Fact]
    public async Task Publish_SmallerWithTheGateOpen_IsTaken()
    {
        await using var shop = await RunningShop.StartAsync(
            options => (options.MinCatalogueShare, options.MinOverlap) = (0, 0), model: TrainedModels.First);
        shop.Shelf.Publish(TrainedModels.Smaller);
        await Eventually.TrueAsync(() => shop.Recommender.Status.Version == Version(TrainedModels.Smaller));
        Assert.False(shop.Recommender.Status.IsDegraded);
    }

    [Fact]
    public async Task Publish_TheSameAgain_IsNoReload()
    {
        await using var shop = await RunningShop.StartAsync(model: TrainedModels.First);
        var before = shop.Recommender.Current;
        var looks = shop.Shelf.Looks;
        shop.Shelf.Publish(TrainedModels.First);
        await Eventually.TrueAsync(() => shop.Shelf.Looks > looks);
        Assert.Same(before, shop.Recommender.Current);
        Assert.Single(shop.Recommender.Status.Reloads);
    }

    [Fact]
    public async Task Look_SourceFails_OldOneServesAndTheNextLookTriesAgain()
    {
        var time = new FakeTimeProvider();
        await using var shop = await RunningShop.StartAsync(
            services: services => services.AddSingleton<TimeProvider>(time), model: TrainedModels.First);
        shop.Shelf.Failure = new IOException("The network is down.");
        await Eventually.TrueAsync(() => shop.Recommender.Status.IsDegraded, () => time.Advance(TimeSpan.FromSeconds(5)));
        Assert.Contains("The network is down.", shop.Recommender.Status.Reason);
        Assert.NotEmpty((await shop.Recommender.RecommendAsync(7)).Items);
        // Said once.
        Assert.Single(shop.Log.Warnings);

        shop.Shelf.Failure = null;
        await Eventually.TrueAsync(() => !shop.Recommender.Status.IsDegraded, () => time.Advance(TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public async Task Publish_NobodyTells_IsFoundByLooking()
    {
        var time = new FakeTimeProvider();
        await using var shop = await RunningShop.StartAsync(
            services: services => services.AddSingleton<TimeProvider>(time), model: TrainedModels.First);
        shop.Shelf.Tells = false;
        shop.Shelf.Publish(TrainedModels.Second);
        await Eventually.TrueAsync(
            () => shop.Recommender.Status.Version == Version(TrainedModels.Second), () => time.Advance(TimeSpan.FromSeconds(5)));
    }

    private static string Version(byte[] model) =>
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(model))[..12];
}
