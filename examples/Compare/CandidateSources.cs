using MLNetRecExt;

namespace Compare;

/// <summary>The first of three stages: what WALS, the features of items and popularity propose.</summary>
internal static class CandidateSources
{
    /// <param name="trainers">Makes the trainers.</param>
    /// <param name="itemFeatures">What is known of items beside.</param>
    /// <param name="wals">Options of the first.</param>
    /// <param name="count">How many items WALS proposes; the others a quarter of that.</param>
    public static CandidateTrainer[] Of(RecommenderTrainersCatalog trainers, SideFeatures itemFeatures, WalsTrainer.Options wals, int count) =>
    [
        new(trainers.Wals(wals), count),
        new(trainers.ContentBased(itemFeatures), Math.Max(1, count / 4), Weight: 0.3f),
        new(trainers.Popularity(), Math.Max(1, count / 4), Weight: 0.2f),
    ];
}
