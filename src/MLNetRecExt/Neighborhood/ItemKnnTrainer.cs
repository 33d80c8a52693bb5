using Microsoft.ML.Runtime;

namespace MLNetRecExt;

/// <summary>
/// Item-based nearest neighbors: an item scores by how similar it is to the items that a user took, similar meaning taken by the same
/// users.
/// </summary>
/// <remarks>
/// <para>
/// <code>
/// s_ij = (Σ_u d_u^−c x_ui x_uj / (‖x_j‖^2a ‖x_i‖^2b + shrinkage))^s
/// score_ui = Σ_j∈N(i) A_uj s_ij                                                    Score = Sum
/// score_ui = μ_u + Σ_j∈N(i) w_uj s_ij (label_uj − μ_u) / Σ_j∈N(i) w_uj s_ij         Score = Mean
/// </code></para>
/// <list type="bullet">
/// <item>x_ui: by <see cref="NeighborhoodTrainerOptions.Similarity"/>, which for Jaccard has another denominator, |S_i ∪ S_j| +
/// shrinkage.</item>
/// <item>c: <see cref="Options.UserExponent"/>, d_u being how many items user u took; a:
/// <see cref="NeighborhoodTrainerOptions.NeighborExponent"/>, of the item that was taken; b: <see cref="Options.ItemExponent"/>, of the
/// item that is scored; s: <see cref="NeighborhoodTrainerOptions.SimilarityExponent"/>. Labels, weights and Similarity count in x
/// alone: d_u is a number of items, and c does not change ‖x_i‖², which with Cosine and without labels and weights is how many users
/// took item i.</item>
/// <item>The cosine has c = 0, a = b = ½, s = 1. Walks over the graph of users and items, and graph filters, are other exponents:
/// <see cref="Options.P3Alpha"/>, <see cref="Options.Rp3Beta"/>, <see cref="Options.TurboCf"/> give them, exactly those of the papers
/// without labels and weights.</item>
/// <item>N(i): the <see cref="NeighborhoodTrainerOptions.NumberOfNeighbors"/> most similar items of i that are taken by u; only
/// similarities above 0 count.</item>
/// <item>A_uj: label times weight, or 1. w_uj: the weight, or 1. μ_u: the mean label of the user; it is the score where no neighbor was
/// taken.</item>
/// <item>With <see cref="Options.RecencyHalfLife"/> q, A_uj and w_uj are multiplied by 2^(−r_uj / q), r_uj being how many items the user
/// took after j; with <see cref="Options.RecencyHalfLifeDays"/> r_uj is how many days older j is than the newest item.</item>
/// </list>
/// <para>Memory: 12·interactions + 12·neighbors + 44·items + 9·items·threads bytes, where neighbors are
/// items·<see cref="NeighborhoodTrainerOptions.NumberOfNeighbors"/>, but at most Σ_u |S_u|²; TfIdf and Bm25 take 12·(users + items) more.
/// Time grows with Σ_u |S_u|².</para>
/// <para>| | |
/// |-|-|
/// | Columns in | users and items: key or raw ids; label and weight: Single, optional; timestamps for half-lives |
/// | Column out | <c>Score</c>: Single |
/// | Normalisation or caching of the input | not needed: the data is read once |
/// | Same result for any number of threads | yes |</para>
/// <para>Sarwar, Karypis, Konstan, Riedl: Item-Based Collaborative Filtering Recommendation Algorithms, WWW 2001.
/// Aiolli: Efficient Top-N Recommendation for Very Large Scale Binary Rated Datasets, RecSys 2013 (a, b, s).</para>
/// </remarks>
public sealed class ItemKnnTrainer : RecommenderTrainer<ItemKnnModel, ItemKnnTrainer.Options>
{
    /// <summary>Options of <see cref="ItemKnnTrainer"/>.</summary>
    public sealed class Options : NeighborhoodTrainerOptions
    {
        /// <summary>How many later items halve the weight of an item of a history when a list is asked for; 0: all count alike. Needs
        /// timestamps. Tuning tries all values within each training, as they need none of their own.</summary>
        /// <value>Default 0; range [0, 1e6].</value>
        [OptionRange(0, 1e6), TuneRange(1, 50, Logarithmic = true)]
        public float RecencyHalfLife;

        /// <summary>How many days an item of a history must be older than the newest one to count half when a list is asked for; 0: all
        /// count alike. Needs timestamps that are points in time: <see cref="RecommenderTrainerOptions.TimestampColumnName"/> says which
        /// are. Not
        /// together with <see cref="RecencyHalfLife"/>; tuned like it.</summary>
        /// <value>Default 0; range [0, 1e6].</value>
        [OptionRange(0, 1e6), TuneRange(1, 365, Logarithmic = true)]
        public float RecencyHalfLifeDays;

        /// <inheritdoc/>
        protected internal override Recency Recency => new(RecencyHalfLife, RecencyHalfLifeDays);

        /// <summary>c: a user whom two items have in common counts the number of the user's items to the power −c. 0: all users alike. The
        /// higher it is, the less users with many items make items alike. <see cref="NeighborSimilarity.Jaccard"/> does not look at
        /// it.</summary>
        /// <value>Default 0.5: on six data sets as good as 0 or up to 18 % better in NDCG@20; range [0, 2].</value>
        [OptionRange(0, 2), TuneRange(0, 1.5)]
        public float UserExponent = 0.5f;

        /// <summary>
        /// b: the similarities of an item to its neighbors are divided by the item's ‖x‖^2b. 0.5 is that of the cosine. The higher it is,
        /// the less popular items are recommended.
        /// <see cref="NeighborSimilarity.Jaccard"/> does not look at it, and with <see cref="NeighborScore.Mean"/> it cancels out, but for
        /// shrinkage.
        /// </summary>
        /// <value>Default 0.5; range [0, 1.5].</value>
        [OptionRange(0, 1.5), TuneRange(0, 0.6, Needs = nameof(Score), NeededValue = NeighborScore.Sum)]
        public float ItemExponent = 0.5f;

        /// <summary>The plain cosine: all users count alike, and there is no shrinkage.</summary>
        /// <returns>Options with <see cref="UserExponent"/> and <see cref="NeighborhoodTrainerOptions.Shrinkage"/> 0, others at their
        /// defaults.</returns>
        public static Options Cosine() => new Options().Set(0, 0.5f, 0.5f, 1);

        /// <summary>P3α: where a walk of three steps from a user ends, to an item of the user, to one of its users, to one of that user's
        /// items; each step takes all ways with the same probability, raised to a power.</summary>
        /// <remarks>Cooper, Lee, Radinsky, Siantos: Random Walks in Recommender Systems: Exact Computation and Simulations, WWW
        /// 2014.</remarks>
        /// <param name="transitionExponent">α, the power, in [0, 1.5]. Default 1.</param>
        /// <returns>Options with exponents of users and neighbors α, of items 0, without shrinkage.</returns>
        public static Options P3Alpha(float transitionExponent = 1) => Rp3Beta(transitionExponent, 0);

        /// <summary>RP3β: a walk as in <see cref="P3Alpha"/>, with popularity held against the items where it ends.</summary>
        /// <remarks>Paudel, Christoffel, Newell, Bernstein: Updatable, Accurate, Diverse, and Scalable Recommendations for Interactive
        /// Applications, TiiS 2017.</remarks>
        /// <param name="transitionExponent">α, in [0, 1.5]. Default 1.</param>
        /// <param name="popularityExponent">β, in [0, 1.5]. Default 0.4.</param>
        /// <returns>Options with exponents of users and neighbors α, of items β, without shrinkage.</returns>
        public static Options Rp3Beta(float transitionExponent = 1, float popularityExponent = 0.4f) =>
            new Options().Set(transitionExponent, transitionExponent, popularityExponent, 1);

        /// <summary>Turbo-CF with its linear filter: the graph of items of a matrix normalised by D_U^−α X D_I^(α−1), its weights raised to
        /// a power.</summary>
        /// <remarks>Park, Shin, Shin: Turbo-CF: Matrix Decomposition-Free Graph Filtering for Fast Recommendation, SIGIR 2024.</remarks>
        /// <param name="normalization">α, in [0, 1]. Default 0.5.</param>
        /// <param name="similarityExponent">s, the power, in [0.1, 4]. Default 0.7.</param>
        /// <returns>Options with exponents of users 2α, of neighbors and items 1 − α, of similarities s, without
        /// shrinkage.</returns>
        public static Options TurboCf(float normalization = 0.5f, float similarityExponent = 0.7f) =>
            new Options().Set(2 * normalization, 1 - normalization, 1 - normalization, similarityExponent);

        /// <inheritdoc/>
        protected internal override IEnumerable<RecommenderTrainerOptions> TuneStarts()
        {
            if (Score == NeighborScore.Mean || Similarity == NeighborSimilarity.Jaccard)
                return [];
            return
            [
                // In this order: for sparse and large catalogues, for dense and small ones, for very popular items, and a walk.
                Start(2000, 1.2f, 0.4f, 0.4f, 0.7f),
                Start(300, 0.8f, 0.875f, 0.4f, 1),
                Start(3000, 0.3f, 0.5f, 0.1f, 1.4f),
                Start(2000, 1, 0.9f, 0.1f, 1),
            ];

            Options Start(int neighbors, float user, float neighbor, float item, float similarity)
            {
                var options = ((Options)Clone()).Set(user, neighbor, item, similarity);
                // As little as is searched.
                (options.NumberOfNeighbors, options.Shrinkage) = (neighbors, 0.5f);
                return options;
            }
        }

        private protected override float OwnExponent => ItemExponent;

        private protected override float SharedExponent => UserExponent;

        /// <summary>What to start from to predict ratings.</summary>
        /// <returns>Options with <see cref="NeighborScore.Mean"/>, <see cref="NeighborSimilarity.AdjustedCosine"/>, 300 neighbors,
        /// shrinkage 20, and users that all count alike.</returns>
        public static Options ForRatings() => new()
        {
            Score = NeighborScore.Mean,
            Similarity = NeighborSimilarity.AdjustedCosine,
            NumberOfNeighbors = 300,
            Shrinkage = 20,
            UserExponent = 0,
        };

        /// <summary>Sets the exponents c, a, b and s, without shrinkage.</summary>
        private Options Set(float user, float neighbor, float item, float similarity)
        {
            (UserExponent, NeighborExponent, ItemExponent, SimilarityExponent, Shrinkage) = (user, neighbor, item, similarity, 0);
            return this;
        }
    }

    internal ItemKnnTrainer(IHostEnvironment environment, Options options)
        : base(environment, options)
    {
    }

    /// <inheritdoc/>
    protected override string MemoryRemedy => TrainerOptions.MemoryRemedy;

    /// <inheritdoc/>
    protected override long MemoryFor(Interactions trainData, Interactions? validationData) => TrainerOptions.MemoryFor(
        trainData, trainData.Items.Count, Enumerable.Range(0, trainData.Users.Count).Select(trainData.ByUser.Length));

    /// <inheritdoc/>
    protected override ItemKnnModel Train(TrainingInput input)
    {
        var train = input.Train;
        var byUser = new NeighborWeighting(train.ByUser, train.Items.Count, TrainerOptions.Settings, compareUsers: false).WeighAll();
        var search = new NeighborSearch(byUser.Transpose(), byUser, TrainerOptions.Settings);
        return new(train.Users, train.Items, train.ByUser, new(search.FindAll(TrainerOptions.Threads, TrainerOptions.CancellationToken), TrainerOptions.Settings));
    }
}
