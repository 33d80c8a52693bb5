namespace MLNetRecExt.AspNetCore.Page;

/// <summary>One of the largest parts of a score.</summary>
/// <param name="Item">The item of the history that adds it; null where it is something else.</param>
/// <param name="Text">What else adds it: a user, or a feature of the item.</param>
/// <param name="Share">Its share of all that adds to the score, from 0 to 1.</param>
internal sealed record ListReason(CatalogueItem<string>? Item, string Text, double Share);
