using Microsoft.Extensions.DependencyInjection;

namespace MLNetRecExt.AspNetCore.Tests.Serving;

[Collection(nameof(RunsAlone))]
public class RecommenderSlotMemoryTests
{
    [Fact]
    public async Task Publish_AThousandTimes_OldModelsAreFreed()
    {
        await using var shop = await RunningShop.StartAsync(
            options => (options.ReloadEvery, options.SampledUsers) = (TimeSpan.FromDays(1), 5), model: TrainedModels.First);
        // Looked at here alone.
        shop.Shelf.Tells = false;
        shop.Shelf.Publish(TrainedModels.Second);
        await Eventually.TrueAsync(() => shop.Recommender.Status.Reloads.Count == 2);
        var slot = shop.Services.GetRequiredKeyedService<RecommenderSlot<long, string>>("shop");
        var first = await ReloadAsync(shop, slot, 100);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var old = await ReloadAsync(shop, slot, 900);
        var after = GC.GetTotalMemory(forceFullCollection: true);

        // The last one serves.
        Assert.InRange(first.Concat(old).Count(model => model.IsAlive), 0, 2);
        // The references above, meters, what was compiled meanwhile; a reload itself leaves less than a kilobyte.
        Assert.InRange(after, 0, before + 900_000);
        Assert.Equal(20, shop.Recommender.Status.Reloads.Count);
    }

    private static async Task<List<WeakReference>> ReloadAsync(RunningShop shop, RecommenderSlot<long, string> slot, int times)
    {
        var models = new List<WeakReference>();
        for (int time = 0; time < times; time++)
        {
            shop.Shelf.Publish(time % 2 == 0 ? TrainedModels.Second : TrainedModels.First);
            await slot.LookAtSourceAsync(default);
            models.Add(new(slot.Served!.Model));
            Assert.NotEmpty((await shop.Recommender.RecommendAsync(time)).Items);
        }
        return models;
    }
}
