namespace MLNetRecExt.AspNetCore;

/// <summary>One event in a request; its time is that of its arrival.</summary>
/// <param name="User">The user's id.</param>
/// <param name="Item">The item's id.</param>
/// <param name="Kind">What they did.</param>
/// <param name="ListId">The list that it came from.</param>
/// <param name="Position">Its place in the list, from 1.</param>
/// <param name="Model">The list's model.</param>
internal sealed record FeedbackRow<TUser, TItem>(
    TUser User, TItem Item, FeedbackKind Kind, string? ListId = null, int? Position = null, string? Model = null);
