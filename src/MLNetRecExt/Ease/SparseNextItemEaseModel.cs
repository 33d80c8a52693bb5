using MLNetRecExt;
using MLNetRecExt.Persistence;

[assembly: RecommenderKind<SparseNextItemEaseModel>("SparseNextItemEase")]

namespace MLNetRecExt;

/// <summary>What <see cref="NextItemEaseTrainer"/> learns when it keeps the largest weights of each item. What was taken last counts
/// most.</summary>
public sealed class SparseNextItemEaseModel : SparseItemModel, ISavedModel<SparseNextItemEaseModel>
{
    internal SparseNextItemEaseModel(IdMap users, IdMap items, InteractionRows history, SparseMatrix weights, float halfLife)
        : base(users, items, history, weights) => RecencyHalfLife = halfLife;

    /// <summary>How many later items halve the weight of an item of a history.</summary>
    public float RecencyHalfLife { get; }

    private protected override float? HalfLife => RecencyHalfLife;

    static SparseNextItemEaseModel ISavedModel<SparseNextItemEaseModel>.Read(
        ModelReader reader, IdMap users, IdMap items, InteractionRows history) =>
        new(users, items, history, reader.ReadSparseMatrix(items.Count, items.Count), NextItemEaseTrainer.ReadHalfLife(reader));

    // State: W: sparse; recency half-life: float32
    /// <inheritdoc/>
    protected internal override void WriteState(ModelWriter writer)
    {
        base.WriteState(writer);
        writer.WriteSingle(RecencyHalfLife);
    }
}
