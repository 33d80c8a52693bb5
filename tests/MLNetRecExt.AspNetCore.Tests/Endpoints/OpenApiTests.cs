using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace MLNetRecExt.AspNetCore.Tests.Endpoints;

public class OpenApiTests
{
    [Fact]
    public async Task Document_Endpoints_SayWhatTheyTakeAndGive()
    {
        await using var shop = await RunningShop.StartAsync(
            build: recommender => recommender.WithFeedback<NoSink>(),
            services: services => services.AddOpenApi().AddAuthorization(),
            map: app =>
            {
                app.MapOpenApi();
                app.MapRecommender<long, string>("/api", configure: options => options.HistoryPolicy = "own");
            },
            model: TrainedModels.First);
        using var document = JsonDocument.Parse(await shop.NewClient().GetStringAsync("/openapi/v1.json"));
        var paths = document.RootElement.GetProperty("paths");
        Assert.Equal(
            ["/api/events", "/api/items/{item}/similar", "/api/model", "/api/recommendations", "/api/users/{user}/explain/{item}",
                "/api/users/{user}/recommendations"],
            paths.EnumerateObject().Select(path => path.Name).Order(StringComparer.Ordinal));

        var list = paths.GetProperty("/api/users/{user}/recommendations").GetProperty("get");
        Assert.Equal("The best items for a user.", list.GetProperty("summary").GetString());
        Assert.Equal(["category", "count", "inStock", "maxPrice", "minPrice", "user"],
            list.GetProperty("parameters").EnumerateArray().Select(parameter => parameter.GetProperty("name").GetString()!)
                .Order(StringComparer.Ordinal));
        var responses = list.GetProperty("responses");
        Assert.True(responses.GetProperty("200").GetProperty("content").TryGetProperty("application/json", out _));
        Assert.True(responses.GetProperty("400").GetProperty("content").TryGetProperty("application/problem+json", out _));
        var body = paths.GetProperty("/api/recommendations").GetProperty("post").GetProperty("requestBody");
        Assert.True(body.GetProperty("content").TryGetProperty("application/json", out _));
        Assert.Contains(document.RootElement.GetProperty("components").GetProperty("schemas").EnumerateObject(),
            schema => schema.Name.StartsWith("RecommendationList", StringComparison.Ordinal));
    }

    private sealed class NoSink : IFeedbackSink<long, string>
    {
        public Task WriteAsync(IReadOnlyList<FeedbackEvent<long, string>> batch, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
