using MLNetRecExt;
using MLNetRecExt.Persistence;

[assembly: RecommenderKind<SparseItemModel>("SparseItem")]

namespace MLNetRecExt;

/// <summary>
/// Sparse weights of pairs of items, summed over what was taken: score_ui = Σ_j taken A_uj W_ij, A being label times weight, or 1.
/// Serves every trainer that learns such weights: neighborhoods, EASE with few weights per item, walks on the graph.
/// </summary>
public class SparseItemModel : ItemToItemModel, ISavedModel<SparseItemModel>
{
    private readonly Lazy<SparseMatrix> _byTaken;

    /// <summary>Makes a model of weights.</summary>
    /// <param name="users">Ids of the users.</param>
    /// <param name="items">Ids of the items.</param>
    /// <param name="history">What each user took in training.</param>
    /// <param name="weights">W: row i holds how much each item taken speaks for item i. Items × items.</param>
    /// <exception cref="ArgumentException"><paramref name="weights"/> has another shape.</exception>
    public SparseItemModel(IdMap users, IdMap items, InteractionRows history, SparseMatrix weights)
        : base(users, items, history)
    {
        ArgumentNullException.ThrowIfNull(weights);
        if (weights.RowCount != items.Count || weights.ColumnCount != items.Count)
            throw new ArgumentException(
                $"The weights are {weights.RowCount} × {weights.ColumnCount}; {items.Count} × {items.Count}, one per pair of items, are needed.", nameof(weights));
        Weights = weights;
        _byTaken = new(weights.Transpose);
    }

    /// <summary>W: row i holds how much each item taken speaks for item i.</summary>
    public SparseMatrix Weights { get; }

    /// <summary>Beside the items in order, the weights by item taken.</summary>
    internal override long CacheSize => base.CacheSize + 8L * (Weights.EntryCount + Items.Count);

    internal override double LargestScore => History.LargestSum(Weights.LargestValue);

    /// <summary>W by item taken: row j holds how much item j speaks for each item.</summary>
    private protected SparseMatrix WeightsByTaken => _byTaken.Value;

    static SparseItemModel ISavedModel<SparseItemModel>.Read(ModelReader reader, IdMap users, IdMap items, InteractionRows history) =>
        new(users, items, history, reader.ReadSparseMatrix(items.Count, items.Count));

    // State: W: sparse
    /// <inheritdoc/>
    protected internal override void WriteState(ModelWriter writer) => writer.WriteMatrix(Weights);

    /// <inheritdoc/>
    protected override RecommenderModel KeepUsers(KeptUsers kept) => new SparseItemModel(kept.Users, Items, kept.HistoryOf(this), Weights);

    /// <inheritdoc/>
    protected override float Weight(int item, int taken) => Weights[item, taken];

    /// <inheritdoc/>
    protected override void ScoreAllItems(RecommenderQuery query, Span<float> scores)
    {
        var taken = new TakenItems(this, query);
        scores.Clear();
        for (int e = 0; e < taken.Items.Length; e++)
        {
            var value = taken.Value(e);
            var items = WeightsByTaken.Indices(taken.Items[e]);
            var weights = WeightsByTaken.Values(taken.Items[e]);
            for (int n = 0; n < items.Length; n++)
                scores[items[n]] += value * weights[n];
        }
    }
}
