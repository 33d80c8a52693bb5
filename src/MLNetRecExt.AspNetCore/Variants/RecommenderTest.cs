using System.IO.Hashing;
using System.Text;

namespace MLNetRecExt.AspNetCore;

/// <summary>Two or more recommenders behind one name: each user is answered by one of them, always the same. Who has no id is answered by
/// the first.</summary>
internal sealed class RecommenderTest<TUser, TItem>(
    string name, IReadOnlyList<IRecommenderService<TUser, TItem>> variants, IReadOnlyList<IFeedback<TUser, TItem>> feedback)
    : IRecommenderService<TUser, TItem>, IRecommenderSlot, IFeedback<TUser, TItem>
    where TUser : notnull
    where TItem : notnull
{
    public string Name => name;

    public RecommenderServiceOptions Options => variants[0].Options;

    public IFeedback<TUser, TItem>? Feedback => variants.Any(variant => variant.Feedback is not null) ? this : null;

    public Recommender<TUser, TItem>? Current => variants[0].Current;

    /// <summary>That of the first variant, with what is wrong with any, and the lists and events of all.</summary>
    public RecommenderStatus Status
    {
        get
        {
            var all = variants.Select(variant => variant.Status).ToArray();
            string[] troubles = [.. all.Where(status => status.Reason is not null).Select(status => $"{status.Name}: {status.Reason}")];
            return all[0] with
            {
                Name = name,
                IsDegraded = all.Any(status => status.IsDegraded),
                Reason = troubles.Length > 0 ? string.Join(" ", troubles) : null,
                Lists = all.Sum(status => status.Lists),
                EmptyLists = all.Sum(status => status.EmptyLists),
                Fallbacks = all.Sum(status => status.Fallbacks),
                HistoryFailures = all.Sum(status => status.HistoryFailures),
                FeedbackAdded = all.Sum(status => status.FeedbackAdded),
                FeedbackDropped = all.Sum(status => status.FeedbackDropped),
                FeedbackWritten = all.Sum(status => status.FeedbackWritten),
            };
        }
    }

    public long Dropped => feedback.Sum(one => one.Dropped);

    /// <summary>Goes where the list came from, or else to the user's variant.</summary>
    public bool Add(FeedbackEvent<TUser, TItem> feedbackEvent)
    {
        ArgumentNullException.ThrowIfNull(feedbackEvent);
        var variant = variants.Index().FirstOrDefault(one => one.Item.Name == feedbackEvent.Model, (-1, null!)).Index;
        return feedback[variant < 0 ? VariantOf(feedbackEvent.User) : variant].Add(feedbackEvent);
    }

    public ValueTask<RecommendationList<TItem>> RecommendAsync(
        TUser user, int? count = null, CatalogueFilter? where = null, CancellationToken cancellationToken = default) =>
        variants[VariantOf(user)].RecommendAsync(user, count, where, cancellationToken);

    public ValueTask<RecommendationList<TItem>> RecommendAsync(
        TUser user, int? count, CatalogueFilter? where, bool withReasons, CancellationToken cancellationToken) =>
        variants[VariantOf(user)].RecommendAsync(user, count, where, withReasons, cancellationToken);

    public ValueTask<RecommendationList<TItem>> RecommendForAsync(
        IReadOnlyCollection<HistoryEntry<TItem>> history, int? count = null, CatalogueFilter? where = null,
        CancellationToken cancellationToken = default) =>
        variants[0].RecommendForAsync(history, count, where, cancellationToken);

    public ValueTask<RecommendationList<TItem>> SimilarAsync(
        TItem item, int? count = null, CatalogueFilter? where = null, CancellationToken cancellationToken = default) =>
        variants[0].SimilarAsync(item, count, where, cancellationToken);

    public ValueTask<IReadOnlyList<Contribution<TUser, TItem>>?> ExplainAsync(
        TUser user, TItem item, CancellationToken cancellationToken) =>
        variants[VariantOf(user)].ExplainAsync(user, item, cancellationToken);

    // The name is part of it: who is in the first half of one test is in either half of the next.
    private int VariantOf(TUser user) =>
        (int)(XxHash64.HashToUInt64(Encoding.UTF8.GetBytes($"{name}\n{IdText.Of(user)}")) % (ulong)variants.Count);
}
