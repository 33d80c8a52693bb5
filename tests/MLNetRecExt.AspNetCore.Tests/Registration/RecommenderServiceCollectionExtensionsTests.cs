using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace MLNetRecExt.AspNetCore.Tests.Registration;

public class RecommenderServiceCollectionExtensionsTests
{
    [Fact]
    public void AddRecommender_Configuration_IsBound()
    {
        var options = Options(new()
        {
            ["ModelPath"] = "shop.model",
            ["ReloadEvery"] = "00:00:07",
            ["Fallback"] = "None",
            ["MinOverlap"] = "0.2",
        });
        Assert.Equal(("shop.model", TimeSpan.FromSeconds(7), RecommendationFallback.None, 0.2),
            (options.ModelPath, options.ReloadEvery, options.Fallback, options.MinOverlap));
    }

    [Theory]
    [InlineData("MaxListLength", "0")]
    [InlineData("MaxListLength", "1001")]
    [InlineData("DefaultListLength", "0")]
    [InlineData("MaxHistoryLength", "0")]
    [InlineData("MaxRequestBytes", "1")]
    [InlineData("MinCatalogueShare", "1.5")]
    [InlineData("MinCatalogueShare", "NaN")]
    [InlineData("MinOverlap", "-0.1")]
    [InlineData("MaxMetricLoss", "-0.1")]
    [InlineData("SampledUsers", "-1")]
    [InlineData("ReasonsPerItem", "11")]
    [InlineData("MaxBatch", "0")]
    [InlineData("FeedbackCapacity", "0")]
    [InlineData("FeedbackBatch", "0")]
    [InlineData("FeedbackEvery", "00:00:00")]
    [InlineData("FeedbackFlush", "-00:00:01")]
    [InlineData("ReloadEvery", "00:00:00")]
    [InlineData("HistoryTimeout", "2.00:00:00")]
    [InlineData("CatalogueEvery", "00:00:00")]
    [InlineData("Fallback", "7")]
    public void AddRecommender_OutOfRange_IsNamedByTheOption(string name, string value) => Assert.Contains(
        name, Assert.Throws<OptionsValidationException>(() => Options(new() { ["ModelPath"] = "shop.model", [name] = value })).Message);

    [Fact]
    public void AddRecommender_DefaultLongerThanTheLongest_IsRefused() => Assert.Contains(
        "DefaultListLength", Assert.Throws<OptionsValidationException>(
            () => Options(new() { ["ModelPath"] = "shop.model", ["MaxListLength"] = "5" })).Message);

    [Fact]
    public void AddRecommender_NoPath_SaysWhatToSet() => Assert.Contains(
        "WithSource", Assert.Throws<OptionsValidationException>(() => Options([])).Message);

    [Fact]
    public void AddRecommender_MisspeltOption_IsNamed() => Assert.Contains(
        "ModelPth", Assert.Throws<InvalidOperationException>(() => Options(new() { ["ModelPth"] = "shop.model" })).Message);

    [Fact]
    public async Task Start_BadOptions_StopsTheApplication()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddRecommender<long, string>("shop", options => options.MaxListLength = 0);
        await using var app = builder.Build();
        await Assert.ThrowsAnyAsync<Exception>(() => app.StartAsync());
    }

    [Fact]
    public void AddRecommender_Two_AreFoundByNameAndTheFirstWithoutOne()
    {
        var services = new ServiceCollection();
        services.AddRecommender<long, string>("shop", options => options.ModelPath = "a.model");
        services.AddRecommender<long, string>("blog", options => options.ModelPath = "b.model");
        using var provider = services.BuildServiceProvider();
        Assert.Equal("shop", provider.GetRequiredService<IRecommender<long, string>>().Name);
        Assert.Equal("blog", provider.GetRequiredKeyedService<IRecommender<long, string>>("blog").Name);
        Assert.NotSame(
            provider.GetRequiredService<IFeedback<long, string>>(), provider.GetRequiredKeyedService<IFeedback<long, string>>("blog"));
    }

    private static RecommenderServiceOptions Options(Dictionary<string, string?> settings)
    {
        var services = new ServiceCollection();
        services.AddRecommender<long, string>("shop", new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
        return services.BuildServiceProvider().GetRequiredService<IOptionsMonitor<RecommenderServiceOptions>>().Get("shop");
    }
}
