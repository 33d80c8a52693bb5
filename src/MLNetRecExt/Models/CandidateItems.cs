using System.Collections;
using System.Collections.Concurrent;
using MLNetRecExt.Kernels;

namespace MLNetRecExt;

/// <summary>The known items of a model that a filter lets through, in the forms that ranking reads. Immutable and thread-safe.</summary>
internal sealed class CandidateItems
{
    // An index of their own is worth its memory for candidates that are fewer than one item in this many.
    private const int RareShare = 8;

    private readonly int[] _byPopularity;

    // By the index of all items, that of the candidates.
    private readonly ConcurrentDictionary<LazyPanelIndex, LazyPanelIndex> _indices = [];

    /// <summary>All items that the model knows.</summary>
    public CandidateItems(RecommenderModel model)
    {
        Allowed = new BitArray(model.Items.Count);
        for (int item = 0; item < Allowed.Length; item++)
            Allowed[item] = model.IsKnownItem(item);
        var counts = model.ItemCountArray;
        // As one number, the count above the index, they are sorted several times as fast as by a comparison.
        ulong[] keys = [.. Enumerable.Range(0, Allowed.Length).Where(item => Allowed[item])
            .Select(item => (ulong)(int.MaxValue - counts[item]) << 32 | (uint)item)];
        Array.Sort(keys);
        _byPopularity = Array.ConvertAll(keys, key => (int)(uint)key);
    }

    /// <summary>Those of them that pass a filter.</summary>
    public CandidateItems(RecommenderModel model, ItemFilter filter)
    {
        var known = model.KnownItems;
        Allowed = filter.IsOnly ? new BitArray(known.Length) : new BitArray(known);
        foreach (var item in filter.Items)
            if (item < known.Length)
                Allowed[item] = filter.IsOnly && known[item];
        _byPopularity = Array.FindAll(model.ItemsByPopularity, item => Allowed[item]);
        AreFew = _byPopularity.Length < known.Length / RareShare;
    }

    /// <summary>By item: whether it is a candidate.</summary>
    public BitArray Allowed { get; }

    /// <summary>The candidates, by descending popularity, of equal ones the lower index first.</summary>
    public int[] ByPopularity => _byPopularity;

    /// <summary>Whether to look at each candidate is cheaper than to look at all items. Nothing else may be offered to a list
    /// then.</summary>
    public bool AreFew { get; }

    /// <summary>The index to search: that of all items, or one of the candidates where these are few.</summary>
    /// <param name="all">The index of all known items.</param>
    /// <param name="parallel">Threads to pack it with, and cancellation.</param>
    public PanelIndex IndexFor(LazyPanelIndex all, ParallelOptions parallel) =>
        (AreFew ? _indices.GetOrAdd(all, every => every.Of(_byPopularity)) : all).Get(parallel);

    /// <summary>Those of some items that are candidates: where candidates are few, hardly any that a list would have to look
    /// through.</summary>
    public ArraySegment<int> AmongThem(ArraySegment<int> items)
    {
        var count = 0;
        foreach (var item in items.AsSpan())
            count += Allowed[item] ? 1 : 0;
        if (count == 0)
            return default;
        var found = new int[count];
        foreach (var item in items.AsSpan())
            if (Allowed[item])
                found[^count--] = item;
        return found;
    }

    /// <summary>Offers every candidate to a list.</summary>
    /// <param name="scores">By item.</param>
    /// <param name="list">Takes the best.</param>
    public void Offer(ReadOnlySpan<float> scores, ref TopList list)
    {
        if (AreFew)
            foreach (var item in _byPopularity)
                list.Offer(item, scores[item]);
        else
            for (int item = 0; item < scores.Length; item++)
                list.Offer(item, scores[item]);
    }
}
