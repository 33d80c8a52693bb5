namespace MLNetRecExt.AspNetCore;

/// <summary>What the endpoints ask beyond <see cref="IRecommender{TUser, TItem}"/>.</summary>
internal interface IRecommenderService<TUser, TItem> : IRecommender<TUser, TItem>
    where TUser : notnull
    where TItem : notnull
{
    RecommenderServiceOptions Options { get; }

    /// <summary>Takes events; null where nobody keeps them.</summary>
    IFeedback<TUser, TItem>? Feedback { get; }

    /// <summary>A list, with reasons only where the caller may see them.</summary>
    ValueTask<RecommendationList<TItem>> RecommendAsync(
        TUser user, int? count, CatalogueFilter? where, bool withReasons, CancellationToken cancellationToken);

    /// <summary>What contributes to the score of an item for a user, by training and since; null when nothing is known of either.</summary>
    /// <exception cref="NotSupportedException">The model cannot explain; the message says which can.</exception>
    ValueTask<IReadOnlyList<Contribution<TUser, TItem>>?> ExplainAsync(TUser user, TItem item, CancellationToken cancellationToken);
}
