using MLNetRecExt;

namespace Compare;

/// <summary>What can be set of <see cref="StagesRow"/>.</summary>
internal sealed class StagesOptions : RecommenderTrainerOptions
{
    /// <summary>Candidates that are scored and re-ranked.</summary>
    public int NumberOfCandidates = 100;

    /// <summary>Length of the embeddings of the first source, WALS.</summary>
    public int ApproximationRank = 64;

    /// <summary>Share of each user's training items that the ranker learns from.</summary>
    public float RankerShare = 0.125f;

    /// <summary>What the last stage gives for lists of unlike items, by the first source's embeddings.</summary>
    public float Diversity = 0.05f;
}
