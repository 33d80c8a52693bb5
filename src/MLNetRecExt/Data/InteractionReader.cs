using System.Numerics;
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
            Label = OpenSingle(cursor, labelColumn),
            Weight = OpenSingle(cursor, weightColumn),
            Timestamp = OpenTimestamp(cursor, timeColumn, () => fractions = true),
        };
        while (cursor.MoveNext())
            rows.AddRow();
        return rows.Finish(channel, fractions);

        DataViewSchema.Column? Column(string? name) => name is null ? null : view.Schema[name];
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
