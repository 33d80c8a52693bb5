using System.Globalization;
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
    // Exactly one of the two is set, or none for keys that carry no values.
    private readonly string[]? _text;
    private readonly long[]? _integers;
    private readonly Lazy<Dictionary<string, int>> _textIndex;
    private readonly Lazy<Dictionary<long, int>> _integerIndex;

    private IdMap(int count, bool isKey, DataKind? kind, string[]? text, long[]? integers)
    {
        Count = count;
        IsKey = isKey;
        Kind = kind;
        _text = text;
        _integers = integers;
        _textIndex = new(() => BuildIndex(_text!, StringComparer.Ordinal));
        _integerIndex = new(() => BuildIndex(_integers!, EqualityComparer<long>.Default));
    }

    /// <summary>Keys 1…<paramref name="count"/> without values.</summary>
    public static IdMap FromKeys(int count) => new(count, isKey: true, kind: null, text: null, integers: null);

    /// <summary>Text ids, by index. <paramref name="isKey"/>: the column is key-typed and these are its KeyValues.</summary>
    public static IdMap FromText(string[] ids, bool isKey = false) => new(ids.Length, isKey, DataKind.String, ids, null);

    /// <summary>
    /// Integer ids, by index, each as the 64 bits of its value (<see cref="DataKind.UInt64"/> values are reinterpreted).
    /// <paramref name="isKey"/>: the column is key-typed and these are its KeyValues.
    /// </summary>
    public static IdMap FromIntegers(long[] ids, DataKind kind, bool isKey = false) => new(ids.Length, isKey, kind, null, ids);

    /// <summary>Number of ids; indices are 0…Count−1.</summary>
    public int Count { get; }

    /// <summary>Whether the source column is key-typed (1-based keys, 0 = missing).</summary>
    public bool IsKey { get; }

    /// <summary>The kind of the original ids; null for keys that carry no values.</summary>
    public DataKind? Kind { get; }

    internal string[]? Text => _text;

    internal long[]? Integers => _integers;

    /// <summary>The index of a text id, or −1 when it is unknown or the ids are not text.</summary>
    public int IndexOf(ReadOnlySpan<char> id) =>
        _text is not null && _textIndex.Value.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(id, out var index) ? index : -1;

    /// <summary>
    /// The index of an integer id, or −1 when it is unknown or the ids are not integers.
    /// For keys without values, <paramref name="id"/> is the 1-based key.
    /// </summary>
    public int IndexOf(long id)
    {
        if (_integers is not null)
            return _integerIndex.Value.TryGetValue(id, out var index) ? index : -1;
        return Kind is null && id >= 1 && id <= Count ? (int)(id - 1) : -1;
    }

    /// <summary>The original id at <paramref name="index"/> as invariant text; for keys without values, the 1-based key.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is not in 0…Count−1.</exception>
    public string GetText(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        if (_text is not null)
            return _text[index];
        if (_integers is null)
            return (index + 1).ToString(CultureInfo.InvariantCulture);
        return Kind == DataKind.UInt64
            ? ((ulong)_integers[index]).ToString(CultureInfo.InvariantCulture)
            : _integers[index].ToString(CultureInfo.InvariantCulture);
    }

    private static Dictionary<T, int> BuildIndex<T>(T[] ids, IEqualityComparer<T> comparer) where T : notnull
    {
        var index = new Dictionary<T, int>(ids.Length, comparer);
        for (int i = 0; i < ids.Length; i++)
            index.TryAdd(ids[i], i);
        return index;
    }
}
