using System.Net;
using System.Text.RegularExpressions;
using MLNetRecExt.AspNetCore.Page;

namespace MLNetRecExt.AspNetCore.Tests.Page;

public partial class ItemViewTests(OperatorPage page) : IClassFixture<OperatorPage>
{
    [Fact]
    public async Task Get_KnownItem_ShowsEntryAndWhatIsSimilar()
    {
        var html = await page.GetAsync("/item?id=item-08");
        Assert.Contains("<h1>Book 08</h1>", html);
        Assert.Contains("item-08 · Even · 9.50 · in stock", WebUtility.HtmlDecode(html));
        Assert.Equal(
            page.Recommender.Current!.Similar("item-08", 12).Select(item => item.Item), OperatorPage.Items(html, "Similar items"));
    }

    [Fact]
    public async Task Get_ModelOfFeatures_ShowsThoseOfTheItemByWeight()
    {
        var section = OperatorPage.Section(await page.GetAsync("/item?model=content&id=item-35"), "Features");
        var model = RecommenderModel.Load(new MemoryStream(TrainedModels.Content));
        var features = model.ItemFeatures(model.Items.IndexOf("item-35"));
        Assert.Equal(["Mark: rare", "Pages", "Shelf: <1>"], features.Select(Said).Order());
        Assert.Equal(
            features.Select(feature => $"{Said(feature)} {Figure.Score(feature.Weight)}"),
            Chips().Matches(section).Select(chip => WebUtility.HtmlDecode($"{chip.Groups[1]} {chip.Groups[2]}")));

        static string Said(ItemFeature feature) => feature.Category is null ? feature.Name : $"{feature.Name}: {feature.Category}";
    }

    [Theory]
    [InlineData("hybrid", "The model learned from Shelf, Mark, Pages.")]
    [InlineData("popular", "This model learned from who took what alone.")]
    public async Task Get_ModelThatKeepsNoFeatures_SaysWhatItLearnedFrom(string model, string said) =>
        Assert.Contains(said, OperatorPage.Section(await page.GetAsync($"/item?model={model}&id=item-08"), "Features"));

    [Fact]
    public async Task Get_KnownItem_NamesThoseWhoGetIt()
    {
        var getting = Enumerable.Range(1, TrainedModels.Users).Where(user =>
            page.Recommender.Current!.Recommend(user, ListSample.ListLength).Any(item => item.Item == "item-08")).ToArray();
        var section = OperatorPage.Section(await page.GetAsync("/item?id=item-08"), "Who gets it");
        Assert.NotEmpty(getting);
        Assert.Contains($"of all {TrainedModels.Users} users of the model", section);
        Assert.Equal(getting.Length <= ItemView.MaxUsers, getting.All(user => section.Contains($"id={user}\"")));
    }

    [Fact]
    public async Task Get_HostileTitle_IsEncoded()
    {
        var html = await page.GetAsync($"/item?id={BookCatalogue.Hostile}");
        Assert.Contains("&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt; &amp; &quot;co&quot;", html);
        Assert.DoesNotContain("<script", html);
    }

    [Theory]
    [InlineData("BOOK 1", 10, "10 items")]
    [InlineData("item-2", 10, "10 items")]
    [InlineData("script", 1, "1 item")]
    [InlineData("book", ItemView.MaxHits, "20 items, there may be more")]
    public async Task Get_PartOfATitleOrId_ListsItems(string text, int count, string heading)
    {
        var html = await page.GetAsync($"/item?id={Uri.EscapeDataString(text)}");
        Assert.Contains("No item has this id.", html);
        Assert.Equal(count, OperatorPage.Items(html, heading).Count);
    }

    [Fact]
    public async Task Get_NothingFound_Is404AndKind() =>
        Assert.Contains("none has it in its title", await page.GetAsync("/item?id=%3Cscript%3Ey", HttpStatusCode.NotFound));

    [Fact]
    public async Task Get_ItemThatTheModelDoesNotKnow_SaysWhatToDo()
    {
        var html = await page.GetAsync($"/item?id={BookCatalogue.New}");
        Assert.Contains("Fresh ink", html);
        Assert.Contains("The model does not know this item.", html);
    }

    [Fact]
    public async Task Get_NoItem_ListsThePopularOnes()
    {
        var most = page.Model.ItemPopularity.ToArray().Max();
        var first = OperatorPage.Items(await page.GetAsync("/item"), "The most popular")[0];
        Assert.Equal(most, page.Model.ItemPopularity[page.Model.Items.IndexOf(first)]);
    }

    [Fact]
    public async Task Get_ModelThatCannotCompare_SaysSo() =>
        Assert.Contains("This model does not compare items.", await page.GetAsync("/item?model=popular&id=item-08"));

    [GeneratedRegex("<li>(.*?) <span class=\"id\">(.*?)</span></li>")]
    private static partial Regex Chips();
}
