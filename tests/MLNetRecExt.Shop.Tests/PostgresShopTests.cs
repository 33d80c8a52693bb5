using static Microsoft.Playwright.Assertions;

namespace MLNetRecExt.Shop.Tests;

/// <summary>The stories on a shop in PostgreSQL, and what happens when that is away or its orders are bad.</summary>
public sealed class PostgresShopTests(PostgresFixture fixture) : ShopStories(fixture), IClassFixture<PostgresFixture>
{
    [PostgresFact]
    public Task FrontPage_AfterAClick_FitsTheClick() => ANewVisitorClicks_TheNextPageFitsTheClick();

    [PostgresFact]
    public Task Buy_KnownCustomer_OrderIsKeptAndIsAReason() => ACustomerBuys_TheOrderIsKeptAndIsAReason();

    [PostgresFact]
    public Task Train_UnderLoad_PagesChangeToTheNewModelAndNoneFails() => TheOperatorTrainsUnderLoad_PagesChangeToTheNewModelAndNoneFails();

    [PostgresFact]
    public async Task Train_OrdersMixedUp_KeepsTheModel()
    {
        var page = await fixture.OperatorAsync();
        var version = await page.GetByTestId("model-version").TextContentAsync();
        await fixture.ExecuteAsync("""
            CREATE TABLE kept AS SELECT * FROM order_lines;
            UPDATE order_lines o SET sku = p.sku FROM (SELECT sku, ROW_NUMBER() OVER (ORDER BY sku) AS n FROM products) p
            WHERE p.n = (hashtext(o.ctid::text) & 65535) % (SELECT COUNT(*) FROM products) + 1
            """);
        await TrainAsync(page);
        await fixture.ExecuteAsync("TRUNCATE order_lines; INSERT INTO order_lines SELECT * FROM kept; DROP TABLE kept");

        await Expect(page.GetByTestId("trainings").Locator("tbody tr").First).ToContainTextAsync("not published");
        await Expect(page.GetByTestId("model-version")).ToHaveTextAsync(version!);
    }

    [PostgresFact]
    public async Task Database_AwayForAWhile_PagesAnswerAndClicksArriveLater()
    {
        const string Sku = "kite-holzwurm-forest";
        var page = await fixture.NewVisitorAsync();
        await page.GotoAsync("/");

        fixture.Line.Cut();
        for (int look = 0; look < 3; look++)
            Assert.True((await page.GotoAsync($"/product/{Sku}"))!.Ok);
        Assert.True((await page.GotoAsync("/"))!.Ok);
        await Expect(page.GetByTestId("because").First).ToContainTextAsync("because you looked at");
        await page.GotoAsync($"/product/{Sku}");
        await page.GetByTestId("buy").ClickAsync();
        await Expect(page.GetByTestId("error")).ToContainTextAsync("nothing was ordered");
        Assert.Equal(0, await fixture.CountClicksAsync(Sku));

        fixture.Line.Mend();
        for (int wait = 0; wait < 150 && await fixture.CountClicksAsync(Sku) < 4; wait++)
            await Task.Delay(200);
        Assert.Equal(4, await fixture.CountClicksAsync(Sku));
    }
}
