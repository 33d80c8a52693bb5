namespace MLNetRecExt;

/// <summary>A model that proposes candidates to <see cref="FusedModel"/>.</summary>
/// <param name="Model">A trained model.</param>
/// <param name="Count">Its quota: how many items it may propose to a query. At least 1.</param>
/// <param name="Weight">What its ranks count beside those of other sources; above 0.</param>
public sealed record CandidateSource(RecommenderModel Model, int Count = 200, float Weight = 1);
