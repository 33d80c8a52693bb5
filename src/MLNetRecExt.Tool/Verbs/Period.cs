using MLNetRecExt.Reports;

namespace MLNetRecExt.Tool.Verbs;

/// <summary>From when to when interactions are.</summary>
/// <param name="Earliest">The first timestamp, as its column has it.</param>
/// <param name="Latest">The last one.</param>
internal sealed record Period(long Earliest, long Latest)
{
    /// <summary>The period of some interactions; null without timestamps.</summary>
    public static Period? Of(InteractionRows rows) => rows.Times is { } times ? new(times.Earliest, times.Latest) : null;

    public override string ToString() => $"{Text(Earliest)} to {Text(Latest)}";

    private string Text(long time) => IsDate(Latest) ? Figures.Date(new DateTime(time, DateTimeKind.Utc)) : Figures.Moment(time);

    /// <summary>Whether timestamps are ticks of dates.</summary>
    public static bool IsDate(long latest) => TimestampUnit.PerDay(latest) == TimeSpan.TicksPerDay;
}
