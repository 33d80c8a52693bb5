using Microsoft.ML.Runtime;

namespace MLNetRecExt;

/// <summary>
/// Item-based nearest neighbors: an item scores by how similar it is to the items that a user took, similar meaning taken by the same
/// users.
/// </summary>
/// <remarks>
/// <para>
/// <code>
/// s_ij = Σ_u x_ui x_uj / (‖x_i‖^2α ‖x_j‖^2(1−α) + shrinkage)
/// score_ui = Σ_j∈N(i) A_uj s_ij                                                    Score = Sum
/// score_ui = μ_u + Σ_j∈N(i) w_uj s_ij (label_uj − μ_u) / Σ_j∈N(i) w_uj s_ij         Score = Mean
/// </code></para>
/// <list type="bullet">
/// <item>x_ui: by <see cref="NeighborhoodTrainerOptions.Similarity"/>, which for Jaccard has another denominator, |S_i ∪ S_j| +
/// shrinkage.</item>
/// <item>N(i): the <see cref="NeighborhoodTrainerOptions.NumberOfNeighbors"/> most similar items of i that are taken by u; only
/// similarities above 0 count.</item>
/// <item>A_uj: label times weight, or 1. w_uj: the weight, or 1. μ_u: the mean label of the user; it is the score where no neighbor was
/// taken.</item>
/// <item>With <see cref="Options.RecencyHalfLife"/> q, A_uj and w_uj are multiplied by 2^(−r_uj / q), r_uj being how many items the user took
/// after j; with <see cref="Options.RecencyHalfLifeDays"/> r_uj is how many days older j is than the newest item.</item>
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
/// Aiolli: Efficient Top-N Recommendation for Very Large Scale Binary Rated Datasets, RecSys 2013 (α).</para>
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

        /// <summary>How many days an item of a history must be older than the newest one to count half when a list is asked for; 0: all count
        /// alike. Needs timestamps that are points in time: <see cref="RecommenderTrainerOptions.TimestampColumnName"/> says which are. Not
        /// together with <see cref="RecencyHalfLife"/>; tuned like it.</summary>
        /// <value>Default 0; range [0, 1e6].</value>
        [OptionRange(0, 1e6), TuneRange(1, 365, Logarithmic = true)]
        public float RecencyHalfLifeDays;

        /// <inheritdoc/>
        protected internal override Recency Recency => new(RecencyHalfLife, RecencyHalfLifeDays);

        /// <summary>What to start from to predict ratings.</summary>
        /// <returns>Options with <see cref="NeighborScore.Mean"/>, <see cref="NeighborSimilarity.AdjustedCosine"/>, 300 neighbors and
        /// shrinkage 20.</returns>
        public static Options ForRatings() => new()
        {
            Score = NeighborScore.Mean,
            Similarity = NeighborSimilarity.AdjustedCosine,
            NumberOfNeighbors = 300,
            Shrinkage = 20,
        };
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
