namespace MLNetRecExt.Reports.Tests;

/// <summary>A test that drives a browser, for each of some data.</summary>
internal sealed class BrowserTheoryAttribute : TheoryAttribute
{
    public BrowserTheoryAttribute() => Skip = Machine.WithoutBrowser;
}
