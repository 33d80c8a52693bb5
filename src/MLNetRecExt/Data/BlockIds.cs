namespace MLNetRecExt;

/// <summary>The distinct ids of a block of text, numbered in order of first occurrence. Nothing is copied: a text id is a place in the
/// block's bytes.</summary>
internal sealed class BlockIds
{
    private const int FirstSize = 1 << 10;

    // Open addressing, at most half full; the first eight bytes of an id, or the integer, stand in the slot.
    private Slot[] _slots = new Slot[FirstSize];
    private Id[] _ids = new Id[FirstSize / 2];
    private byte[] _bytes = [];

    public int Count { get; private set; }

    /// <summary>Bytes of the longest text id.</summary>
    public int LongestText { get; private set; }

    /// <summary>The id that has number <paramref name="i"/>, read as text.</summary>
    public ReadOnlySpan<byte> Text(int i) => _bytes.AsSpan(_ids[i].Start, _ids[i].Length);

    /// <summary><see cref="IdHash"/> of the id that has number <paramref name="i"/>.</summary>
    public ulong HashOf(int i) => _ids[i].Hash;

    /// <summary>The id that has number <paramref name="i"/>, read as an integer.</summary>
    public long Integer(int i) => (long)_ids[i].Head;

    /// <summary>Forgets all ids and turns to other bytes.</summary>
    public void Reset(byte[] bytes)
    {
        _bytes = bytes;
        Array.Clear(_slots);
        (Count, LongestText) = (0, 0);
    }

    /// <summary>The number of an integer.</summary>
    public int NumberOf(long integer) => NumberOf((ulong)integer, 0, 0, IdHash.Of((ulong)integer));

    /// <summary>The number of a text id.</summary>
    public int NumberOf(int start, int length)
    {
        var text = _bytes.AsSpan(start, length);
        return NumberOf(IdHash.Word(text), start, length, IdHash.Of(text));
    }

    private int NumberOf(ulong head, int start, int length, ulong hash)
    {
        for (var place = hash; ; place++)
        {
            ref var slot = ref _slots[place & (ulong)(_slots.Length - 1)];
            if (slot.NumberPlusOne == 0)
            {
                slot = new Slot(head, start, length, Add(new Id(head, start, length, hash)));
                var number = slot.NumberPlusOne - 1;
                if (2 * Count > _slots.Length)
                    Grow();
                return number;
            }
            if (slot.Head == head && slot.Length == length
                && (length <= sizeof(ulong) || _bytes.AsSpan(start, length).SequenceEqual(_bytes.AsSpan(slot.Start, length))))
                return slot.NumberPlusOne - 1;
        }
    }

    private int Add(Id id)
    {
        if (Count == _ids.Length)
            Array.Resize(ref _ids, 2 * Count);
        _ids[Count++] = id;
        LongestText = Math.Max(LongestText, id.Length);
        return Count;
    }

    private void Grow()
    {
        _slots = new Slot[2 * _slots.Length];
        for (int i = 0; i < Count; i++)
        {
            var id = _ids[i];
            var place = id.Hash;
            while (_slots[place & (ulong)(_slots.Length - 1)].NumberPlusOne != 0)
                place++;
            _slots[place & (ulong)(_slots.Length - 1)] = new Slot(id.Head, id.Start, id.Length, i + 1);
        }
    }

    private readonly record struct Slot(ulong Head, int Start, int Length, int NumberPlusOne);

    private readonly record struct Id(ulong Head, int Start, int Length, ulong Hash);
}
