namespace MLNetRecExt;

/// <summary>Embeddings of a model for searches elsewhere.</summary>
public static class FactorModelVectorExtensions
{
    /// <summary>The embeddings of the items that the model knows, for a search by one metric.</summary>
    /// <param name="model">A model of embeddings, such as those of <c>Wals</c>, <c>SgdMatrixFactorization</c> and
    /// <c>SoftmaxDnn</c>.</param>
    /// <param name="metric">By what the search finds vectors. Default <see cref="VectorMetric.DotProduct"/>; many stores search by cosine
    /// unless told otherwise, for which vectors must have the other form.</param>
    /// <returns>The vectors; nothing is copied yet.</returns>
    public static ItemVectors ToItemVectors(this FactorModel model, VectorMetric metric = VectorMetric.DotProduct)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Enum.IsDefined(metric) ? new(model, metric) : throw new ArgumentOutOfRangeException(
            nameof(metric), metric,
            $"There is no such metric; {nameof(VectorMetric.DotProduct)} or {nameof(VectorMetric.CosineOrEuclidean)} is needed.");
    }
}
