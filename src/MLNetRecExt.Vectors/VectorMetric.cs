namespace MLNetRecExt;

/// <summary>By what a search finds vectors: which of its forms <see cref="ItemVectors"/> gives them.</summary>
public enum VectorMetric
{
    /// <summary>By the inner product (<c>DotProductSimilarity</c>), which is the score: vectors as the model has them.</summary>
    DotProduct,

    /// <summary>By the cosine or the Euclidean distance: vectors get one more number, √(φ² − ‖x‖²), φ the length of the longest. They are
    /// then all equally long, and both orders are that of the inner product.</summary>
    CosineOrEuclidean,
}
