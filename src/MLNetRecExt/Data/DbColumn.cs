using System.Data.Common;

namespace MLNetRecExt;

/// <summary>A column of a data reader, whose values are read by the typed getters.</summary>
internal sealed class DbColumn : ValueColumn
{
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
    public Func<float> OpenSingle(string role) => Choose(float.NaN, role, "a number or Boolean", Single);

    /// <summary>Reads dates, as ticks, and numbers, rounded down; null where there is none.</summary>
    public Func<long?> OpenTimestamp(Action sawFraction) =>
        Choose<long?>(null, "timestamps", "a date, or an integer, or text as ISO 8601 has it", type => Timestamp(type, sawFraction));

    /// <summary>Hands values that can be ids over; false where there is none.</summary>
    /// <param name="role">"users" or "items".</param>
    /// <param name="idsOf">Who takes values of a type.</param>
    public Func<bool> OpenIds(string role, Func<Type, ValueIds?> idsOf) => Choose(false, role, ValueIds.Types, type => idsOf(type) is not { } ids
        ? null
        : Type.GetTypeCode(type) switch
        {
            TypeCode.SByte => Open<sbyte, bool>(ids.Take),
            TypeCode.Byte => Open<byte, bool>(ids.Take),
            TypeCode.Int16 => Open<short, bool>(ids.Take),
            TypeCode.UInt16 => Open<ushort, bool>(ids.Take),
            TypeCode.Int32 => Open<int, bool>(ids.Take),
            TypeCode.UInt32 => Open<uint, bool>(ids.Take),
            TypeCode.Int64 => Open<long, bool>(ids.Take),
            TypeCode.UInt64 => Open<ulong, bool>(ids.Take),
            TypeCode.Decimal => Open<decimal, bool>(ids.Take),
            TypeCode.String => Open<string, bool>(ids.Take),
            _ => Open<Guid, bool>(ids.Take),
        });

    /// <summary>Reads by a getter that is chosen by the type of the values, once: but rows of SQLite may differ in type, and get each their
    /// own.</summary>
    private Func<T> Choose<T>(T missing, string role, string needed, Func<Type, Func<T>?> choose)
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

    protected override Func<TValue> Open<T, TValue>(Func<T, TValue> convert) => () => convert(Get<T>());

    // For each type the runtime compiles its own branch alone, and boxes nothing.
    private T Get<T>()
    {
        if (typeof(T) == typeof(string))
            return (T)(object)_reader.GetString(_ordinal);
        if (typeof(T) == typeof(bool))
            return (T)(object)_reader.GetBoolean(_ordinal);
        if (typeof(T) == typeof(byte))
            return (T)(object)_reader.GetByte(_ordinal);
        if (typeof(T) == typeof(short))
            return (T)(object)_reader.GetInt16(_ordinal);
        if (typeof(T) == typeof(int))
            return (T)(object)_reader.GetInt32(_ordinal);
        if (typeof(T) == typeof(long))
            return (T)(object)_reader.GetInt64(_ordinal);
        if (typeof(T) == typeof(float))
            return (T)(object)_reader.GetFloat(_ordinal);
        if (typeof(T) == typeof(double))
            return (T)(object)_reader.GetDouble(_ordinal);
        if (typeof(T) == typeof(decimal))
            return (T)(object)_reader.GetDecimal(_ordinal);
        if (typeof(T) == typeof(DateTime))
            return (T)(object)_reader.GetDateTime(_ordinal);
        return _reader.GetFieldValue<T>(_ordinal);
    }
}
