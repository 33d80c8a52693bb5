using System.Buffers;
using System.Collections;
using MLNetRecExt.Kernels;
using MLNetRecExt.Persistence;

namespace MLNetRecExt;

/// <summary>
/// A trained recommender: scores and ranks items for a query. Immutable and thread-safe.
/// </summary>
/// <remarks>
/// <para><see cref="For{TUser, TItem}"/> answers by original ids. Here users and items are 0-based indices, for batches;
/// <see cref="Users"/> and <see cref="Items"/> translate. A user or item without a training interaction is unknown to the model: its scores
/// are NaN, and it is never recommended. −1, what <see cref="IdMap"/> gives for an id that it does not hold, is refused.</para>
/// <para>To write a model: derive, implement <see cref="ScoreKnown"/> and <see cref="ScoreAllItems"/>; <see cref="TakenItems"/> is what
/// somebody has taken. Ranking, filters, batching over all cores, schema and evaluation follow from these. <see cref="CompareItems"/>,
/// <see cref="CompareUsers"/>, <see cref="ExplainKnown"/>, <see cref="AddItems"/> and <see cref="KeepUsers"/> are for models that can do
/// more. To be saved it implements
/// <see cref="ISavedModel{TSelf}"/> and declares <c>[assembly: RecommenderKind&lt;MyModel&gt;("MyModel")]</c>.</para>
/// </remarks>
public abstract class RecommenderModel
{
    private const int QueriesPerBlock = 64;

    // The trainers whose models can do what others cannot.
    private const string ComparingUsers = "Wals, SgdMatrixFactorization, SoftmaxDnn, UserKnn and the stock MatrixFactorization";
    private const string ComparingItems =
        "Wals, SgdMatrixFactorization, SoftmaxDnn, ItemKnn, ContentBased and the stock MatrixFactorization";
    private const string Explaining =
        "Wals, SoftmaxDnn, ItemKnn, UserKnn, Ease, DualEase, NextItemEase, SparseNextItemEase, SparseItem and ContentBased";

    private const string Appending = "Wals, ItemKnn, Popularity and Mean";
    private const string AddingItems =
        "ContentBased, and of Wals and SoftmaxDnn where they were trained with ItemFeatures and not saved in format version 3 or before,";

    private readonly Lazy<CandidateItems> _allCandidates;
    private readonly Lazy<LabelMeans> _labelMeans;

    /// <param name="users">Ids of the users.</param>
    /// <param name="items">Ids of the items.</param>
    /// <param name="history">What each user took in training.</param>
    protected RecommenderModel(IdMap users, IdMap items, InteractionRows history)
    {
        Users = users;
        Items = items;
        History = history;
        ItemCountArray = history.ColumnCounts(items.Count);
        _allCandidates = new(() => new CandidateItems(this));
        _labelMeans = new(() => History.MeansOfLabels(Items.Count));
    }

    /// <summary>User ids by index.</summary>
    public IdMap Users { get; }

    /// <summary>Item ids by index.</summary>
    public IdMap Items { get; }

    /// <summary>What each user took in training.</summary>
    public InteractionRows History { get; }

    /// <summary>For each item the number of users who took it in training.</summary>
    public ReadOnlySpan<int> ItemPopularity => ItemCountArray;

    /// <summary>How the model weighs what somebody took by age. It is on where the trainer was told so, and every score that is made of
    /// <see cref="TakenItems"/> follows it. That of a <see cref="SoftmaxDnnTrainer"/> is part of its network instead, and not told
    /// here.</summary>
    public Recency Recency { get; internal set; }

    /// <summary>The model's card: trainer, options, data. Null for a model that no trainer made, or that MLNetRecExt saved before it had
    /// cards.</summary>
    public ModelInfo? Info { get; internal set; }

    /// <summary>Whether the model can answer a query that brings a history.</summary>
    public abstract bool CanFoldIn { get; }

    /// <summary>Whether the model can tell how similar items are: <see cref="SimilarItems(int, int, TopItemsOptions?)"/>.</summary>
    public virtual bool CanCompareItems => false;

    /// <summary>Whether the model can tell how similar users are: <see cref="SimilarUsers"/>.</summary>
    public virtual bool CanCompareUsers => false;

    /// <summary>Whether the model can say what a score is made of: <see cref="Explain(RecommenderQuery, int)"/>.</summary>
    public virtual bool CanExplain => false;

    /// <summary>Names of the features of items that the model learned from. Models that add up what features say, as <c>Wals</c> and
    /// <c>SoftmaxDnn</c> do, keep no more of them; <see cref="ItemFeatures(int)"/> tells those of an item where a model keeps
    /// them.</summary>
    /// <value>Empty by default: it learned from interactions alone.</value>
    public virtual IReadOnlyList<string> ItemFeatureNames => [];

    /// <summary>Whether the model can take in new interactions: <see cref="Append"/>.</summary>
    public virtual bool CanAppend => false;

    /// <summary>Whether the model can take in items after training, by their features: <see cref="WithItems"/>.</summary>
    public virtual bool CanAddItems => false;

    internal int[] ItemCountArray { get; }

    /// <summary>A bound: no score of a known pair is further from 0. Above what single precision holds, or NaN: some score may be
    /// infinite or NaN. 0 where scores are finite whatever labels and weights are.</summary>
    internal virtual double LargestScore => 0;

    /// <summary>Bytes that the model computes when it is first asked, and keeps, beyond what models of the same history share. By default
    /// those of <see cref="AllCandidates"/>.</summary>
    internal virtual long CacheSize => 5L * Items.Count;

    /// <summary>All items that the model knows: what may be recommended when nobody filters.</summary>
    internal CandidateItems AllCandidates => _allCandidates.Value;

    /// <summary>By item: whether it is known.</summary>
    internal BitArray KnownItems => AllCandidates.Allowed;

    /// <summary>The known items, by descending popularity, of equal ones the lower index first.</summary>
    internal int[] ItemsByPopularity => AllCandidates.ByPopularity;

    /// <summary>Means of the labels in training.</summary>
    internal LabelMeans LabelMeans => _labelMeans.Value;

    /// <summary>Whether the user is in range and the model can score for it.</summary>
    public virtual bool IsKnownUser(int user) => (uint)user < (uint)Users.Count && History.Length(user) > 0;

    /// <summary>Whether the item is in range and the model can score it.</summary>
    public virtual bool IsKnownItem(int item) => (uint)item < (uint)Items.Count && ItemCountArray[item] > 0;

    /// <summary>The model by original ids: ids in, ids out.</summary>
    /// <typeparam name="TUser">Type of the user ids: string, int, uint, long, ulong, or Guid where training had the text of Guids. Keys
    /// without values are uint.</typeparam>
    /// <typeparam name="TItem">Type of the item ids, likewise.</typeparam>
    /// <param name="options">What becomes of unknown ids; null for the defaults.</param>
    /// <exception cref="ArgumentException">The model was trained on ids of another type; the message says of which.</exception>
    public Recommender<TUser, TItem> For<TUser, TItem>(RecommenderOptions? options = null)
        where TUser : notnull
        where TItem : notnull
    {
        options ??= new RecommenderOptions();
        OptionChecker.Check(options);
        return new(this, options);
    }

    /// <summary>The score of one item for one user; NaN when either is unknown.</summary>
    /// <param name="user">0-based user index.</param>
    /// <param name="item">0-based item index.</param>
    /// <exception cref="ArgumentOutOfRangeException">An index is negative: no such id was found.</exception>
    public float Score(int user, int item)
    {
        UnknownIndex.ThrowIfNegative(user, "User", nameof(user));
        UnknownIndex.ThrowIfNegative(item, "Item", nameof(item));
        return ScoreOrFallback(user, item, RecommendationFallback.None, out _);
    }

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

    /// <summary>Scores of all items for a query: <see cref="Score"/> for a user, to the bit; NaN for unknown items, or when nothing is
    /// known about the query.</summary>
    /// <param name="query">Who asks.</param>
    /// <param name="scores">Items.Count values, by item index.</param>
    /// <exception cref="ArgumentException"><paramref name="scores"/> has another length; or labels, weights or features of the query are
    /// so large that scores are not finite: scale them as those of training.</exception>
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
        ScoreKnownItems(query, scores);
        var known = KnownItems;
        for (int item = 0; item < scores.Length; item++)
            if (!known[item])
                scores[item] = float.NaN;
    }

    /// <summary>The best items for one query: exactly <paramref name="count"/> when so many candidates exist.</summary>
    /// <param name="query">Who asks.</param>
    /// <param name="count">Length of the list, at least 1.</param>
    /// <param name="options">Filters and fallback; null for the defaults.</param>
    /// <returns>Best first; equal scores by lower index. Empty when nothing is known about the query and no fallback is chosen.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is below 1, or an option is out of its range.</exception>
    /// <exception cref="ArgumentException">Labels, weights or features of the query are so large that scores are not finite: scale them as
    /// those of training.</exception>
    /// <exception cref="NotSupportedException">The query brings a history and <see cref="CanFoldIn"/> is false.</exception>
    public ItemScore[] TopItems(RecommenderQuery query, int count, TopItemsOptions? options = null) =>
        TopItems([query], count, options).ToArray(0);

    /// <summary>The best items for each of many known users, on all cores.</summary>
    /// <param name="users">0-based user indices.</param>
    /// <param name="count">Length of the lists, at least 1.</param>
    /// <param name="options">Filters, fallback, threads, cancellation; null for the defaults.</param>
    /// <returns>One list per user, in their order; each is what the user gets alone.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is below 1, a user is negative, or an option is out of its
    /// range.</exception>
    /// <exception cref="ArgumentException">The lists are too many for one answer.</exception>
    /// <exception cref="OperationCanceledException">Cancelled through <see cref="TopItemsOptions.CancellationToken"/>.</exception>
    public TopItemLists TopItems(IReadOnlyList<int> users, int count, TopItemsOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(users);
        var queries = new RecommenderQuery[users.Count];
        for (int i = 0; i < queries.Length; i++)
            queries[i] = RecommenderQuery.ForUser(users[i]);
        return TopItems(queries, count, options);
    }

    /// <summary>The best items for each of many queries, on all cores.</summary>
    /// <param name="queries">Who asks.</param>
    /// <param name="count">Length of the lists, at least 1.</param>
    /// <param name="options">Filters, fallback, threads, cancellation; null for the defaults.</param>
    /// <returns>One list per query, in their order; each is what the query gets when it asks alone.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is below 1, or an option is out of its range.</exception>
    /// <exception cref="ArgumentException">The lists are too many for one answer; or labels, weights or features of a query are so large
    /// that scores are not finite: scale them as those of training.</exception>
    /// <exception cref="NotSupportedException">A query brings a history and <see cref="CanFoldIn"/> is false.</exception>
    /// <exception cref="OperationCanceledException">Cancelled through <see cref="TopItemsOptions.CancellationToken"/>.</exception>
    public TopItemLists TopItems(IReadOnlyList<RecommenderQuery> queries, int count, TopItemsOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(queries);
        options ??= new TopItemsOptions();
        var lists = NewLists(queries.Count, count);
        for (int list = 0; list < lists.Count; list++)
            lists.Reasons[list] = ReasonFor(queries[list]);

        var candidates = new CandidateFilter(this, options);
        if (lists.Reasons.AsSpan().ContainsAnyExcept(RecommendationReason.Unknown))
            PrepareRank(candidates);
        ForEachBlock(lists.Count, candidates.Parallel, (first, end) =>
        {
            var answerable = new List<int>(end - first);
            for (int list = first; list < end; list++)
            {
                if (lists.Reasons[list] != RecommendationReason.Unknown)
                    answerable.Add(list);
                else if (options.Fallback == RecommendationFallback.Popularity)
                {
                    lists.Reasons[list] = RecommendationReason.Popularity;
                    RankByPopularity(queries[list], candidates, lists, list);
                }
            }
            if (answerable.Count > 0)
                Rank(queries, answerable, candidates, lists);
        });
        return lists;
    }

    /// <summary>Does now what else the first list would wait for: brings the candidates into order, packs the embeddings that are searched,
    /// and prepares for histories where the model can fold in.</summary>
    /// <remarks>For a program that serves, after it has loaded a model: of a million items the first list takes a second without it.
    /// <see cref="TopItemsTransformer"/> does it when a cursor or a prediction engine is made, <see cref="RecommenderEnginePool{TSource,
    /// TResult}"/> when it is made itself. A model that is warm is asked for a list or two, which is all.</remarks>
    /// <param name="options">Those of the lists to come: a filter is worked out, too. Threads count, in the range [1, 1024]; null: all
    /// cores. Null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="OperationCanceledException">Cancelled through <see cref="TopItemsOptions.CancellationToken"/>.</exception>
    public void WarmUp(TopItemsOptions? options = null)
    {
        WarmUp(options, byHistory: true);
        Users.PrepareIndex();
        Items.PrepareIndex();
    }

    /// <summary>The same but for finding ids.</summary>
    internal void WarmUp(TopItemsOptions? options, bool byHistory)
    {
        // A list has everything done that lists need, whatever the model is, and compiled.
        var user = FirstKnownUser();
        TopItems(user < 0 ? RecommenderQuery.Nobody : RecommenderQuery.ForUser(user), 1, options);
        if (CanFoldIn && (byHistory || user < 0) && ItemsByPopularity is [var item, ..])
            TopItems(RecommenderQuery.ForHistory(new[] { new ItemFeedback(item) }), 1, options);
    }

    private int FirstKnownUser()
    {
        for (int user = 0; user < Users.Count; user++)
            if (IsKnownUser(user))
                return user;
        return -1;
    }

    /// <summary>The items most similar to one.</summary>
    /// <inheritdoc cref="SimilarItems(IReadOnlyList{int}, int, TopItemsOptions?)"/>
    /// <param name="item">0-based item index.</param>
    /// <param name="count">Length of the list, at least 1.</param>
    /// <param name="options">The filter; null for the defaults.</param>
    /// <returns>Most similar first, equal similarities by lower index, without the item itself. Empty when the item is unknown.</returns>
    public ItemScore[] SimilarItems(int item, int count, TopItemsOptions? options = null) =>
        SimilarItems([item], count, options).ToArray(0);

    /// <summary>For each of many items those most similar to it, on all cores.</summary>
    /// <param name="items">0-based item indices.</param>
    /// <param name="count">Length of the lists, at least 1.</param>
    /// <param name="options">Filter, threads, cancellation; null for the defaults.</param>
    /// <returns>One list per item, in their order: most similar first, equal similarities by lower index, without the item itself. Empty
    /// for an unknown item.</returns>
    /// <remarks>
    /// What similarity is, the model says: the cosine of embeddings or of content vectors, or the similarity that neighbors were found by.
    /// The first call of a model with embeddings packs a copy of them, which stays with the model.
    /// </remarks>
    /// <exception cref="NotSupportedException"><see cref="CanCompareItems"/> is false; the message says which models can.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is below 1, an item is negative, or an option is out of its
    /// range.</exception>
    /// <exception cref="ArgumentException">The lists are too many for one answer.</exception>
    /// <exception cref="OperationCanceledException">Cancelled through <see cref="TopItemsOptions.CancellationToken"/>.</exception>
    public TopItemLists SimilarItems(IReadOnlyList<int> items, int count, TopItemsOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(items);
        Need(CanCompareItems, "compare items", ComparingItems);
        foreach (var item in items)
            UnknownIndex.ThrowIfNegative(item, "Item", nameof(items));
        options ??= new TopItemsOptions();
        var lists = NewLists(items.Count, count);
        var candidates = new CandidateFilter(this, options);
        if (items.Any(IsKnownItem))
            PrepareRankSimilar(candidates);
        ForEachBlock(lists.Count, candidates.Parallel, (first, end) =>
        {
            var block = new List<int>(end - first);
            for (int list = first; list < end; list++)
                if (IsKnownItem(items[list]))
                    block.Add(list);
            if (block.Count > 0)
                RankSimilar(items, block, candidates, lists);
            foreach (var list in block)
                lists.Reasons[list] = RecommendationReason.Model;
        });
        return lists;
    }

    /// <summary>The users most similar to one.</summary>
    /// <param name="user">0-based user index.</param>
    /// <param name="count">Length of the list, at least 1.</param>
    /// <returns>Most similar first, equal similarities by lower index, without the user. Empty when the user is unknown.</returns>
    /// <remarks>The first call of a model with embeddings packs a copy of those of its users, which stays with the model.</remarks>
    /// <exception cref="NotSupportedException"><see cref="CanCompareUsers"/> is false; the message says which models can.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is below 1, or <paramref name="user"/> is
    /// negative.</exception>
    public UserScore[] SimilarUsers(int user, int count)
    {
        Need(CanCompareUsers, "compare users", ComparingUsers);
        UnknownIndex.ThrowIfNegative(user, "User", nameof(user));
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        if (!IsKnownUser(user))
            return [];
        count = Math.Min(count, Users.Count);
        var (users, scores) = (new int[count], new float[count]);
        var top = new TopList(null, new[] { user }, users, scores);
        OfferSimilarUsers(user, ref top);
        var result = new UserScore[top.Sort()];
        for (int i = 0; i < result.Length; i++)
            result[i] = new UserScore(users[i], scores[i]);
        return result;
    }

    /// <summary>The features by which the model knows an item: of a model of <c>ContentBased</c>, and of stages with one.</summary>
    /// <param name="item">0-based item index.</param>
    /// <returns>Those that weigh most, negative or not, first. Empty where the model keeps none of the item.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The model has no item of that index; −1 is what <c>Items.IndexOf</c> gives for an id
    /// that it does not know.</exception>
    public ItemFeature[] ItemFeatures(int item)
    {
        UnknownIndex.ThrowIfOutside(Items, item, "Item", nameof(item));
        return [.. FeaturesOf(item).OrderByDescending(feature => Math.Abs(feature.Weight))];
    }

    /// <inheritdoc cref="Explain(RecommenderQuery, int)"/>
    /// <param name="user">0-based user index.</param>
    /// <param name="item">0-based index of a known item, taken or not.</param>
    public Contribution[] Explain(int user, int item) => Explain(RecommenderQuery.ForUser(user), item);

    /// <summary>Why an item scores as it does: what contributes to the score, by how much.</summary>
    /// <param name="query">Who asks.</param>
    /// <param name="item">0-based index of a known item, taken or not.</param>
    /// <returns>Largest contribution first, equal ones by lower index. What they add up to, the model says. Empty when nothing is known
    /// about the query.</returns>
    /// <exception cref="NotSupportedException"><see cref="CanExplain"/> is false, and the message says which models can; or the query
    /// brings a history and <see cref="CanFoldIn"/> is false.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The item is not known to the model, or <c>user</c> is negative.</exception>
    /// <exception cref="ArgumentException">Labels, weights or features of the query are so large that a contribution is not finite: scale
    /// them as those of training.</exception>
    public Contribution[] Explain(RecommenderQuery query, int item)
    {
        Need(CanExplain, "explain scores", Explaining);
        UnknownIndex.ThrowIfOutside(Items, item, "Item", nameof(item));
        if (!IsKnownItem(item))
            throw UnknownIndex.Error(Items, item, "Item", nameof(item));
        if (ReasonFor(query) == RecommendationReason.Unknown)
            return [];
        Contribution[] parts = [.. ExplainKnown(query, item).OrderByDescending(part => part.Value).ThenBy(part => part.Index)];
        return query.IsOfTraining || parts.All(part => float.IsFinite(part.Value)) ? parts : throw query.TooLarge();
    }

    /// <summary>A model that has taken in new interactions, without a training: they count in histories, lists leave them out as seen, and
    /// new users and items are known.</summary>
    /// <remarks>
    /// <para>What is learned anew, the model says; with <c>ItemKnn</c>, <c>Popularity</c> and <c>Mean</c> it is the model that a training
    /// on everything gives. Indices of users and items stay, new ones come behind them. A new interaction replaces that of the same user and
    /// item. Where training had no timestamps, those of new interactions are left out. This model stays as it is.</para>
    /// <para>Numbers that followed from the data in training, such as regularization, stay as they were. Train again from time to time;
    /// <c>Fit(all, initial: model)</c> makes that short where the trainer can.</para>
    /// </remarks>
    /// <param name="newInteractions">What is new, with ids of the kind that training had, in any order.</param>
    /// <param name="numberOfThreads">Threads to use, in [1, 1024]; null: all cores. The result does not depend on it.</param>
    /// <param name="cancellationToken">Cancels with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>A model of the same type. Its <see cref="Info"/> counts the new interactions.</returns>
    /// <exception cref="NotSupportedException"><see cref="CanAppend"/> is false, or users that training had were left out of the model; the
    /// message says which models can, and what to do instead.</exception>
    /// <exception cref="ArgumentException">Ids are of another kind than the model's; the model's interactions have timestamps and the new
    /// ones have none; or labels or weights are such as training would refuse.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public RecommenderModel Append(Interactions newInteractions, int? numberOfThreads = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(newInteractions);
        if (!CanAppend)
            throw new NotSupportedException(
                $"{GetType().Name} cannot take in new interactions; models of {Appending} can. Train on all interactions; "
                + "where the trainer can start from a model, Fit(all, initial: model) makes that short.");
        if (History.Removed is not null)
            throw new NotSupportedException(
                "The model is without users that it was trained on, so what they took could not be counted together with new interactions. "
                + "Append to the model that has them, and leave them out of what comes of it.");
        var parallel = new TopItemsOptions { NumberOfThreads = numberOfThreads, CancellationToken = cancellationToken }.ToParallel();
        var appended = new AppendedInteractions(Users, Items, History, newInteractions, cancellationToken);
        var model = Finished(TakeIn(appended, parallel),
            FormattableString.Invariant($"Scores may pass {float.MaxValue:G2}, the most that single precision holds: ")
            + FormattableString.Invariant($"the largest new label is {newInteractions.ByUser.LargestLabel:G3}, ")
            + FormattableString.Invariant($"the largest weight {newInteractions.ByUser.LargestWeight:G3}. ")
            + "Scale labels or weights as those of training.");
        model.Info = Info?.Append(appended);
        return model;
    }

    /// <summary>A model that knows further items, by their features, without training. This one stays as it is.</summary>
    /// <remarks>
    /// <para>An item gets what training would have given one that nobody took: it is recommended, has similar items, and counts in
    /// histories where such items do. Its popularity is 0. An item that the model knows keeps what it has, also where its features have
    /// changed, and so do users. Train again once new items have been taken.</para>
    /// <para>A category that training did not see is missing. An item whose features say nothing to the model has an index, and stays
    /// unknown. What does not change is shared: 10,000 items take about a second, and the memory of a second table of items.</para>
    /// </remarks>
    /// <param name="features">What is known of the items; from <c>recommenders.Data.ReadFeatures</c>, with every column that the model was
    /// trained with.</param>
    /// <returns>A model of the same type. Indices of this one mean the same in it; new items follow in the order of the features.</returns>
    /// <exception cref="NotSupportedException"><see cref="CanAddItems"/> is false; the message says what to train.</exception>
    /// <exception cref="ArgumentException">A column is missing or of another kind than in training; a new id cannot be one of the model's
    /// kind; or a number is so large that scores are not finite.</exception>
    public RecommenderModel WithItems(SideFeatures features)
    {
        ArgumentNullException.ThrowIfNull(features);
        if (!CanAddItems)
            throw new NotSupportedException(
                $"{GetType().Name} cannot add items. Models of {AddingItems} can, and stages all of whose models can.");
        return Finished(AddItems(new NewItems(this, features)), "Numbers in the features are so large that scores may not be finite: "
            + "give them in the unit of training.");
    }

    /// <summary>A model that holds nothing of some users: no id, history, embedding or features. This one stays as it is.</summary>
    /// <remarks>
    /// <para>What was learned from all users together stays: item embeddings and weights, how many users took each item and their mean
    /// label, the time of the first and the last entry, and the names of categories that users' features had. So lists for those who stay,
    /// and for histories, are what they were; but of UserKnn, whose users are compared with one another. Train again without their
    /// interactions where they must not have had a part in what was learned.</para>
    /// <para>Those who stay get new indices; keys without values keep theirs, and who goes is unknown. A pipeline that maps ids to keys
    /// holds ids of its own. A model without any user answers by histories.</para>
    /// </remarks>
    /// <param name="users">0-based user indices; repeated ones count once.</param>
    /// <returns>A model of the same type.</returns>
    /// <exception cref="ArgumentOutOfRangeException">No user has an index; −1 is what <see cref="IdMap.IndexOf{TId}(TId)"/> gives for an id
    /// that it does not know.</exception>
    /// <exception cref="NotSupportedException">The model is made of users' histories, or nobody would be left and it cannot answer by a
    /// history; the message says which.</exception>
    public RecommenderModel Without(IEnumerable<int> users)
    {
        ArgumentNullException.ThrowIfNull(users);
        HashSet<int> removed = [];
        foreach (var user in users)
        {
            UnknownIndex.ThrowIfOutside(Users, user, "User", nameof(users));
            removed.Add(user);
        }
        return Keep(new KeptUsers(Users, removed));
    }

    /// <summary>Writes the model, in its native format, to a stream that can be written; seeking is not needed.</summary>
    /// <param name="stream">Stays open; the model's last byte is the last that is written.</param>
    /// <param name="options">What is left out; null for the defaults.</param>
    /// <exception cref="NotSupportedException">The model has no <see cref="RecommenderKindAttribute{TModel}"/>; or it cannot be without
    /// users, and <paramref name="options"/> leave them out.</exception>
    public void Save(Stream stream, SaveOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        options ??= new SaveOptions();
        var saved = options.Users ? this : Without(Enumerable.Range(0, Users.Count));
        ModelFile.Save(saved, stream, options);
    }

    /// <summary>Writes the model, in its native format, to a file. A file of that name is replaced when the new one is complete, and kept
    /// when saving fails.</summary>
    /// <remarks>The new file gets the mode of the one that it replaces; of a symbolic link, the file that it names is replaced. It is
    /// written under the name <c>PATH.RANDOM.unfinished</c> in the same folder. What a process that was killed has left there under such a
    /// name, the next call with the same path deletes.</remarks>
    /// <param name="path">Where to; the folder must exist.</param>
    /// <param name="options">What is left out; null for the defaults.</param>
    /// <exception cref="NotSupportedException">The model has no <see cref="RecommenderKindAttribute{TModel}"/>; or it cannot be without
    /// users, and <paramref name="options"/> leave them out.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path, SaveOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        CompleteFile.Write(path, stream => Save(stream, options));
    }

    /// <summary>Reads a model that <see cref="Save(Stream, SaveOptions?)"/> wrote; cast it to its type for more than the base
    /// offers.</summary>
    /// <param name="stream">Is read to the model's last byte and no further; stays open. Seeking is not needed.</param>
    /// <param name="options">What is taken from the file; null for the defaults.</param>
    /// <inheritdoc cref="Load(string, LoadOptions?)" path="/remarks"/>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="InvalidDataException">The stream holds no model, one of a newer version, one with an ML.NET pipeline that
    /// <paramref name="options"/> do not allow, one that takes more memory than these allow, or is damaged or not complete; the message
    /// says which and what to do.</exception>
    public static RecommenderModel Load(Stream stream, LoadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return ModelFile.Load(stream, options ?? new LoadOptions());
    }

    /// <summary>Reads a model that <see cref="Save(string, SaveOptions?)"/> wrote; cast it to its type for more than the base
    /// offers.</summary>
    /// <param name="path">Where from.</param>
    /// <param name="options">What is taken from the file; null for the defaults.</param>
    /// <remarks>
    /// <para>Which files to trust: a file is data, and whatever is wrong with it gives an <see cref="InvalidDataException"/>. The exception
    /// is a model with an ML.NET pipeline inside (<see cref="RankedModel"/>, alone or within other stages): ML.NET loads the assemblies
    /// that such a file names and runs code of theirs, so it is loaded only where <see cref="LoadOptions.AllowPipelines"/> is set. Set it
    /// for files that you, or somebody you trust, saved.</para>
    /// <para>The checksums find accidents. They do not say who wrote a file: anybody can write one with right checksums, which recommends
    /// what its writer wants. It takes no more memory than <see cref="LoadOptions.MaxMemory"/> allows.</para>
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="InvalidDataException">The file holds no model, one of a newer version, one with an ML.NET pipeline that
    /// <paramref name="options"/> do not allow, one that takes more memory than these allow, or is damaged or not complete; the message
    /// says which and what to do.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    public static RecommenderModel Load(string path, LoadOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        return Load(stream, options);
    }

    /// <summary>Writes what the model holds beyond ids and history. Nothing by default. A model that can be saved has a
    /// <see cref="RecommenderKindAttribute{TModel}"/>.</summary>
    /// <param name="writer">Takes the parts, which <see cref="ISavedModel{TSelf}.Read"/> reads in the same order.</param>
    protected internal virtual void WriteState(ModelWriter writer)
    {
    }

    /// <summary>The features by which the model knows an item, in any order. None by default.</summary>
    /// <param name="item">0-based item index.</param>
    protected virtual IEnumerable<ItemFeature> FeaturesOf(int item) => [];

    /// <summary>The model with further items, for models that can take them in. Recency and card come along by themselves.</summary>
    /// <param name="added">Ids and features of the new items.</param>
    protected virtual RecommenderModel AddItems(NewItems added)
    {
        ArgumentNullException.ThrowIfNull(added);
        throw new NotSupportedException($"{GetType().Name} says that it can add items, and does not override {nameof(AddItems)}.");
    }

    /// <summary>The model with fewer users, for models that can be without some. Recency and card come along by themselves. Nothing of a
    /// user who goes may stay.</summary>
    /// <param name="kept">Who stays, and their history.</param>
    /// <exception cref="NotSupportedException">The model cannot be without users, as by default; the message says why.</exception>
    protected virtual RecommenderModel KeepUsers(KeptUsers kept)
    {
        ArgumentNullException.ThrowIfNull(kept);
        throw new NotSupportedException($"{GetType().Name} cannot leave users out, since it does not override {nameof(KeepUsers)}. "
            + "Train again without their interactions.");
    }

    internal RecommenderModel Keep(KeptUsers kept) => kept.Users.Count > 0 || CanFoldIn
        ? Finished(KeepUsers(kept), "Without these users scores may not be finite: scale labels or weights down, and train again.")
        : throw new NotSupportedException(
            $"{GetType().Name} cannot be without users: it cannot fold in a history, so it would answer nobody.");

    /// <summary>What was made of this model, with what every model has.</summary>
    /// <exception cref="NotSupportedException">It is of another type: a derived one does not override what its base does.</exception>
    /// <exception cref="ArgumentException">Its scores may not be finite.</exception>
    private RecommenderModel Finished(RecommenderModel made, string tooLarge)
    {
        if (made.GetType() != GetType())
            throw new NotSupportedException(
                $"{GetType().Name} would become a {made.GetType().Name}: it has to override what its base does.");
        (made.Recency, made.Info) = (Recency, Info);
        // Not ">": NaN is refused, too.
        return made.LargestScore <= float.MaxValue ? made : throw new ArgumentException(tooLarge);
    }

    /// <summary>Another model that holds the same.</summary>
    internal RecommenderModel Copy() => (RecommenderModel)MemberwiseClone();

    /// <summary>What the model knows about a query.</summary>
    internal RecommendationReason ReasonFor(RecommenderQuery query)
    {
        var reason = IsKnownUser(query.User) ? RecommendationReason.Model : RecommendationReason.Unknown;
        if (query.Features is { } features && Knows(features))
            reason = RecommendationReason.FoldIn;
        if (!query.ChangesHistory)
            return reason;
        if (!CanFoldIn)
            throw new NotSupportedException(
                $"{GetType().Name} cannot fold in a history, nor leave out what is later than a time; "
                + $"ask for a known user, without {nameof(query.At)}.");
        foreach (var entry in query.History.Span)
            if (IsKnownItem(entry.Item) && !query.IsTooEarlyFor(entry))
                return RecommendationReason.FoldIn;
        // All that the user took may be later.
        var knewNothing = reason == RecommendationReason.Model && History.Length(query.User) > 0 && TakenItems.Of(this, query).Count == 0;
        return knewNothing ? RecommendationReason.Unknown : reason;
    }

    /// <summary>The features that a query may bring.</summary>
    internal virtual FeatureEncoder Encoder => FeatureEncoder.None;

    /// <summary>Whether the model can make something of features that come with a query.</summary>
    /// <exception cref="NotSupportedException">It takes none.</exception>
    /// <exception cref="ArgumentException">It has no feature of a name, or one of another kind.</exception>
    internal virtual bool Knows(FeatureValues features) =>
        throw new NotSupportedException($"{GetType().Name} takes no features; leave them out of the query.");

    /// <summary>Whether scores are made of what other models say: these see to it that their own are finite.</summary>
    private protected virtual bool AsksOthers => false;

    /// <summary>Whether one score costs as much as those of all items.</summary>
    private protected virtual bool ScoresAllAtOnce => false;

    /// <summary>For each of many queries the scores of some items, as <see cref="ScoreItems"/> gives them. Override where many pairs are
    /// cheaper together.</summary>
    internal virtual float[][] ScorePairs(IReadOnlyList<RecommenderQuery> queries, IReadOnlyList<int[]> items)
    {
        var scores = new float[queries.Count][];
        float[]? all = null;
        for (int q = 0; q < scores.Length; q++)
        {
            var query = queries[q];
            if (query.IsOfTraining && !ScoresAllAtOnce)
                scores[q] = Array.ConvertAll(items[q], item => ScoreOrFallback(query.User, item, RecommendationFallback.None, out _));
            else
            {
                ScoreItems(query, all ??= new float[Items.Count]);
                scores[q] = Array.ConvertAll(items[q], item => (uint)item < (uint)all.Length ? all[item] : float.NaN);
            }
        }
        return scores;
    }

    /// <summary>The label to expect of a pair whose user or item is unknown: by default the mean of the one that is known, or of
    /// all.</summary>
    internal virtual float ScoreUnknown(int user, int item) => LabelMeans.Of(user, item);

    /// <summary>The score of a known item for a known user.</summary>
    protected abstract float ScoreKnown(int user, int item);

    /// <summary>Scores of all items for a query that the model knows something about. Values for unknown items are ignored.</summary>
    protected abstract void ScoreAllItems(RecommenderQuery query, Span<float> scores);

    /// <summary>Scores of all items for a query that the model knows something about, finite for known items.</summary>
    private void ScoreKnownItems(RecommenderQuery query, Span<float> scores)
    {
        ScoreAllItems(query, scores);
        // Training has seen to the scores of users alone.
        if (query.IsOfTraining || AsksOthers || !scores.ContainsAnyExceptInRange(float.MinValue, float.MaxValue))
            return;
        var known = KnownItems;
        for (int item = 0; item < scores.Length; item++)
            if (known[item] && !float.IsFinite(scores[item]))
                throw query.TooLarge();
    }

    /// <summary>Does what <see cref="Rank"/> would else do for its first block while all other threads wait: nothing by default.</summary>
    private protected virtual void PrepareRank(CandidateFilter candidates)
    {
    }

    /// <summary>The same for <see cref="RankSimilar"/>.</summary>
    private protected virtual void PrepareRankSimilar(CandidateFilter candidates)
    {
    }

    /// <summary>Fills the lists of a block of answerable queries, on one thread. Override where there is a faster way than scoring
    /// everything.</summary>
    /// <param name="queries">All queries.</param>
    /// <param name="block">Which of them (and of the lists) to do.</param>
    /// <param name="candidates">What may be recommended.</param>
    /// <param name="lists">Where the answers go.</param>
    private protected virtual void Rank(IReadOnlyList<RecommenderQuery> queries, List<int> block, CandidateFilter candidates, TopItemLists lists)
    {
        var scores = ArrayPool<float>.Shared.Rent(Items.Count);
        foreach (var list in block)
        {
            ScoreKnownItems(queries[list], scores.AsSpan(0, Items.Count));
            var top = candidates.Start(queries[list], lists, list);
            candidates.Items.Offer(scores.AsSpan(0, Items.Count), ref top);
            lists.Lengths[list] = top.Sort();
        }
        ArrayPool<float>.Shared.Return(scores);
    }

    /// <summary>
    /// How similar every item is to a known one, for models that can tell. Values for the item itself and for unknown items are ignored.
    /// </summary>
    /// <param name="item">0-based item index.</param>
    /// <param name="similarities">By item index; NaN where an item is not to be listed.</param>
    protected virtual void CompareItems(int item, Span<float> similarities) => Need(false, "compare items", ComparingItems);

    /// <summary>
    /// How similar every user is to a known one, for models that can tell. Values for the user and for unknown users are ignored.
    /// </summary>
    /// <param name="user">0-based user index.</param>
    /// <param name="similarities">By user index; NaN where a user is not to be listed.</param>
    protected virtual void CompareUsers(int user, Span<float> similarities) => Need(false, "compare users", ComparingUsers);

    /// <summary>
    /// What the score of a known item is made of, in any order, for models that can tell and a query that they know something about.
    /// </summary>
    /// <param name="query">Who asks.</param>
    /// <param name="item">0-based item index.</param>
    protected virtual IEnumerable<Contribution> ExplainKnown(RecommenderQuery query, int item)
    {
        Need(false, "explain scores", Explaining);
        return [];
    }

    /// <summary>
    /// Fills the lists of a block of known items with those similar to them, on one thread. Override where there is a faster way than
    /// comparing with every item.
    /// </summary>
    private protected virtual void RankSimilar(IReadOnlyList<int> items, List<int> block, CandidateFilter candidates, TopItemLists lists)
    {
        var similarities = ArrayPool<float>.Shared.Rent(Items.Count);
        foreach (var list in block)
        {
            CompareItems(items[list], similarities.AsSpan(0, Items.Count));
            var top = candidates.Start(new[] { items[list] }, lists, list);
            candidates.Items.Offer(similarities.AsSpan(0, Items.Count), ref top);
            lists.Lengths[list] = top.Sort();
        }
        ArrayPool<float>.Shared.Return(similarities);
    }

    /// <summary>
    /// Offers users to the list of those similar to a known one. Override where there is a faster way than comparing with every user.
    /// </summary>
    internal virtual void OfferSimilarUsers(int user, ref TopList list)
    {
        var similarities = new float[Users.Count];
        CompareUsers(user, similarities);
        for (int other = 0; other < similarities.Length; other++)
            if (IsKnownUser(other))
                list.Offer(other, similarities[other]);
    }

    /// <summary>A model that has taken in new interactions, for models that can: see <see cref="CanAppend"/>. What every model has, such as
    /// <see cref="Recency"/> and <see cref="Info"/>, follows.</summary>
    /// <param name="appended">All interactions, and who has new ones.</param>
    /// <param name="parallel">Threads and cancellation, for loops of <see cref="Parallel"/>.</param>
    protected virtual RecommenderModel TakeIn(AppendedInteractions appended, ParallelOptions parallel) =>
        throw new NotSupportedException($"{GetType().Name} says {nameof(CanAppend)}, but does not override {nameof(TakeIn)}.");

    /// <summary>Fills a list with the most popular candidates.</summary>
    private protected void RankByPopularity(RecommenderQuery query, CandidateFilter candidates, TopItemLists lists, int list)
    {
        var top = candidates.Start(query, lists, list);
        foreach (var item in candidates.Items.ByPopularity)
        {
            // No later item is better.
            if (top.Count == lists.MaxLength)
                break;
            top.Offer(item, PopularityScore(item));
        }
        lists.Lengths[list] = top.Sort();
    }

    /// <summary>The share of users that took the item in training.</summary>
    internal float PopularityScore(int item) => (float)ItemCountArray[item] / Math.Max(1, UserCount);

    /// <summary>Number of users in training, with those who were taken out.</summary>
    internal int UserCount => Users.Count + (History.Removed?.Users ?? 0);

    private protected TopItemLists NewLists(int queryCount, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return new TopItemLists(queryCount, Math.Min(count, Items.Count));
    }

    /// <summary>Cuts 0…count−1 into blocks, always the same, and does them on the threads that the options allow.</summary>
    private protected static void ForEachBlock(int count, ParallelOptions parallel, Action<int, int> rank)
    {
        if (count <= QueriesPerBlock)
            rank(0, count);
        else
            Parallel.For(0, (count + QueriesPerBlock - 1) / QueriesPerBlock, parallel, block =>
                rank(block * QueriesPerBlock, Math.Min(count, (block + 1) * QueriesPerBlock)));
    }

    private void Need(bool can, string what, string whoCan)
    {
        if (!can)
            throw new NotSupportedException($"{GetType().Name} cannot {what}. Models of {whoCan} can, and stages over one of these.");
    }
}
