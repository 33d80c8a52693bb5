namespace MLNetRecExt.Shop.Tests;

/// <summary>What these tests need beside .NET. Where it is missing they are reported as skipped, and fail where that must not be.</summary>
internal static class Machine
{
    private const string DebiansChromium = "/usr/bin/chromium";

    /// <summary>Path of a Chromium: that of <c>MLNETRECEXT_CHROMIUM</c>, or Debian's.</summary>
    public static string? Chromium { get; } =
        Environment.GetEnvironmentVariable("MLNETRECEXT_CHROMIUM") ?? (File.Exists(DebiansChromium) ? DebiansChromium : null);

    /// <summary>Connection string of a PostgreSQL server, to a role that may create databases: <c>MLNETRECEXT_POSTGRES</c>.</summary>
    public static string? Postgres { get; } = Environment.GetEnvironmentVariable("MLNETRECEXT_POSTGRES");

    private static bool MustHaveAll =>
        Environment.GetEnvironmentVariable("CI") == "true" || Environment.GetEnvironmentVariable("MLNETRECEXT_REQUIRE") == "1";

    public static string? WithoutBrowser => Chromium is null && !MustHaveAll
        ? $"No browser: set MLNETRECEXT_CHROMIUM to a Chromium, or install one as {DebiansChromium}." : null;

    public static string? WithoutPostgres => Postgres is null && !MustHaveAll
        ? "No database server: set MLNETRECEXT_POSTGRES to a connection string of PostgreSQL, of a role that may create databases." : null;
}
