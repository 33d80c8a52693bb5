using System.Text.RegularExpressions;

namespace MLNetRecExt.AspNetCore.Tests.Page;

public class UserViewTests(OperatorPage page) : IClassFixture<OperatorPage>
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Get_KnownUser_ShowsTheListThatTheShopShows(long user)
    {
        var served = await page.Recommender.RecommendAsync(user);
        var html = await page.GetAsync($"/user?id={user}");
        Assert.Equal(served.Items.Select(item => item.Id), OperatorPage.Items(html, "Recommended"));
        Assert.Equal(
            TrainedModels.Taken().Where(row => row.User == user).Select(row => row.Item)
                .Concat(user == 2 ? ["item-07", "item-09"] : []).Order(),
            OperatorPage.Items(html, "History").Order());
        Assert.Contains(user == 2 ? "since training</span>" : "By the model<", html);
        Assert.Contains("Because of", html);
    }

    [Fact]
    public async Task Get_UnknownUserWithoutHistory_SaysThatTheyGetWhatIsPopular()
    {
        var html = await page.GetAsync("/user?id=12345");
        Assert.Contains("The model does not know this user.", html);
        Assert.Contains("They get what most users took.", html);
        Assert.Equal((await page.Recommender.RecommendAsync(12345)).Items.Select(item => item.Id), OperatorPage.Items(html, "Recommended"));
    }

    [Fact]
    public async Task Get_UnknownUserWithHistory_IsAnsweredByIt()
    {
        var html = await page.GetAsync("/user?id=999");
        Assert.Contains("made of what they took since training", html);
        Assert.Equal(["item-09", "item-07"], OperatorPage.Items(html, "History"));
        Assert.Equal((await page.Recommender.RecommendAsync(999)).Items.Select(item => item.Id), OperatorPage.Items(html, "Recommended"));
    }

    [Theory]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("\"><img src=x onerror=alert(1)>")]
    public async Task Get_HostileId_IsEncoded(string id)
    {
        var html = await page.GetAsync($"/user?id={Uri.EscapeDataString(id)}&add={Uri.EscapeDataString(id)}");
        Assert.DoesNotMatch("<script|<img", html);
        Assert.Contains("Ids of users are Int64, and this is none.", html);
    }

    [Fact]
    public async Task Get_HistoryThatFails_SaysWhyAndShowsTheRest()
    {
        var html = await page.GetAsync("/user?id=4");
        Assert.Contains("The orders &lt;do&gt; not answer.", html);
        Assert.NotEmpty(OperatorPage.Items(html, "Recommended"));
    }

    [Fact]
    public async Task Get_WhatIf_ChangesTheListAndSaysHow()
    {
        var before = OperatorPage.Items(await page.GetAsync("/user?id=1"), "Recommended");
        var html = await page.GetAsync("/user?id=1&add=item-02&add=item-04&add=item-06&add=item-08");
        var after = OperatorPage.Items(html, "Recommended");
        Assert.NotEqual(before, after);
        Assert.Equal(
            page.Recommender.Current!.Recommend(1, [.. Entries("item-02", "item-04", "item-06", "item-08")], TrainedModels.Items)
                .Select(item => item.Item).Where(item => item != BookCatalogue.SoldOut).Take(10),
            after);
        Assert.Equal(after.Except(before).Count(), Regex.Count(html, "class=\"new\""));
        Assert.Equal(4, Regex.Count(html, "aria-label=\"Remove "));
        if (before.Except(after).Any())
            Assert.Contains("No longer in the list", html);
    }

    [Fact]
    public async Task Get_VisitorWithClicks_IsAnsweredByThem()
    {
        var html = await page.GetAsync("/user?add=item-02&add=book+04");
        Assert.Contains("A new visitor", html);
        Assert.Equal(
            page.Recommender.Current!.RecommendFor(["item-02", "item-04"], TrainedModels.Items)
                .Select(item => item.Item).Where(item => item != BookCatalogue.SoldOut).Take(10),
            OperatorPage.Items(html, "Recommended"));
    }

    [Fact]
    public async Task Get_WhatIfWithUnknownItem_SaysSoAndChangesNothing()
    {
        var html = await page.GetAsync("/user?id=1&add=nothing");
        Assert.Contains("nothing: not in the model", html);
        Assert.Equal(OperatorPage.Items(await page.GetAsync("/user?id=1"), "Recommended"), OperatorPage.Items(html, "Recommended"));
    }

    [Fact]
    public async Task Get_MoreThanIsAllowed_IsCutOff()
    {
        var added = string.Concat(Enumerable.Range(0, TrainedModels.Items).Select(item => $"&add=item-{item:00}"));
        var html = await page.GetAsync($"/user?id=1&count=1000000{added}");
        Assert.Equal(20, Regex.Count(html, "aria-label=\"Remove "));
        Assert.InRange(OperatorPage.Items(html, "Recommended").Count, 1, 50);
        Assert.DoesNotContain(new string('9', 201), await page.GetAsync($"/user?id={new string('9', 5000)}"));
    }

    [Fact]
    public async Task Get_AllStock_HasWhatIsSoldOut()
    {
        Assert.DoesNotContain(BookCatalogue.SoldOut, OperatorPage.Items(await page.GetAsync("/user?id=999&count=40"), "Recommended"));
        Assert.Contains(BookCatalogue.SoldOut, OperatorPage.Items(await page.GetAsync("/user?id=999&count=40&stock=all"), "Recommended"));
    }

    private static IEnumerable<HistoryEntry<string>> Entries(params string[] items) => items.Select(item => new HistoryEntry<string>(item));
}
