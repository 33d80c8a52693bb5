using System.Buffers;
using System.Numerics.Tensors;
using MLNetRecExt;
using MLNetRecExt.Kernels;
using MLNetRecExt.Persistence;

[assembly: RecommenderKind<EaseModel>("Ease")]

namespace MLNetRecExt;

/// <summary>What <see cref="EaseTrainer"/> learns when it keeps all weights: one for each pair of items.</summary>
public class EaseModel : ItemToItemModel, ISavedModel<EaseModel>
{
    internal EaseModel(IdMap users, IdMap items, InteractionRows history, AlignedMatrix weights)
        : base(users, items, history) => Weights = weights;

    /// <summary>B: row j what taking item j adds to the score of each item.</summary>
    internal AlignedMatrix Weights { get; }

    internal override double LargestScore
    {
        get
        {
            var largest = 0f;
            for (int item = 0; item < Weights.Rows; item++)
                largest = Math.Max(largest, Math.Abs(TensorPrimitives.MaxMagnitude<float>(Weights[item])));
            return History.LargestSum(largest);
        }
    }

    static EaseModel ISavedModel<EaseModel>.Read(ModelReader reader, IdMap users, IdMap items, InteractionRows history) =>
        new(users, items, history, ReadWeights(reader, items.Count));

    private protected static AlignedMatrix ReadWeights(ModelReader reader, int items)
    {
        var weights = reader.ReadMatrix(items);
        return weights.Columns == items ? weights : throw ModelReader.Damaged();
    }

    // State: B: matrix
    /// <inheritdoc/>
    protected internal override void WriteState(ModelWriter writer) => writer.WriteMatrix(Weights);

    /// <inheritdoc/>
    protected override RecommenderModel KeepUsers(KeptUsers kept) => new EaseModel(kept.Users, Items, kept.HistoryOf(this), Weights);

    /// <inheritdoc/>
    protected override float Weight(int item, int taken) => Weights[taken][item];

    /// <inheritdoc/>
    protected override void ScoreAllItems(RecommenderQuery query, Span<float> scores)
    {
        var taken = new TakenItems(this, query);
        scores.Clear();
        var rented = ArrayPool<float>.Shared.Rent(scores.Length);
        var parts = rented.AsSpan(0, scores.Length);
        for (int e = 0; e < taken.Items.Length; e++)
        {
            var value = taken.Value(e);
            var weights = Weights[taken.Items[e]];
            // Two roundings, as for a single score.
            if (value != 1)
                TensorPrimitives.Multiply(weights, value, parts);
            TensorPrimitives.Add(scores, value == 1 ? weights : parts, scores);
        }
        ArrayPool<float>.Shared.Return(rented);
    }
}
