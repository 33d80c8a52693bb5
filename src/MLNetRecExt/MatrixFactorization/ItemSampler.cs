namespace MLNetRecExt;

/// <summary>Draws from the known items, all alike or in proportion to their popularity. Places are positions in their ascending
/// order.</summary>
internal sealed class ItemSampler
{
    private const int DrawsAtMost = 10;

    // By place: the mass of the items before it; null when every item's mass is 1.
    private readonly long[]? _before;

    public ItemSampler(ReadOnlySpan<int> itemCounts, SgdNegatives distribution)
    {
        var items = new List<int>();
        for (int item = 0; item < itemCounts.Length; item++)
            if (itemCounts[item] > 0)
                items.Add(item);
        Items = [.. items];
        if (distribution == SgdNegatives.Uniform)
            return;
        _before = new long[Items.Length + 1];
        for (int place = 0; place < Items.Length; place++)
            _before[place + 1] = _before[place] + itemCounts[Items[place]];
    }

    /// <summary>The known items, ascending.</summary>
    public int[] Items { get; }

    /// <summary>The places where blocks of equal mass begin, and the end: blocks + 1 values.</summary>
    public int[] Split(int blocks)
    {
        var bounds = new int[blocks + 1];
        for (int block = 1; block < blocks; block++)
            bounds[block] = _before is null ? (int)((long)Items.Length * block / blocks) : Math.Max(bounds[block - 1], PlaceOf(_before[^1] * block / blocks, 0, Items.Length));
        bounds[blocks] = Items.Length;
        return bounds;
    }

    /// <summary>An item of the places first…end−1 that is not taken; null when there are no places, or ten draws find only items that
    /// are.</summary>
    /// <param name="taken">Items, ascending.</param>
    /// <param name="first">The first place.</param>
    /// <param name="end">The place after the last.</param>
    /// <param name="random">Moves on.</param>
    public int? DrawNegative(ReadOnlySpan<int> taken, int first, int end, ref SeededRandom random)
    {
        if (first == end)
            return null;
        for (int draw = 0; draw < DrawsAtMost; draw++)
            if (Draw(first, end, ref random) is var item && taken.BinarySearch(item) < 0)
                return item;
        return null;
    }

    private int Draw(int first, int end, ref SeededRandom random) => Items[
        _before is null
            ? first + random.Next(end - first)
            : PlaceOf(_before[first] + (long)Math.BigMul(random.NextBits(), (ulong)(_before[end] - _before[first]), out _), first, end)];

    /// <summary>The place, among first…end−1, whose mass covers <paramref name="mass"/>.</summary>
    private int PlaceOf(long mass, int first, int end)
    {
        while (end - first > 1)
        {
            var middle = (first + end) / 2;
            if (_before![middle] <= mass)
                first = middle;
            else
                end = middle;
        }
        return first;
    }
}
