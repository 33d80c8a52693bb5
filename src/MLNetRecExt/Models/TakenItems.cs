namespace MLNetRecExt;

/// <summary>What a query has taken: known items, ascending, with labels and weights; for a known user without news the training rows themselves.</summary>
internal readonly ref struct TakenItems
{
    private readonly ReadOnlySpan<float> _labels;
    private readonly ReadOnlySpan<float> _weights;

    public TakenItems(RecommenderModel model, RecommenderQuery query)
    {
        if (!query.History.IsEmpty)
        {
            var joined = new JoinedHistory(model, query);
            Items = joined.Items;
            _labels = joined.Labels;
            _weights = joined.Weights;
        }
        else if (model.IsKnownUser(query.User))
        {
            Items = model.History.Indices(query.User);
            _labels = model.History.Labels(query.User);
            _weights = model.History.Weights(query.User);
        }
    }

    public ReadOnlySpan<int> Items { get; }

    public float Label(int entry) => _labels.IsEmpty ? 1 : _labels[entry];

    public float Weight(int entry) => _weights.IsEmpty ? 1 : _weights[entry];

    /// <summary>Label times weight.</summary>
    public float Value(int entry) => Label(entry) * Weight(entry);

    /// <summary>The mean label, as <see cref="LabelMeans"/> has it.</summary>
    public float MeanLabel()
    {
        double sum = 0;
        for (int e = 0; e < Items.Length; e++)
            sum += Label(e);
        return (float)(sum / Items.Length);
    }
}
