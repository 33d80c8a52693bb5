namespace MLNetRecExt;

/// <summary>One item of an answer, best first.</summary>
/// <typeparam name="TItem">Type of the item ids.</typeparam>
/// <param name="Item">The item's original id.</param>
/// <param name="Score">The model's score, or what <paramref name="Reason"/> says in its place; higher is better.</param>
/// <param name="Rank">Its place in the list, from 1.</param>
/// <param name="Reason">Where the list comes from.</param>
public readonly record struct Recommendation<TItem>(TItem Item, float Score, int Rank, RecommendationReason Reason);
