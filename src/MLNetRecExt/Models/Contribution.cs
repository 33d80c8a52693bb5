namespace MLNetRecExt;

/// <summary>
/// A part of a score: what one item taken, one like-minded user or one feature adds to it. See
/// <see cref="RecommenderModel.Explain(RecommenderQuery, int)"/>.
/// </summary>
/// <param name="Of">What adds to the score.</param>
/// <param name="Index">0-based index of the item or user; −1 for a feature.</param>
/// <param name="Feature">Name of the feature; null for an item or user.</param>
/// <param name="Category">The feature's category; for numbers the place in their vector, from 0. Null for an item or user.</param>
/// <param name="Value">What it adds; may be negative.</param>
public readonly record struct Contribution(ContributionOf Of, int Index, string? Feature, string? Category, float Value)
{
    /// <summary>What an item taken adds.</summary>
    /// <param name="item">0-based item index.</param>
    /// <param name="value">What it adds to the score.</param>
    public static Contribution OfItem(int item, float value) => new(ContributionOf.Item, item, null, null, value);

    /// <summary>What a user who took the item adds.</summary>
    /// <param name="user">0-based user index.</param>
    /// <param name="value">What it adds to the score.</param>
    public static Contribution OfUser(int user, float value) => new(ContributionOf.User, user, null, null, value);

    /// <summary>What a feature of the item adds.</summary>
    /// <param name="feature">Name of the feature.</param>
    /// <param name="category">Its category, or the place among its numbers.</param>
    /// <param name="value">What it adds to the score.</param>
    public static Contribution OfFeature(string feature, string category, float value) =>
        new(ContributionOf.Feature, -1, feature, category, value);
}
