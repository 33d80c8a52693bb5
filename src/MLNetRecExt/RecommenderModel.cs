namespace MLNetRecExt;

/// <summary>
/// A trained recommender: scores and ranks items for a query. Immutable and thread-safe.
/// </summary>
/// <remarks>
/// <para>Users and items are 0-based indices; <see cref="Users"/> and <see cref="Items"/> translate original ids.
/// A user or item without a training interaction is unknown to the model: its scores are NaN, and it is never recommended.</para>
/// <para>To write a model: derive, implement <see cref="ScoreKnown"/> and <see cref="ScoreAllItems"/>. Ranking, filters,
/// batching over all cores, schema, saving and evaluation follow from these.</para>
/// </remarks>
public abstract class RecommenderModel
{
    private const int QueriesPerBlock = 64;

    /// <param name="users">Ids of the users.</param>
    /// <param name="items">Ids of the items.</param>
    /// <param name="history">What each user took in training.</param>
    protected RecommenderModel(IdMap users, IdMap items, InteractionRows history)
    {
        Users = users;
        Items = items;
        History = history;
        ItemCountArray = history.CountColumns(items.Count);
    }

    /// <summary>User ids by index.</summary>
    public IdMap Users { get; }

    /// <summary>Item ids by index.</summary>
    public IdMap Items { get; }

    /// <summary>What each user took in training.</summary>
    public InteractionRows History { get; }

    /// <summary>For each item the number of users who took it in training.</summary>
    public ReadOnlySpan<int> ItemPopularity => ItemCountArray;

    /// <summary>Whether the model can answer a query that brings a history.</summary>
    public abstract bool CanFoldIn { get; }

    internal int[] ItemCountArray { get; }

    /// <summary>Whether the user is in range and took something in training.</summary>
    public bool IsKnownUser(int user) => (uint)user < (uint)Users.Count && History.Length(user) > 0;

    /// <summary>Whether the item is in range and the model can score it.</summary>
    public virtual bool IsKnownItem(int item) => (uint)item < (uint)Items.Count && ItemCountArray[item] > 0;

    /// <summary>The score of one item for one user; NaN when either is unknown (index −1 included).</summary>
    public float Score(int user, int item) => ScoreOrFallback(user, item, RecommendationFallback.None, out _);

    /// <summary>The score of one item for one user, or what the fallback gives when either is unknown.</summary>
    internal float ScoreOrFallback(int user, int item, RecommendationFallback fallback, out RecommendationReason reason)
    {
        if (IsKnownUser(user) && IsKnownItem(item))
        {
            reason = RecommendationReason.Model;
            return ScoreKnown(user, item);
        }
        if (fallback == RecommendationFallback.None)
        {
            reason = RecommendationReason.Unknown;
            return float.NaN;
        }
        reason = RecommendationReason.Popularity;
        return (uint)item < (uint)Items.Count ? PopularityScore(item) : 0;
    }

    /// <summary>Scores of all items for a query: <see cref="Score"/> for a user, to the bit; NaN for unknown items, or when nothing is known about the query.</summary>
    /// <param name="query">Who asks.</param>
    /// <param name="scores">Items.Count values, by item index.</param>
    /// <exception cref="ArgumentException"><paramref name="scores"/> has another length.</exception>
    /// <exception cref="NotSupportedException">The query brings a history and <see cref="CanFoldIn"/> is false.</exception>
    public void ScoreItems(RecommenderQuery query, Span<float> scores)
    {
        if (scores.Length != Items.Count)
            throw new ArgumentException($"scores has {scores.Length} values; one per item, {Items.Count}, is needed.", nameof(scores));
        if (ReasonFor(query) == RecommendationReason.Unknown)
        {
            scores.Fill(float.NaN);
            return;
        }
        ScoreAllItems(query, scores);
        for (int item = 0; item < scores.Length; item++)
            if (!IsKnownItem(item))
                scores[item] = float.NaN;
    }

    /// <summary>The best items for one query: exactly <paramref name="count"/> when so many candidates exist.</summary>
    /// <param name="query">Who asks.</param>
    /// <param name="count">Length of the list, at least 1.</param>
    /// <param name="options">Filters and fallback; null for the defaults.</param>
    /// <returns>Best first; equal scores by lower index. Empty when nothing is known about the query and no fallback is chosen.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is below 1, or an index in the query or the filters is out of range.</exception>
    /// <exception cref="NotSupportedException">The query brings a history and <see cref="CanFoldIn"/> is false.</exception>
    public ItemScore[] TopItems(RecommenderQuery query, int count, TopItemsOptions? options = null)
    {
        var lists = TopItems([query], count, options);
        var items = lists.Items(0);
        var scores = lists.Scores(0);
        var result = new ItemScore[items.Length];
        for (int i = 0; i < result.Length; i++)
            result[i] = new ItemScore(items[i], scores[i]);
        return result;
    }

    /// <summary>The best items for each of many known users, on all cores.</summary>
    /// <inheritdoc cref="TopItems(IReadOnlyList{RecommenderQuery}, int, TopItemsOptions?)"/>
    public TopItemLists TopItems(IReadOnlyList<int> users, int count, TopItemsOptions? options = null)
    {
        var queries = new RecommenderQuery[users.Count];
        for (int i = 0; i < queries.Length; i++)
            queries[i] = RecommenderQuery.ForUser(users[i]);
        return TopItems(queries, count, options);
    }

    /// <summary>The best items for each of many queries, on all cores.</summary>
    /// <returns>One list per query, in their order.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is below 1, or an index in a query or the filters is out of range.</exception>
    /// <exception cref="NotSupportedException">A query brings a history and <see cref="CanFoldIn"/> is false.</exception>
    /// <exception cref="OperationCanceledException">Cancelled through <see cref="TopItemsOptions.CancellationToken"/>.</exception>
    public TopItemLists TopItems(IReadOnlyList<RecommenderQuery> queries, int count, TopItemsOptions? options = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        options ??= new TopItemsOptions();
        count = Math.Min(count, Items.Count);
        var lists = new TopItemLists(queries.Count, count);
        var candidates = new CandidateFilter(this, options);

        var blocks = (queries.Count + QueriesPerBlock - 1) / QueriesPerBlock;
        Parallel.For(0, blocks, new ParallelOptions
        {
            MaxDegreeOfParallelism = options.NumberOfThreads ?? Environment.ProcessorCount,
            CancellationToken = options.CancellationToken,
        }, block =>
        {
            var first = block * QueriesPerBlock;
            var size = Math.Min(QueriesPerBlock, queries.Count - first);
            var known = new List<int>(size);
            for (int list = first; list < first + size; list++)
            {
                lists.Reasons[list] = ReasonFor(queries[list]);
                if (lists.Reasons[list] != RecommendationReason.Unknown)
                    known.Add(list);
                else if (options.Fallback == RecommendationFallback.Popularity)
                    RankByPopularity(queries[list], candidates, lists, list);
            }
            if (known.Count > 0)
                Rank(queries, known, candidates, lists);
        });
        return lists;
    }

    /// <summary>What the model knows about a query.</summary>
    internal RecommendationReason ReasonFor(RecommenderQuery query)
    {
        if (query.User >= Users.Count)
            throw new ArgumentOutOfRangeException(nameof(query), query.User, $"User index {query.User} is not in 0…{Users.Count - 1}; −1 stands for an unknown user.");
        if (query.History.IsEmpty)
            return IsKnownUser(query.User) ? RecommendationReason.Model : RecommendationReason.Unknown;
        if (!CanFoldIn)
            throw new NotSupportedException($"{GetType().Name} cannot fold in a history; ask for a known user.");
        foreach (var entry in query.History.Span)
            if (IsKnownItem(entry.Item))
                return RecommendationReason.FoldIn;
        return IsKnownUser(query.User) ? RecommendationReason.Model : RecommendationReason.Unknown;
    }

    /// <summary>The score of a known item for a known user.</summary>
    protected abstract float ScoreKnown(int user, int item);

    /// <summary>Scores of all items for a query that the model knows something about. Values for unknown items are ignored.</summary>
    protected abstract void ScoreAllItems(RecommenderQuery query, Span<float> scores);

    /// <summary>Fills the lists of a block of answerable queries, on one thread. Override where there is a faster way than scoring everything.</summary>
    /// <param name="queries">All queries.</param>
    /// <param name="block">Which of them (and of the lists) to do.</param>
    /// <param name="candidates">What may be recommended.</param>
    /// <param name="lists">Where the answers go.</param>
    private protected virtual void Rank(IReadOnlyList<RecommenderQuery> queries, List<int> block, CandidateFilter candidates, TopItemLists lists)
    {
        var scores = new float[Items.Count];
        foreach (var list in block)
        {
            ScoreAllItems(queries[list], scores);
            candidates.SelectTop(queries[list], scores, lists, list);
        }
    }

    private void RankByPopularity(RecommenderQuery query, CandidateFilter candidates, TopItemLists lists, int list)
    {
        var scores = new float[Items.Count];
        for (int item = 0; item < scores.Length; item++)
            scores[item] = PopularityScore(item);
        candidates.SelectTop(query, scores, lists, list);
        lists.Reasons[list] = RecommendationReason.Popularity;
    }

    /// <summary>The share of users that took the item in training.</summary>
    internal float PopularityScore(int item) => (float)ItemCountArray[item] / Math.Max(1, Users.Count);
}
