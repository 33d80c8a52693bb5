using System.Globalization;
using System.Numerics;

namespace MLNetRecExt;

/// <summary>A column of any source, whose values are numbers or times: which types can be, and what becomes of each.</summary>
internal abstract class ValueColumn
{
    private const DateTimeStyles ToUtc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;

    /// <summary>Reads numbers and Booleans; NaN where a text is none.</summary>
    /// <param name="type">The type of the values.</param>
    /// <returns>Null when values of the type are no numbers.</returns>
    protected Func<float>? Single(Type type) => Type.GetTypeCode(type) switch
    {
        TypeCode.Boolean => Open((bool value) => value ? 1f : 0),
        TypeCode.SByte => Number<sbyte>(),
        TypeCode.Byte => Number<byte>(),
        TypeCode.Int16 => Number<short>(),
        TypeCode.UInt16 => Number<ushort>(),
        TypeCode.Int32 => Number<int>(),
        TypeCode.UInt32 => Number<uint>(),
        TypeCode.Int64 => Number<long>(),
        TypeCode.UInt64 => Number<ulong>(),
        TypeCode.Single => Open((float value) => value),
        TypeCode.Double => Number<double>(),
        TypeCode.Decimal => Number<decimal>(),
        TypeCode.String => Open((string text) => float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : float.NaN),
        // What DuckDB's sums are.
        _ => type == typeof(BigInteger) ? Number<BigInteger>() : null,
    };

    /// <summary>Reads dates, as ticks, and numbers, rounded down; null where a value is none.</summary>
    /// <param name="type">The type of the values.</param>
    /// <param name="sawFraction">Called when a number was rounded.</param>
    /// <returns>Null when values of the type are no times.</returns>
    protected Func<long?>? Timestamp(Type type, Action sawFraction)
    {
        return Type.GetTypeCode(type) switch
        {
            TypeCode.SByte => Integer<sbyte>(),
            TypeCode.Byte => Integer<byte>(),
            TypeCode.Int16 => Integer<short>(),
            TypeCode.UInt16 => Integer<ushort>(),
            TypeCode.Int32 => Integer<int>(),
            TypeCode.UInt32 => Integer<uint>(),
            TypeCode.Int64 => Integer<long>(),
            TypeCode.UInt64 => Open<ulong, long?>(value => value <= long.MaxValue ? (long)value : null),
            TypeCode.Single => Open<float, long?>(value => Whole(value)),
            TypeCode.Double => Open<double, long?>(Whole),
            TypeCode.Decimal => Open<decimal, long?>(value => Whole((double)value)),
            TypeCode.DateTime => Open<DateTime, long?>(value => value.Ticks),
            TypeCode.String => Open<string, long?>(text => DateTime.TryParse(text, CultureInfo.InvariantCulture, ToUtc, out var date) ? date.Ticks : null),
            _ when type == typeof(DateTimeOffset) => Open<DateTimeOffset, long?>(value => value.UtcTicks),
            _ when type == typeof(DateOnly) => Open<DateOnly, long?>(value => value.ToDateTime(TimeOnly.MinValue).Ticks),
            _ => null,
        };

        long? Whole(double value)
        {
            var whole = Floor(value);
            if (whole is not null && whole != value)
                sawFraction();
            return whole;
        }
    }

    /// <summary>Reads the current row's value and converts it.</summary>
    protected abstract Func<TValue> Open<T, TValue>(Func<T, TValue> convert);

    /// <summary>The whole number below, as a timestamp; null for NaN and what is beyond Int64.</summary>
    internal static long? Floor(double value)
    {
        var whole = Math.Floor(value);
        return whole >= long.MinValue && whole < -(double)long.MinValue ? (long)whole : null;
    }

    private Func<float> Number<T>() where T : INumberBase<T> => Open<T, float>(float.CreateTruncating);

    private Func<long?> Integer<T>() where T : IBinaryInteger<T> => Open<T, long?>(value => long.CreateTruncating(value));
}
