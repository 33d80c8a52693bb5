using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.Data;

namespace MLNetRecExt;

/// <summary>Where the mappings of one loaded pipeline keep the state that they share, once a row has brought it.</summary>
/// <remarks>
/// Mappings know of each other only through columns. So the first makes a text of its own, which travels with every row and by
/// whose identity the others find the slot; when the pipeline goes, so do the text and the slot.
/// </remarks>
internal sealed class SavedSlot
{
    // A thread that took on the loading and failed is not waited for forever.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static readonly ConditionalWeakTable<string, SavedSlot> Slots = [];

    private readonly Lock _lock = new();
    private readonly ManualResetEventSlim _filled = new();

    // One thread reads all of a row. Were the parts shared, two rows that both bring the state would mix theirs.
    private readonly ThreadLocal<List<VBuffer<float>>> _parts = new(() => []);
    private volatile SavedState? _state;
    private int _loadingThread;

    public static SavedSlot New(out string token)
    {
        var slot = new SavedSlot();
        token = Guid.NewGuid().ToString();
        Slots.Add(token, slot);
        return slot;
    }

    public static SavedSlot Of(ReadOnlyMemory<char> token) =>
        MemoryMarshal.TryGetString(token, out var text, out _, out _) && Slots.TryGetValue(text, out var slot)
            ? slot
            : throw new InvalidOperationException("The columns of a saved recommender were taken apart. Use the loaded pipeline as a whole.");

    /// <summary>Whether this row is to bring the state. Other threads wait, so that a large state is not copied once per thread.</summary>
    public bool MustFill()
    {
        if (_state is not null)
            return false;
        var thread = Environment.CurrentManagedThreadId;
        var loading = Interlocked.CompareExchange(ref _loadingThread, thread, 0);
        if (loading != 0 && loading != thread && _filled.Wait(Patience))
            return false;
        Parts.Clear();
        return true;
    }

    /// <summary>Takes the next part of the state that this thread's row brings.</summary>
    public void Add(VBuffer<float> part) => Parts.Add(part);

    /// <summary>The state; made of this thread's parts at first.</summary>
    public SavedState State => _state ?? Fill(Parts.Count, index => Parts[index]);

    private List<VBuffer<float>> Parts => _parts.Value!;

    /// <summary>Makes the state of its parts unless it is there already.</summary>
    public SavedState Fill(int count, Func<int, VBuffer<float>> part)
    {
        lock (_lock)
        {
            _state ??= SavedState.Read(new FloatSlabReader(count, part));
            _filled.Set();
        }
        Parts.Clear();
        return _state;
    }
}
