using System.Buffers;
using System.Numerics.Tensors;
using MLNetRecExt.Kernels;
using MLNetRecExt.Persistence;

namespace MLNetRecExt;

/// <summary>What <see cref="EaseTrainer"/> learns: a weight for each pair of items, or for each item the largest.</summary>
public sealed class EaseModel : ItemToItemModel
{
    internal const string FileKindName = "Ease";

    private readonly InteractionRows? _largest;
    private readonly Lazy<InteractionRows>? _largestByTaken;

    internal EaseModel(IdMap users, IdMap items, InteractionRows history, AlignedMatrix weights)
        : base(users, items, history) => Weights = weights;

    /// <param name="users">Ids of the users.</param>
    /// <param name="items">Ids of the items.</param>
    /// <param name="history">What each user took in training.</param>
    /// <param name="largest">By item its weights, as labels.</param>
    internal EaseModel(IdMap users, IdMap items, InteractionRows history, InteractionRows largest)
        : base(users, items, history)
    {
        _largest = largest;
        _largestByTaken = new(() => largest.Transpose(Items.Count));
    }

    /// <summary>B: row j what taking item j adds to the score of each item; null when only the largest are kept.</summary>
    internal AlignedMatrix? Weights { get; }

    internal override string FileKind => FileKindName;

    /// <summary>B_ji: what having taken one item adds to the score of another. Negative: who took the one is less likely to take the other.</summary>
    /// <param name="taken">0-based index of the item taken.</param>
    /// <param name="item">0-based index of the item scored.</param>
    /// <returns>0 for an item itself, for unknown items, and for weights that were not kept.</returns>
    public float ItemWeight(int taken, int item) => IsKnownItem(taken) && IsKnownItem(item) ? Weight(item, taken) : 0;

    internal static EaseModel Read(ModelReader reader, IdMap users, IdMap items, InteractionRows history)
    {
        if (reader.ReadByte() == 0)
        {
            var weights = reader.ReadMatrix(items.Count);
            return weights.Columns == items.Count ? new(users, items, history, weights) : throw ModelReader.Damaged();
        }
        var largest = ModelFile.ReadRows(reader, items.Count, items.Count);
        return largest.HasLabels ? new(users, items, history, largest) : throw ModelReader.Damaged();
    }

    internal override void WriteState(ModelWriter writer)
    {
        writer.WriteByte(Weights is null ? (byte)1 : (byte)0);
        if (Weights is not null)
            writer.WriteMatrix(Weights);
        else
            ModelFile.WriteRows(writer, _largest!);
    }

    private protected override float Weight(int item, int taken) => Weights is not null ? Weights[taken][item] : Find(_largest!, item, taken);

    /// <inheritdoc/>
    protected override void ScoreAllItems(RecommenderQuery query, Span<float> scores)
    {
        var taken = new TakenItems(this, query);
        scores.Clear();
        if (Weights is null)
        {
            Add(_largestByTaken!.Value, taken, scores);
            return;
        }
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
