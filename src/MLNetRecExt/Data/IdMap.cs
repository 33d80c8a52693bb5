using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetRecExt;

/// <summary>
/// The one place where original user or item ids meet the 0-based indices used inside. Immutable and thread-safe.
/// </summary>
/// <remarks>
/// Ids come from a key column (index = key − 1; the key's <c>KeyValues</c>, when present, are the original ids)
/// or from a column of raw ids (text or integers; index = order of first occurrence).
/// </remarks>
public sealed class IdMap
{
    internal const string KeyValues = "KeyValues";

    // Exactly one of the two is set, or none for keys that carry no values.
    private readonly string[]? _text;
    private readonly long[]? _integers;
    private readonly Lazy<Dictionary<string, int>> _textIndex;
    private readonly Lazy<Dictionary<long, int>> _integerIndex;

    private IdMap(int count, bool isKey, DataKind? kind, string[]? text, long[]? integers,
        Dictionary<string, int>? textIndex = null, Dictionary<long, int>? integerIndex = null)
    {
        Count = count;
        IsKey = isKey;
        Kind = kind;
        _text = text;
        _integers = integers;
        _textIndex = textIndex is null ? new(() => BuildIndex(_text!, StringComparer.Ordinal)) : new(textIndex);
        _integerIndex = integerIndex is null ? new(() => BuildIndex(_integers!, EqualityComparer<long>.Default)) : new(integerIndex);
    }

    /// <summary>Keys 1…<paramref name="count"/> without values.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    public static IdMap FromKeys(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return new(count, isKey: true, kind: null, text: null, integers: null);
    }

    /// <summary>Text ids, by index. <paramref name="isKey"/>: the column is key-typed and these are its KeyValues.</summary>
    /// <remarks>The array is kept, not copied: do not change it. Of equal ids the first is the one that is found.</remarks>
    public static IdMap FromText(string[] ids, bool isKey = false) => new(ids.Length, isKey, DataKind.String, ids, null);

    /// <summary>
    /// Ids that fit 64 bits, by index: integers as their value (<see cref="DataKind.UInt64"/> reinterpreted), <see cref="DataKind.Boolean"/>
    /// as 0 or 1, <see cref="DataKind.DateTime"/> and <see cref="DataKind.TimeSpan"/> as ticks, <see cref="DataKind.Single"/> and
    /// <see cref="DataKind.Double"/> as their bits.
    /// <paramref name="isKey"/>: the column is key-typed and these are its KeyValues.
    /// </summary>
    /// <remarks>The array is kept, not copied: do not change it. Of equal ids the first is the one that is found.</remarks>
    /// <exception cref="ArgumentException"><paramref name="kind"/> is text or <see cref="DataKind.DateTimeOffset"/>: pass these to <see cref="FromText"/>.</exception>
    public static IdMap FromIntegers(long[] ids, DataKind kind, bool isKey = false)
    {
        if (kind is DataKind.String or DataKind.DateTimeOffset)
            throw new ArgumentException($"{kind} ids do not fit 64 bits; pass their text to {nameof(FromText)}.", nameof(kind));
        return new(ids.Length, isKey, kind, null, ids);
    }

    /// <summary>Gives each distinct text id an index, in order of first occurrence.</summary>
    /// <param name="ids">Ids as they occur, repeats included.</param>
    /// <param name="indices">The index of each.</param>
    /// <exception cref="ArgumentException">An id is null or empty.</exception>
    public static IdMap Index(ReadOnlySpan<string> ids, out int[] indices)
    {
        var index = new Dictionary<string, int>(StringComparer.Ordinal);
        indices = new int[ids.Length];
        for (int i = 0; i < ids.Length; i++)
        {
            if (string.IsNullOrEmpty(ids[i]))
                throw new ArgumentException($"The id at position {i} is null or empty.", nameof(ids));
            indices[i] = IndexOrAdd(index, ids[i]);
        }
        return FromIndex(index);
    }

    /// <summary>Gives each distinct integer id an index, in order of first occurrence.</summary>
    /// <inheritdoc cref="Index(ReadOnlySpan{string}, out int[])"/>
    public static IdMap Index(ReadOnlySpan<long> ids, out int[] indices)
    {
        var index = new Dictionary<long, int>();
        indices = new int[ids.Length];
        for (int i = 0; i < ids.Length; i++)
            indices[i] = IndexOrAdd(index, ids[i]);
        return FromIndex(index, DataKind.Int64);
    }

    /// <summary>Raw text ids whose dictionary exists already: it is kept as the index.</summary>
    internal static IdMap FromIndex(Dictionary<string, int> index) =>
        new(index.Count, isKey: false, DataKind.String, ByIndex(index), null, textIndex: index);

    /// <inheritdoc cref="FromIndex(Dictionary{string, int})"/>
    internal static IdMap FromIndex(Dictionary<long, int> index, DataKind kind) =>
        new(index.Count, isKey: false, kind, null, ByIndex(index), integerIndex: index);

    /// <summary>The ids of a key column: its KeyValues where it has them.</summary>
    /// <exception cref="ArgumentException">The key type has more values than an array can hold.</exception>
    internal static IdMap FromKeyColumn(DataViewSchema.Column column)
    {
        var keys = ((KeyDataViewType)((column.Type as VectorDataViewType)?.ItemType ?? column.Type)).Count;
        if (keys > (ulong)(Array.MaxLength - InteractionRows.Padding))
            throw new ArgumentException(
                $"Key column '{column.Name}' has a key type of {keys:N0} values, more than can be indexed. Declare its true count, map it with " +
                "mlContext.Transforms.Conversion.MapValueToKey, or pass the ids as they are (UInt32, UInt64) and let the reader index them.");
        var count = (int)keys;
        // As ML.NET itself does, values of another number than the key's count are not taken for its values.
        if (column.Annotations.Schema.GetColumnOrNull(KeyValues)?.Type is not VectorDataViewType { IsKnownSize: true } type || type.Size != count)
            return FromKeys(count);

        var raw = type.ItemType.RawType;
        if (raw == typeof(ReadOnlyMemory<char>))
            return FromText(Read<ReadOnlyMemory<char>, string>(text => text.ToString()), isKey: true);
        if (raw == typeof(DateTimeOffset))
            return FromText(Read<DateTimeOffset, string>(time => time.ToString("O", CultureInfo.InvariantCulture)), isKey: true);
        if (raw == typeof(sbyte)) return Integers<sbyte>(DataKind.SByte);
        if (raw == typeof(byte)) return Integers<byte>(DataKind.Byte);
        if (raw == typeof(short)) return Integers<short>(DataKind.Int16);
        if (raw == typeof(ushort)) return Integers<ushort>(DataKind.UInt16);
        if (raw == typeof(int)) return Integers<int>(DataKind.Int32);
        if (raw == typeof(uint)) return Integers<uint>(DataKind.UInt32);
        if (raw == typeof(long)) return Integers<long>(DataKind.Int64);
        if (raw == typeof(ulong)) return Integers<ulong>(DataKind.UInt64);
        if (raw == typeof(float)) return Bits<float>(DataKind.Single, v => BitConverter.SingleToInt32Bits(v));
        if (raw == typeof(double)) return Bits<double>(DataKind.Double, BitConverter.DoubleToInt64Bits);
        if (raw == typeof(bool)) return Bits<bool>(DataKind.Boolean, v => v ? 1 : 0);
        if (raw == typeof(DateTime)) return Bits<DateTime>(DataKind.DateTime, v => v.Ticks);
        if (raw == typeof(TimeSpan)) return Bits<TimeSpan>(DataKind.TimeSpan, v => v.Ticks);
        throw new ArgumentException(
            $"The KeyValues of column '{column.Name}' are {type.ItemType}; text, numbers, Boolean, DateTime, DateTimeOffset or TimeSpan are needed. " +
            "Map the column with mlContext.Transforms.Conversion.MapValueToKey from ids of such a type.");

        IdMap Integers<T>(DataKind kind) where T : IBinaryInteger<T> => Bits<T>(kind, long.CreateTruncating);
        IdMap Bits<T>(DataKind kind, Func<T, long> toBits) => FromIntegers(Read(toBits), kind, isKey: true);
        TId[] Read<T, TId>(Func<T, TId> convert)
        {
            var buffer = default(VBuffer<T>);
            column.Annotations.GetValue(KeyValues, ref buffer);
            var ids = new TId[count];
            int i = 0;
            foreach (var value in buffer.DenseValues())
                ids[i++] = convert(value);
            return ids;
        }
    }

    /// <summary>Number of ids; indices are 0…Count−1.</summary>
    public int Count { get; }

    /// <summary>Whether the source column is key-typed (1-based keys, 0 = missing).</summary>
    public bool IsKey { get; }

    /// <summary>The kind of the original ids; null for keys that carry no values.</summary>
    public DataKind? Kind { get; }

    /// <summary>The type of a column that holds such ids: a key, or the raw type of the ids.</summary>
    internal PrimitiveDataViewType Type => IsKey
        ? new KeyDataViewType(typeof(uint), Math.Max(1, Count))
        : Kind switch
        {
            DataKind.String => TextDataViewType.Instance,
            DataKind.Int32 => NumberDataViewType.Int32,
            DataKind.UInt32 => NumberDataViewType.UInt32,
            DataKind.UInt64 => NumberDataViewType.UInt64,
            _ => NumberDataViewType.Int64,
        };

    /// <summary>The indices of those of the given ids that are known, in their order; ids that are not known are left out.</summary>
    /// <remarks>Makes the lists of <see cref="TopItemsOptions.AllowItems"/> and <see cref="TopItemsOptions.DenyItems"/> from original ids.</remarks>
    public int[] IndicesOf(IEnumerable<string> ids) => [.. ids.Select(id => IndexOf(id)).Where(index => index >= 0)];

    /// <inheritdoc cref="IndicesOf(IEnumerable{string})"/>
    public int[] IndicesOf(IEnumerable<long> ids) => [.. ids.Select(IndexOf).Where(index => index >= 0)];

    internal string[]? Text => _text;

    internal long[]? Integers => _integers;

    internal Dictionary<string, int> TextIndex => _textIndex.Value;

    internal Dictionary<long, int> IntegerIndex => _integerIndex.Value;

    /// <summary>
    /// The index of the id that reads <paramref name="id"/>, or −1 when there is none: the inverse of <see cref="GetText"/>.
    /// For keys without values, the text of the 1-based key.
    /// </summary>
    public int IndexOf(ReadOnlySpan<char> id)
    {
        if (_text is not null)
            return _textIndex.Value.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(id, out var index) ? index : -1;
        return TryParse(id, out var bits) ? IndexOf(bits) : -1;
    }

    /// <summary>
    /// The index of an integer id, or −1 when it is unknown or the ids are text.
    /// For keys without values, <paramref name="id"/> is the 1-based key; for other kinds, see <see cref="FromIntegers"/>.
    /// </summary>
    public int IndexOf(long id)
    {
        if (_integers is not null)
            return _integerIndex.Value.TryGetValue(id, out var index) ? index : -1;
        return Kind is null && id >= 1 && id <= Count ? (int)(id - 1) : -1;
    }

    /// <summary>The index that a saved pipeline means: by 1-based key when the ids are keys, else by text.</summary>
    internal int IndexOfKeyOrText(uint key, ReadOnlySpan<char> text) => !IsKey ? IndexOf(text) : key <= Count ? (int)key - 1 : -1;

    /// <summary>The original id at <paramref name="index"/> as invariant text; for keys without values, the 1-based key.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is not in 0…Count−1.</exception>
    public string GetText(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        if (_text is not null)
            return _text[index];
        var culture = CultureInfo.InvariantCulture;
        var bits = _integers is null ? index + 1L : _integers[index];
        return Kind switch
        {
            DataKind.UInt64 => ((ulong)bits).ToString(culture),
            DataKind.Single => BitConverter.Int32BitsToSingle((int)bits).ToString(culture),
            DataKind.Double => BitConverter.Int64BitsToDouble(bits).ToString(culture),
            DataKind.Boolean => (bits != 0).ToString(culture),
            DataKind.DateTime => new DateTime(bits).ToString("O", culture),
            DataKind.TimeSpan => new TimeSpan(bits).ToString("c", culture),
            _ => bits.ToString(culture),
        };
    }

    /// <summary>
    /// Whether the first ids of this map are those of <paramref name="other"/>, so that the indices of <paramref name="other"/> mean the same here.
    /// </summary>
    public bool Extends(IdMap other)
    {
        if (ReferenceEquals(this, other))
            return true;
        if (IsKey != other.IsKey || Kind != other.Kind || Count < other.Count)
            return false;
        if (_text is not null)
            return _text.AsSpan(0, other.Count).SequenceEqual(other._text);
        return _integers is null || _integers.AsSpan(0, other.Count).SequenceEqual(other._integers);
    }

    /// <summary>Sees to it that an index of these ids, a model's, means the same in those of a held-out part.</summary>
    /// <exception cref="ArgumentException">Neither extends the other.</exception>
    internal void CheckMeansTheSame(IdMap other, string what, string part)
    {
        if (!other.Extends(this) && !Extends(other))
            throw new ArgumentException(
                $"The {what} ids of {part} ({other.Count}) are not those of the model ({Count}), so their indices mean something else. " +
                $"Split the data after reading it, or read {part} with idsOf: the training interactions.", part);
    }

    /// <summary>Whether both hold the same ids in the same order.</summary>
    internal bool HasSameIds(IdMap other) => Count == other.Count && Extends(other);

    /// <summary>Whether the <c>KeyValues</c> of a key column are these ids. True when either has none: then only the keys count.</summary>
    internal bool HasKeyValuesOf(DataViewSchema.Column column) =>
        Kind is null || column.Annotations.Schema.GetColumnOrNull(KeyValues) is null || HasSameIds(FromKeyColumn(column));

    /// <summary>Adds the ids as <c>KeyValues</c>, in their original type, to the annotations of a key column; nothing for keys without values.</summary>
    internal void AddKeyValues(DataViewSchema.Annotations.Builder annotations)
    {
        if (Count == 0)
            return;
        switch (Kind)
        {
            case null: break;
            case DataKind.String: Add(TextDataViewType.Instance, i => _text![i].AsMemory()); break;
            case DataKind.SByte: Add(NumberDataViewType.SByte, i => (sbyte)_integers![i]); break;
            case DataKind.Byte: Add(NumberDataViewType.Byte, i => (byte)_integers![i]); break;
            case DataKind.Int16: Add(NumberDataViewType.Int16, i => (short)_integers![i]); break;
            case DataKind.UInt16: Add(NumberDataViewType.UInt16, i => (ushort)_integers![i]); break;
            case DataKind.Int32: Add(NumberDataViewType.Int32, i => (int)_integers![i]); break;
            case DataKind.UInt32: Add(NumberDataViewType.UInt32, i => (uint)_integers![i]); break;
            case DataKind.Int64: Add(NumberDataViewType.Int64, i => _integers![i]); break;
            case DataKind.UInt64: Add(NumberDataViewType.UInt64, i => (ulong)_integers![i]); break;
            case DataKind.Single: Add(NumberDataViewType.Single, i => BitConverter.Int32BitsToSingle((int)_integers![i])); break;
            case DataKind.Double: Add(NumberDataViewType.Double, i => BitConverter.Int64BitsToDouble(_integers![i])); break;
            case DataKind.Boolean: Add(BooleanDataViewType.Instance, i => _integers![i] != 0); break;
            case DataKind.DateTime: Add(DateTimeDataViewType.Instance, i => new DateTime(_integers![i])); break;
            case DataKind.TimeSpan: Add(TimeSpanDataViewType.Instance, i => new TimeSpan(_integers![i])); break;
            default: throw new InvalidOperationException($"Ids of kind {Kind} have no KeyValues.");
        }

        void Add<T>(PrimitiveDataViewType type, Func<int, T> get)
        {
            ValueGetter<VBuffer<T>> getter = (ref VBuffer<T> value) =>
            {
                var editor = VBufferEditor.Create(ref value, Count);
                for (int i = 0; i < Count; i++)
                    editor.Values[i] = get(i);
                value = editor.Commit();
            };
            annotations.Add(KeyValues, new VectorDataViewType(type, Count), getter);
        }
    }

    /// <summary>The index of <paramref name="id"/>; a new id gets the next one.</summary>
    internal static int IndexOrAdd<T>(Dictionary<T, int> index, T id) where T : notnull
    {
        ref var value = ref CollectionsMarshal.GetValueRefOrAddDefault(index, id, out var known);
        if (!known)
            value = index.Count - 1;
        return value;
    }

    /// <summary>Every id, or for key columns every key, as an array of a column's raw type.</summary>
    internal Array ValuesAs(Type rawType)
    {
        var values = Array.CreateInstance(rawType, Count);
        for (int index = 0; index < Count; index++)
        {
            object value = IsKey ? (ulong)index + 1
                : _text is { } text ? text[index].AsMemory()
                : Kind == DataKind.UInt64 ? (ulong)_integers![index] : _integers![index];
            values.SetValue(value is IConvertible ? Convert.ChangeType(value, rawType, CultureInfo.InvariantCulture) : value, index);
        }
        return values;
    }

    private bool TryParse(ReadOnlySpan<char> text, out long bits)
    {
        var culture = CultureInfo.InvariantCulture;
        bits = 0;
        switch (Kind)
        {
            case DataKind.UInt64 when ulong.TryParse(text, NumberStyles.None, culture, out var value):
                bits = (long)value;
                return true;
            case DataKind.Single when float.TryParse(text, NumberStyles.Float, culture, out var value):
                bits = BitConverter.SingleToInt32Bits(value);
                return true;
            case DataKind.Double when double.TryParse(text, NumberStyles.Float, culture, out var value):
                bits = BitConverter.DoubleToInt64Bits(value);
                return true;
            case DataKind.Boolean when bool.TryParse(text, out var value):
                bits = value ? 1 : 0;
                return true;
            case DataKind.DateTime when DateTime.TryParseExact(text, "O", culture, DateTimeStyles.None, out var value):
                bits = value.Ticks;
                return true;
            case DataKind.TimeSpan when TimeSpan.TryParseExact(text, "c", culture, out var value):
                bits = value.Ticks;
                return true;
            case DataKind.UInt64 or DataKind.Single or DataKind.Double or DataKind.Boolean or DataKind.DateTime or DataKind.TimeSpan:
                return false;
            default:
                return long.TryParse(text, NumberStyles.AllowLeadingSign, culture, out bits);
        }
    }

    private static Dictionary<T, int> BuildIndex<T>(T[] ids, IEqualityComparer<T> comparer) where T : notnull
    {
        var index = new Dictionary<T, int>(ids.Length, comparer);
        for (int i = 0; i < ids.Length; i++)
            index.TryAdd(ids[i], i);
        return index;
    }

    private static T[] ByIndex<T>(Dictionary<T, int> index) where T : notnull
    {
        var ids = new T[index.Count];
        foreach (var (id, i) in index)
            ids[i] = id;
        return ids;
    }
}
