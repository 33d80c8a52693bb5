namespace MLNetRecExt;

/// <summary>What timestamps are counted in: seconds, milliseconds, microseconds or nanoseconds since 1970, or ticks of
/// <see cref="DateTime"/>, whichever puts the latest of them between the years 1990 and 2100 (nanoseconds: 1991).</summary>
internal static class TimestampUnit
{
    private const long SecondsPerDay = 24 * 60 * 60;

    private static readonly DateTime From = new(1990, 1, 1), Until = new(2100, 1, 1);

    // Since 1970.
    private static readonly double FromSeconds = (From - DateTime.UnixEpoch).TotalSeconds,
        UntilSeconds = (Until - DateTime.UnixEpoch).TotalSeconds;

    /// <summary>Units in a day; null where none of them fits.</summary>
    public static double? PerDay(long latest)
    {
        // Of nanoseconds they would be the year 1990.
        if (latest >= From.Ticks && latest < Until.Ticks)
            return TimeSpan.TicksPerDay;
        for (var perSecond = 1L; perSecond <= 1_000_000_000; perSecond *= 1000)
            if (latest >= FromSeconds * perSecond && latest < UntilSeconds * perSecond)
                return SecondsPerDay * perSecond;
        return null;
    }
}
