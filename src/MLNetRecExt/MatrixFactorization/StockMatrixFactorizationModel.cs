using MLNetRecExt;
using MLNetRecExt.Kernels;
using MLNetRecExt.Persistence;

[assembly: RecommenderKind<StockMatrixFactorizationModel>("StockMatrixFactorization")]

namespace MLNetRecExt;

/// <summary>
/// What the stock <c>MatrixFactorization</c> trainer learns, or another program has, such as Apache Spark: an embedding for each user and
/// item, without biases. Its scores are those of the stock transformer to the bit.
/// </summary>
/// <remarks>
/// A user or item that training did not see has an embedding of NaN and is unknown. The history is what training saw, where it was given;
/// without it no item counts as seen, and popularity cannot stand in.
/// </remarks>
public sealed class StockMatrixFactorizationModel : FactorModel, ISavedModel<StockMatrixFactorizationModel>
{
    internal StockMatrixFactorizationModel(IdMap users, IdMap items, InteractionRows history, AlignedMatrix userFactors, AlignedMatrix itemFactors)
        // In order and without fused operations: so the stock transformer sums.
        : base(users, items, history, userFactors, itemFactors, hasBiases: false, fused: false)
    {
    }

    /// <summary>False.</summary>
    public override bool CanFoldIn => false;

    // Embeddings of the unknown are NaN, and take part in no score.
    internal override double LargestScore => Longest(UserMatrix, IsKnownUser) * Longest(ItemMatrix, IsKnownItem);

    static StockMatrixFactorizationModel ISavedModel<StockMatrixFactorizationModel>.Read(ModelReader reader, IdMap users, IdMap items, InteractionRows history)
    {
        // NaN stands for what training did not see.
        var userFactors = reader.ReadMatrix(users.Count, finite: false);
        var itemFactors = reader.ReadMatrix(items.Count, finite: false);
        return new(users, items, history, userFactors, itemFactors);
    }

    /// <inheritdoc/>
    public override bool IsKnownUser(int user) => (uint)user < (uint)Users.Count && !float.IsNaN(UserMatrix[user][0]);

    /// <inheritdoc/>
    public override bool IsKnownItem(int item) => (uint)item < (uint)Items.Count && !float.IsNaN(ItemMatrix[item][0]);

    /// <inheritdoc/>
    protected override RecommenderModel KeepUsers(KeptUsers kept) => new StockMatrixFactorizationModel(
        kept.Users, Items, kept.HistoryOf(this), kept.RowsOf(UserMatrix, missing: float.NaN), ItemMatrix);

    /// <inheritdoc/>
    protected override void Embed(RecommenderQuery query, Span<float> embedding) => UserFactors(query.User).CopyTo(embedding);
}
