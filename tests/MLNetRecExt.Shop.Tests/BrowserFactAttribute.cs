namespace MLNetRecExt.Shop.Tests;

/// <summary>A test that drives a browser.</summary>
internal sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute() => Skip = Machine.WithoutBrowser;
}
