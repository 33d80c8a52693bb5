using MLNetRecExt;

namespace Compare;

/// <summary>The first of three stages: what WALS, the features of items and popularity propose.</summary>
internal static class CandidateSources
{
    /// <param name="recommenders">Makes the trainers.</param>
    /// <param name="train">What all three learn from.</param>
    /// <param name="itemFeatures">What is known of items beside.</param>
    /// <param name="wals">Options of the first.</param>
    /// <param name="count">How many items WALS proposes; the others a quarter of that.</param>
    public static FusedModel Fit(RecommendersCatalog recommenders, Interactions train, SideFeatures itemFeatures, WalsTrainer.Options wals, int count) => recommenders.Stages.Fuse(
    [
        new(recommenders.Trainers.Wals(wals).Fit(train), count),
        new(recommenders.Trainers.ContentBased(itemFeatures).Fit(train), Math.Max(1, count / 4), Weight: 0.3f),
        new(recommenders.Trainers.Popularity().Fit(train), Math.Max(1, count / 4), Weight: 0.2f),
    ]);
}
