using Deque.AxeCore.Commons;
using Microsoft.Playwright;

namespace MLNetRecExt.Reports.Tests;

/// <summary>The page in a browser.</summary>
public sealed class BrowserTests(BrowserFixture fixture) : IClassFixture<BrowserFixture>
{
    private const string Violations = """
        async () => (await axe.run({ resultTypes: ['violations'] })).violations.map(v => `${v.id}: ${v.help}: ${v.nodes[0].html}`)
        """;

    public static TheoryData<string> Names => Records.Names;

    [BrowserTheory]
    [MemberData(nameof(Names))]
    public async Task Page_AnyRecord_IsDrawnWithoutErrorAndWithoutNetwork(string name)
    {
        await using var context = await fixture.Browser.NewContextAsync();
        var page = await context.NewPageAsync();
        List<string> complaints = [], requests = [];
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
                complaints.Add(message.Text);
        };
        page.PageError += (_, error) => complaints.Add(error);
        page.Request += (_, request) => requests.Add(request.Url);

        var address = fixture.Save(name);
        await OpenAsync(page, address);

        Assert.Empty(complaints);
        Assert.Equal([address], requests.Where(url => !url.StartsWith("data:", StringComparison.Ordinal)));
        Assert.False(await page.EvaluateAsync<bool>("'hurt' in window"));
        Assert.Equal(0, await page.EvaluateAsync<int>(
            "[...document.querySelectorAll('.chart')].filter(chart => !chart.querySelector('svg')).length"));
    }

    [BrowserTheory]
    [InlineData("lists")]
    [InlineData("labels")]
    public async Task Page_WideAndNarrowLightAndDark_HasNoViolationAndNothingBesideTheWindow(string name)
    {
        await using var context = await fixture.Browser.NewContextAsync();
        var page = await context.NewPageAsync();
        await OpenAsync(page, fixture.Save(name));
        await page.EvaluateAsync(new BundledAxeScriptProvider().GetScript());
        await page.EvaluateAsync("document.querySelectorAll('details').forEach(details => details.open = true)");

        foreach (var width in new[] { 1280, 390 })
            foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
            {
                await page.SetViewportSizeAsync(width, 900);
                await page.EmulateMediaAsync(new() { ColorScheme = scheme });
                Assert.Empty(await page.EvaluateAsync<string[]>(Violations));
                Assert.Equal(0, await page.EvaluateAsync<int>(
                    "document.documentElement.scrollWidth - document.documentElement.clientWidth"));
            }
    }

    [BrowserTheory]
    [InlineData("lists")]
    public async Task Page_WithoutJavaScript_HasTablesAndNoRoomForCharts(string name)
    {
        await using var context = await fixture.Browser.NewContextAsync(new() { JavaScriptEnabled = false });
        var page = await context.NewPageAsync();

        await page.GotoAsync(fixture.Save(name));

        Assert.True(await page.Locator("#leaderboard table").First.IsVisibleAsync());
        foreach (var chart in await page.Locator(".chart").AllAsync())
            Assert.False(await chart.IsVisibleAsync());
    }

    [BrowserTheory]
    [InlineData("lists")]
    public async Task Leaderboard_AnotherMetricChosen_IsDrawn(string name)
    {
        await using var context = await fixture.Browser.NewContextAsync();
        var page = await context.NewPageAsync();
        await OpenAsync(page, fixture.Save(name));

        await page.Locator("#leaderboard select").SelectOptionAsync(new SelectOptionValue { Label = "MRR@20" });

        await Assertions.Expect(page.Locator("#leaderboard .xtitle")).ToHaveTextAsync("MRR@20");
    }

    private static async Task OpenAsync(IPage page, string address)
    {
        await page.GotoAsync(address);
        await page.WaitForSelectorAsync("html[data-charts=done]");
    }
}
