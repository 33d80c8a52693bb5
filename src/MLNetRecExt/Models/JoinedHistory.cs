namespace MLNetRecExt;

/// <summary>What training and the query say somebody took: known items, ascending, once each.</summary>
internal readonly struct JoinedHistory
{
    public JoinedHistory(RecommenderModel model, RecommenderQuery query, Action<float>? checkLabel = null)
    {
        var entries = new SortedDictionary<int, ItemFeedback>();
        if (model.IsKnownUser(query.User))
        {
            var items = model.History.Indices(query.User);
            var labels = model.History.Labels(query.User);
            var weights = model.History.Weights(query.User);
            for (int e = 0; e < items.Length; e++)
                entries[items[e]] = new ItemFeedback(items[e], labels.IsEmpty ? 1 : labels[e], weights.IsEmpty ? 1 : weights[e]);
        }
        foreach (var entry in query.History.Span)
        {
            if (!float.IsFinite(entry.Label) || !float.IsFinite(entry.Weight) || entry.Weight < 0)
                throw new ArgumentException($"The history holds {entry}; labels must be finite and weights finite and not negative.", nameof(query));
            checkLabel?.Invoke(entry.Label);
            if (model.IsKnownItem(entry.Item))
                entries[entry.Item] = entry;
        }
        Items = new int[entries.Count];
        Labels = new float[entries.Count];
        Weights = new float[entries.Count];
        var next = 0;
        foreach (var entry in entries.Values)
        {
            Items[next] = entry.Item;
            Labels[next] = entry.Label;
            Weights[next++] = entry.Weight;
        }
    }

    public int[] Items { get; }

    public float[] Labels { get; }

    public float[] Weights { get; }
}
