using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace MLNetRecExt.AspNetCore.Tests.Catalogue;

public class CatalogueFiltersTests
{
    private static readonly Recommender<long, string> Model = TrainedModels.Recommender(TrainedModels.First);

    public static TheoryData<CatalogueFilter?, Func<CatalogueItem<string>, bool>> Filters => new()
    {
        { null, item => item.InStock },
        { new() { InStockOnly = false }, _ => true },
        { new() { Category = "low" }, item => item.InStock && item.Category == "low" },
        { new() { Category = "LOW" }, _ => false },
        { new() { MinPrice = 10.5m }, item => item.InStock && item.Price >= 10.5m },
        { new() { MaxPrice = 10.5m, InStockOnly = false }, item => item.Price <= 10.5m },
        {
            new() { MinPrice = 5, MaxPrice = 30, Category = "high" },
            item => item.InStock && item.Category == "high" && item.Price is >= 5 and <= 30
        },
        { new() { MinPrice = 30, MaxPrice = 5 }, _ => false },
    };

    [Theory]
    [MemberData(nameof(Filters))]
    public async Task Recommend_Filter_GivesTheBestThatPass(CatalogueFilter? where, Func<CatalogueItem<string>, bool> passes)
    {
        await using var shop = await StartAsync(new());
        var passing = ShopCatalogue.AllItems.Where(passes).Select(item => item.Id).ToHashSet();
        var expected = Model.Recommend(7, TrainedModels.Items).Select(entry => entry.Item).Where(passing.Contains);
        Assert.Equal(expected, (await shop.Recommender.RecommendAsync(7, TrainedModels.Items, where)).Items.Select(item => item.Id));
        var similar = Model.Similar("item-04", TrainedModels.Items).Select(entry => entry.Item).Where(passing.Contains);
        Assert.Equal(similar, (await shop.Recommender.SimilarAsync("item-04", TrainedModels.Items, where)).Items.Select(item => item.Id));
        var popular = Model.Recommend(999, TrainedModels.Items).Select(entry => entry.Item).Where(passing.Contains);
        Assert.Equal(popular, (await shop.Recommender.RecommendAsync(999, TrainedModels.Items, where)).Items.Select(item => item.Id));
    }

    [Fact]
    public async Task Recommend_ItemNotInTheCatalogue_IsNotListed()
    {
        await using var shop = await StartAsync(new());
        shop.Services.GetRequiredService<ShopCatalogue>().Change([new("item-05"), new("item-07")]);
        await Eventually.TrueAsync(() => shop.Recommender.Status.CatalogueItems == 2);
        Assert.Equal(["item-05", "item-07"], (await shop.Recommender.RecommendAsync(4)).Items.Select(item => item.Id).Order());
    }

    [Fact]
    public async Task Recommend_PriceUnknown_DoesNotPassWhereAPriceIsAskedFor()
    {
        await using var shop = await StartAsync(new(), catalogue => catalogue.Change([new("item-05"), new("item-07", Price: 3)]));
        var list = await shop.Recommender.RecommendAsync(999, 5, new() { MaxPrice = 100 });
        Assert.Equal(["item-07"], list.Items.Select(item => item.Id));
    }

    [Fact]
    public async Task Read_SoldOut_LeavesTheNextLists()
    {
        await using var shop = await StartAsync(new());
        var first = (await shop.Recommender.RecommendAsync(7)).Items[0].Id;
        shop.Services.GetRequiredService<ShopCatalogue>().Change(
            [.. ShopCatalogue.AllItems.Select(item => item.Id == first ? item with { InStock = false } : item)]);
        var looks = shop.Services.GetRequiredService<ShopCatalogue>();
        await Eventually.TrueAsync(() => looks.Readings == 2);
        await Eventually.TrueAsync(() => shop.Recommender.RecommendAsync(7).Result.Items[0].Id != first);
    }

    [Fact]
    public async Task Read_Fails_TheLastOneStaysAndSaysSo()
    {
        var time = new FakeTimeProvider();
        await using var shop = await StartAsync(new(), services: services => services.AddSingleton<TimeProvider>(time));
        var before = (await shop.Recommender.RecommendAsync(7)).Items.Select(item => item.Id);
        shop.Services.GetRequiredService<ShopCatalogue>().Failure = new IOException("No connection.");
        await Eventually.TrueAsync(() => shop.Recommender.Status.IsDegraded, () => time.Advance(TimeSpan.FromMinutes(1)));
        Assert.Contains("No connection.", shop.Recommender.Status.Reason);
        Assert.Equal(before, (await shop.Recommender.RecommendAsync(7)).Items.Select(item => item.Id));
        shop.Services.GetRequiredService<ShopCatalogue>().Failure = null;
        await Eventually.TrueAsync(() => !shop.Recommender.Status.IsDegraded, () => time.Advance(TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public async Task Start_CatalogueFails_ListsAreEmptyUntilItIsRead()
    {
        var time = new FakeTimeProvider();
        await using var shop = await StartAsync(
            new(), catalogue => catalogue.Failure = new IOException("No connection."),
            services => services.AddSingleton<TimeProvider>(time));
        // What is sold out would show otherwise.
        Assert.Empty((await shop.Recommender.RecommendAsync(7)).Items);
        Assert.True(shop.Recommender.Status.IsDegraded);
        shop.Services.GetRequiredService<ShopCatalogue>().Failure = null;
        await Eventually.TrueAsync(() => !shop.Recommender.Status.IsDegraded, () => time.Advance(TimeSpan.FromMinutes(1)));
        Assert.NotEmpty((await shop.Recommender.RecommendAsync(7)).Items);
    }

    [Fact]
    public async Task For_EqualFilters_AreWorkedOutOnceUntilModelOrCatalogueChange()
    {
        await using var shop = await StartAsync(new());
        var slot = shop.Services.GetRequiredKeyedService<RecommenderSlot<long, string>>("shop");
        var before = slot.Serving!.Filters!;
        Assert.Same(before.For(new() { Category = "low" }), before.For(new() { Category = "low" }));

        // What was in use is there before it is asked for again.
        shop.Shelf.Publish(TrainedModels.Second);
        await Eventually.TrueAsync(() => slot.Serving!.Filters != before);
        Assert.Equal(2, slot.Serving!.Filters!.Count);
        var after = slot.Serving.Filters;
        var catalogue = shop.Services.GetRequiredService<ShopCatalogue>();
        catalogue.Change(ShopCatalogue.AllItems);
        await Eventually.TrueAsync(() => catalogue.Readings == 2);
        Assert.Same(after, slot.Serving.Filters);
    }

    [Fact]
    public void For_ThousandsOfFilters_KeepsABoundedNumber()
    {
        var recommender = Model.Model.For<long, string>(new() { UnknownItems = UnknownItemHandling.LeaveOut });
        var filters = new CatalogueFilters<long, string>(recommender, new(ShopCatalogue.AllItems, default));
        for (int price = 0; price < 5000; price++)
            Assert.NotNull(filters.For(new() { MaxPrice = price }));
        Assert.InRange(filters.Count, 1, 256);
    }

    private static Task<RunningShop> StartAsync(
        ShopCatalogue catalogue, Action<ShopCatalogue>? prepare = null, Action<IServiceCollection>? services = null)
    {
        prepare?.Invoke(catalogue);
        return RunningShop.StartAsync(build: recommender => recommender.WithCatalogue<ShopCatalogue>(), services: collection =>
        {
            collection.AddSingleton(catalogue);
            services?.Invoke(collection);
        }, model: TrainedModels.First);
    }
}
