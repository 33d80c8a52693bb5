using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace MLNetRecExt;

/// <summary>Reads an <see cref="IDataView"/> once, through one cursor, into <see cref="Interactions"/>.</summary>
internal static class InteractionReader
{
    /// <param name="view">Where to read.</param>
    /// <param name="columns">What to read.</param>
    /// <param name="options">How to read it.</param>
    /// <param name="channel">Where counts are logged.</param>
    /// <param name="builder">Where usable rows go; null: a new one.</param>
    /// <exception cref="ArgumentException">A column is missing, has a wrong type, or cannot continue the given ids; or an option is out of
    /// range.</exception>
    /// <exception cref="InvalidDataException">A row is bad and the options say to throw.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static Interactions Read(
        IDataView view, InteractionColumns columns, InteractionReadOptions options, IChannel channel, InteractionsBuilder? builder = null)
    {
        options.Validate();
        columns.Check(view.Schema);
        var (userColumn, itemColumn) = (view.Schema[columns.User], view.Schema[columns.Item]);
        var (labelColumn, weightColumn, timeColumn) = (Column(columns.Label), Column(columns.Weight), Column(columns.Timestamp));
        DataViewSchema.Column?[] active = [userColumn, itemColumn, labelColumn, weightColumn, timeColumn];

        // A cursor set of one reads on this thread; GetRowCursor would fan out and cost four times the CPU.
        using var cursor = view.GetRowCursorSet(active.OfType<DataViewSchema.Column>(), 1)[0];
        var fractions = false;
        var rows = new InteractionCollector(columns, options, builder)
        {
            User = IdReader.Open(cursor, userColumn, options.FirstUsers),
            Item = IdReader.Open(cursor, itemColumn, options.FirstItems),
            Label = View(labelColumn)?.OpenSingle() ?? (() => 1),
            Weight = View(weightColumn)?.OpenSingle() ?? (() => 1),
            Timestamp = View(timeColumn)?.OpenTimestamp(() => fractions = true) ?? (() => 0),
        };
        while (cursor.MoveNext())
            rows.AddRow();
        return rows.Finish(channel, fractions);

        DataViewSchema.Column? Column(string? name) => name is null ? null : view.Schema[name];

        ViewColumn? View(DataViewSchema.Column? column) => column is { } present ? new(cursor, present) : null;
    }
}
