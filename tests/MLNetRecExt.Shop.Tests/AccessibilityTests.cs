using Deque.AxeCore.Commons;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace MLNetRecExt.Shop.Tests;

/// <summary>Every page, light and dark, on a phone and in a wide window: axe finds nothing, and nothing is wider than the window.</summary>
[Collection(ShopFixture.Collection)]
public sealed class AccessibilityTests(ShopFixture fixture)
{
    // page.RunAxe does the same in a page of its own, for some seconds each time.
    private const string Violations = """
        async () => (await axe.run({ resultTypes: ['violations'] })).violations.map(v => `${v.id}: ${v.help}: ${v.nodes[0].html}`)
        """;

    [BrowserFact]
    public async Task Pages_OfANewVisitor_HaveNoViolation()
    {
        var page = await fixture.NewVisitorAsync();
        foreach (var path in new[] { "/", "/products?q=nothing+like+this", "/product/no-such-thing", "/operator" })
            await LookAtAsync(page, path);
    }

    [BrowserFact]
    public async Task Pages_OfACustomer_HaveNoViolation()
    {
        const string Sku = "teapot-tamsui-plum";
        var page = await fixture.CustomerAsync(1);
        foreach (var path in new[] { "/", "/products?category=Coffee+%26+Tea", $"/thanks/{Sku}", "/account", $"/product/{Sku}" })
            await LookAtAsync(page, path);
        await page.GetByLabel("Quantity").EvaluateAsync("input => { input.removeAttribute('max'); input.value = 1000 }");
        await page.GetByTestId("buy").ClickAsync();
        await Assertions.Expect(page.GetByTestId("errors")).ToBeVisibleAsync();
        await LookAtAsync(page, null);
    }

    [BrowserFact]
    public async Task Pages_OfTheOperator_HaveNoViolation()
    {
        var page = await fixture.OperatorAsync();
        foreach (var path in new[] { "/operator", "/recommender", "/recommender/user?id=2", "/recommender/item?id=teapot-tamsui-plum", "/recommender/map", "/recommender/compare" })
            await LookAtAsync(page, path);
    }

    [BrowserFact]
    public async Task Compare_TwoRecommenders_HasNoViolation()
    {
        // The shop has one; here are two of its model.
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddAuthorizationBuilder().AddPolicy("all", policy => policy.RequireAssertion(_ => true));
        foreach (var name in new[] { "shop", "rival" })
            builder.Services.AddRecommender<long, string>(name, options => options.ModelPath = Path.Combine(fixture.Folder, "shop.model"));
        await using var app = builder.Build();
        app.UseAuthorization();
        app.MapRecommenderPage("/recommender", "all");
        await app.StartAsync();
        var page = await fixture.NewVisitorAsync();

        await page.GotoAsync($"{app.Urls.Single()}/recommender/compare?left=shop&right=rival&id=2");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { NameRegex = new("^User 2: .* in both lists$") })).ToBeVisibleAsync();
        await LookAtAsync(page, null);
    }

    private static async Task LookAtAsync(IPage page, string? path)
    {
        if (path is not null)
            await page.GotoAsync(path);
        await page.EvaluateAsync(new BundledAxeScriptProvider().GetScript());
        foreach (var width in new[] { 1280, 390 })
            foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
            {
                await page.SetViewportSizeAsync(width, 900);
                await page.EmulateMediaAsync(new() { ColorScheme = scheme });
                var found = await page.EvaluateAsync<string[]>(Violations);
                Assert.True(found.Length == 0, $"{page.Url}, {width} wide, {scheme}: {string.Join(Environment.NewLine, found)}");
                var overflow = await page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
                Assert.True(overflow <= 0, $"{page.Url} is {overflow} pixels wider than a window of {width}.");
            }
    }
}
