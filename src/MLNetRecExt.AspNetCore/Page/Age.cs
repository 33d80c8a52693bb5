using System.Globalization;

namespace MLNetRecExt.AspNetCore.Page;

/// <summary>Times as people say them.</summary>
internal static class Age
{
    /// <summary>How long ago something was, such as "3 hours ago".</summary>
    public static string Ago(DateTimeOffset time, DateTimeOffset now) => (now - time) switch
    {
        { Ticks: < 0 } => "in the future: check the clocks",
        { TotalSeconds: < 60 } => "less than a minute ago",
        { TotalMinutes: < 60 } age => Counted((int)age.TotalMinutes, "minute"),
        { TotalHours: < 48 } age => Counted((int)age.TotalHours, "hour"),
        var age => Counted((int)age.TotalDays, "day"),
    };

    /// <summary>Date and time in UTC.</summary>
    public static string Utc(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>
    /// A timestamp of training, whose unit a model does not tell, as the time that it is in the unit in which it lies between the years
    /// 1980 and 2200; as the number where there is none.
    /// </summary>
    public static string OfTimestamp(long timestamp)
    {
        foreach (var unit in (ReadOnlySpan<long>)[TimeSpan.TicksPerSecond, TimeSpan.TicksPerMillisecond, TimeSpan.TicksPerMicrosecond])
            if (timestamp > 0 && timestamp < long.MaxValue / unit && Plausible(DateTime.UnixEpoch.Ticks + timestamp * unit) is { } time)
                return time;
        return Plausible(timestamp) ?? timestamp.ToString(CultureInfo.InvariantCulture);
    }

    private static string? Plausible(long ticks) =>
        ticks > new DateTime(1980, 1, 1).Ticks && ticks < new DateTime(2200, 1, 1).Ticks
            ? new DateTime(ticks).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)
            : null;

    private static string Counted(int count, string unit) => $"{count} {unit}{(count == 1 ? "" : "s")} ago";
}
