using Microsoft.Playwright;

namespace MLNetRecExt.Reports.Tests;

/// <summary>A browser where there is one, and a folder that is gone after the tests.</summary>
public sealed class BrowserFixture : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mlnetrecext-reports-").FullName;
    private IPlaywright? _playwright;

    internal IBrowser Browser { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        if (Machine.WithoutBrowser is not null)
            return;
        _playwright = await Playwright.CreateAsync();
        Browser = await _playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Machine.Chromium
                ?? throw new InvalidOperationException("A browser is needed here, and MLNETRECEXT_CHROMIUM names none."),
            Args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        });
    }

    public async Task DisposeAsync()
    {
        if (Browser is not null)
            await Browser.DisposeAsync();
        _playwright?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Writes the report of a record of <see cref="Records"/>.</summary>
    /// <returns>Its address.</returns>
    internal string Save(string name)
    {
        var path = Path.Combine(_folder, name + ".html");
        Records.Named(name).SaveHtml(path);
        return new Uri(path).AbsoluteUri;
    }
}
