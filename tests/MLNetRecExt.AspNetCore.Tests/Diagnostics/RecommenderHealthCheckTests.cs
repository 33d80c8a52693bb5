using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;

namespace MLNetRecExt.AspNetCore.Tests.Diagnostics;

public class RecommenderHealthCheckTests
{
    [Fact]
    public async Task Check_LifeOfAModel_SaysHowItStands()
    {
        var trained = TrainedModels.Recommender(TrainedModels.First).Model.Info!.Trained;
        var time = new FakeTimeProvider(trained!.Value);
        await using var shop = await RunningShop.StartAsync(services: services =>
        {
            services.AddSingleton<TimeProvider>(time);
            services.AddHealthChecks().AddRecommender("shop", maxAge: TimeSpan.FromHours(26));
        });
        var entry = await CheckAsync(shop);
        Assert.Equal(HealthStatus.Unhealthy, entry.Status);
        Assert.Contains("no model", entry.Description);

        shop.Shelf.Publish(TrainedModels.First);
        await Eventually.TrueAsync(() => shop.Recommender.Current is not null, () => time.Advance(TimeSpan.FromMilliseconds(100)));
        entry = await CheckAsync(shop);
        Assert.Equal((HealthStatus.Healthy, shop.Recommender.Status.Version), (entry.Status, entry.Data["version"]));

        time.Advance(TimeSpan.FromHours(27));
        entry = await CheckAsync(shop);
        Assert.Equal(HealthStatus.Degraded, entry.Status);
        Assert.Contains("27.0 hours old", entry.Description);

        shop.Shelf.Publish(TrainedModels.Smaller);
        await Eventually.TrueAsync(() => shop.Recommender.Status.IsDegraded, () => time.Advance(TimeSpan.FromSeconds(5)));
        entry = await CheckAsync(shop);
        Assert.Equal(HealthStatus.Degraded, entry.Status);
        Assert.Contains("MinCatalogueShare", entry.Description);
    }

    private static async Task<HealthReportEntry> CheckAsync(RunningShop shop) =>
        (await shop.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["recommender shop"];
}
