namespace MLNetRecExt;

/// <summary>Which items may be recommended: known, allowed, not denied, and not seen by the one who asks.</summary>
internal sealed class CandidateFilter
{
    private readonly RecommenderModel _model;
    private readonly bool[] _allowed;

    public CandidateFilter(RecommenderModel model, TopItemsOptions options)
    {
        _model = model;
        ExcludeSeen = options.ExcludeSeen;
        _allowed = new bool[model.Items.Count];
        if (options.AllowItems is null)
            Array.Fill(_allowed, true);
        else
            Mark(options.AllowItems, true, nameof(options.AllowItems));
        if (options.DenyItems is not null)
            Mark(options.DenyItems, false, nameof(options.DenyItems));
        for (int item = 0; item < _allowed.Length; item++)
            _allowed[item] &= model.IsKnownItem(item);
    }

    public bool ExcludeSeen { get; }

    /// <summary>By item index: known, allowed and not denied.</summary>
    public ReadOnlySpan<bool> Allowed => _allowed;

    /// <summary>The items that the query has seen, ascending and once each; empty when seen items may be recommended.</summary>
    public ReadOnlySpan<int> SeenBy(RecommenderQuery query)
    {
        if (!ExcludeSeen)
            return default;
        var trained = _model.IsKnownUser(query.User) ? _model.History.Indices(query.User) : default;
        if (query.History.IsEmpty)
            return trained;
        var seen = new SortedSet<int>();
        foreach (var item in trained)
            seen.Add(item);
        foreach (var entry in query.History.Span)
            seen.Add(entry.Item);
        return seen.ToArray();
    }

    /// <summary>Writes the best candidates by score into a list. NaN is never a candidate.</summary>
    public void SelectTop(RecommenderQuery query, ReadOnlySpan<float> scores, TopItemLists lists, int list)
    {
        var seen = SeenBy(query);
        var best = new PriorityQueue<int, (float Score, int Index)>();
        for (int item = 0; item < scores.Length; item++)
        {
            if (!_allowed[item] || float.IsNaN(scores[item]) || seen.BinarySearch(item) >= 0)
                continue;
            // The queue gives the least first: the worst score, of equal ones the highest index.
            if (best.Count < lists.MaxLength)
                best.Enqueue(item, (scores[item], -item));
            else
                best.EnqueueDequeue(item, (scores[item], -item));
        }
        lists.Lengths[list] = best.Count;
        for (int position = best.Count - 1; position >= 0; position--)
        {
            var item = best.Dequeue();
            lists.ItemArray[list * lists.MaxLength + position] = item;
            lists.ScoreArray[list * lists.MaxLength + position] = scores[item];
        }
    }

    private void Mark(IReadOnlyCollection<int> items, bool value, string option)
    {
        foreach (var item in items)
        {
            if ((uint)item >= (uint)_allowed.Length)
                throw new ArgumentOutOfRangeException(option, item, $"{option} holds item index {item}; indices are 0…{_allowed.Length - 1}.");
            _allowed[item] = value;
        }
    }
}
