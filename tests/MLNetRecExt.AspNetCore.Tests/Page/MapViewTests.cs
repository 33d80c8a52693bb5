using System.Text.RegularExpressions;

namespace MLNetRecExt.AspNetCore.Tests.Page;

public class MapViewTests(OperatorPage page) : IClassFixture<OperatorPage>
{
    [Fact]
    public async Task Get_ModelWithEmbeddings_HasAPointForEachItem()
    {
        var html = await page.GetAsync("/map");
        Assert.Equal(TrainedModels.Items, Regex.Count(html, "<circle[^>]*><title>"));
        Assert.Contains("<title>Book 08</title>", html);
        Assert.Contains("<title>&lt;script&gt;", html);
        Assert.Contains(">Even</a>", html);
    }

    [Fact]
    public async Task Get_Find_MarksAndNamesWhatIsFound()
    {
        var html = await page.GetAsync("/map?find=book+1");
        Assert.Equal(10, Regex.Count(html, "class=\"found\""));
        Assert.Equal(TrainedModels.Items, Regex.Count(html, "<circle[^>]*><title>"));
        Assert.Equal(10, OperatorPage.Items(html, "10 items found").Count);
    }

    [Fact]
    public async Task Get_FindNothing_SaysSo() => Assert.Contains("No item on the map has this id", await page.GetAsync("/map?find=zzz"));

    [Fact]
    public async Task Get_Category_LetsTheOthersStepBack()
    {
        Assert.DoesNotContain(" dim\"", await page.GetAsync("/map"));
        var html = await page.GetAsync("/map?category=Odd");
        Assert.Matches("class=\"k[0-9] dim\"", html);
        Assert.Contains("aria-current=\"true\">Odd<", html);
    }

    [Fact]
    public async Task Get_ModelWithoutEmbeddings_SaysSo()
    {
        var html = await page.GetAsync("/map?model=popular");
        Assert.Contains("This model has no embeddings.", html);
        Assert.Contains("PopularityTrainer", html);
    }
}
