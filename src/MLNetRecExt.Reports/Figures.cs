using System.Globalization;

namespace MLNetRecExt.Reports;

/// <summary>Numbers as people read them.</summary>
internal static class Figures
{
    public const string None = "–";

    public static string Metric(double value) => Format(value, "0.0000");

    public static string Signed(double value) => Format(value, "+0.0000;−0.0000;0.0000");

    public static string Correlation(double value) => Format(value, "+0.00;−0.00;0.00");

    public static string Interval(double low, double high) =>
        double.IsNaN(low) || double.IsNaN(high) ? None : $"{Metric(low)} to {Metric(high)}";

    public static string Percent(double share) =>
        double.IsFinite(share) ? Format(share * 100, Math.Abs(share) < 0.1 ? "0.##" : "0.#") + " %" : None;

    public static string PValue(double p) => p < 0.0001 ? "p < 0.0001" : $"p = {Format(p, "0.####")}";

    public static string Plain(int number) => number.ToString(CultureInfo.InvariantCulture);

    public static string Count(double value) => Format(value, "#,##0");

    /// <summary>Three digits, or as many as there are before the point.</summary>
    public static string Short(double value) => Format(value, Math.Abs(value) switch
    {
        0 => "0",
        >= 100 => "#,##0",
        >= 10 => "0.#",
        >= 1 => "0.##",
        _ => "G3",
    });

    /// <summary>A timestamp as a date where it looks like seconds or milliseconds since 1970, otherwise as it is.</summary>
    public static string Moment(long timestamp) => timestamp switch
    {
        >= 100_000_000 and < 10_000_000_000 => Date(DateTimeOffset.FromUnixTimeSeconds(timestamp)),
        >= 100_000_000_000 and < 10_000_000_000_000 => Date(DateTimeOffset.FromUnixTimeMilliseconds(timestamp)),
        _ => timestamp.ToString(CultureInfo.InvariantCulture),
    };

    public static string Date(DateTimeOffset time) => time.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Format(double value, string format) =>
        double.IsFinite(value) ? value.ToString(format, CultureInfo.InvariantCulture) : None;
}
