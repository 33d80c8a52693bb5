namespace MLNetRecExt.AspNetCore;

/// <summary>What a score is made of. Other users are not named.</summary>
/// <param name="Items">What items of the history add, largest first.</param>
/// <param name="Features">What features of the item add, largest first.</param>
/// <param name="OtherUsers">What like-minded users add together.</param>
internal sealed record Explanation<TItem>(
    IReadOnlyList<ItemPart<TItem>> Items, IReadOnlyList<FeaturePart> Features, float OtherUsers)
{
    public static Explanation<TItem> Of<TUser>(IReadOnlyList<Contribution<TUser, TItem>> parts) => new(
        [.. parts.Where(part => part.Of == ContributionOf.Item).Select(part => new ItemPart<TItem>(part.Item!, part.Value))],
        [.. parts.Where(part => part.Of == ContributionOf.Feature)
            .Select(part => new FeaturePart(part.Feature, part.Category, part.Value))],
        parts.Where(part => part.Of == ContributionOf.User).Sum(part => part.Value));
}
