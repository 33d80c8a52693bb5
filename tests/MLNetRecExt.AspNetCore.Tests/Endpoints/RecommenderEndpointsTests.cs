using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace MLNetRecExt.AspNetCore.Tests.Endpoints;

public class RecommenderEndpointsTests
{
    private static readonly Recommender<long, string> Model = TrainedModels.Recommender(TrainedModels.First);

    [Fact]
    public async Task Recommendations_KnownUser_ListOfTheModel()
    {
        await using var shop = await StartAsync();
        var list = await shop.NewClient().GetFromJsonAsync<RecommendationList<string>>("/api/users/7/recommendations?count=3");
        Assert.Equal(Model.Recommend(7, 3).Select(entry => (entry.Item, entry.Score)), list!.Items.Select(item => (item.Id, item.Score)));
        Assert.Equal((RecommendationReason.Model, "shop", 32), (list.Reason, list.Model, list.ListId.Length));
    }

    [Fact]
    public async Task Recommendations_UnknownUser_WhatIsPopularAndWhy()
    {
        await using var shop = await StartAsync();
        var answer = await shop.NewClient().GetAsync("/api/users/999/recommendations");
        Assert.True(answer.Headers.CacheControl!.NoStore);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal("Popularity", json.RootElement.GetProperty("reason").GetString());
        Assert.Equal(10, json.RootElement.GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task RecommendationsByHistory_Items_AreFoldedInAndGiveReasons()
    {
        await using var shop = await StartAsync();
        var answer = await shop.NewClient().PostAsJsonAsync("/api/recommendations", new
        {
            history = new[] { new { item = "item-04" }, new { item = "item-08" }, new { item = "item-xx" } },
            count = 4,
        });
        var list = await answer.Content.ReadFromJsonAsync<RecommendationList<string>>();
        Assert.Equal(Model.RecommendFor(["item-04", "item-08"], 4).Select(entry => entry.Item), list!.Items.Select(item => item.Id));
        Assert.Equal(RecommendationReason.FoldIn, list.Reason);
        Assert.All(list.Items.SelectMany(item => item.Because), reason => Assert.Contains(reason, (string[])["item-04", "item-08"]));
        Assert.NotEmpty(list.Items[0].Because);
    }

    [Fact]
    public async Task Similar_Items_ThoseOfTheModelAndUnknownIsNotFound()
    {
        await using var shop = await StartAsync();
        var client = shop.NewClient();
        var list = await client.GetFromJsonAsync<RecommendationList<string>>("/api/items/item-04/similar?count=5");
        Assert.Equal(Model.Similar("item-04", 5).Select(entry => entry.Item), list!.Items.Select(item => item.Id));
        await IsProblemAsync(await client.GetAsync("/api/items/item-xx/similar"), HttpStatusCode.NotFound, "not known");
    }

    [Fact]
    public async Task Similar_ModelCannotCompare_SaysWhichCan()
    {
        await using var shop = await StartAsync(model: TrainedModels.Popularity);
        await IsProblemAsync(await shop.NewClient().GetAsync("/api/items/item-04/similar"), HttpStatusCode.NotImplemented, "Wals");
    }

    [Theory]
    [InlineData("/api/users/7/recommendations?count=0", "count")]
    [InlineData("/api/users/7/recommendations?count=101", "count")]
    [InlineData("/api/users/7/recommendations?count=many", "count")]
    [InlineData("/api/users/7/recommendations?inStock=perhaps", "inStock")]
    [InlineData("/api/users/7/recommendations?minPrice=cheap&maxPrice=dear", "minPrice")]
    [InlineData("/api/users/ann/recommendations", "id")]
    [InlineData("/api/items/item-04/similar?count=-1", "count")]
    public async Task Get_BadParameter_IsNamed(string address, string named)
    {
        await using var shop = await StartAsync();
        await IsProblemAsync(await shop.NewClient().GetAsync(address), HttpStatusCode.BadRequest, named);
    }

    [Theory]
    [InlineData("{", "read")]
    [InlineData("null", "null")]
    [InlineData("{}", "history")]
    [InlineData("{\"history\":null}", "history")]
    [InlineData("{\"history\":[null]}", "item")]
    [InlineData("{\"history\":[{\"item\":null}]}", "item")]
    [InlineData("{\"history\":[{}]}", "item")]
    [InlineData("{\"history\":[{\"item\":\"item-04\",\"weight\":-1}]}", "weight")]
    [InlineData("{\"history\":[{\"item\":\"item-04\",\"label\":1e39}]}", "label")]
    [InlineData("{\"history\":[],\"count\":1000}", "count")]
    public async Task RecommendationsByHistory_BadBody_SaysWhatIsNeeded(string body, string named)
    {
        await using var shop = await StartAsync();
        var answer = await shop.NewClient().PostAsync("/api/recommendations", new StringContent(body, null, "application/json"));
        await IsProblemAsync(answer, HttpStatusCode.BadRequest, named);
    }

    [Fact]
    public async Task Post_NoJson_Refused()
    {
        await using var shop = await StartAsync();
        var answer = await shop.NewClient().PostAsync("/api/recommendations", new StringContent("history=item-04"));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
        answer = await shop.NewClient().PostAsync("/api/recommendations", new ByteArrayContent("{\"history\":[]}"u8.ToArray()));
        await IsProblemAsync(answer, HttpStatusCode.UnsupportedMediaType, "application/json");
    }

    [Fact]
    public async Task Recommendations_CategoryWithoutCatalogue_SaysWhatToRegister()
    {
        await using var shop = await StartAsync();
        await IsProblemAsync(
            await shop.NewClient().GetAsync("/api/users/7/recommendations?category=shoes"), HttpStatusCode.NotImplemented, "WithCatalogue");
    }

    [Fact]
    public async Task Model_Card_TellsTrainerAndCounts()
    {
        await using var shop = await StartAsync();
        using var card = JsonDocument.Parse(await shop.NewClient().GetStringAsync("/api/model"));
        Assert.Equal("WalsTrainer", card.RootElement.GetProperty("trainer").GetString());
        Assert.Equal(TrainedModels.Items, card.RootElement.GetProperty("items").GetInt32());
        Assert.Equal(shop.Recommender.Status.Version, card.RootElement.GetProperty("version").GetString());
        Assert.False(card.RootElement.TryGetProperty("reason", out _));
    }

    [Fact]
    public async Task Answers_WithoutAModel_AreEmptyLists()
    {
        await using var shop = await StartAsync(model: null);
        var client = shop.NewClient();
        foreach (var address in new[] { "/api/users/7/recommendations", "/api/items/item-04/similar" })
            Assert.Empty((await client.GetFromJsonAsync<RecommendationList<string>>(address))!.Items);
    }

    [Fact]
    public async Task Group_RequireAuthorization_CoversEveryEndpoint()
    {
        await using var shop = await RunningShop.StartAsync(
            services: services =>
            {
                services.AddAuthentication("none").AddScheme<AuthenticationSchemeOptions, CallerScheme>("none", null);
                services.AddAuthorization();
            },
            map: app =>
            {
                app.UseAuthorization();
                app.MapRecommender<long, string>("/api").RequireAuthorization();
            },
            model: TrainedModels.First);
        foreach (var address in new[] { "/api/users/7/recommendations", "/api/items/item-04/similar", "/api/model" })
            Assert.Equal(HttpStatusCode.Unauthorized, (await shop.NewClient().GetAsync(address)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await shop.NewClient().PostAsJsonAsync("/api/recommendations", new { })).StatusCode);
    }

    [Fact]
    public async Task Map_NothingRegistered_SaysWhatToDo()
    {
        await using var app = WebApplication.CreateSlimBuilder().Build();
        Assert.Contains("AddRecommender<Int64, String>",
            Assert.Throws<InvalidOperationException>(() => app.MapRecommender<long, string>("/api")).Message);
        await using var shop = await StartAsync();
        Assert.Contains("'attic'", (await Assert.ThrowsAsync<InvalidOperationException>(() => RunningShop.StartAsync(
            map: other => other.MapRecommender<long, string>("/api", "attic")))).Message);
    }

    internal static async Task IsProblemAsync(HttpResponseMessage answer, HttpStatusCode code, string named)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(code == answer.StatusCode, $"{answer.StatusCode}: {text}");
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Contains(named, text, StringComparison.OrdinalIgnoreCase);
    }

    private static Task<RunningShop> StartAsync(byte[]? model) =>
        RunningShop.StartAsync(map: app => app.MapRecommender<long, string>("/api"), model: model);

    private static Task<RunningShop> StartAsync() => StartAsync(TrainedModels.First);
}
