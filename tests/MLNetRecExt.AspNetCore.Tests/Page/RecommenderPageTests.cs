using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;

namespace MLNetRecExt.AspNetCore.Tests.Page;

public partial class RecommenderPageTests(OperatorPage page) : IClassFixture<OperatorPage>
{
    public static TheoryData<string> Views =>
        ["", "/user", "/user?id=2&add=item-03", "/item", "/item?id=item-03", "/compare?id=2", "/map", "/user?model=none"];

    [Fact]
    public void MapRecommenderPage_WithoutPolicy_IsRefused()
    {
        var app = WebApplication.CreateSlimBuilder().Build();
        Assert.Throws<ArgumentException>(() => app.MapRecommenderPage("/recommender", " "));
    }

    [Fact]
    public void MapRecommenderPage_WithoutRecommender_SaysWhatToCall()
    {
        var app = WebApplication.CreateSlimBuilder().Build();
        var error = Assert.Throws<InvalidOperationException>(() => app.MapRecommenderPage("/recommender", "operators"));
        Assert.Contains("AddRecommender", error.Message);
    }

    [Theory]
    [MemberData(nameof(Views))]
    public async Task Get_CallerWhomThePolicyDoesNotLet_GetsNothing(string view)
    {
        using var client = page.NewClient();
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync(OperatorPage.Root + view)).StatusCode);
        client.DefaultRequestHeaders.Add(HeaderAuthentication.Header, "Mallory");
        Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAsync(OperatorPage.Root + view)).StatusCode);
        using var answer = await page.Client.GetAsync(OperatorPage.Root + view);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [MemberData(nameof(Views))]
    public async Task Get_View_IsNotKeptAndRunsNothing(string view)
    {
        using var answer = await page.Client.GetAsync(OperatorPage.Root + view);
        Assert.True(answer.Headers.CacheControl!.NoStore);
        Assert.StartsWith("default-src 'none'", Assert.Single(answer.Headers.GetValues("Content-Security-Policy")));
        Assert.Equal("no-referrer", Assert.Single(answer.Headers.GetValues("Referrer-Policy")));
        var html = await answer.Content.ReadAsStringAsync();
        Assert.StartsWith("<!DOCTYPE html>", html);
        Assert.DoesNotMatch("(?i)<script|<b>|<do>| style=|<style| on[a-z]+=|javascript:", html);
    }

    [Fact]
    public async Task Get_StyleSheet_IsKeptUnderTheNameOfItsContent()
    {
        var address = StyleSheet().Match(await page.GetAsync("/user")).Groups[1].Value;
        using var answer = await page.Client.GetAsync(address);
        Assert.Equal("text/css", answer.Content.Headers.ContentType!.MediaType);
        Assert.Contains("immutable", answer.Headers.GetValues("Cache-Control").Single());
        Assert.Contains("prefers-color-scheme: dark", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Get_EveryLinkOfThePage_Answers()
    {
        var (seen, next) = (new HashSet<string>(), new Queue<string>([OperatorPage.Root]));
        while (next.TryDequeue(out var address) && seen.Count < 120)
        {
            if (!seen.Add(address))
                continue;
            using var answer = await page.Client.GetAsync(address);
            Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{address}: {answer.StatusCode}");
            foreach (Match link in Links().Matches(await answer.Content.ReadAsStringAsync()))
                if (WebUtility.HtmlDecode(link.Groups[1].Value) is var target && !target.StartsWith('#'))
                {
                    Assert.StartsWith(OperatorPage.Root, target);
                    next.Enqueue(target);
                }
        }
        Assert.Equal(120, seen.Count);
    }

    [Theory]
    [InlineData("/user?model=nobody")]
    [InlineData("/compare?left=nobody")]
    public async Task Get_UnknownRecommender_Is404AndSaysSo(string view) =>
        Assert.Contains("nobody", await page.GetAsync(view, HttpStatusCode.NotFound));

    [Theory]
    [InlineData("/user?model=none&id=2")]
    [InlineData("/map?model=none")]
    public async Task Get_RecommenderWithoutModel_SaysSo(string view) => Assert.Contains("No model yet", await page.GetAsync(view));

    [Fact]
    public async Task Overview_SeveralRecommenders_NamesEachWithItsState()
    {
        var html = await page.GetAsync("");
        Assert.Contains("&lt;b&gt;rival&lt;/b&gt; &amp; co", html);
        Assert.Equal(5, Regex.Count(html, ">Serving<"));
        Assert.Equal(1, Regex.Count(html, ">Degraded<"));
        Assert.Contains("Nothing is served.", html);
        Assert.Contains("There is no model at", html);
        Assert.Contains("WalsTrainer", html);
        Assert.Contains($"{TrainedModels.Users} users and {TrainedModels.Items} items", html);
        Assert.Contains(page.Recommender.Status.Version!, html);
    }

    [Fact]
    public async Task Overview_CountsListsServedButNotThoseOfThePage()
    {
        var before = page.Recommender.Status.Lists;
        await page.Recommender.RecommendAsync(2);
        await page.GetAsync("/user?id=2");
        Assert.Equal(before + 1, page.Recommender.Status.Lists);
        var html = await page.GetAsync("");
        Assert.Contains($"<dt>Lists</dt><dd>{before + 1}</dd>", html);
        Assert.Contains("99 % within ", html);
    }

    [Fact]
    public async Task Overview_DamagedModel_SaysDegradedAndWhy()
    {
        await using var shop = await OperatorPage.StartForAllAsync();
        var damaged = TrainedModels.Second.ToArray();
        damaged[^20] ^= 1;
        shop.Shelf.Publish(damaged);
        await Eventually.TrueAsync(() => shop.Recommender.Status.IsDegraded);
        using var client = shop.NewClient();
        var html = await client.GetStringAsync("/recommender");
        Assert.Contains(">Degraded<", html);
        Assert.Contains("The model loaded before goes on serving.", html);
        Assert.Contains(">Refused<", html);
        Assert.Contains("shop is degraded", await client.GetStringAsync("/recommender/user"));
    }

    [GeneratedRegex("rel=\"stylesheet\" href=\"([^\"]+)\"")]
    private static partial Regex StyleSheet();

    [GeneratedRegex("<a [^>]*href=\"([^\"]+)\"")]
    private static partial Regex Links();
}
