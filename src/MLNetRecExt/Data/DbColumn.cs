using System.Data.Common;
using System.Globalization;
using System.Numerics;

namespace MLNetRecExt;

/// <summary>A column of a data reader, whose values are read by the typed getters.</summary>
internal sealed class DbColumn
{
    private const DateTimeStyles ToUtc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;

    private readonly DbDataReader _reader;
    private readonly int _ordinal;

    private DbColumn(DbDataReader reader, int ordinal) => (_reader, _ordinal) = (reader, ordinal);

    public string Name => _reader.GetName(_ordinal);

    /// <summary>The type of the values, as far as it is known before the first row.</summary>
    public Type Type => _reader.GetFieldType(_ordinal);

    /// <summary>The current row's value, null for NULL.</summary>
    public object? Value => _reader.IsDBNull(_ordinal) ? null : _reader.GetValue(_ordinal);

    /// <summary>Finds a column by its name; letters may be large or small, since databases change them.</summary>
    /// <exception cref="ArgumentException">There is none, or more than one; the message says what there is.</exception>
    public static DbColumn Find(DbDataReader reader, string name, string role)
    {
        string[] names = [.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetName)];
        foreach (var comparison in new[] { StringComparison.Ordinal, StringComparison.OrdinalIgnoreCase })
        {
            int[] places = [.. Enumerable.Range(0, names.Length).Where(place => names[place].Equals(name, comparison))];
            if (places.Length == 1)
                return new(reader, places[0]);
            if (places.Length > 1)
                throw new ArgumentException($"The query has {places.Length} columns '{name}' to read {role} from. Rename one of them in it: SELECT … AS other_name.");
        }
        throw new ArgumentException(
            $"The query has no column '{name}' to read {role} from; it has {string.Join(", ", names.Select(n => $"'{n}'"))}. Name one of them.");
    }

    /// <summary>Reads numbers and Booleans; NaN where there is none.</summary>
    public Func<float> OpenSingle(string role) => Open(float.NaN, role, "a number or Boolean", type => Type.GetTypeCode(type) switch
    {
        TypeCode.Boolean => From((bool value) => value ? 1f : 0),
        TypeCode.SByte => Number<sbyte>(),
        TypeCode.Byte => Number<byte>(),
        TypeCode.Int16 => Number<short>(),
        TypeCode.UInt16 => Number<ushort>(),
        TypeCode.Int32 => Number<int>(),
        TypeCode.UInt32 => Number<uint>(),
        TypeCode.Int64 => Number<long>(),
        TypeCode.UInt64 => Number<ulong>(),
        TypeCode.Single => Number<float>(),
        TypeCode.Double => Number<double>(),
        TypeCode.Decimal => Number<decimal>(),
        TypeCode.String => From((string text) => float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : float.NaN),
        // What DuckDB's sums are.
        _ => type == typeof(BigInteger) ? Number<BigInteger>() : null,
    });

    /// <summary>Reads dates, as ticks, and numbers, rounded down; null where there is none.</summary>
    public Func<long?> OpenTimestamp(Action sawFraction)
    {
        return Open<long?>(null, "timestamps", "a date, or an integer, or text as ISO 8601 has it", type => Type.GetTypeCode(type) switch
        {
            TypeCode.SByte => From<sbyte, long?>(value => value),
            TypeCode.Byte => From<byte, long?>(value => value),
            TypeCode.Int16 => From<short, long?>(value => value),
            TypeCode.UInt16 => From<ushort, long?>(value => value),
            TypeCode.Int32 => From<int, long?>(value => value),
            TypeCode.UInt32 => From<uint, long?>(value => value),
            TypeCode.Int64 => From<long, long?>(value => value),
            TypeCode.UInt64 => From<ulong, long?>(value => value <= long.MaxValue ? (long)value : null),
            TypeCode.Single => From<float, long?>(value => Whole(value)),
            TypeCode.Double => From<double, long?>(Whole),
            TypeCode.Decimal => From<decimal, long?>(value => Whole((double)value)),
            TypeCode.DateTime => From<DateTime, long?>(value => value.Ticks),
            TypeCode.String => From<string, long?>(text => DateTime.TryParse(text, CultureInfo.InvariantCulture, ToUtc, out var date) ? date.Ticks : null),
            _ when type == typeof(DateTimeOffset) => From<DateTimeOffset, long?>(value => value.UtcTicks),
            _ when type == typeof(DateOnly) => From<DateOnly, long?>(value => value.ToDateTime(TimeOnly.MinValue).Ticks),
            _ => null,
        });

        long? Whole(double value)
        {
            var whole = InteractionReader.Floor(value);
            if (whole is not null && whole != value)
                sawFraction();
            return whole;
        }
    }

    /// <summary>Hands values that can be ids over; false where there is none.</summary>
    /// <param name="role">"users" or "items".</param>
    /// <param name="idsOf">Who takes values of a type.</param>
    public Func<bool> OpenIds(string role, Func<Type, ValueIds?> idsOf) => Open(false, role, ValueIds.Types, type => idsOf(type) is not { } ids
        ? null
        : Type.GetTypeCode(type) switch
        {
            TypeCode.SByte => From<sbyte, bool>(ids.Take),
            TypeCode.Byte => From<byte, bool>(ids.Take),
            TypeCode.Int16 => From<short, bool>(ids.Take),
            TypeCode.UInt16 => From<ushort, bool>(ids.Take),
            TypeCode.Int32 => From<int, bool>(ids.Take),
            TypeCode.UInt32 => From<uint, bool>(ids.Take),
            TypeCode.Int64 => From<long, bool>(ids.Take),
            TypeCode.UInt64 => From<ulong, bool>(ids.Take),
            TypeCode.Decimal => From<decimal, bool>(ids.Take),
            TypeCode.String => From<string, bool>(ids.Take),
            _ => From<Guid, bool>(ids.Take),
        });

    /// <summary>Reads by a getter that is chosen by the type of the values, once: but rows of SQLite may differ in type, and get each their
    /// own.</summary>
    private Func<T> Open<T>(T missing, string role, string needed, Func<Type, Func<T>?> choose)
    {
        Type? chosen = null;
        Func<T>? get = null;
        return () =>
        {
            if (_reader.IsDBNull(_ordinal))
                return missing;
            var type = _reader.GetFieldType(_ordinal);
            if (type != chosen)
            {
                get = choose(type) ?? (chosen is null ? throw Wrong(type) : null);
                chosen = type;
            }
            return get is null ? missing : get();
        };

        ArgumentException Wrong(Type type) => new($"Column '{Name}' is {type.Name} ({_reader.GetDataTypeName(_ordinal)}); for {role} "
            + $"{needed} is needed. Cast it in the query, or name another column.");
    }

    private Func<float> Number<T>() where T : INumberBase<T> => From<T, float>(float.CreateTruncating);

    private Func<TValue> From<T, TValue>(Func<T, TValue> convert)
    {
        var get = (Func<T>)(Type.GetTypeCode(typeof(T)) switch
        {
            TypeCode.Boolean => (Delegate)new Func<bool>(() => _reader.GetBoolean(_ordinal)),
            TypeCode.Byte => new Func<byte>(() => _reader.GetByte(_ordinal)),
            TypeCode.Int16 => new Func<short>(() => _reader.GetInt16(_ordinal)),
            TypeCode.Int32 => new Func<int>(() => _reader.GetInt32(_ordinal)),
            TypeCode.Int64 => new Func<long>(() => _reader.GetInt64(_ordinal)),
            TypeCode.Single => new Func<float>(() => _reader.GetFloat(_ordinal)),
            TypeCode.Double => new Func<double>(() => _reader.GetDouble(_ordinal)),
            TypeCode.Decimal => new Func<decimal>(() => _reader.GetDecimal(_ordinal)),
            TypeCode.DateTime => new Func<DateTime>(() => _reader.GetDateTime(_ordinal)),
            TypeCode.String => new Func<string>(() => _reader.GetString(_ordinal)),
            _ => new Func<T>(() => _reader.GetFieldValue<T>(_ordinal)),
        });
        return () => convert(get());
    }
}
