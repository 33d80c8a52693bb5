using System.Buffers;
using System.Numerics.Tensors;
using MLNetRecExt.Kernels;
using MLNetRecExt.Persistence;

namespace MLNetRecExt;

/// <summary>
/// A model whose score is the dot product of a query embedding and an item embedding: score(u, i) = ⟨U_u, V_i⟩; with biases
/// score(u, i) = μ + b_u + b_i + ⟨U_u, V_i⟩.
/// </summary>
public abstract class FactorModel : RecommenderModel
{
    /// <summary>The longest embedding: a query's is held on the stack.</summary>
    private const int MaxRank = 1024;

    private readonly bool _fused;
    private readonly Lazy<double> _longestItem;
    private readonly LazyPanelIndex _itemDirections;
    private readonly LazyPanelIndex _userDirections;

    /// <summary>Makes a model of embeddings, without biases.</summary>
    /// <param name="users">Ids of the users.</param>
    /// <param name="items">Ids of the items.</param>
    /// <param name="history">What each user took in training.</param>
    /// <param name="userFactors">U: users × K. It belongs to the model from now on.</param>
    /// <param name="itemFactors">V: items × K, likewise.</param>
    /// <exception cref="ArgumentException">The embeddings are not one per user and item, of one length K in [1, 1024]; the message says what
    /// they are.</exception>
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
        CheckShapes();
        _fused = fused;
        _longestItem = new(() => Longest(ItemMatrix));
        PackedItems = new(() => ItemsByPopularity, (items, parallel) => new(ItemMatrix, items, fused: _fused, parallel: parallel));
        _itemDirections = Directions(ItemMatrix, () => ItemsByPopularity);
        _userDirections = Directions(UserMatrix, KnownUsers);
    }

    /// <summary>What queries are scored by. Users × rank; with biases two more columns, so that a score is one dot product: b_u + μ and
    /// 1.</summary>
    internal AlignedMatrix UserMatrix { get; }

    /// <summary>What items are scored by. Items × rank; with biases two more columns: 1 and b_i.</summary>
    internal AlignedMatrix ItemMatrix { get; }

    /// <summary>What histories are solved with: items as training solved for them, before anything was added to what they are scored
    /// by.</summary>
    internal virtual AlignedMatrix SolvedItemMatrix => ItemMatrix;

    /// <summary>What lists are searched in.</summary>
    internal LazyPanelIndex PackedItems { get; }

    /// <summary>Length of the embeddings (K), biases not counted.</summary>
    public int ApproximationRank => ScoredColumns - (HasBiases ? 2 : 0);

    /// <summary>Whether a score has biases.</summary>
    public bool HasBiases { get; }

    /// <summary>μ: the part of every score that depends on neither user nor item; 0 without biases.</summary>
    public float Mean { get; }

    /// <summary>The embedding of a user: <see cref="ApproximationRank"/> values; zeros when training saw nothing of the user.</summary>
    /// <param name="user">0-based user index, below <c>Users.Count</c>.</param>
    /// <exception cref="ArgumentOutOfRangeException">No user has the index.</exception>
    public ReadOnlySpan<float> UserFactors(int user)
    {
        UnknownIndex.ThrowIfOutside(Users, user, "User", nameof(user));
        return UserMatrix[user][..ApproximationRank];
    }

    /// <summary>The embedding of an item: <see cref="ApproximationRank"/> values; zeros when training saw nothing of the item.</summary>
    /// <param name="item">0-based item index, below <c>Items.Count</c>.</param>
    /// <exception cref="ArgumentOutOfRangeException">No item has the index.</exception>
    public ReadOnlySpan<float> ItemFactors(int item)
    {
        UnknownIndex.ThrowIfOutside(Items, item, "Item", nameof(item));
        return ItemMatrix[item][..ApproximationRank];
    }

    /// <summary>b_u; 0 without biases or when the user is unknown.</summary>
    /// <param name="user">0-based user index.</param>
    /// <exception cref="ArgumentOutOfRangeException">The index is negative.</exception>
    public float UserBias(int user)
    {
        UnknownIndex.ThrowIfNegative(user, "User", nameof(user));
        return HasBiases && IsKnownUser(user) ? UserMatrix[user][ApproximationRank] - Mean : 0;
    }

    /// <summary>b_i; 0 without biases or when the item is unknown.</summary>
    /// <param name="item">0-based item index.</param>
    /// <exception cref="ArgumentOutOfRangeException">The index is negative.</exception>
    public float ItemBias(int item)
    {
        UnknownIndex.ThrowIfNegative(item, "Item", nameof(item));
        return HasBiases && IsKnownItem(item) ? ItemMatrix[item][ApproximationRank + 1] : 0;
    }

    /// <summary>True: similar items have embeddings of a large cosine, ⟨V_i, V_j⟩ / (‖V_i‖ ‖V_j‖).</summary>
    public override bool CanCompareItems => true;

    /// <summary>True: similar users have embeddings of a large cosine, ⟨U_u, U_v⟩ / (‖U_u‖ ‖U_v‖).</summary>
    public override bool CanCompareUsers => true;

    /// <summary>Whether an item in a history has a part in the query's embedding.</summary>
    internal virtual bool FoldsIn(int item) => IsKnownItem(item);

    /// <summary>Beside the items in order, embeddings packed to be searched: of items as they are and by direction, and of users.</summary>
    internal override long CacheSize =>
        base.CacheSize + 2 * PanelIndex.SizeOf(Items.Count, ScoredColumns) + PanelIndex.SizeOf(Users.Count, ScoredColumns);

    /// <summary>Sees to it that a training can start from these embeddings.</summary>
    /// <param name="rank">The training's.</param>
    /// <param name="hasBiases">Whether it has biases.</param>
    /// <exception cref="ArgumentException">They are others.</exception>
    internal void CheckStart(int rank, bool hasBiases)
    {
        if (rank != ApproximationRank || hasBiases != HasBiases)
            throw new ArgumentException(
                $"The initial model has rank {ApproximationRank} {Biases(HasBiases)}, "
                + $"and training is to have rank {rank} {Biases(hasBiases)}. "
                + "Set ApproximationRank and UseBiases as the model has them, or leave the model out.", "initial");

        static string Biases(bool has) => has ? "with biases" : "without biases";
    }

    /// <summary>max‖U‖ · max‖V‖, by Cauchy and Schwarz.</summary>
    internal override double LargestScore => Longest(UserMatrix) * _longestItem.Value;

    /// <summary>The bytes that models of a training take: one, or where iterations are judged, the best one and the last.</summary>
    /// <param name="train">Whose users and items they are of.</param>
    /// <param name="validation">What iterations are judged on; null: nothing.</param>
    /// <param name="columns">Length of their rows.</param>
    /// <param name="predictsLabels">Whether labels are judged, instead of lists, for which each model packs its items.</param>
    internal static long MemoryFor(Interactions train, Interactions? validation, int columns, bool predictsLabels)
    {
        long users = train.Users.Count, items = train.Items.Count;
        var model = AlignedMatrix.BytesOf(users + items, columns) + 4 * items;
        var index = predictsLabels ? 0 : AlignedMatrix.BytesOf(items, columns) + 20 * items;
        return validation is null ? model : 2 * (model + index) + 24 * users + 12L * validation.Count;
    }

    private int ScoredColumns => ItemMatrix.Columns;

    /// <summary>Whether a row is an embedding: neither zeros nor what is not a number.</summary>
    private protected static bool HasEmbedding(AlignedMatrix matrix, int row) =>
        MathF.Abs(TensorPrimitives.MaxMagnitude<float>(matrix[row])) > 0;

    /// <inheritdoc/>
    protected internal override void WriteState(ModelWriter writer)
    {
        writer.WriteMatrix(UserMatrix);
        writer.WriteMatrix(ItemMatrix);
    }

    /// <summary>The query embedding ψ(x), a value per column of <see cref="ItemMatrix"/>: looked up for a known user, folded in for a
    /// history.</summary>
    /// <param name="query">Who asks; something is known about it.</param>
    /// <param name="embedding">Gets the embedding: K values, with biases two more.</param>
    protected abstract void Embed(RecommenderQuery query, Span<float> embedding);

    /// <summary>The query embedding, by which every score is finite.</summary>
    /// <exception cref="ArgumentException">Labels, weights or features of the query are too large for that.</exception>
    internal void EmbedFinite(RecommenderQuery query, Span<float> embedding)
    {
        Embed(query, embedding);
        CheckEmbedding(query, embedding);
    }

    /// <summary>Sees to it that no score of an embedding that was made for a query can pass what single precision holds.</summary>
    /// <exception cref="ArgumentException">One can, or is not a number.</exception>
    private protected void CheckEmbedding(RecommenderQuery query, ReadOnlySpan<float> embedding)
    {
        // Training has seen to those that are looked up. The length itself may pass single precision; this is a bound of it.
        if (!query.IsOfTraining
            && !(Math.Sqrt(embedding.Length) * Math.Abs(TensorPrimitives.MaxMagnitude(embedding)) * _longestItem.Value <= float.MaxValue))
            throw query.TooLarge();
    }

    internal override float ScoreUnknown(int user, int item) => HasBiases ? Mean + UserBias(user) + ItemBias(item) : base.ScoreUnknown(user, item);

    /// <inheritdoc/>
    protected override float ScoreKnown(int user, int item) => PanelIndex.Dot(UserMatrix[user], ItemMatrix[item], _fused);

    /// <inheritdoc/>
    protected override void ScoreAllItems(RecommenderQuery query, Span<float> scores)
    {
        Span<float> embedding = stackalloc float[ScoredColumns];
        EmbedFinite(query, embedding);
        PackedItems.Get(new ParallelOptions()).Score(embedding, scores);
    }

    private protected override void PrepareRank(CandidateFilter candidates) => candidates.Items.IndexFor(PackedItems, candidates.Parallel);

    private protected override void PrepareRankSimilar(CandidateFilter candidates) =>
        candidates.Items.IndexFor(_itemDirections, candidates.Parallel);

    private protected override void Rank(IReadOnlyList<RecommenderQuery> queries, List<int> block, CandidateFilter candidates, TopItemLists lists) =>
        Search(candidates.Items.IndexFor(PackedItems, candidates.Parallel), block, lists,
            (list, embedding) => EmbedFinite(queries[list], embedding),
            list => candidates.Start(queries[list], lists, list));

    private protected override void RankSimilar(
        IReadOnlyList<int> items, List<int> block, CandidateFilter candidates, TopItemLists lists) =>
        Search(candidates.Items.IndexFor(_itemDirections, candidates.Parallel), block, lists,
            (list, embedding) => Normalize(ItemFactors(items[list]), embedding),
            list => candidates.Start(new[] { items[list] }, lists, list));

    internal override void OfferSimilarUsers(int user, ref TopList list)
    {
        var queries = new float[PanelIndex.TileHeight * ApproximationRank];
        Normalize(UserFactors(user), queries.AsSpan(0, ApproximationRank));
        _userDirections.Get(new ParallelOptions()).Search(queries, new Span<TopList>(ref list));
    }

    /// <summary>Embeds the queries of a block side by side, so that each panel of items is read once for all, and fills their
    /// lists.</summary>
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

    private void CheckShapes()
    {
        if (UserMatrix.Rows != Users.Count || ItemMatrix.Rows != Items.Count || UserMatrix.Columns != ItemMatrix.Columns)
            throw new ArgumentException(
                $"The embeddings are {UserMatrix.Rows} × {UserMatrix.Columns} of users and {ItemMatrix.Rows} × {ItemMatrix.Columns} of items; "
                + $"{Users.Count} × K and {Items.Count} × K, one per user and item, are needed.");
        if (ApproximationRank is < 1 or > MaxRank)
            throw new ArgumentException($"The embeddings have {ApproximationRank} numbers each; 1 to {MaxRank} are needed. Lower the rank.");
        if (!float.IsFinite(Mean))
            throw new ArgumentException($"The mean of the labels is {Mean}; a finite number is needed.");
    }

    private LazyPanelIndex Directions(AlignedMatrix matrix, Func<int[]> rows) => new(rows,
        (some, parallel) => new(matrix, some, unitLength: true, ApproximationRank, parallel: parallel));

    private static void Normalize(ReadOnlySpan<float> row, Span<float> direction)
    {
        var scale = 1 / PanelIndex.Length(row);
        for (int k = 0; k < row.Length; k++)
            direction[k] = row[k] * scale;
    }

    /// <summary>The largest length of a row; NaN where one holds NaN.</summary>
    /// <param name="matrix">The rows.</param>
    /// <param name="counts">Whether a row counts; null: all do.</param>
    private protected static double Longest(AlignedMatrix matrix, Func<int, bool>? counts = null)
    {
        var longest = 0f;
        // Math.Max gives NaN for NaN.
        for (int row = 0; row < matrix.Rows; row++)
            if (counts is null || counts(row))
                longest = Math.Max(longest, TensorPrimitives.Norm<float>(matrix[row]));
        return longest;
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
