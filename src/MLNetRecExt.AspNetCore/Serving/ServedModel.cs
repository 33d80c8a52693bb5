namespace MLNetRecExt.AspNetCore;

/// <summary>A model that was read and checked. Immutable.</summary>
/// <param name="Recommender">It, by ids.</param>
/// <param name="Version">The first 12 hexadecimal digits of the SHA-256 of its file.</param>
/// <param name="TrainedAt">When it was trained, by its card, or else when it was published, where somebody knows.</param>
/// <param name="LoadedAt">When it was read.</param>
internal sealed record ServedModel<TUser, TItem>(
    Recommender<TUser, TItem> Recommender, string Version, DateTimeOffset? TrainedAt, DateTimeOffset LoadedAt)
    where TUser : notnull
    where TItem : notnull
{
    public RecommenderModel Model => Recommender.Model;

    /// <summary>The 0-based index of an item that can be recommended; −1 for another.</summary>
    public int KnownItem(TItem id) => Model.Items.IndexOf(id) is var item && Model.IsKnownItem(item) ? item : -1;

    /// <summary>A user with what they took since training. Where the model cannot fold in, the user alone.</summary>
    /// <exception cref="ArgumentException">A label or weight is not finite, or a weight negative.</exception>
    public RecommenderQuery QueryOf(TUser user, IReadOnlyCollection<HistoryEntry<TItem>> news) =>
        Model.Users.IndexOf(user) is var index && index < 0 ? QueryOf(news) : RecommenderQuery.ForUser(index, Known(news));

    /// <summary>Somebody without an id, by what they took. Where the model cannot fold in, nobody.</summary>
    /// <inheritdoc cref="QueryOf(TUser, IReadOnlyCollection{HistoryEntry{TItem}})" path="/exception"/>
    public RecommenderQuery QueryOf(IReadOnlyCollection<HistoryEntry<TItem>> history) => RecommenderQuery.ForHistory(Known(history));

    /// <summary>The items of a list, each with those of the history that add most to its score.</summary>
    /// <param name="lists">The lists of a batch.</param>
    /// <param name="list">Which of them.</param>
    /// <param name="length">How many items of it, at most.</param>
    /// <param name="query">Who asked, to say why; null to say nothing.</param>
    /// <param name="reasons">Items of the history to name, at most.</param>
    public RecommendedItem<TItem>[] ItemsOf(TopItemLists lists, int list, int length, RecommenderQuery? query, int reasons)
    {
        var explains = query is not null && reasons > 0 && Model.CanExplain
            && lists.Reason(list) is RecommendationReason.Model or RecommendationReason.FoldIn;
        var items = lists.Items(list);
        var scores = lists.Scores(list);
        // A batch's lists are as long as the longest that was asked for.
        var answer = new RecommendedItem<TItem>[Math.Min(items.Length, length)];
        for (int place = 0; place < answer.Length; place++)
            answer[place] = new(Model.Items.GetId<TItem>(items[place]), scores[place],
                explains ? Because(query!.Value, items[place], reasons) : []);
        return answer;
    }

    /// <summary>What the score of an item is made of.</summary>
    public Contribution<TUser, TItem>[] Explain(RecommenderQuery query, int item) =>
        Array.ConvertAll(Model.Explain(query, item), part => new Contribution<TUser, TItem>(
            part.Of,
            part.Of == ContributionOf.Item ? Model.Items.GetId<TItem>(part.Index) : default,
            part.Of == ContributionOf.User ? Model.Users.GetId<TUser>(part.Index) : default,
            part.Feature, part.Category, part.Value));

    private TItem[] Because(RecommenderQuery query, int item, int reasons) =>
        [.. Model.Explain(query, item).Where(part => part.Of == ContributionOf.Item && part.Value > 0).Take(reasons)
            .Select(part => Model.Items.GetId<TItem>(part.Index))];

    private ItemFeedback[] Known(IReadOnlyCollection<HistoryEntry<TItem>> history)
    {
        if (!Model.CanFoldIn)
            return [];
        var known = new List<ItemFeedback>(history.Count);
        foreach (var (id, label, weight, timestamp) in history)
            if (KnownItem(id) is var item and >= 0)
                known.Add(new(item, label, weight, timestamp));
        return [.. known];
    }
}
