using System.Buffers;
using MLNetRecExt.Kernels;
using MLNetRecExt.Persistence;

namespace MLNetRecExt;

/// <summary>
/// A model whose score is the dot product of a query embedding and an item embedding: score(u, i) = ⟨U_u, V_i⟩; with biases
/// score(u, i) = μ + b_u + b_i + ⟨U_u, V_i⟩.
/// </summary>
public abstract class FactorModel : RecommenderModel
{
    private readonly bool _fused;
    private readonly Lazy<PanelIndex> _items;
    private readonly Lazy<PanelIndex> _itemDirections;
    private readonly Lazy<PanelIndex> _userDirections;

    /// <summary>Makes a model of embeddings, without biases.</summary>
    /// <param name="users">Ids of the users.</param>
    /// <param name="items">Ids of the items.</param>
    /// <param name="history">What each user took in training.</param>
    /// <param name="userFactors">U: users × K. It belongs to the model from now on.</param>
    /// <param name="itemFactors">V: items × K, likewise.</param>
    protected FactorModel(IdMap users, IdMap items, InteractionRows history, AlignedMatrix userFactors, AlignedMatrix itemFactors)
        : this(users, items, history, userFactors, itemFactors, hasBiases: false)
    {
    }

    private protected FactorModel(IdMap users, IdMap items, InteractionRows history, AlignedMatrix userFactors, AlignedMatrix itemFactors, bool hasBiases, float mean = 0, bool fused = true)
        : base(users, items, history)
    {
        HasBiases = hasBiases;
        Mean = mean;
        UserMatrix = userFactors;
        ItemMatrix = itemFactors;
        _fused = fused;
        _items = new(() => Pack(ItemsByPopularity));
        _itemDirections = new(() => new PanelIndex(ItemMatrix, ItemsByPopularity, unitLength: true, ApproximationRank));
        _userDirections = new(() => new PanelIndex(UserMatrix, KnownUsers(), unitLength: true, ApproximationRank));
    }

    /// <summary>What queries are scored by. Users × rank; with biases two more columns, so that a score is one dot product: b_u + μ and 1.</summary>
    internal AlignedMatrix UserMatrix { get; }

    /// <summary>What items are scored by. Items × rank; with biases two more columns: 1 and b_i.</summary>
    internal AlignedMatrix ItemMatrix { get; }

    /// <summary>Length of the embeddings (K), biases not counted.</summary>
    public int ApproximationRank => ScoredColumns - (HasBiases ? 2 : 0);

    /// <summary>Whether a score has biases.</summary>
    public bool HasBiases { get; }

    /// <summary>μ: the part of every score that depends on neither user nor item; 0 without biases.</summary>
    public float Mean { get; }

    /// <summary>The embedding of a user: <see cref="ApproximationRank"/> values; zeros when the user is unknown.</summary>
    public ReadOnlySpan<float> UserFactors(int user) => UserMatrix[user][..ApproximationRank];

    /// <summary>The embedding of an item: <see cref="ApproximationRank"/> values; zeros when the item is unknown.</summary>
    public ReadOnlySpan<float> ItemFactors(int item) => ItemMatrix[item][..ApproximationRank];

    /// <summary>b_u; 0 without biases or when the user is unknown.</summary>
    public float UserBias(int user) => HasBiases && IsKnownUser(user) ? UserMatrix[user][ApproximationRank] - Mean : 0;

    /// <summary>b_i; 0 without biases or when the item is unknown.</summary>
    public float ItemBias(int item) => HasBiases && IsKnownItem(item) ? ItemMatrix[item][ApproximationRank + 1] : 0;

    /// <summary>Whether an item in a history has a part in the query's embedding.</summary>
    internal virtual bool FoldsIn(int item) => IsKnownItem(item);

    private int ScoredColumns => ItemMatrix.Columns;

    /// <summary>The items most similar to one, by the cosine of their embeddings: ⟨V_i, V_j⟩ / (‖V_i‖ ‖V_j‖).</summary>
    /// <param name="item">0-based item index.</param>
    /// <param name="count">Length of the list, at least 1.</param>
    /// <param name="options">Allow-list and deny-list; null for the defaults.</param>
    /// <returns>Most similar first, equal cosines by lower index, without the item itself. Empty when the item is unknown.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is below 1, or an option is out of its range.</exception>
    /// <remarks>The first call packs a copy of the item embeddings, which stays with the model.</remarks>
    public ItemScore[] SimilarItems(int item, int count, TopItemsOptions? options = null) => SimilarItems([item], count, options).ToArray(0);

    /// <summary>For each of many items those most similar to it, by the cosine of their embeddings, on all cores.</summary>
    /// <param name="items">0-based item indices.</param>
    /// <param name="count">Length of the lists, at least 1.</param>
    /// <param name="options">Allow-list, deny-list, threads, cancellation; null for the defaults.</param>
    /// <returns>One list per item, in their order: most similar first, equal cosines by lower index, without the item itself. Empty for an unknown item.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is below 1, or an option is out of its range.</exception>
    /// <exception cref="ArgumentException">The lists are too many for one answer.</exception>
    /// <exception cref="OperationCanceledException">Cancelled through <see cref="TopItemsOptions.CancellationToken"/>.</exception>
    /// <remarks>The first call packs a copy of the item embeddings, which stays with the model.</remarks>
    public TopItemLists SimilarItems(IReadOnlyList<int> items, int count, TopItemsOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(items);
        options ??= new TopItemsOptions();
        var lists = NewLists(items.Count, count);
        var candidates = new CandidateFilter(this, options);
        ForEachBlock(lists.Count, options, (first, end) =>
        {
            var block = new List<int>(end - first);
            for (int list = first; list < end; list++)
                if (IsKnownItem(items[list]))
                    block.Add(list);
            if (block.Count == 0)
                return;
            var index = candidates.IndexFor(_itemDirections, few => new PanelIndex(ItemMatrix, few, unitLength: true, ApproximationRank));
            Search(index, block, lists,
                (list, embedding) => Normalize(ItemFactors(items[list]), embedding),
                list => candidates.Start(new[] { items[list] }, lists, list));
            foreach (var list in block)
                lists.Reasons[list] = RecommendationReason.Model;
        });
        return lists;
    }

    /// <summary>The users most similar to one, by the cosine of their embeddings: ⟨U_u, U_v⟩ / (‖U_u‖ ‖U_v‖).</summary>
    /// <param name="user">0-based user index.</param>
    /// <param name="count">Length of the list, at least 1.</param>
    /// <returns>Most similar first, equal cosines by lower index, without the user. Empty when the user is unknown.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is below 1.</exception>
    /// <remarks>The first call packs a copy of the user embeddings, which stays with the model.</remarks>
    public UserScore[] SimilarUsers(int user, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        if (!IsKnownUser(user))
            return [];
        count = Math.Min(count, Users.Count);
        var (users, scores) = (new int[count], new float[count]);
        var queries = new float[PanelIndex.TileHeight * ApproximationRank];
        Normalize(UserFactors(user), queries.AsSpan(0, ApproximationRank));
        var top = new TopList(null, new[] { user }, users, scores);
        _userDirections.Value.Search(queries, new Span<TopList>(ref top));
        var result = new UserScore[top.Sort()];
        for (int i = 0; i < result.Length; i++)
            result[i] = new UserScore(users[i], scores[i]);
        return result;
    }

    /// <inheritdoc/>
    protected internal override void WriteState(ModelWriter writer)
    {
        writer.WriteMatrix(UserMatrix);
        writer.WriteMatrix(ItemMatrix);
    }

    /// <summary>The query embedding ψ(x), a value per column of <see cref="ItemMatrix"/>: looked up for a known user, folded in for a history.</summary>
    /// <param name="query">Who asks; something is known about it.</param>
    /// <param name="embedding">Gets the embedding: K values, with biases two more.</param>
    protected abstract void Embed(RecommenderQuery query, Span<float> embedding);

    internal override float ScoreUnknown(int user, int item) => HasBiases ? Mean + UserBias(user) + ItemBias(item) : base.ScoreUnknown(user, item);

    /// <inheritdoc/>
    protected override float ScoreKnown(int user, int item) => PanelIndex.Dot(UserMatrix[user], ItemMatrix[item], _fused);

    /// <inheritdoc/>
    protected override void ScoreAllItems(RecommenderQuery query, Span<float> scores)
    {
        Span<float> embedding = stackalloc float[ScoredColumns];
        Embed(query, embedding);
        _items.Value.Score(embedding, scores);
    }

    private protected override void Rank(IReadOnlyList<RecommenderQuery> queries, List<int> block, CandidateFilter candidates, TopItemLists lists) =>
        Search(candidates.IndexFor(_items, few => Pack(few)), block, lists,
            (list, embedding) => Embed(queries[list], embedding),
            list => candidates.Start(queries[list], lists, list));

    /// <summary>Embeds the queries of a block side by side, so that each panel of items is read once for all, and fills their lists.</summary>
    private void Search(PanelIndex index, List<int> block, TopItemLists lists, Action<int, Span<float>> embed, Func<int, TopList> start)
    {
        var columns = index.Columns;
        var padded = (block.Count + PanelIndex.TileHeight - 1) / PanelIndex.TileHeight * PanelIndex.TileHeight;
        var rented = ArrayPool<float>.Shared.Rent(padded * columns);
        var queries = rented.AsSpan(0, padded * columns);
        queries[(block.Count * columns)..].Clear();
        var tops = new TopList[block.Count];
        for (int i = 0; i < tops.Length; i++)
        {
            embed(block[i], queries.Slice(i * columns, columns));
            tops[i] = start(block[i]);
        }
        index.Search(queries, tops);
        for (int i = 0; i < tops.Length; i++)
            lists.Lengths[block[i]] = tops[i].Sort();
        ArrayPool<float>.Shared.Return(rented);
    }

    private PanelIndex Pack(ReadOnlySpan<int> items) => new(ItemMatrix, items, fused: _fused);

    private static void Normalize(ReadOnlySpan<float> row, Span<float> direction)
    {
        var scale = 1 / PanelIndex.Length(row);
        for (int k = 0; k < row.Length; k++)
            direction[k] = row[k] * scale;
    }

    private int[] KnownUsers()
    {
        var known = new List<int>(Users.Count);
        for (int user = 0; user < Users.Count; user++)
            if (IsKnownUser(user))
                known.Add(user);
        return [.. known];
    }
}
