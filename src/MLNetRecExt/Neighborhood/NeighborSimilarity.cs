namespace MLNetRecExt;

/// <summary>How alike two items (or users) are, by who took them (or what they took).</summary>
/// <remarks>x_e is what an entry e counts, A_e its label times its weight; without these columns A_e = 1. For items an entity is an item
/// and a feature a user; for users the reverse. All but <see cref="Jaccard"/> are a cosine Σ x x′ / (‖x‖ ‖x′‖) before shrinkage and
/// exponents.</remarks>
public enum NeighborSimilarity
{
    /// <summary>x_e = A_e.</summary>
    Cosine,

    /// <summary>x_e = weight · (label − mean label of the user): for ratings, which users give on scales of their own.</summary>
    AdjustedCosine,

    /// <summary>|S ∩ S′| / |S ∪ S′|; labels and weights do not count, and of the exponents only that of similarities.</summary>
    Jaccard,

    /// <summary>x_e = √max(0, A_e) · log((1 + entities) / (1 + entities with this feature)): rare features count more.</summary>
    TfIdf,

    /// <summary>
    /// x_e = f (k + 1) / (f + k (1 − b + b·L/L̄)) · idf with f = max(0, A_e), the idf of <see cref="TfIdf"/>, and L the sum of f over the
    /// entity's entries, L̄ its mean: many repetitions count less. Where all labels are equal, it differs from <see cref="TfIdf"/> only
    /// through shrinkage and
    /// exponents.
    /// </summary>
    Bm25,
}
