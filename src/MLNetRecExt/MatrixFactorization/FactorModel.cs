using MLNetRecExt.Kernels;

namespace MLNetRecExt;

/// <summary>
/// A model whose score is the dot product of a query embedding and an item embedding: score(u, i) = ⟨U_u, V_i⟩.
/// </summary>
public abstract class FactorModel : RecommenderModel
{
    private protected FactorModel(IdMap users, IdMap items, InteractionRows history, AlignedMatrix userFactors, AlignedMatrix itemFactors)
        : base(users, items, history)
    {
        UserMatrix = userFactors;
        ItemMatrix = itemFactors;
    }

    /// <summary>Users × rank.</summary>
    internal AlignedMatrix UserMatrix { get; }

    /// <summary>Items × rank.</summary>
    internal AlignedMatrix ItemMatrix { get; }

    /// <summary>Length of the embeddings (K).</summary>
    public int ApproximationRank => ItemMatrix.Columns;

    /// <summary>The embedding of a user: <see cref="ApproximationRank"/> values; zeros when the user is unknown.</summary>
    public ReadOnlySpan<float> UserFactors(int user) => UserMatrix[user];

    /// <summary>The embedding of an item: <see cref="ApproximationRank"/> values; zeros when the item is unknown.</summary>
    public ReadOnlySpan<float> ItemFactors(int item) => ItemMatrix[item];

    /// <summary>The query embedding ψ(x), <see cref="ApproximationRank"/> values: looked up for a known user, folded in for a history.</summary>
    private protected abstract void Embed(RecommenderQuery query, Span<float> embedding);

    /// <inheritdoc/>
    protected override float ScoreKnown(int user, int item) => Dot(UserMatrix.PaddedRow(user), ItemMatrix.PaddedRow(item));

    /// <inheritdoc/>
    protected override void ScoreAllItems(RecommenderQuery query, Span<float> scores)
    {
        Span<float> embedding = new float[ItemMatrix.Stride];
        Embed(query, embedding[..ApproximationRank]);
        for (int item = 0; item < scores.Length; item++)
            scores[item] = Dot(embedding, ItemMatrix.PaddedRow(item));
    }

    private static float Dot(ReadOnlySpan<float> x, ReadOnlySpan<float> y) => System.Numerics.Tensors.TensorPrimitives.Dot(x, y);
}
