using MLNetRecExt;

namespace Compare;

/// <summary>What can be set of <see cref="StagesRow"/>.</summary>
internal sealed class StagesOptions : RecommenderTrainerOptions
{
    /// <summary>Candidates that are scored and re-ranked.</summary>
    [OptionRange(1, 100_000)]
    public int NumberOfCandidates = 100;

    /// <summary>Length of the embeddings of the first source, WALS.</summary>
    [OptionRange(1, 1024)]
    public int ApproximationRank = 64;

    /// <summary>Share of each user's training items that the ranker learns from.</summary>
    [OptionRange(0.01, 0.9)]
    public float RankerShare = 0.125f;

    /// <summary>How many candidates the ranker learns from at most: those of the first users.</summary>
    [OptionRange(1, int.MaxValue)]
    public int RankerRows = 100_000;

    /// <summary>What the last stage gives for lists of unlike items, by the first source's embeddings.</summary>
    [OptionRange(0, 1)]
    public float Diversity = 0.05f;
}
