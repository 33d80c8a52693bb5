using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace MLNetRecExt;

/// <summary>
/// Numbers ids in order of first occurrence. Open addressing, at most half full: finding an id touches one line of memory, which
/// <see cref="Prefetch"/> can ask for while the rest of a row is read; a Dictionary touches two or three, each waiting for the one before.
/// The ids themselves stand elsewhere, and who looks compares them.
/// </summary>
internal sealed class IdTable
{
    private const int FirstSize = 1 << 10;

    private Slot[] _slots = new Slot[FirstSize];

    public int Count { get; private set; }

    /// <summary>Asks the memory for the place where an id of that hash will be looked for.</summary>
    public unsafe void Prefetch(ulong hash)
    {
        // A prefetch of an address that the collector has moved away from is harmless.
        if (Sse.IsSupported)
            Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_slots), (nint)(hash & (ulong)(_slots.Length - 1)))));
    }

    /// <summary>The number of the next id with that hash, from <paramref name="place"/> on; −1 when there is no further.</summary>
    /// <param name="hash">The hash of the id.</param>
    /// <param name="place">Where to look: at first the hash; then behind what was found.</param>
    public int Next(ulong hash, ref ulong place)
    {
        while (true)
        {
            ref readonly var slot = ref _slots[place++ & (ulong)(_slots.Length - 1)];
            if (slot.NumberPlusOne == 0)
                return -1;
            if (slot.Hash == hash)
                return slot.NumberPlusOne - 1;
        }
    }

    /// <summary>Adds an id that is not there.</summary>
    /// <returns>Its number.</returns>
    public int Add(ulong hash)
    {
        if (2 * Count == _slots.Length)
        {
            var slots = _slots;
            _slots = new Slot[2 * slots.Length];
            foreach (var slot in slots)
                if (slot.NumberPlusOne != 0)
                    Place(slot);
        }
        Place(new(hash, ++Count));
        return Count - 1;
    }

    /// <summary>Lets go of the memory, once no id is looked for any more.</summary>
    public void Release() => _slots = [];

    private void Place(Slot slot)
    {
        var place = slot.Hash;
        while (_slots[place & (ulong)(_slots.Length - 1)].NumberPlusOne != 0)
            place++;
        _slots[place & (ulong)(_slots.Length - 1)] = slot;
    }

    private readonly record struct Slot(ulong Hash, int NumberPlusOne);
}
