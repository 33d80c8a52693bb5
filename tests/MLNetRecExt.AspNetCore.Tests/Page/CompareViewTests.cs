using MLNetRecExt.AspNetCore.Page;

namespace MLNetRecExt.AspNetCore.Tests.Page;

public class CompareViewTests(OperatorPage page) : IClassFixture<OperatorPage>
{
    [Fact]
    public async Task Get_TwoRecommenders_CountsWhatTheirListsShare()
    {
        var (left, right) = (TrainedModels.Recommender(TrainedModels.First), TrainedModels.Recommender(TrainedModels.Second));
        var mean = Enumerable.Range(1, TrainedModels.Users).Average(user =>
            left.Recommend(user, 10).Select(item => item.Item).Intersect(right.Recommend(user, 10).Select(item => item.Item)).Count());
        var html = await page.GetAsync($"/compare?left=shop&right={Uri.EscapeDataString(OperatorPage.Rival)}");
        Assert.Contains($"<strong>{Figure.Short(mean)}</strong>", html);
        Assert.Contains($"of {TrainedModels.Users} users whom both models know", html);
    }

    [Fact]
    public async Task Get_User_ShowsBothListsSideBySide()
    {
        var html = await page.GetAsync("/compare?left=shop&right=popular&id=1");
        var shop = await page.Recommender.RecommendAsync(1);
        Assert.Contains("aria-label=\"List of shop\"", html);
        Assert.Contains("aria-label=\"List of popular\"", html);
        Assert.All(shop.Items, item => Assert.Contains($"id={item.Id}\"", html));
    }

    [Fact]
    public async Task Get_SameTwice_AgreesInAll()
    {
        var html = await page.GetAsync("/compare?left=shop&right=shop&id=1");
        Assert.Contains("User 1: 10 of 10 in both lists", html);
        Assert.Contains("<strong>10</strong>", html);
    }

    [Fact]
    public async Task Get_OneWithoutModel_SaysThatThereIsNothingToCompare() =>
        Assert.Contains("One of the two has no model.", await page.GetAsync("/compare?left=shop&right=none"));

    [Fact]
    public async Task Get_OnlyOneRecommender_SaysWhatToRegister()
    {
        await using var shop = await OperatorPage.StartForAllAsync();
        using var client = shop.NewClient();
        Assert.Contains("Only one is registered", await client.GetStringAsync("/recommender/compare"));
    }
}
