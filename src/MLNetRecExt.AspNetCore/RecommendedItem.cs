namespace MLNetRecExt.AspNetCore;

/// <summary>One item of a <see cref="RecommendationList{TItem}"/>.</summary>
/// <typeparam name="TItem">Type of the item ids.</typeparam>
/// <param name="Id">The item's id.</param>
/// <param name="Score">The model's score, or what the list's reason says in its place; higher is better.</param>
/// <param name="Because">The items of the history that add most to the score, largest first, at most
/// <see cref="RecommenderServiceOptions.ReasonsPerItem"/>. Empty where the model cannot explain, or none of them adds to it.</param>
public sealed record RecommendedItem<TItem>(TItem Id, float Score, IReadOnlyList<TItem> Because);
