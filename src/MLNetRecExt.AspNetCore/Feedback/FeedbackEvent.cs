namespace MLNetRecExt.AspNetCore;

/// <summary>What a user did with an item, and of which list it came.</summary>
/// <typeparam name="TUser">Type of the user ids.</typeparam>
/// <typeparam name="TItem">Type of the item ids.</typeparam>
/// <param name="User">The user's id.</param>
/// <param name="Item">The item's id.</param>
/// <param name="Kind">What they did.</param>
/// <param name="Time">When.</param>
/// <param name="ListId">The list's <see cref="RecommendationList{TItem}.ListId"/>; null where it was no recommendation.</param>
/// <param name="Position">The item's place in the list, from 1; null where unknown.</param>
/// <param name="Model">The list's <see cref="RecommendationList{TItem}.Model"/>: what <see cref="ABTest"/> judges by.</param>
public sealed record FeedbackEvent<TUser, TItem>(
    TUser User, TItem Item, FeedbackKind Kind, DateTimeOffset Time, string? ListId = null, int? Position = null, string? Model = null);
