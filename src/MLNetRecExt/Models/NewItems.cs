namespace MLNetRecExt;

/// <summary>What <see cref="RecommenderModel.WithItems"/> hands to a model: ids, and the features of the items that are new to
/// it.</summary>
public sealed class NewItems
{
    internal NewItems(RecommenderModel model, SideFeatures features)
    {
        Features = features;
        List<int> appended = [], rows = [], known = [];
        for (int row = 0; row < features.Ids.Count; row++)
        {
            var item = model.Items.IndexOf(features.Ids.GetText(row).AsSpan());
            if (item < 0)
                appended.Add(row);
            else if (!model.IsKnownItem(item))
            {
                known.Add(item);
                rows.Add(row);
            }
        }
        Items = model.Items.Append(features.Ids, appended);
        RowOf = new int[Items.Count];
        RowOf.AsSpan().Fill(-1);
        for (int n = 0; n < known.Count; n++)
            RowOf[known[n]] = rows[n];
        for (int n = 0; n < appended.Count; n++)
            RowOf[model.Items.Count + n] = appended[n];
    }

    /// <summary>The ids of all items: those of the model, with their indices, then the new ones.</summary>
    public IdMap Items { get; }

    /// <summary>A model that the one with new items asks, with the same new items.</summary>
    /// <param name="model">A model of the same ids.</param>
    /// <exception cref="NotSupportedException">It cannot add items.</exception>
    public RecommenderModel In(RecommenderModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.WithItems(Features);
    }

    internal SideFeatures Features { get; }

    /// <summary>By item its row in the features; −1 where the model keeps what it has.</summary>
    internal int[] RowOf { get; }

    /// <summary>What is known of an item that is new to the model; null for one that it keeps as it is.</summary>
    /// <param name="item">0-based index, below <c>Items.Count</c>.</param>
    /// <exception cref="IndexOutOfRangeException">No item has the index.</exception>
    public FeatureRow? FeaturesOf(int item) => RowOf[item] is var row and >= 0 ? new FeatureRow(Features, row) : null;
}
