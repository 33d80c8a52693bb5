using Microsoft.Playwright;

namespace MLNetRecExt.Shop.Tests;

/// <summary>A shop that was just started for the first time, on SQLite, and a browser where there is one.</summary>
[CollectionDefinition(Collection)]
public class ShopFixture : IAsyncLifetime, ICollectionFixture<ShopFixture>
{
    public const string Collection = "Shop";

    private readonly TemporaryFolder _folder = new();
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    internal ShopProcess Shop { get; private set; } = null!;

    internal string Folder => _folder.Path;

    public virtual async Task InitializeAsync()
    {
        Shop = await StartAsync();
        if (Machine.WithoutBrowser is not null)
            return;
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Machine.Chromium
                ?? throw new InvalidOperationException("A browser is needed here, and MLNETRECEXT_CHROMIUM names none."),
            Args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        });
    }

    public virtual async Task DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
        if (Shop is not null)
            await Shop.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>The page of somebody who was never here.</summary>
    internal async Task<IPage> NewVisitorAsync()
    {
        var context = await _browser!.NewContextAsync(new() { BaseURL = Shop.Address.ToString() });
        context.SetDefaultTimeout(20_000);
        return await context.NewPageAsync();
    }

    /// <summary>The page of a customer of the made-up shop.</summary>
    /// <param name="number">Which one of those to choose from, from 0.</param>
    internal async Task<IPage> CustomerAsync(int number)
    {
        var page = await NewVisitorAsync();
        await page.GotoAsync("/account");
        await page.GetByTestId("customer").Nth(number).ClickAsync();
        return page;
    }

    /// <summary>The page of the operator, signed in.</summary>
    internal async Task<IPage> OperatorAsync()
    {
        var page = await NewVisitorAsync();
        await page.GotoAsync("/operator");
        await page.GetByLabel("Key").FillAsync("operator");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        return page;
    }

    private protected virtual Task<ShopProcess> StartAsync() => ShopProcess.StartAsync(Folder);
}
