using System.Globalization;

namespace MLNetRecExt.AspNetCore.Page;

/// <summary>Numbers as text, whatever culture the application has.</summary>
internal static class Figure
{
    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A count with its noun, such as "1 item" or "2,000 items".</summary>
    public static string Count(long value, string noun) => $"{Count(value)} {noun}{(value == 1 ? "" : "s")}";

    /// <summary>A share as percent; a dash where there is nothing to divide by.</summary>
    public static string Percent(double share) => double.IsNaN(share) ? "–" : share switch
    {
        > 0 and < 0.001 => "<\u00a00.1\u00a0%",
        < 0.1 => (share * 100).ToString("0.#", CultureInfo.InvariantCulture) + "\u00a0%",
        _ => (share * 100).ToString("0", CultureInfo.InvariantCulture) + "\u00a0%",
    };

    public static string Score(double score) => score.ToString("0.000", CultureInfo.InvariantCulture);

    public static string Short(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);

    public static string Duration(TimeSpan time) => time.TotalSeconds >= 1
        ? time.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) + "\u00a0s"
        : time.TotalMilliseconds.ToString(time.TotalMilliseconds >= 10 ? "0" : "0.00", CultureInfo.InvariantCulture) + "\u00a0ms";
}
