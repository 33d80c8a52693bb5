using System.Buffers;
using System.Globalization;
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

    private const int GuidLength = 36;

    // Characters of a text that is looked for without memory being taken.
    private const int ShortText = 128;

    // Exactly one of the two is set, or none for keys that carry no values.
    private readonly Utf8Ids? _text;
    private readonly long[]? _integers;
    // What the integers stand for; of keys that carry no values, their numbers.
    private readonly IdKind _kind;
    private readonly Lazy<IdIndex> _index;

    private IdMap(int count, bool isKey, DataKind? kind, Utf8Ids? text, long[]? integers)
    {
        Count = count;
        IsKey = isKey;
        Kind = kind;
        _kind = kind is { } given && IdKind.Find(given) is { } known ? known : IdKind.Int64;
        _text = text;
        _integers = integers;
        _index = new(() => _text is not null ? IdIndex.Of(_text) : IdIndex.Of(_integers!));
    }

    /// <summary>Keys 1…<paramref name="count"/> without values.</summary>
    /// <param name="count">How many keys there are; from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    public static IdMap FromKeys(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return new(count, isKey: true, kind: null, text: null, integers: null);
    }

    /// <summary>Text ids, by index. <paramref name="isKey"/>: the column is key-typed and these are its KeyValues.</summary>
    /// <remarks>The ids are copied, into a third of the memory. Of equal ids the first is the one that is found.</remarks>
    public static IdMap FromText(string[] ids, bool isKey = false) => FromText(new Utf8Ids(ids), isKey);

    /// <summary>Text ids, by index, which are kept.</summary>
    internal static IdMap FromText(Utf8Ids ids, bool isKey = false) => new(ids.Count, isKey, DataKind.String, ids.Trim(), null);

    /// <summary>
    /// Ids that fit 64 bits, by index: integers as their value (<see cref="DataKind.UInt64"/> reinterpreted),
    /// <see cref="DataKind.Boolean"/>
    /// as 0 or 1, <see cref="DataKind.DateTime"/> and <see cref="DataKind.TimeSpan"/> as ticks, <see cref="DataKind.Single"/> and
    /// <see cref="DataKind.Double"/> as their bits.
    /// <paramref name="isKey"/>: the column is key-typed and these are its KeyValues.
    /// </summary>
    /// <remarks>The array is kept, not copied: do not change it. Of equal ids the first is the one that is found.</remarks>
    /// <exception cref="ArgumentException"><paramref name="kind"/> is text or <see cref="DataKind.DateTimeOffset"/>: pass these to
    /// <see cref="FromText(string[], bool)"/>; or an id is outside the range of <paramref name="kind"/>.</exception>
    public static IdMap FromIntegers(long[] ids, DataKind kind, bool isKey = false)
    {
        if (IdKind.Find(kind) is not { } known)
            throw new ArgumentException($"{kind} ids do not fit 64 bits; pass their text to {nameof(FromText)}.", nameof(kind));
        if (known.FindMisfit(ids) is var misfit and >= 0)
            throw new ArgumentException(
                FormattableString.Invariant($"The id at position {misfit} is {ids[misfit]}, which is no {kind}; choose a wider kind, such as Int64."), nameof(ids));
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
        return FromText(ByIndex(index));
    }

    /// <summary>Gives each distinct integer id an index, in order of first occurrence.</summary>
    /// <inheritdoc cref="Index(ReadOnlySpan{string}, out int[])"/>
    public static IdMap Index(ReadOnlySpan<long> ids, out int[] indices)
    {
        var index = new Dictionary<long, int>(IdHash.Comparer);
        indices = new int[ids.Length];
        for (int i = 0; i < ids.Length; i++)
            indices[i] = IndexOrAdd(index, ids[i]);
        return FromIntegers(ByIndex(index), DataKind.Int64);
    }

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
            return FromText(ReadKeyValues<ReadOnlyMemory<char>, string>(column, text => text.ToString()), isKey: true);
        if (raw == typeof(DateTimeOffset))
            return FromText(ReadKeyValues<DateTimeOffset, string>(column, time => time.ToString("O", CultureInfo.InvariantCulture)), isKey: true);
        if (IdKind.Find(raw) is { } kind)
            return FromIntegers(kind.ReadKeyValues(column), kind.Kind, isKey: true);
        throw new ArgumentException(
            $"The KeyValues of column '{column.Name}' are {type.ItemType}; text, numbers, Boolean, DateTime, DateTimeOffset or TimeSpan are needed. " +
            "Map the column with mlContext.Transforms.Conversion.MapValueToKey from ids of such a type.");
    }

    /// <summary>The <c>KeyValues</c> of a key column, converted one by one.</summary>
    internal static TId[] ReadKeyValues<T, TId>(DataViewSchema.Column column, Func<T, TId> convert)
    {
        var values = default(VBuffer<T>);
        column.Annotations.GetValue(KeyValues, ref values);
        return [.. values.DenseValues().Select(convert)];
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
        : _text is not null ? TextDataViewType.Instance : _kind.Type;

    /// <summary>The indices of those of the given ids that are known, in their order; ids that are not known are left out.</summary>
    /// <remarks>Makes indices for batches and filters of original ids.</remarks>
    /// <inheritdoc cref="IndexOf{TId}(TId)"/>
    public int[] IndicesOf<TId>(IEnumerable<TId> ids) where TId : notnull => [.. ids.Select(IndexOf).Where(index => index >= 0)];

    internal Utf8Ids? Text => _text;

    internal long[]? Integers => _integers;

    /// <summary>The index of an id, or −1 when it is unknown.</summary>
    /// <typeparam name="TId">
    /// <see cref="string"/> finds ids of every kind by their text, as <see cref="GetText"/> gives it; <see cref="Guid"/> finds text ids by
    /// its
    /// <c>"D"</c> form. Integers of any width find integers by their value, and keys without values by the 1-based key.
    /// Any other type finds ids of just that type.
    /// </typeparam>
    /// <param name="id">The id.</param>
    /// <exception cref="ArgumentException">Ids of this kind cannot be of the type; the message says of which they are.</exception>
    public int IndexOf<TId>(TId id) where TId : notnull
    {
        ArgumentNullException.ThrowIfNull(id);
        if (id is string text)
            return IndexOf(text.AsSpan());
        if (id is Guid guid && _text is not null)
        {
            Span<char> digits = stackalloc char[GuidLength];
            guid.TryFormat(digits, out _);
            return IndexOf(digits);
        }
        if (IdKind.Of<TId>.Instance is not { } asked || _text is not null || asked != _kind && !(asked.IsWhole && _kind.IsWhole))
            throw Misfit<TId>();
        var bits = asked.ToBits(id);
        // Beyond Int64, the bits of a UInt64 are those of a negative number.
        var isOther = bits < 0 && (asked.Kind == DataKind.UInt64) != (_kind.Kind == DataKind.UInt64);
        return isOther ? -1 : IndexOfBits(bits);
    }

    /// <summary>The index of the id that reads <paramref name="id"/>, or −1 when there is none: the inverse of
    /// <see cref="GetText"/>.</summary>
    /// <param name="id">Invariant text of an id; for keys without values, of the 1-based key.</param>
    public int IndexOf(ReadOnlySpan<char> id)
    {
        if (_text is null)
            return _kind.TryParse(id, out var bits) ? IndexOfBits(bits) : -1;
        if (id.Length > ShortText)
            return IndexOfLong(id);
        Span<byte> bytes = stackalloc byte[ShortText * Utf8Ids.MostBytes];
        return _index.Value.Find(_text, bytes[..Utf8Ids.Encode(id, bytes)]);
    }

    private int IndexOfLong(ReadOnlySpan<char> id)
    {
        var rented = ArrayPool<byte>.Shared.Rent(checked(id.Length * Utf8Ids.MostBytes));
        var index = _index.Value.Find(_text!, rented.AsSpan(0, Utf8Ids.Encode(id, rented)));
        ArrayPool<byte>.Shared.Return(rented);
        return index;
    }

    /// <summary>Makes the table by which ids are found, which else the first one looked for waits for.</summary>
    internal void PrepareIndex()
    {
        if (_text is not null || _integers is not null)
            _ = _index.Value;
    }

    private int IndexOfBits(long bits)
    {
        if (_integers is not null)
            return _index.Value.Find(_integers, bits);
        return bits >= 1 && bits <= Count ? (int)(bits - 1) : -1;
    }

    /// <summary>The index that a saved pipeline means: by 1-based key when the ids are keys, else by text.</summary>
    internal int IndexOfKeyOrText(uint key, ReadOnlySpan<char> text) => !IsKey ? IndexOf(text) : key <= Count ? (int)key - 1 : -1;

    /// <summary>The original id at an index.</summary>
    /// <typeparam name="TId">
    /// The ids' own type; for keys without values <see cref="int"/>, <see cref="long"/>, <see cref="uint"/> or <see cref="ulong"/>.
    /// <see cref="string"/> does for every kind and gives the text; <see cref="Guid"/> does for text ids that are Guids in their
    /// <c>"D"</c> form.
    /// </typeparam>
    /// <param name="index">From 0 to Count−1: an index that an answer of the model holds, or one that <see cref="IndexOf{TId}(TId)"/> gave
    /// and that is not −1.</param>
    /// <exception cref="ArgumentException">The ids are of another type, which the message names; or one asked for as a Guid is no
    /// Guid.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is not in 0…Count−1.</exception>
    public TId GetId<TId>(int index) where TId : notnull
    {
        if (typeof(TId) == typeof(string))
            return (TId)(object)GetText(index);
        if (typeof(TId) == typeof(Guid) && _text is not null)
            return Guid.TryParseExact(GetText(index), "D", out var guid) ? (TId)(object)guid : throw new ArgumentException(
                $"The id at index {index} is '{_text.Text(index)}', which is no Guid. Ask with string.");
        CheckIndex(index);
        return IdKind.Of<TId>.Instance is { } asked && HasValuesOf(asked) ? asked.FromBits(BitsAt(index)) : throw Misfit<TId>();
    }

    /// <summary>The original id at <paramref name="index"/> as invariant text; for keys without values, the 1-based key.</summary>
    /// <param name="index">From 0 to Count−1: an index that an answer of the model holds, or one that <see cref="IndexOf{TId}(TId)"/> gave
    /// and that is not −1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is not in 0…Count−1.</exception>
    public string GetText(int index)
    {
        CheckIndex(index);
        return _text is not null ? _text.Text(index) : _kind.Format(BitsAt(index));
    }

    /// <summary>Sees to it that <see cref="GetId"/> can give every id as a <typeparamref name="TId"/>, and <see cref="IndexOf{TId}(TId)"/>
    /// find each.</summary>
    /// <param name="role">"users" or "items".</param>
    /// <exception cref="ArgumentException">The ids are of another type, which the message names.</exception>
    internal void CheckFits<TId>(string role) where TId : notnull
    {
        if (typeof(TId) == typeof(string) || IdKind.Of<TId>.Instance is { } asked && HasValuesOf(asked))
            return;
        var ask = $"ask with For<{(role == "items" ? $"…, {NeededType}" : $"{NeededType}, …")}>";
        if (typeof(TId) != typeof(Guid) || _text is null)
            throw new ArgumentException(
                $"The model's {role} are {Describe}, not {typeof(TId).Name}; {ask}{(_text is null ? ", or string for their text" : "")}.");
        // One that reads otherwise, in capitals say, would never be found.
        if (Count > 0 && !(Guid.TryParseExact(GetText(0), "D", out var guid) && guid.ToString() == GetText(0)))
            throw new ArgumentException(
                $"The model's {role} are {Describe} like '{GetText(0)}', which is no Guid in lower case and with hyphens; {ask}.");
    }

    /// <summary>
    /// Whether the first ids of this map are those of <paramref name="other"/>, so that the indices of <paramref name="other"/> mean the
    /// same here.
    /// </summary>
    public bool Extends(IdMap other)
    {
        if (ReferenceEquals(this, other))
            return true;
        if (IsKey != other.IsKey || Kind != other.Kind || Count < other.Count)
            return false;
        if (_text is not null)
            return _text.StartsWith(other._text!);
        return _integers is null || _integers.AsSpan(0, other.Count).SequenceEqual(other._integers);
    }

    /// <summary>Some of these ids.</summary>
    internal IdMap Only(int[] indices)
    {
        if (Kind is null)
            return FromKeys(indices.Length);
        return _text is null
            ? new(indices.Length, IsKey, Kind, null, Array.ConvertAll(indices, index => _integers![index]))
            : FromText(Added(new(indices.Length, indices.Sum(index => (long)_text[index].Length)), _text, indices), IsKey);
    }

    /// <summary>These ids, and behind them some of others, none of which is here.</summary>
    /// <param name="others">What the new ids are of; text where their kind is another.</param>
    /// <param name="indices">Which of them are appended, ascending.</param>
    /// <exception cref="ArgumentException">An id cannot be one of these.</exception>
    internal IdMap Append(IdMap others, IReadOnlyList<int> indices)
    {
        if (indices.Count == 0)
            return this;
        if (_text is not null)
        {
            var texts = _text.Copy();
            foreach (var index in indices)
                texts.Add(others.GetText(index));
            return FromText(texts, IsKey);
        }
        var integers = new long[indices.Count];
        for (int n = 0; n < integers.Length; n++)
        {
            var text = others.GetText(indices[n]);
            // Keys without values are numbered without a gap.
            if (!_kind.TryParse(text, out integers[n]) || (_integers is null && integers[n] != Count + n + 1L))
                throw new ArgumentException($"'{text}' cannot be a new id: the model's are {Describe}"
                    + (_integers is null ? $", and new ones follow them in order, from {Count + 1}." : $", such as '{GetText(0)}'."));
        }
        if (integers.Distinct().Count() < integers.Length)
            throw new ArgumentException(
                $"Several of the new ids, which are {others.Describe}, mean the same one of these, which are {Describe}.");
        return _integers is null
            ? FromKeys(Count + integers.Length)
            : new(Count + integers.Length, IsKey, Kind, null, [.. _integers, .. integers]);
    }

    /// <summary>Sees to it that an index of these ids, a model's, means the same in those of a held-out part.</summary>
    /// <exception cref="ArgumentException">Neither extends the other.</exception>
    internal void CheckMeansTheSame(IdMap other, string what, string part)
    {
        if (!other.Extends(this) && !Extends(other))
            throw new ArgumentException(
                $"The {what} ids of {part} ({other.Count}) are not those of the model ({Count}), so their indices mean something else. " +
                $"Split the data after reading it, or read {part} with {nameof(InteractionReadOptions.IdsOf)} = the training interactions.", part);
    }

    /// <summary>Sees to it that ids of other data can be found among these, a model's.</summary>
    /// <param name="other">The ids of the data.</param>
    /// <param name="role">"users" or "items".</param>
    /// <param name="parameter">Whose argument the model is.</param>
    /// <exception cref="ArgumentException">They are of another kind.</exception>
    internal void CheckSameKind(IdMap other, string role, string parameter)
    {
        if (Kind != other.Kind)
            throw new ArgumentException(
                $"The model's {role} are {Describe}, and those of the data are {other.Describe}: no id of the one is found in the other. "
                + "Read the data as that of the model was read.", parameter);
    }

    /// <summary>By index of these ids the index in another map of the same kind; −1 where that lacks the id.</summary>
    /// <param name="other">The other ids.</param>
    /// <param name="counts">Whether an index there counts; of one that does not, the id counts as lacking. Null: all do.</param>
    internal int[] IndicesIn(IdMap other, Func<int, bool>? counts = null)
    {
        var isSame = Kind is null || other.Extends(this) || Extends(other);
        var indices = new int[Count];
        for (int index = 0; index < indices.Length; index++)
        {
            var there = isSame ? (index < other.Count ? index : -1)
                : _text is not null ? other._index.Value.Find(other._text!, _text[index]) : other.IndexOfBits(_integers![index]);
            indices[index] = there >= 0 && counts?.Invoke(there) != false ? there : -1;
        }
        return indices;
    }

    /// <summary>These ids, and behind them those of another map of the same kind that they lack.</summary>
    /// <param name="other">The other ids.</param>
    /// <param name="indices">By index in <paramref name="other"/> the index in the result.</param>
    internal IdMap Join(IdMap other, out int[] indices)
    {
        indices = other.IndicesIn(this);
        var added = new List<int>();
        for (int index = 0; index < indices.Length; index++)
        {
            if (indices[index] >= 0)
                continue;
            indices[index] = Count + added.Count;
            added.Add(index);
        }
        if (added.Count == 0)
            return this;
        return _text is null
            ? new(Count + added.Count, IsKey, Kind, null,
                _integers is null ? null : [.. _integers, .. added.Select(index => other._integers![index])])
            : FromText(Added(_text.Copy(), other._text!, added), IsKey);
    }

    private static Utf8Ids Added(Utf8Ids texts, Utf8Ids others, IEnumerable<int> indices)
    {
        foreach (var index in indices)
            texts.Add(others[index]);
        return texts;
    }

    /// <summary>Whether both hold the same ids in the same order.</summary>
    internal bool HasSameIds(IdMap other) => Count == other.Count && Extends(other);

    /// <summary>Whether the <c>KeyValues</c> of a key column are these ids. True when either has none: then only the keys count.</summary>
    internal bool HasKeyValuesOf(DataViewSchema.Column column) =>
        Kind is null || column.Annotations.Schema.GetColumnOrNull(KeyValues) is null || HasSameIds(FromKeyColumn(column));

    /// <summary>Adds the ids as <c>KeyValues</c>, in their original type, to the annotations of a key column; nothing for keys without
    /// values.</summary>
    internal void AddKeyValues(DataViewSchema.Annotations.Builder annotations)
    {
        if (Count == 0)
            return;
        if (_text is not null)
            AddKeyValues(annotations, TextDataViewType.Instance, Count, index => _text.Text(index).AsMemory());
        else if (_integers is not null)
            _kind.AddKeyValues(annotations, _integers);
    }

    /// <summary>Adds <c>KeyValues</c> to the annotations of a key column, converted one by one whenever somebody asks.</summary>
    internal static void AddKeyValues<T>(
        DataViewSchema.Annotations.Builder annotations, PrimitiveDataViewType type, int count, Func<int, T> id)
    {
        ValueGetter<VBuffer<T>> getter = (ref VBuffer<T> value) =>
        {
            var editor = VBufferEditor.Create(ref value, count);
            for (int i = 0; i < count; i++)
                editor.Values[i] = id(i);
            value = editor.Commit();
        };
        annotations.Add(KeyValues, new VectorDataViewType(type, count), getter);
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
        if (_text is not null && !IsKey)
            return Enumerable.Range(0, Count).Select(index => _text.Text(index).AsMemory()).ToArray();
        long[] values = IsKey || _integers is null ? [.. Enumerable.Range(1, Count).Select(key => (long)key)] : _integers;
        return IdKind.Find(rawType)!.ToArray(values);
    }

    private string Describe => Kind is null ? $"keys without values, from 1 to {Count:N0}" : _text is not null ? "text ids" : $"{Kind} ids";

    /// <summary>The name of a type that <see cref="GetId"/> can give the ids as.</summary>
    private string NeededType => _text is not null ? "string" : _kind.Type.RawType.Name;

    private ArgumentException Misfit<TId>() =>
        new($"These are {Describe}, not {typeof(TId).Name}. Ask with {NeededType}"
            + (_text is null ? ", or with string for their text." : "."));

    private bool HasValuesOf(IdKind kind) => kind.Kind == Kind && _text is null || Kind is null && kind.IsRaw;

    /// <summary>These ids as raw ones: of keys what they stand for, or their numbers.</summary>
    internal IdMap AsRaw() => Kind is { } kind
        ? new(Count, isKey: false, kind, _text, _integers)
        : FromIntegers([.. Enumerable.Range(1, Count).Select(key => (long)key)], DataKind.UInt32);

    /// <summary>Orders two ids: texts by their bytes, others by what they stand for.</summary>
    internal int Compare(int one, int other)
    {
        if (_text is not null)
            return _text[one].SequenceCompareTo(_text[other]);
        return Kind == DataKind.UInt64
            ? ((ulong)BitsAt(one)).CompareTo((ulong)BitsAt(other))
            : BitsAt(one).CompareTo(BitsAt(other));
    }

    /// <summary>An id that fits 64 bits; of keys without values, the key.</summary>
    internal long BitsAt(int index) => _integers is null ? index + 1L : _integers[index];

    private void CheckIndex(int index)
    {
        if ((uint)index >= (uint)Count)
            throw new ArgumentOutOfRangeException(nameof(index), index, $"Index {index} is not in 0…{Count - 1}. "
                + "−1 stands for an id that was not found: ask whether an index is negative before its id is wanted.");
    }

    internal static T[] ByIndex<T>(Dictionary<T, int> index) where T : notnull
    {
        var ids = new T[index.Count];
        foreach (var (id, i) in index)
            ids[i] = id;
        return ids;
    }
}
