using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace MLNetRecExt.Shop.Tests;

/// <summary>What must go well whichever database the shop has.</summary>
public abstract partial class ShopStories(ShopFixture fixture)
{
    private protected async Task ANewVisitorClicks_TheNextPageFitsTheClick()
    {
        var page = await fixture.NewVisitorAsync();
        await page.GotoAsync("/");
        var shelf = page.GetByTestId("you-may-like");
        await Expect(shelf.GetByRole(AriaRole.Heading)).ToHaveTextAsync("Popular");
        await Expect(shelf.GetByTestId("because")).ToHaveCountAsync(0);
        var popular = await TitlesAsync(shelf);
        Assert.Equal(8, popular.Count);

        await shelf.GetByTestId("product").Nth(2).ClickAsync();
        var clicked = await page.GetByRole(AriaRole.Heading, new() { Level = 1 }).TextContentAsync();
        await Expect(page.GetByTestId("taken-together").GetByTestId("product")).ToHaveCountAsync(4);
        await page.GotoAsync("/");

        await Expect(shelf.GetByRole(AriaRole.Heading)).ToHaveTextAsync("You may like");
        await Expect(shelf.GetByTestId("because").First).ToContainTextAsync($"because you looked at {clicked}");
        var fitting = await TitlesAsync(shelf);
        Assert.NotEqual(popular, fitting);
        Assert.DoesNotContain(clicked, fitting);
    }

    private protected async Task ACustomerBuys_TheOrderIsKeptAndIsAReason()
    {
        var customer = await fixture.CustomerAsync(3);
        await customer.GotoAsync("/");
        await Expect(customer.GetByTestId("because").First).ToContainTextAsync("because you bought");

        var page = await fixture.NewVisitorAsync();
        await page.GotoAsync("/products?category=Sport");
        await page.GetByTestId("product").Last.ClickAsync();
        var bought = (await page.GetByRole(AriaRole.Heading, new() { Level = 1 }).TextContentAsync())!;
        await page.GetByTestId("buy").ClickAsync();
        await Expect(page.GetByTestId("thanks")).ToContainTextAsync(bought);

        await page.GotoAsync("/account");
        await Expect(page.GetByTestId("orders").GetByRole(AriaRole.Listitem)).ToContainTextAsync([bought]);
        await page.GotoAsync("/");
        await Expect(page.GetByTestId("because").First).ToContainTextAsync($"because you bought {bought}");
    }

    private protected async Task TheOperatorTrainsUnderLoad_PagesChangeToTheNewModelAndNoneFails()
    {
        // Something new, so that there is another model to come.
        var customer = await fixture.CustomerAsync(5);
        await customer.GotoAsync("/products?category=Kids");
        await customer.GetByTestId("product").Last.ClickAsync();
        await customer.GetByTestId("buy").ClickAsync();

        var page = await fixture.OperatorAsync();
        var version = page.GetByTestId("model-version");
        var before = (await version.TextContentAsync())!;
        using var stop = new CancellationTokenSource();
        var load = Enumerable.Range(0, 3).Select(_ => Task.Run(() => BrowseAsync(stop.Token))).ToArray();

        await TrainAsync(page);
        await UntilAsync(page, TimeSpan.FromSeconds(10), async () => await version.TextContentAsync() != before);
        var after = (await version.TextContentAsync())!;
        await Task.Delay(1500);
        await stop.CancelAsync();

        var answers = (await Task.WhenAll(load)).SelectMany(answers => answers).ToArray();
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        Assert.Equal([after, before], answers.Select(answer => answer.Version).Distinct().OrderBy(version => version == before));
        var swapped = answers.Where(answer => answer.Version == after).Min(answer => answer.Asked);
        Assert.DoesNotContain(answers, answer => answer.Version == before && answer.Asked > swapped + Stopwatch.Frequency);
    }

    /// <summary>Has a model trained, and waits until that is done.</summary>
    private protected static async Task TrainAsync(IPage operatorsPage)
    {
        var trainings = operatorsPage.GetByTestId("trainings").Locator("tbody tr");
        var before = await trainings.CountAsync();
        await operatorsPage.GetByTestId("train").ClickAsync();
        await UntilAsync(operatorsPage, TimeSpan.FromSeconds(60), async () => await trainings.CountAsync() > before);
    }

    /// <summary>Looks at the front page again and again, as somebody new each time.</summary>
    private async Task<List<(long Asked, HttpStatusCode Status, string Version)>> BrowseAsync(CancellationToken cancellationToken)
    {
        using var client = new HttpClient(new HttpClientHandler { UseCookies = false }) { BaseAddress = fixture.Shop.Address };
        var answers = new List<(long, HttpStatusCode, string)>();
        while (!cancellationToken.IsCancellationRequested)
        {
            var asked = Stopwatch.GetTimestamp();
            using var response = await client.GetAsync("/", CancellationToken.None);
            var text = await response.Content.ReadAsStringAsync(CancellationToken.None);
            answers.Add((asked, response.StatusCode, ModelVersion().Match(text).Groups[1].Value));
            await Task.Delay(20, CancellationToken.None);
        }
        return answers;
    }

    private static async Task UntilAsync(IPage page, TimeSpan atMost, Func<Task<bool>> condition)
    {
        var start = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < atMost, $"Not within {atMost.TotalSeconds} s.");
            await Task.Delay(200);
            await page.GotoAsync("/operator");
        }
    }

    private static Task<IReadOnlyList<string>> TitlesAsync(ILocator shelf) => shelf.Locator(".title").AllTextContentsAsync();

    [GeneratedRegex("data-testid=\"model-version\">([^<]*)<")]
    private static partial Regex ModelVersion();
}
