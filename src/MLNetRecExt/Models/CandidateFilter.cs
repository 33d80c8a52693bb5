using System.Collections;
using MLNetRecExt.Kernels;

namespace MLNetRecExt;

/// <summary>Which items may be recommended: known, allowed, not denied, and not seen by the one who asks.</summary>
internal sealed class CandidateFilter
{
    // A catalogue index is worth building anew for candidates that are fewer than one in this many.
    private const int RareShare = 8;

    private readonly RecommenderModel _model;
    private readonly BitArray _allowed;
    private readonly int[]? _few;
    private PanelIndex? _fewIndex;

    public CandidateFilter(RecommenderModel model, TopItemsOptions options)
    {
        _model = model;
        Options = options;
        _allowed = model.KnownItems;
        if (options.AllowItems is null && options.DenyItems is null)
            return;

        // Filters often name items that training never saw: these are no candidates anyway.
        var few = new List<int>();
        if (options.AllowItems is null)
            _allowed = new BitArray(_allowed);
        else
        {
            _allowed = new BitArray(_allowed.Length);
            foreach (var item in options.AllowItems)
            {
                if (!model.IsKnownItem(item) || _allowed[item])
                    continue;
                _allowed[item] = true;
                few.Add(item);
            }
        }
        foreach (var item in options.DenyItems ?? [])
            if ((uint)item < (uint)_allowed.Length)
                _allowed[item] = false;
        if (options.AllowItems is not null && few.Count < _allowed.Length / RareShare)
        {
            few.RemoveAll(item => !_allowed[item]);
            _few = [.. few];
        }
    }

    /// <summary>What the filter is made of.</summary>
    public TopItemsOptions Options { get; }

    /// <summary>The index to search: that of the whole catalogue, or one made for this filter when it lets few items through.</summary>
    /// <param name="whole">The index of all known items.</param>
    /// <param name="pack">Makes an index of some items.</param>
    public PanelIndex IndexFor(Lazy<PanelIndex> whole, Func<int[], PanelIndex> pack) =>
        _few is null ? whole.Value : LazyInitializer.EnsureInitialized(ref _fewIndex, () => pack(_few));

    /// <summary>An empty list for a query, which takes candidates only.</summary>
    public TopList Start(RecommenderQuery query, TopItemLists lists, int list) => Start(Options.ExcludeSeen ? SeenBy(query) : default, lists, list);

    /// <summary>An empty list, which takes candidates only, and none of <paramref name="excluded"/> (ascending).</summary>
    public TopList Start(ArraySegment<int> excluded, TopItemLists lists, int list) =>
        new(_allowed, excluded, lists.ItemPlaces(list), lists.ScorePlaces(list));

    private ArraySegment<int> SeenBy(RecommenderQuery query)
    {
        var history = _model.History;
        var trained = _model.IsKnownUser(query.User)
            ? new ArraySegment<int>(history.IndexArray, history.OffsetArray[query.User], history.Length(query.User))
            : default;
        if (query.History.IsEmpty)
            return trained;
        var seen = new int[trained.Count + query.History.Length];
        trained.AsSpan().CopyTo(seen);
        for (int i = 0; i < query.History.Length; i++)
            seen[trained.Count + i] = query.History.Span[i].Item;
        Array.Sort(seen);
        return seen;
    }
}
