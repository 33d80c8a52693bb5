using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace MLNetRecExt.AspNetCore.Tests.Variants;

public class RecommenderTestTests
{
    [Fact]
    public async Task Recommend_ByUsers_HalvesThemAlwaysAlikeAndNamesTheModel()
    {
        await using var app = await StartAsync();
        var test = app.Services.GetRequiredKeyedService<IRecommender<long, string>>("row");
        var models = new List<string>();
        for (long user = 1; user <= 400; user++)
        {
            var list = await test.RecommendAsync(user);
            models.Add(list.Model);
            Assert.Equal(list.Model, (await test.RecommendAsync(user)).Model);
            Assert.Equal(app.Services.GetRequiredKeyedService<IRecommender<long, string>>(list.Model).Status.Version, list.Version);
        }
        // 400 users in halves: further from 200 than 50 has a probability below 1e-6.
        Assert.InRange(models.Count(model => model == "row-a"), 150, 250);
        Assert.Equal(["row-a", "row-b"], models.Distinct().Order());
        Assert.Equal("row-a", (await test.RecommendForAsync([new("item-04")])).Model);
        Assert.Equal("row-a", (await test.SimilarAsync("item-04")).Model);
        Assert.Equal(802, test.Status.Lists);
        Assert.Equal("row", test.Status.Name);
    }

    [Fact]
    public async Task Add_Event_GoesToTheVariantThatItNames()
    {
        await using var app = await StartAsync();
        var feedback = app.Services.GetRequiredKeyedService<IFeedback<long, string>>("row");
        Assert.True(feedback.Add(new(1, "item-04", FeedbackKind.Seen, default, Model: "row-b")));
        Assert.False(feedback.Add(new(1, "item-04", FeedbackKind.Seen, default, Model: "row-a")));
        Assert.Equal(1, app.Services.GetRequiredKeyedService<IRecommender<long, string>>("row-b").Status.FeedbackAdded);
        Assert.Equal(1, feedback.Dropped);
    }

    [Fact]
    public void AddRecommenderTest_Misnamed_SaysWhat()
    {
        var services = new ServiceCollection();
        services.AddRecommender<long, string>("row-a", options => options.ModelPath = "a.model");
        services.AddRecommender<int, string>("row-i", options => options.ModelPath = "a.model");
        Says("two or more", () => services.AddRecommenderTest<long, string>("row", ["row-a"]));
        Says("'row-b'", () => services.AddRecommenderTest<long, string>("row", ["row-a", "row-b"]));
        Says("'row-i'", () => services.AddRecommenderTest<long, string>("row", ["row-a", "row-i"]));
        Says("already", () => services.AddRecommender<long, string>("row-a", _ => { }));

        static void Says(string what, Action register) => Assert.Contains(what, Assert.Throws<ArgumentException>(register).Message);
    }

    private static async Task<WebApplication> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddRecommender<long, string>("row-a", _ => { }).WithSource<FirstModel>();
        builder.Services.AddRecommender<long, string>("row-b", _ => { }).WithSource<SecondModel>().WithFeedback<Void>();
        builder.Services.AddRecommenderTest<long, string>("row", ["row-a", "row-b"]);
        var app = builder.Build();
        await app.StartAsync();
        return app;
    }

    private sealed class FirstModel : IModelSource
    {
        public ValueTask<PublishedModel?> FindAsync(CancellationToken cancellationToken) =>
            new(new PublishedModel("1", _ => new(new MemoryStream(TrainedModels.First))));
    }

    private sealed class SecondModel : IModelSource
    {
        public ValueTask<PublishedModel?> FindAsync(CancellationToken cancellationToken) =>
            new(new PublishedModel("1", _ => new(new MemoryStream(TrainedModels.Second))));
    }

    private sealed class Void : IFeedbackSink<long, string>
    {
        public Task WriteAsync(IReadOnlyList<FeedbackEvent<long, string>> batch, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
