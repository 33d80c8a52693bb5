using MLNetRecExt;
using MLNetRecExt.Kernels;
using MLNetRecExt.Persistence;

[assembly: RecommenderKind<NextItemEaseModel>("NextItemEase")]

namespace MLNetRecExt;

/// <summary>What <see cref="NextItemEaseTrainer"/> learns when it keeps all weights: one for each pair of items. What was taken last counts
/// most.</summary>
public sealed class NextItemEaseModel : EaseModel, ISavedModel<NextItemEaseModel>
{
    internal NextItemEaseModel(IdMap users, IdMap items, InteractionRows history, AlignedMatrix weights, float halfLife)
        : base(users, items, history, weights) => RecencyHalfLife = halfLife;

    /// <summary>How many later items halve the weight of an item of a history.</summary>
    public float RecencyHalfLife { get; }

    private protected override float? HalfLife => RecencyHalfLife;

    static NextItemEaseModel ISavedModel<NextItemEaseModel>.Read(ModelReader reader, IdMap users, IdMap items, InteractionRows history) =>
        new(users, items, history, ReadWeights(reader, items.Count), NextItemEaseTrainer.ReadHalfLife(reader));

    // State: B: matrix; recency half-life: float32
    /// <inheritdoc/>
    protected internal override void WriteState(ModelWriter writer)
    {
        base.WriteState(writer);
        writer.WriteSingle(RecencyHalfLife);
    }
}
