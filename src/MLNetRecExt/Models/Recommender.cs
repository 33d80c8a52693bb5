using System.Globalization;

namespace MLNetRecExt;

/// <summary>A model by original ids: ids in, ids out, and nothing unknown passes in silence. Immutable and thread-safe.</summary>
/// <remarks>
/// <para><see cref="RecommenderModel.For"/> makes it, at no cost. Answers to many at once are computed on all cores, and are what each one
/// gets alone.</para>
/// <para>An unknown user gets what <see cref="RecommenderOptions.Fallback"/> says, with its reason: by default what most users took. An
/// answer that has no place for a reason, and an item that is not known, are exceptions that name the id.</para>
/// </remarks>
/// <typeparam name="TUser">Type of the user ids.</typeparam>
/// <typeparam name="TItem">Type of the item ids.</typeparam>
public sealed class Recommender<TUser, TItem>
    where TUser : notnull
    where TItem : notnull
{
    private const string LeaveOut = "RecommenderOptions.UnknownItems = LeaveOut leaves such items out of histories and filters.";
    private const string Everybody = "Recommend and RecommendFor answer everybody with RecommenderOptions.Fallback = Popularity.";
    private const string ByHistory = "RecommendFor answers by a history. " + Everybody;

    private readonly RecommenderOptions _options;

    internal Recommender(RecommenderModel model, RecommenderOptions options)
    {
        model.Users.CheckFits<TUser>("users");
        model.Items.CheckFits<TItem>("items");
        (Model, _options) = (model, options);
    }

    /// <summary>The model: answers by index, for batches.</summary>
    public RecommenderModel Model { get; }

    /// <summary>The best items for a user: exactly <paramref name="count"/> when so many candidates exist.</summary>
    /// <param name="user">The user's id.</param>
    /// <param name="count">Length of the list, at least 1.</param>
    /// <param name="filter">Which items pass; null for all.</param>
    /// <returns>Best first; equal scores by lower index. For an unknown user what <see cref="RecommenderOptions.Fallback"/> gives, with its
    /// reason.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is below 1.</exception>
    /// <exception cref="ArgumentException">The user is unknown and there is no fallback.</exception>
    public IReadOnlyList<Recommendation<TItem>> Recommend(TUser user, int count = 10, ItemFilter? filter = null) =>
        Recommend([user], count, filter)[0];

    /// <summary>The best items for each of many users, on all cores.</summary>
    /// <inheritdoc cref="Recommend(TUser, int, ItemFilter?)"/>
    /// <param name="users">Their ids.</param>
    /// <param name="count">Length of the lists, at least 1.</param>
    /// <param name="filter">Which items pass; null for all.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>One list per user, in their order.</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public IReadOnlyList<IReadOnlyList<Recommendation<TItem>>> Recommend(
        IReadOnlyList<TUser> users, int count = 10, ItemFilter? filter = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(users);
        var queries = users.Select(user => OfTraining(Model.Users.IndexOf(user))).ToArray();
        return Answer(queries, list => UnknownUser(users[list]), count, Options(filter, cancellationToken));
    }

    /// <summary>The best items for a user, by what training knew and by what they took since.</summary>
    /// <inheritdoc cref="RecommendFor(IReadOnlyCollection{HistoryEntry{TItem}}, int, ItemFilter?)"/>
    /// <param name="user">The user's id. For an unknown one only the new interactions count.</param>
    /// <param name="newInteractions">What they took since; an entry replaces that of training on the same item.</param>
    /// <param name="count">Length of the list, at least 1.</param>
    /// <param name="filter">Which items pass; null for all.</param>
    public IReadOnlyList<Recommendation<TItem>> Recommend(
        TUser user, IReadOnlyCollection<HistoryEntry<TItem>> newInteractions, int count = 10, ItemFilter? filter = null) =>
        Answer([Query(Model.Users.IndexOf(user), newInteractions)], _ => UnknownUser(user), count, Options(filter, default))[0];

    /// <summary>The best items for somebody who was not in training, by what they took, each with label 1.</summary>
    /// <inheritdoc cref="RecommendFor(IReadOnlyCollection{HistoryEntry{TItem}}, int, ItemFilter?)"/>
    /// <param name="history">Ids of the items taken.</param>
    /// <param name="count">Length of the list, at least 1.</param>
    /// <param name="filter">Which items pass; null for all.</param>
    public IReadOnlyList<Recommendation<TItem>> RecommendFor(
        IReadOnlyCollection<TItem> history, int count = 10, ItemFilter? filter = null) =>
        RecommendFor(Entries(history), count, filter);

    /// <summary>The best items for somebody who was not in training, by what they took.</summary>
    /// <param name="history">What they took; of several entries on one item the last counts.</param>
    /// <param name="count">Length of the list, at least 1.</param>
    /// <param name="filter">Which items pass; null for all.</param>
    /// <returns>Best first; equal scores by lower index. When nothing is known about the history, what
    /// <see cref="RecommenderOptions.Fallback"/> gives, with its reason.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is below 1.</exception>
    /// <exception cref="ArgumentException">An item is unknown and is not to be left out; a label or weight is not finite, or a weight
    /// negative; or nothing is known and there is no fallback.</exception>
    /// <exception cref="NotSupportedException"><see cref="RecommenderModel.CanFoldIn"/> is false.</exception>
    public IReadOnlyList<Recommendation<TItem>> RecommendFor(
        IReadOnlyCollection<HistoryEntry<TItem>> history, int count = 10, ItemFilter? filter = null) =>
        RecommendFor([history], count, filter)[0];

    /// <summary>
    /// The best items for each of many who were not in training, by what they took, each item with label 1, on all cores.
    /// </summary>
    /// <inheritdoc cref="RecommendFor(IReadOnlyList{IReadOnlyCollection{HistoryEntry{TItem}}}, int, ItemFilter?, CancellationToken)"/>
    /// <param name="histories">By each the ids of the items taken.</param>
    /// <param name="count">Length of the lists, at least 1.</param>
    /// <param name="filter">Which items pass; null for all.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public IReadOnlyList<IReadOnlyList<Recommendation<TItem>>> RecommendFor(
        IReadOnlyList<IReadOnlyCollection<TItem>> histories, int count = 10, ItemFilter? filter = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(histories);
        return RecommendFor([.. histories.Select(Entries)], count, filter, cancellationToken);
    }

    /// <summary>The best items for each of many who were not in training, by what they took, on all cores.</summary>
    /// <inheritdoc cref="RecommendFor(IReadOnlyCollection{HistoryEntry{TItem}}, int, ItemFilter?)"/>
    /// <param name="histories">What each took.</param>
    /// <param name="count">Length of the lists, at least 1.</param>
    /// <param name="filter">Which items pass; null for all.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>One list per history, in their order.</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public IReadOnlyList<IReadOnlyList<Recommendation<TItem>>> RecommendFor(
        IReadOnlyList<IReadOnlyCollection<HistoryEntry<TItem>>> histories, int count = 10, ItemFilter? filter = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(histories);
        var queries = histories.Select(history => Query(-1, history)).ToArray();
        return Answer(queries, list => UnknownHistory(histories[list]), count, Options(filter, cancellationToken));
    }

    /// <summary>The items most similar to one.</summary>
    /// <param name="item">The item's id.</param>
    /// <param name="count">Length of the list, at least 1.</param>
    /// <param name="filter">Which items pass; null for all.</param>
    /// <returns>Most similar first, equal similarities by lower index, without the item itself.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is below 1.</exception>
    /// <exception cref="ArgumentException">The item is unknown.</exception>
    /// <exception cref="NotSupportedException"><see cref="RecommenderModel.CanCompareItems"/> is false; the message says which models
    /// can.</exception>
    public IReadOnlyList<Recommendation<TItem>> Similar(TItem item, int count = 10, ItemFilter? filter = null) =>
        Similar([item], count, filter)[0];

    /// <summary>For each of many items those most similar to it, on all cores.</summary>
    /// <inheritdoc cref="Similar(TItem, int, ItemFilter?)"/>
    /// <param name="items">Ids of the items.</param>
    /// <param name="count">Length of the lists, at least 1.</param>
    /// <param name="filter">Which items pass; null for all.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>One list per item, in their order.</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public IReadOnlyList<IReadOnlyList<Recommendation<TItem>>> Similar(
        IReadOnlyList<TItem> items, int count = 10, ItemFilter? filter = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(items);
        return ToIds(Model.SimilarItems([.. items.Select(KnownItem)], count, Options(filter, cancellationToken)));
    }

    /// <summary>The users most similar to one.</summary>
    /// <param name="user">The user's id.</param>
    /// <param name="count">Length of the list, at least 1.</param>
    /// <returns>Most similar first, equal similarities by lower index, without the user.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is below 1.</exception>
    /// <exception cref="ArgumentException">The user is unknown.</exception>
    /// <exception cref="NotSupportedException"><see cref="RecommenderModel.CanCompareUsers"/> is false; the message says which models
    /// can.</exception>
    public IReadOnlyList<SimilarUser<TUser>> SimilarUsers(TUser user, int count = 10) => SimilarUsers([user], count)[0];

    /// <summary>For each of many users those most similar to them, on all cores.</summary>
    /// <inheritdoc cref="SimilarUsers(TUser, int)"/>
    /// <param name="users">Ids of the users.</param>
    /// <param name="count">Length of the lists, at least 1.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>One list per user, in their order.</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public IReadOnlyList<IReadOnlyList<SimilarUser<TUser>>> SimilarUsers(
        IReadOnlyList<TUser> users, int count = 10, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(users);
        return ForEach(users.Select(KnownUser).ToArray(), user => ToIds(Model.SimilarUsers(user, count)), cancellationToken);
    }

    /// <summary>Why an item scores as it does for a user: what contributes to the score, by how much.</summary>
    /// <param name="user">The user's id.</param>
    /// <param name="item">The item's id, taken or not.</param>
    /// <returns>Largest contribution first. What they add up to, the model says at <see cref="RecommenderModel.CanExplain"/>.</returns>
    /// <exception cref="ArgumentException">The user or the item is unknown.</exception>
    /// <exception cref="NotSupportedException"><see cref="RecommenderModel.CanExplain"/> is false; the message says which models
    /// can.</exception>
    public IReadOnlyList<Contribution<TUser, TItem>> Explain(TUser user, TItem item) => Explain([(user, item)])[0];

    /// <summary>Why each of many items scores as it does for a user, on all cores.</summary>
    /// <inheritdoc cref="Explain(TUser, TItem)"/>
    /// <param name="pairs">Ids of the users and items.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>One list per pair, in their order.</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public IReadOnlyList<IReadOnlyList<Contribution<TUser, TItem>>> Explain(
        IReadOnlyList<(TUser User, TItem Item)> pairs, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        return ForEach(KnownPairs(pairs), pair => ToIds(Model.Explain(OfTraining(pair.User), pair.Item)), cancellationToken);
    }

    /// <summary>Why an item scores as it does for somebody who took some items, each with label 1.</summary>
    /// <inheritdoc cref="ExplainFor(IReadOnlyCollection{HistoryEntry{TItem}}, TItem)"/>
    /// <param name="history">Ids of the items taken.</param>
    /// <param name="item">The item's id, taken or not.</param>
    public IReadOnlyList<Contribution<TUser, TItem>> ExplainFor(IReadOnlyCollection<TItem> history, TItem item) =>
        ExplainFor(Entries(history), item);

    /// <summary>Why an item scores as it does for somebody who was not in training, by what they took.</summary>
    /// <param name="history">What they took.</param>
    /// <param name="item">The item's id, taken or not.</param>
    /// <returns>Largest contribution first. What they add up to, the model says at <see cref="RecommenderModel.CanExplain"/>.</returns>
    /// <exception cref="ArgumentException">An item is unknown; a label or weight is not finite, or a weight negative; or nothing is known
    /// about the history.</exception>
    /// <exception cref="NotSupportedException"><see cref="RecommenderModel.CanExplain"/> or <see cref="RecommenderModel.CanFoldIn"/> is
    /// false; the message says which models can.</exception>
    public IReadOnlyList<Contribution<TUser, TItem>> ExplainFor(IReadOnlyCollection<HistoryEntry<TItem>> history, TItem item)
    {
        var query = Query(-1, history);
        return query.History.IsEmpty ? throw UnknownHistory(history) : ToIds(Model.Explain(query, KnownItem(item)));
    }

    /// <summary>The score of an item for a user.</summary>
    /// <param name="user">The user's id.</param>
    /// <param name="item">The item's id.</param>
    /// <exception cref="ArgumentException">The user or the item is unknown: a number has no place for a reason, so there is no
    /// fallback.</exception>
    public float Score(TUser user, TItem item) =>
        _options.At is null ? Model.Score(KnownUser(user), KnownItem(item)) : Score([(user, item)])[0];

    /// <summary>The scores of many pairs, on all cores.</summary>
    /// <inheritdoc cref="Score(TUser, TItem)"/>
    /// <param name="pairs">Ids of the users and items.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>One score per pair, in their order.</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public IReadOnlyList<float> Score(IReadOnlyList<(TUser User, TItem Item)> pairs, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        var scores = new float[pairs.Count];
        // Some models score all items for a user at once.
        var byUser = KnownPairs(pairs).Index().GroupBy(pair => pair.Item.User).ToArray();
        Parallel.ForEach(byUser, Options(null, cancellationToken).ToParallel(), wanted =>
        {
            var found = Model.ScorePairs([OfTraining(wanted.Key)], [[.. wanted.Select(pair => pair.Item.Item)]])[0];
            foreach (var ((place, _), score) in wanted.Zip(found))
                scores[place] = score;
        });
        return scores;
    }

    /// <summary>A recommender that holds nothing of some users: no id, history, embedding or features. This one stays as it is.</summary>
    /// <inheritdoc cref="RecommenderModel.Without(IEnumerable{int})" path="/remarks"/>
    /// <param name="users">Their ids.</param>
    /// <exception cref="ArgumentException">The model does not hold an id.</exception>
    /// <exception cref="NotSupportedException">The model is made of users' histories, or nobody would be left and it cannot answer by a
    /// history; the message says which.</exception>
    public Recommender<TUser, TItem> Without(IEnumerable<TUser> users)
    {
        ArgumentNullException.ThrowIfNull(users);
        var indices = users.Select(id => Model.Users.IndexOf(id) is var user and >= 0 ? user : throw UnknownUser(id));
        return new(Model.Without(indices), _options);
    }

    /// <summary>A filter that only some items pass, to be kept and used again.</summary>
    /// <param name="items">Their ids.</param>
    /// <exception cref="ArgumentException">Training did not see an id, and such are not to be left out.</exception>
    public ItemFilter Only(IEnumerable<TItem> items) => ItemFilter.Only(Indices(items));

    /// <summary>A filter that all items pass but some, to be kept and used again.</summary>
    /// <param name="items">Their ids.</param>
    /// <exception cref="ArgumentException">Training did not see an id, and such are not to be left out.</exception>
    public ItemFilter Except(IEnumerable<TItem> items) => ItemFilter.Except(Indices(items));

    /// <summary>
    /// A filter that items pass by their features, to be kept and used again. Items without a row of features do not pass.
    /// </summary>
    /// <param name="features">What is known of items; from <c>recommenders.Data.ReadFeatures</c>.</param>
    /// <param name="predicate">Whether an item passes. Asked once for each item.</param>
    /// <exception cref="ArgumentException">The features are of no item of the model.</exception>
    public ItemFilter Where(SideFeatures features, Func<FeatureRow, bool> predicate)
    {
        ArgumentNullException.ThrowIfNull(features);
        ArgumentNullException.ThrowIfNull(predicate);
        var rowOf = features.RowsOfItems(Model.Items, nameof(features));
        return ItemFilter.Only(Enumerable.Range(0, rowOf.Length)
            .Where(item => rowOf[item] >= 0 && predicate(new FeatureRow(features, rowOf[item]))));
    }

    private IReadOnlyList<IReadOnlyList<Recommendation<TItem>>> Answer(
        RecommenderQuery[] queries, Func<int, ArgumentException> unknown, int count, TopItemsOptions options)
    {
        if (options.Fallback == RecommendationFallback.None)
            for (int list = 0; list < queries.Length; list++)
                if (Model.ReasonFor(queries[list]) == RecommendationReason.Unknown)
                    throw unknown(list);
        return ToIds(Model.TopItems(queries, count, options));
    }

    private TResult[] ForEach<TAsked, TResult>(TAsked[] asked, Func<TAsked, TResult> answer, CancellationToken cancellationToken)
    {
        var answers = new TResult[asked.Length];
        // The caller answers the first: what a model cannot do throws as it does for one.
        if (answers.Length > 0)
            answers[0] = answer(asked[0]);
        Parallel.For(1, answers.Length, Options(null, cancellationToken).ToParallel(), place => answers[place] = answer(asked[place]));
        return answers;
    }

    private IReadOnlyList<IReadOnlyList<Recommendation<TItem>>> ToIds(TopItemLists lists)
    {
        var answers = new Recommendation<TItem>[lists.Count][];
        for (int list = 0; list < answers.Length; list++)
        {
            var items = lists.Items(list);
            var scores = lists.Scores(list);
            answers[list] = new Recommendation<TItem>[items.Length];
            for (int place = 0; place < items.Length; place++)
                answers[list][place] = new(Model.Items.GetId<TItem>(items[place]), scores[place], place + 1, lists.Reason(list));
        }
        return answers;
    }

    private SimilarUser<TUser>[] ToIds(UserScore[] users) =>
        [.. users.Select((entry, place) => new SimilarUser<TUser>(Model.Users.GetId<TUser>(entry.User), entry.Score, place + 1))];

    private Contribution<TUser, TItem>[] ToIds(Contribution[] parts) =>
        Array.ConvertAll(parts, part => new Contribution<TUser, TItem>(
            part.Of,
            part.Of == ContributionOf.Item ? Model.Items.GetId<TItem>(part.Index) : default,
            part.Of == ContributionOf.User ? Model.Users.GetId<TUser>(part.Index) : default,
            part.Feature, part.Category, part.Value));

    private TopItemsOptions Options(ItemFilter? filter, CancellationToken cancellationToken) => new()
    {
        ExcludeSeen = _options.ExcludeSeen,
        Fallback = _options.Fallback,
        NumberOfThreads = _options.NumberOfThreads,
        Filter = filter,
        CancellationToken = cancellationToken,
    };

    private static HistoryEntry<TItem>[] Entries(IReadOnlyCollection<TItem> history)
    {
        ArgumentNullException.ThrowIfNull(history);
        return [.. history.Select(item => new HistoryEntry<TItem>(item))];
    }

    /// <summary>A user or −1 with the known items of a history.</summary>
    private RecommenderQuery Query(int user, IReadOnlyCollection<HistoryEntry<TItem>> history)
    {
        ArgumentNullException.ThrowIfNull(history);
        var known = new List<ItemFeedback>(history.Count);
        foreach (var (id, label, weight, timestamp) in history)
            if (Model.Items.IndexOf(id) is var item && Model.IsKnownItem(item))
                known.Add(new ItemFeedback(item, label, weight, timestamp));
            else if (_options.UnknownItems == UnknownItemHandling.Throw)
                throw UnknownItem(id, " " + LeaveOut);
        var entries = known.ToArray();
        return Asked(user < 0 ? RecommenderQuery.ForHistory(entries) : RecommenderQuery.ForUser(user, entries));
    }

    /// <summary>A user or −1, without news.</summary>
    private RecommenderQuery OfTraining(int user) => Asked(RecommenderQuery.ForUserOrNobody(user));

    private RecommenderQuery Asked(RecommenderQuery query) => _options.At is { } time ? query.At(time) : query;

    private List<int> Indices(IEnumerable<TItem> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        var indices = new List<int>();
        foreach (var id in items)
            if (Model.Items.IndexOf(id) is var item and >= 0)
                indices.Add(item);
            else if (_options.UnknownItems == UnknownItemHandling.Throw)
                throw UnknownItem(id, " " + LeaveOut);
        return indices;
    }

    private (int User, int Item)[] KnownPairs(IReadOnlyList<(TUser User, TItem Item)> pairs) =>
        [.. pairs.Select(pair => (KnownUser(pair.User), KnownItem(pair.Item)))];

    private int KnownItem(TItem id) => Model.Items.IndexOf(id) is var item && Model.IsKnownItem(item) ? item : throw UnknownItem(id);

    private int KnownUser(TUser id) => Model.Users.IndexOf(id) is var user && Model.IsKnownUser(user) ? user : throw UnknownUser(id);

    private ArgumentException UnknownItem(TItem id, string remedy = "") => Unknown("Item", id, Model.Items.IndexOf(id), remedy);

    private ArgumentException UnknownUser(TUser id) => Unknown("User", id, Model.Users.IndexOf(id), " " + ByHistory);

    private static ArgumentException UnknownHistory(IReadOnlyCollection<HistoryEntry<TItem>> history) => new(history.Count == 0
        ? $"The history is empty, so nothing is known. {Everybody}"
        : string.Create(CultureInfo.InvariantCulture,
            $"The model knows none of the {history.Count} items of the history, '{history.First().Item}' first. {Everybody}"));

    private static ArgumentException Unknown(string what, object id, int index, string remedy)
    {
        var why = index < 0 ? "training did not see the id" : "in training the id had no interaction, nor features that the model learned";
        return new(string.Create(CultureInfo.InvariantCulture, $"{what} '{id}' is not known to the model: {why}.{remedy}"));
    }
}
