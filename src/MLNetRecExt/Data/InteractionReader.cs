using System.Numerics;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace MLNetRecExt;

/// <summary>Reads an <see cref="IDataView"/> once, through one cursor, into <see cref="Interactions"/>.</summary>
internal static class InteractionReader
{
    private const long RowsPerReport = 1 << 20, RowsPerCancellationCheck = 1 << 12;

    /// <param name="view">Where to read.</param>
    /// <param name="columns">What to read.</param>
    /// <param name="options">How to read it.</param>
    /// <param name="channel">Where counts are logged.</param>
    /// <exception cref="ArgumentException">A column is missing, has a wrong type, or cannot continue the given ids; or an option is out of
    /// range.</exception>
    /// <exception cref="InvalidDataException">A row is bad and the options say to throw.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static Interactions Read(IDataView view, InteractionColumns columns, InteractionReadOptions options, IChannel channel)
    {
        // Rows without a label count 1 each: their sum is how often the pair occurred.
        var hasLabels = columns.Label is not null || options.Duplicates == DuplicateHandling.Sum;
        return Read(new InteractionsBuilder(hasLabels, columns.Weight is not null, columns.Timestamp is not null), view, columns, options, channel);
    }

    /// <inheritdoc cref="Read(IDataView, InteractionColumns, InteractionReadOptions, IChannel)"/>
    internal static Interactions Read(
        InteractionsBuilder builder, IDataView view, InteractionColumns columns, InteractionReadOptions options, IChannel channel)
    {
        options.Validate();
        columns.Check(view.Schema);
        var (userColumn, itemColumn) = (view.Schema[columns.User], view.Schema[columns.Item]);
        var (labelColumn, weightColumn, timeColumn) = (Column(columns.Label), Column(columns.Weight), Column(columns.Timestamp));
        DataViewSchema.Column?[] active = [userColumn, itemColumn, labelColumn, weightColumn, timeColumn];

        // A cursor set of one reads on this thread; GetRowCursor would fan out and cost four times the CPU.
        using var cursor = view.GetRowCursorSet(active.OfType<DataViewSchema.Column>(), 1)[0];
        var user = IdReader.Open(cursor, userColumn, options.FirstUsers);
        var item = IdReader.Open(cursor, itemColumn, options.FirstItems);
        var readLabel = OpenSingle(cursor, labelColumn);
        var readWeight = OpenSingle(cursor, weightColumn);
        var fractions = false;
        var readTime = OpenTimestamp(cursor, timeColumn, () => fractions = true);

        long read = 0, missingIds = 0, badLabels = 0, badWeights = 0, badTimes = 0;
        while (cursor.MoveNext())
        {
            if (read % RowsPerCancellationCheck == 0)
                options.CancellationToken.ThrowIfCancellationRequested();
            if (++read % RowsPerReport == 0)
                options.Progress?.Report(read);

            var (label, weight, time) = (readLabel(), readWeight(), readTime());
            if (!user.Read())
                Skip(ref missingIds, columns.User, user.Value, "an id (a key from 1 to the key type's count, or text that is not empty)");
            else if (!item.Read())
                Skip(ref missingIds, columns.Item, item.Value, "an id (a key from 1 to the key type's count, or text that is not empty)");
            else if (!float.IsFinite(label))
                Skip(ref badLabels, columns.Label, label, "a finite label");
            else if (!(weight >= 0) || float.IsInfinity(weight))
                Skip(ref badWeights, columns.Weight, weight, "a finite weight that is not negative");
            else if (time is null)
                Skip(ref badTimes, columns.Timestamp, "NaN, infinite or beyond Int64", "a timestamp within Int64");
            else
                builder.Add(user.Index(), item.Index(), label, weight, time.Value, (int)(read - 1));
        }
        options.Progress?.Report(read);

        var counts = new InteractionCounts(read, missingIds, badLabels, badWeights, badTimes);
        var interactions = builder.Build(user.ToMap(), item.ToMap(), options.Duplicates, counts, options.CancellationToken);
        Log(channel, interactions, options.Duplicates, fractions ? columns.Timestamp : null);
        return interactions;

        DataViewSchema.Column? Column(string? name) => name is null ? null : view.Schema[name];

        void Skip(ref long count, string? column, object? value, string needed)
        {
            count++;
            if (options.BadRows == BadRowHandling.Throw)
                throw new InvalidDataException(FormattableString.Invariant(
                    $"Row {read} (counted from 1): column '{column}' is '{value}'; {needed} is needed. Mend or drop the row, or choose {nameof(BadRowHandling)}.{nameof(BadRowHandling.Skip)}."));
        }
    }

    /// <summary>Says what became of the rows.</summary>
    /// <param name="channel">Where to.</param>
    /// <param name="interactions">What was read.</param>
    /// <param name="duplicates">How rows of one (user, item) became one.</param>
    /// <param name="fractions">The column of timestamps that were rounded, or null.</param>
    internal static void Log(IChannel channel, Interactions interactions, DuplicateHandling duplicates, string? fractions)
    {
        var counts = interactions.Counts;
        channel.Info(MessageSensitivity.None, FormattableString.Invariant(
            $"Read {counts.Read:N0} rows: {interactions.Count:N0} interactions of {interactions.Users.Count:N0} users and {interactions.Items.Count:N0} items."));
        if (counts.Duplicates > 0)
            channel.Info(MessageSensitivity.None, FormattableString.Invariant(
                $"{counts.Duplicates:N0} rows repeated a (user, item) pair and were merged ({nameof(DuplicateHandling)}.{duplicates})."));
        if (counts.Skipped > 0)
            channel.Warning(MessageSensitivity.None, FormattableString.Invariant(
                $"Skipped {counts.Skipped:N0} of {counts.Read:N0} rows: {counts.MissingIds:N0} without a user or item id, {counts.BadLabels:N0} with a NaN or infinite label, {counts.BadWeights:N0} with a NaN, infinite or negative weight, {counts.BadTimestamps:N0} with a bad timestamp."));
        if (fractions is not null)
            channel.Warning(MessageSensitivity.None, $"Column '{fractions}' holds fractions; timestamps are whole numbers, so they were rounded down. Scale it where order within a unit matters.");
    }

    /// <summary>The whole number below, as a timestamp; null for NaN and what is beyond Int64.</summary>
    internal static long? Floor(double value)
    {
        var whole = Math.Floor(value);
        return whole >= long.MinValue && whole < -(double)long.MinValue ? (long)whole : null;
    }

    private static Func<float> OpenSingle(DataViewRowCursor cursor, DataViewSchema.Column? column)
    {
        if (column is not { } present)
            return () => 1;
        if (present.Type.RawType == typeof(float))
            return Open<float, float>(cursor, present, value => value);
        if (present.Type.RawType == typeof(bool))
            return Open<bool, float>(cursor, present, value => value ? 1 : 0);
        return Type.GetTypeCode(present.Type.RawType) switch
        {
            TypeCode.SByte => Number<sbyte>(),
            TypeCode.Byte => Number<byte>(),
            TypeCode.Int16 => Number<short>(),
            TypeCode.UInt16 => Number<ushort>(),
            TypeCode.Int32 => Number<int>(),
            TypeCode.UInt32 => Number<uint>(),
            TypeCode.Int64 => Number<long>(),
            TypeCode.UInt64 => Number<ulong>(),
            _ => Number<double>(),
        };

        Func<float> Number<T>() where T : INumber<T> => Open<T, float>(cursor, present, float.CreateTruncating);
    }

    private static Func<long?> OpenTimestamp(DataViewRowCursor cursor, DataViewSchema.Column? column, Action sawFraction)
    {
        if (column is not { } present)
            return () => 0;
        if (present.Type.RawType == typeof(DateTime))
            return Open<DateTime, long?>(cursor, present, value => value.Ticks);
        if (present.Type.RawType == typeof(DateTimeOffset))
            return Open<DateTimeOffset, long?>(cursor, present, value => value.UtcTicks);
        return Type.GetTypeCode(present.Type.RawType) switch
        {
            TypeCode.SByte => Integer<sbyte>(),
            TypeCode.Byte => Integer<byte>(),
            TypeCode.Int16 => Integer<short>(),
            TypeCode.UInt16 => Integer<ushort>(),
            TypeCode.Int32 => Integer<int>(),
            TypeCode.UInt32 => Integer<uint>(),
            TypeCode.Int64 => Integer<long>(),
            TypeCode.UInt64 => Open<ulong, long?>(cursor, present, value => value <= long.MaxValue ? (long)value : null),
            TypeCode.Single => Open<float, long?>(cursor, present, value => Whole(value)),
            _ => Open<double, long?>(cursor, present, Whole),
        };

        Func<long?> Integer<T>() where T : IBinaryInteger<T> => Open<T, long?>(cursor, present, value => long.CreateTruncating(value));

        long? Whole(double value)
        {
            var whole = Floor(value);
            if (whole is not null && whole != value)
                sawFraction();
            return whole;
        }
    }

    private static Func<TValue> Open<T, TValue>(DataViewRowCursor cursor, DataViewSchema.Column column, Func<T, TValue> convert)
    {
        var get = cursor.GetGetter<T>(column);
        T value = default!;
        return () =>
        {
            get(ref value);
            return convert(value);
        };
    }
}
