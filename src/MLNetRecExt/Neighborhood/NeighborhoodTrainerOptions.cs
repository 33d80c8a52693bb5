namespace MLNetRecExt;

/// <summary>The options that <see cref="ItemKnnTrainer"/> and <see cref="UserKnnTrainer"/> share.</summary>
public abstract class NeighborhoodTrainerOptions : RecommenderTrainerOptions
{
    /// <summary>Neighbors kept for each item (or user): those of the highest similarity above 0, of equal ones the lower index.</summary>
    /// <value>Default 200; range [1, 100000].</value>
    [OptionRange(1, 100_000), TuneRange(20, 5000, Logarithmic = true)]
    public int NumberOfNeighbors = 200;

    /// <summary>How alike two items (or users) are.</summary>
    /// <value>Default <see cref="NeighborSimilarity.Cosine"/>.</value>
    public NeighborSimilarity Similarity = NeighborSimilarity.Cosine;

    /// <summary>A number added to the denominator of the similarity. The larger it is, the less pairs count that have little in
    /// common.</summary>
    /// <value>Default 10; range [0, 1e6].</value>
    [OptionRange(0, 1e6), TuneRange(0.5, 500, Logarithmic = true)]
    public float Shrinkage = 10;

    /// <summary>
    /// a: the similarity to a neighbor is divided by the neighbor's ‖x‖^2a. 0.5 is that of the cosine. The higher it is, the less
    /// neighbors with many interactions say: popular items that a user took, or users with many items.
    /// <see cref="NeighborSimilarity.Jaccard"/> does not look at it.
    /// </summary>
    /// <value>Default 0.5; range [0, 1.5].</value>
    [OptionRange(0, 1.5), TuneRange(0.3, 1.1)]
    public float NeighborExponent = 0.5f;

    /// <summary>s: the power that similarities are raised to. Which neighbors are kept does not change. Above 1 the most similar of them
    /// say more, below 1 all say more alike.</summary>
    /// <value>Default 1; range [0.1, 4].</value>
    [OptionRange(0.1, 4), TuneRange(0.5, 1.5)]
    public float SimilarityExponent = 1;

    /// <summary>k of <see cref="NeighborSimilarity.Bm25"/>: how much large labels and repetitions count.</summary>
    /// <value>Default 1.2; range [0, 1000].</value>
    [OptionRange(0, 1000)]
    public float Bm25K = 1.2f;

    /// <summary>b of <see cref="NeighborSimilarity.Bm25"/>: how much less an entry of a long history counts.</summary>
    /// <value>Default 0.75; range [0, 1].</value>
    [OptionRange(0, 1)]
    public float Bm25B = 0.75f;

    /// <summary>How the labels of neighbors become a score.</summary>
    /// <value>Default <see cref="NeighborScore.Sum"/>: right for top lists. To predict labels take
    /// <see cref="NeighborScore.Mean"/>.</value>
    public NeighborScore Score = NeighborScore.Sum;

    internal string MemoryRemedy =>
        $"Lower {nameof(NumberOfNeighbors)} (now {NumberOfNeighbors}) or {nameof(NumberOfThreads)} (now {Threads}), or take Wals.";

    internal NeighborSettings Settings => new(
        NumberOfNeighbors, Similarity, Shrinkage, NeighborExponent, OwnExponent, SharedExponent, SimilarityExponent, Bm25K, Bm25B, Score);

    /// <summary>b: the exponent of the item (or user) whose neighbors are looked for, as <see cref="NeighborExponent"/> is that of the
    /// neighbor.</summary>
    private protected abstract float OwnExponent { get; }

    /// <summary>c: a user that two items have in common (or an item that two users have) counts d^−c, d being its
    /// interactions.</summary>
    private protected abstract float SharedExponent { get; }

    /// <summary>The bytes that finding neighbors takes, by the formula of the trainers.</summary>
    /// <param name="train">Whose entries are weighed, by user and by item.</param>
    /// <param name="rows">How many items, or users, get neighbors.</param>
    /// <param name="taken">By user, or item, the number of entries: what have none in common are no neighbors.</param>
    internal long MemoryFor(Interactions train, long rows, IEnumerable<int> taken)
    {
        long users = train.Users.Count, items = train.Items.Count;
        var neighbors = Math.Min(rows * Math.Min(NumberOfNeighbors, rows), taken.Sum(count => (long)count * count));
        var rarity = Similarity is NeighborSimilarity.TfIdf or NeighborSimilarity.Bm25 ? 12 * (users + items) : 0;
        return 12L * train.Count + 12 * neighbors + 104 * rows + 12 * items + rarity + 9 * rows * Threads;
    }
}
