namespace MLNetRecExt;

/// <summary>A trainer whose model proposes candidates to <see cref="StagedTrainer"/>.</summary>
/// <param name="Trainer">Any trainer. Its columns are not looked at: it learns from what the staged trainer has read.</param>
/// <param name="Count">Its quota: how many items its model may propose to a query. At least 1.</param>
/// <param name="Weight">What its ranks count beside those of other sources; finite and above 0.</param>
public sealed record CandidateTrainer(RecommenderTrainer Trainer, int Count = 200, float Weight = 1);
