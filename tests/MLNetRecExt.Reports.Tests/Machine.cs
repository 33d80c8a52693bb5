namespace MLNetRecExt.Reports.Tests;

/// <summary>What the browser's tests need beside .NET. Where it is missing they are reported as skipped, and fail where that must not
/// be.</summary>
internal static class Machine
{
    private const string DebiansChromium = "/usr/bin/chromium";

    /// <summary>Path of a Chromium: that of <c>MLNETRECEXT_CHROMIUM</c>, or Debian's.</summary>
    public static string? Chromium { get; } =
        Environment.GetEnvironmentVariable("MLNETRECEXT_CHROMIUM") ?? (File.Exists(DebiansChromium) ? DebiansChromium : null);

    private static bool MustHaveAll =>
        Environment.GetEnvironmentVariable("CI") == "true" || Environment.GetEnvironmentVariable("MLNETRECEXT_REQUIRE") == "1";

    public static string? WithoutBrowser => Chromium is null && !MustHaveAll
        ? $"No browser: set MLNETRECEXT_CHROMIUM to a Chromium, or install one as {DebiansChromium}." : null;
}
