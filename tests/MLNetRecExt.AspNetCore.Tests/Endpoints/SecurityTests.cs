using System.Net;
using System.Net.Http.Json;
using System.Text;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using MLNetRecExt.AspNetCore.Tests.Catalogue;

namespace MLNetRecExt.AspNetCore.Tests.Endpoints;

/// <summary>What a request cannot do; the package's README names these tests.</summary>
public class SecurityTests
{
    private const string Hurt = "<script>alert(1)</script>";

    [Theory]
    [InlineData("/api/items/..%2F..%2Fetc%2Fpasswd/similar")]
    [InlineData("/api/items/%2Fetc%2Fpasswd/similar")]
    [InlineData("/api/items/file:%2F%2F%2Fetc%2Fpasswd/similar")]
    [InlineData("/api/../../etc/passwd")]
    [InlineData("/api/model?path=/etc/passwd")]
    [InlineData("/api/model/../../etc/passwd")]
    public async Task Address_NamesAFile_NoFileIsRead(string address)
    {
        await using var shop = await StartAsync();
        var answer = await shop.NewClient().GetAsync(address);
        Assert.DoesNotContain("root:", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Model_Degraded_NamesNoPath()
    {
        await using var shop = await RunningShop.StartAsync(map: app => app.MapRecommender<long, string>("/api"));
        shop.Shelf.Failure = new IOException("Could not find file '/srv/secret/shop.model'.");
        shop.Shelf.Publish(null);
        await Eventually.TrueAsync(() => shop.Recommender.Status.Reason!.Contains("secret", StringComparison.Ordinal));
        Assert.DoesNotContain("secret", await shop.NewClient().GetStringAsync("/api/model"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task History_WithoutAPolicy_IsNotTold()
    {
        await using var shop = await StartAsync();
        var list = await shop.NewClient().GetFromJsonAsync<RecommendationList<string>>("/api/users/7/recommendations");
        Assert.All(list!.Items, item => Assert.Empty(item.Because));
        Assert.Equal(HttpStatusCode.NotFound, (await shop.NewClient().GetAsync("/api/users/7/explain/item-04")).StatusCode);
        // The application itself sees them.
        Assert.Contains((await shop.Recommender.RecommendAsync(7)).Items, item => item.Because.Count > 0);
    }

    [Fact]
    public async Task History_WithThePolicy_IsToldToThoseWhoMeetItForThisUser()
    {
        await using var shop = await StartWithPolicyAsync();
        var own = await GetAsync(shop, "7", "/api/users/7/recommendations");
        var other = await GetAsync(shop, "8", "/api/users/7/recommendations");
        Assert.Contains((await own.Content.ReadFromJsonAsync<RecommendationList<string>>())!.Items, item => item.Because.Count > 0);
        Assert.All((await other.Content.ReadFromJsonAsync<RecommendationList<string>>())!.Items, item => Assert.Empty(item.Because));

        var explained = await GetAsync(shop, "7", "/api/users/7/explain/item-05");
        Assert.Contains("\"items\":[{\"item\":\"item-", await explained.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        foreach (var caller in new[] { "8", null })
            await RecommenderEndpointsTests.IsProblemAsync(
                await GetAsync(shop, caller, "/api/users/7/explain/item-05"), HttpStatusCode.Forbidden, "not yours");
        await RecommenderEndpointsTests.IsProblemAsync(
            await GetAsync(shop, "999", "/api/users/999/explain/item-05"), HttpStatusCode.NotFound, "not known");
    }

    [Fact]
    public async Task HistoryPolicy_WithoutAuthorization_StopsTheApplication()
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => RunningShop.StartAsync(
            map: app => app.MapRecommender<long, string>("/api", configure: options => options.HistoryPolicy = "own")));
        Assert.Contains("AddAuthorization", failure.Message);
    }

    [Theory]
    [InlineData("/api/recommendations")]
    [InlineData("/api/events")]
    public async Task Body_TooLarge_IsRefusedUnread(string address)
    {
        await using var shop = await StartAsync();
        var huge = new ByteArrayContent(Encoding.UTF8.GetBytes($"{{\"history\":[],\"category\":\"{new string('a', 70_000)}\"}}"));
        huge.Headers.ContentType = new("application/json");
        await RecommenderEndpointsTests.IsProblemAsync(
            await shop.NewClient().PostAsync(address, huge), HttpStatusCode.RequestEntityTooLarge, "65536");
    }

    [Fact]
    public async Task Body_Endless_IsReadNoFurtherThanTheLimit()
    {
        await using var shop = await StartAsync();
        var endless = new Endless();
        var content = new StreamContent(endless);
        content.Headers.ContentType = new("application/json");
        await RecommenderEndpointsTests.IsProblemAsync(
            await shop.NewClient().PostAsync("/api/recommendations", content), HttpStatusCode.RequestEntityTooLarge, "65536");
        Assert.InRange(endless.Given, 65_536, 1_000_000);
    }

    [Fact]
    public async Task Body_Deep_IsRefused()
    {
        await using var shop = await StartAsync();
        var deep = "{\"history\":[],\"more\":" + new string('[', 30_000) + new string(']', 30_000) + "}";
        await RecommenderEndpointsTests.IsProblemAsync(
            await shop.NewClient().PostAsync("/api/recommendations", Json(deep)), HttpStatusCode.BadRequest, "depth");
    }

    [Fact]
    public async Task History_TooLong_IsRefused()
    {
        await using var shop = await StartAsync();
        var answer = await shop.NewClient().PostAsJsonAsync(
            "/api/recommendations", new { history = Enumerable.Repeat(new { item = "item-04" }, 1001) });
        await RecommenderEndpointsTests.IsProblemAsync(answer, HttpStatusCode.BadRequest, "at most 1000");
    }

    [Theory]
    [InlineData("/api/users/7/recommendations?count=2147483647")]
    [InlineData("/api/users/7/recommendations?count=99999999999999999999")]
    [InlineData("/api/items/item-04/similar?count=101")]
    public async Task Count_TooLarge_IsRefused(string address)
    {
        await using var shop = await StartAsync();
        await RecommenderEndpointsTests.IsProblemAsync(await shop.NewClient().GetAsync(address), HttpStatusCode.BadRequest, "count");
    }

    [Fact]
    public async Task Filters_Thousands_TakeBoundedMemory()
    {
        await using var shop = await StartAsync();
        var client = shop.NewClient();
        for (int price = 0; price < 600; price++)
            (await client.GetAsync($"/api/users/7/recommendations?maxPrice={price}")).EnsureSuccessStatusCode();
        var slot = shop.Services.GetRequiredKeyedService<RecommenderSlot<long, string>>("shop");
        Assert.InRange(slot.Serving!.Filters!.Count, 1, 256);
    }

    [Fact]
    public async Task Text_TooLong_IsRefused()
    {
        await using var shop = await StartAsync();
        var text = new string('a', 1000);
        await RecommenderEndpointsTests.IsProblemAsync(
            await shop.NewClient().GetAsync($"/api/users/7/recommendations?category={text}"), HttpStatusCode.BadRequest, "category");
        await RecommenderEndpointsTests.IsProblemAsync(
            await shop.NewClient().GetAsync($"/api/items/{text}/similar"), HttpStatusCode.BadRequest, "item");
    }

    [Theory]
    [InlineData("[{\"user\":7,\"item\":\"item-04\",\"kind\":\"Liked\"}]", "kind")]
    [InlineData("[{\"user\":7,\"item\":\"item-04\",\"kind\":99}]", "kind")]
    [InlineData("[{\"item\":\"item-04\",\"kind\":\"Seen\"}]", "user")]
    [InlineData("[{\"user\":7,\"item\":null,\"kind\":\"Seen\"}]", "item")]
    [InlineData("[null]", "user")]
    [InlineData("[{\"user\":7,\"item\":\"item-04\",\"kind\":\"Seen\",\"position\":0}]", "position")]
    [InlineData("[{\"user\":7,\"item\":\"item-04\",\"kind\":\"Seen\",\"model\":\"another\"}]", "model")]
    public async Task Events_Wrong_AreRefusedByNameAndNoneIsTaken(string body, string named)
    {
        await using var shop = await StartAsync();
        var rows = body[..^1] + (body.Length > 2 ? "," : "") + "{\"user\":7,\"item\":\"item-04\",\"kind\":\"Seen\"}]";
        await RecommenderEndpointsTests.IsProblemAsync(
            await shop.NewClient().PostAsync("/api/events", Json(rows)), HttpStatusCode.BadRequest, named);
        Assert.Equal(0, shop.Recommender.Status.FeedbackAdded);
    }

    [Fact]
    public async Task Events_Right_AreTakenWithTheTimeOfArrival()
    {
        await using var shop = await StartAsync();
        var before = DateTimeOffset.UtcNow;
        var answer = await shop.NewClient().PostAsJsonAsync("/api/events", new object[]
        {
            new { user = 7, item = "item-04", kind = "clicked", listId = "list", position = 2, model = "shop" },
            new { user = 8, item = Hurt, kind = "Seen", time = "1999-01-01" },
        });
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal("{\"added\":2,\"dropped\":0}", await answer.Content.ReadAsStringAsync());
        await shop.StopAsync();
        var rows = shop.Services.GetRequiredService<Written>();
        Assert.Equal(new(7, "item-04", FeedbackKind.Clicked, rows[0].Time, "list", 2, "shop"), rows[0]);
        Assert.Equal(Hurt, rows[1].Item);
        Assert.All(rows, row => Assert.InRange(row.Time, before, DateTimeOffset.UtcNow));
    }

    [Fact]
    public async Task Answers_UserGivenText_IsEncoded()
    {
        await using var shop = await StartAsync(catalogue: new ShopCatalogue());
        var client = shop.NewClient();
        var hurt = Uri.EscapeDataString(Hurt);
        foreach (var answer in new[]
        {
            await client.GetAsync($"/api/items/{hurt}/similar"),
            await client.GetAsync($"/api/users/{hurt}/recommendations"),
            await client.GetAsync($"/api/users/7/recommendations?category={hurt}&count={hurt}"),
            await client.PostAsync("/api/recommendations", Json($"{{\"{Hurt}\":1,\"history\":\"{Hurt}\"}}")),
            await client.PostAsJsonAsync("/api/events", new[] { new { user = 7, item = Hurt, kind = Hurt } }),
        })
        {
            Assert.DoesNotContain("<script", await answer.Content.ReadAsStringAsync(), StringComparison.OrdinalIgnoreCase);
            Assert.NotEqual("text/html", answer.Content.Headers.ContentType?.MediaType);
        }
    }

    private static StringContent Json(string text) => new(text, null, "application/json");

    private static async Task<HttpResponseMessage> GetAsync(RunningShop shop, string? caller, string address)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (caller is not null)
            request.Headers.Add("Caller", caller);
        return await shop.NewClient().SendAsync(request);
    }

    private static Task<RunningShop> StartAsync(ShopCatalogue? catalogue = null) => RunningShop.StartAsync(
        build: recommender => recommender.WithFeedback<Sink>().WithCatalogue<ShopCatalogue>(),
        services: services => services.AddSingleton<Written>().AddSingleton(catalogue ?? new ShopCatalogue()),
        map: app => app.MapRecommender<long, string>("/api"), model: TrainedModels.First);

    /// <summary>Everybody may see their own history.</summary>
    private static Task<RunningShop> StartWithPolicyAsync() => RunningShop.StartAsync(
        services: services =>
        {
            services.AddAuthentication("caller").AddScheme<AuthenticationSchemeOptions, CallerScheme>("caller", null);
            services.AddAuthorization(options => options.AddPolicy("own", policy => policy.RequireAssertion(
                context => context.User.Identity?.Name is { } name && Equals(context.Resource, long.Parse(name)))));
        },
        map: app =>
        {
            app.UseAuthentication();
            app.MapRecommender<long, string>("/api", configure: options => options.HistoryPolicy = "own");
        },
        model: TrainedModels.First);

    private sealed class Written : List<FeedbackEvent<long, string>>;

    private sealed class Sink(Written written) : IFeedbackSink<long, string>
    {
        public Task WriteAsync(IReadOnlyList<FeedbackEvent<long, string>> batch, CancellationToken cancellationToken)
        {
            written.AddRange(batch);
            return Task.CompletedTask;
        }
    }

    /// <summary>A body without an end.</summary>
    private sealed class Endless : Stream
    {
        public long Given { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            buffer.AsSpan(offset, count).Fill((byte)' ');
            Given += count;
            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
