namespace MLNetRecExt;

/// <summary>
/// A part of a score, by original id: a <see cref="Contribution"/>. Only the id or names of what <paramref name="Of"/> says are set.
/// </summary>
/// <typeparam name="TUser">Type of the user ids.</typeparam>
/// <typeparam name="TItem">Type of the item ids.</typeparam>
/// <param name="Of">What adds to the score.</param>
/// <param name="Item">Id of the item taken.</param>
/// <param name="User">Id of the user who took the item.</param>
/// <param name="Feature">Name of the feature.</param>
/// <param name="Category">The feature's category; for numbers the place in their vector, from 0.</param>
/// <param name="Value">What it adds; may be negative.</param>
public readonly record struct Contribution<TUser, TItem>(
    ContributionOf Of, TItem? Item, TUser? User, string? Feature, string? Category, float Value);
