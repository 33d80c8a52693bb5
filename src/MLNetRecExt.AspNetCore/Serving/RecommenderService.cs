namespace MLNetRecExt.AspNetCore;

/// <summary>Answers by what serves at the moment of the question.</summary>
internal sealed class RecommenderService<TUser, TItem>(
    string name, RecommenderServiceOptions options, RecommenderSlot<TUser, TItem> slot, HistoryReader<TUser, TItem>? history,
    ListLedger ledger, FeedbackBuffer<TUser, TItem> feedback) : IRecommenderService<TUser, TItem>, IRecommenderSlot
    where TUser : notnull
    where TItem : notnull
{
    public string Name => name;

    public RecommenderServiceOptions Options => options;

    /// <summary>Tells what happened since training; null where nobody does.</summary>
    public HistoryReader<TUser, TItem>? History => history;

    public IFeedback<TUser, TItem>? Feedback => feedback.HasSink ? feedback : null;

    public Recommender<TUser, TItem>? Current => slot.Served?.Recommender;

    public RecommenderModel? Model => slot.Served?.Model;

    public RecommenderStatus Status => feedback.AddTo(ledger.AddTo(slot.Status));

    public ValueTask<RecommendationList<TItem>> RecommendAsync(
        TUser user, int? count = null, CatalogueFilter? where = null, CancellationToken cancellationToken = default) =>
        RecommendAsync(user, count, where, withReasons: true, cancellationToken);

    public ValueTask<RecommendationList<TItem>> RecommendAsync(
        TUser user, int? count, CatalogueFilter? where, bool withReasons, CancellationToken cancellationToken) =>
        AnswerAsync(served => QueryAsync(served, user, cancellationToken), count, where, withReasons, cancellationToken);

    public ValueTask<RecommendationList<TItem>> RecommendForAsync(
        IReadOnlyCollection<HistoryEntry<TItem>> history, int? count = null, CatalogueFilter? where = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(history);
        if (history.Count > options.MaxHistoryLength)
            throw new ArgumentException(
                $"The history has {history.Count} entries, more than {nameof(options.MaxHistoryLength)} = {options.MaxHistoryLength}. "
                + "Send the last ones.", nameof(history));
        return AnswerAsync(served => new(served.QueryOf(history)), count, where, withReasons: true, cancellationToken);
    }

    public ValueTask<RecommendationList<TItem>> SimilarAsync(
        TItem item, int? count = null, CatalogueFilter? where = null, CancellationToken cancellationToken = default)
    {
        var length = Length(count);
        cancellationToken.ThrowIfCancellationRequested();
        using var entry = ledger.Start();
        if (slot.Serving is not { } serving || serving.Served.KnownItem(item) is var index && index < 0)
            return new(entry.Close(NewList(slot.Serving)));
        var lists = serving.Served.Model.SimilarItems([index], length, new TopItemsOptions { Filter = Filter(serving, where) });
        var items = serving.Served.ItemsOf(lists, 0, length, null, 0);
        return new(entry.Close(NewList(serving) with { Reason = lists.Reason(0), Items = items }));
    }

    public async ValueTask<IReadOnlyList<Contribution<TUser, TItem>>?> ExplainAsync(
        TUser user, TItem item, CancellationToken cancellationToken)
    {
        if (slot.Serving?.Served is not { } served || served.KnownItem(item) is var index && index < 0)
            return null;
        var query = await QueryAsync(served, user, cancellationToken);
        var isKnown = served.Model.IsKnownUser(query.User) || !query.History.IsEmpty;
        return isKnown ? served.Explain(query, index) : null;
    }

    private async ValueTask<RecommendationList<TItem>> AnswerAsync(
        Func<ServedModel<TUser, TItem>, ValueTask<RecommenderQuery>> ask, int? count, CatalogueFilter? where, bool withReasons,
        CancellationToken cancellationToken)
    {
        var length = Length(count);
        cancellationToken.ThrowIfCancellationRequested();
        using var entry = ledger.Start();
        if (slot.Serving is not { } serving)
            return entry.Close(NewList(null));
        var query = await ask(serving.Served);
        var wanted = new TopItemsOptions { Filter = Filter(serving, where), Fallback = options.Fallback };
        var (lists, place) = serving.Batches is { } batches
            ? await batches.TopItemsAsync(query, length, wanted, cancellationToken)
            : (serving.Served.Model.TopItems([query], length, wanted), 0);
        var items = serving.Served.ItemsOf(lists, place, length, withReasons ? query : null, options.ReasonsPerItem);
        return entry.Close(NewList(serving) with { Reason = lists.Reason(place), Items = items });
    }

    private async ValueTask<RecommenderQuery> QueryAsync(
        ServedModel<TUser, TItem> served, TUser user, CancellationToken cancellationToken) =>
        history is null || !served.Model.CanFoldIn
            ? served.QueryOf(user, [])
            : await history.QueryAsync(served, user, cancellationToken);

    private RecommendationList<TItem> NewList(Serving<TUser, TItem>? serving) =>
        new(Guid.CreateVersion7().ToString("N"), name, serving?.Served.Version ?? "", RecommendationReason.Unknown, []);

    private int Length(int? count)
    {
        var length = count ?? options.DefaultListLength;
        return length >= 1 && length <= options.MaxListLength ? length : throw new ArgumentOutOfRangeException(
            nameof(count), count, $"A list is 1 to {options.MaxListLength} long ({nameof(options.MaxListLength)}).");
    }

    private static ItemFilter? Filter(Serving<TUser, TItem> serving, CatalogueFilter? where)
    {
        where ??= CatalogueFilter.InStock;
        if (serving.Filters is { } filters)
            return filters.For(where);
        if (where is { Category: null, MinPrice: null, MaxPrice: null })
            return null;
        throw new NotSupportedException(
            "There is no catalogue to tell categories and prices. Register one: services.AddRecommender(…).WithCatalogue<…>().");
    }
}
