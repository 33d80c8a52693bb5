namespace MLNetRecExt;

/// <summary>Finds the numbers of ids by their hash: a table of four bytes a place, half of the places empty, in which who looks compares the
/// ids themselves. A dictionary would keep a second copy of them, and links.</summary>
internal sealed class IdIndex
{
    // Number + 1; 0: an empty place.
    private readonly int[] _places;

    private IdIndex(int count) => _places = new int[Math.Min(Array.MaxLength, SizeOf(count) / sizeof(int))];

    /// <summary>Of equal ids the first is found.</summary>
    public static IdIndex Of(Utf8Ids ids)
    {
        var index = new IdIndex(ids.Count);
        for (int number = 0; number < ids.Count; number++)
            if (index.Find(ids, ids[number], out var place) < 0)
                index._places[place] = number + 1;
        return index;
    }

    /// <inheritdoc cref="Of(Utf8Ids)"/>
    public static IdIndex Of(long[] ids)
    {
        var index = new IdIndex(ids.Length);
        for (int number = 0; number < ids.Length; number++)
            if (index.Find(ids, ids[number], out var place) < 0)
                index._places[place] = number + 1;
        return index;
    }

    /// <summary>Bytes that an index of so many ids takes.</summary>
    public static long SizeOf(int count) => sizeof(int) * (2L * count + 1);

    /// <summary>The number of an id, or −1.</summary>
    public int Find(Utf8Ids ids, ReadOnlySpan<byte> id) => Find(ids, id, out _);

    /// <inheritdoc cref="Find(Utf8Ids, ReadOnlySpan{byte})"/>
    public int Find(long[] ids, long id) => Find(ids, id, out _);

    private int Find(Utf8Ids ids, ReadOnlySpan<byte> id, out int place)
    {
        for (place = Start(IdHash.Of(id)); _places[place] != 0; place = Next(place))
            if (ids[_places[place] - 1].SequenceEqual(id))
                return _places[place] - 1;
        return -1;
    }

    private int Find(long[] ids, long id, out int place)
    {
        for (place = Start(IdHash.Of((ulong)id)); _places[place] != 0; place = Next(place))
            if (ids[_places[place] - 1] == id)
                return _places[place] - 1;
        return -1;
    }

    private int Start(ulong hash) => (int)Math.BigMul(hash, (ulong)_places.Length, out _);

    private int Next(int place) => place + 1 == _places.Length ? 0 : place + 1;
}
