using System.Numerics.Tensors;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace MLNetRecExt;

/// <summary>
/// Weighted alternating least squares: factors the user × item matrix of feedback so that ⟨U_u, V_i⟩ is high where user u took
/// item i, and low where not.
/// </summary>
/// <remarks>
/// <para>Minimises, in turns over items and users,
/// <code>
/// Σ_(u,i) observed w_ui (A_ui − ⟨U_u,V_i⟩)² + w0 Σ_(u,i) unobserved f_i ⟨U_u,V_i⟩² + λ (Σ_u s_u‖U_u‖² + Σ_i s_i‖V_i‖²)
/// </code></para>
/// <para>With <see cref="Options.UseBiases"/> a score is μ + b_u + b_i + ⟨U_u,V_i⟩ instead of ⟨U_u,V_i⟩, over observed pairs only (w0 = 0),
/// and the squares of the biases are added to those of the embeddings: ‖U_u‖² + b_u², ‖V_i‖² + b_i². μ is the mean label, weighted by the
/// weight column. A row's bias is
/// solved for together with its embedding.</para>
/// <list type="bullet">
/// <item>A_ui: the label, or 1 (<see cref="Options.Target"/>).</item>
/// <item>w_ui = weight · (1 + α·label) · R_u · C_i: the weight column, or 1; α is <see cref="Options.ConfidenceScale"/>;
/// R_u = (|S_u| / mean)^<see cref="Options.UserWeightExponent"/> and C_i = (|S_i| / mean)^<see cref="Options.ItemWeightExponent"/>,
/// where |S| is the number of entries of a user or item.</item>
/// <item>w0: <see cref="Options.UnobservedWeight"/>; f_i = |S_i|^a, scaled to mean 1, a being
/// <see cref="Options.UnobservedPopularityExponent"/>.</item>
/// <item>λ: <see cref="Options.Regularization"/>; s_u = (|S_u| + w0·Σ_i f_i)^ν and s_i = (|S_i| + w0·f_i·U)^ν, ν being
/// <see cref="Options.RegularizationExponent"/>. The sum runs over all items and U counts all users.</item>
/// </list>
/// <para>With <see cref="Options.ItemFeatures"/> an item's embedding is drawn to a linear map W of its features instead of to zero, and the
/// map is learned with it:
/// <code>
/// λ Σ_i s_i‖V_i − Wᵀ F_i‖² + λ γ s̄ ‖W‖²   in place of   λ Σ_i s_i‖V_i‖²
/// </code>
/// F_i is the vector that <see cref="ContentBasedTrainer"/> makes of an item's features, of length 1, rare categories counting more; γ is
/// <see cref="Options.FeatureRegularization"/>, s̄ the mean s_i. W is improved after each turn over the items, by ten steps of conjugate
/// gradients; time grows with the number of
/// features of all items. An item without an entry, but with features, gets the embedding Wᵀ F_i:
/// it is recommended, and counts in the histories of queries. With biases W gives one, too. W stays in the model, and
/// <see cref="RecommenderModel.WithItems"/> gives items that come after training their embeddings by it.</para>
/// <para>Five options follow the data where they are null, the default. A number given is taken as it is, and leaves the others to this
/// rule. Of the U users and I items with an entry, n_u = nnz / U and n_i = nnz / I are the mean lengths of rows, and
/// E_u = Σ_u |S_u|² / nnz and E_i = Σ_i |S_i|² / nnz those that an interaction sees:
/// <code>
/// q  = √(E_i·E_u / (n_i·n_u))          skew: 1 where all rows are equally long
/// r  = 3·q^1.25                        weight of all unobserved pairs against that of all observed ones
/// w0 = r · Σ_(u,i) observed w_ui / (U·I)
/// a  = 0.25 where I ≥ 10,000, else 0
/// λ  = min(0.16·(E_i / nnz)^0.4, 0.1·q / r), the first times 1.5 where a > 0
/// K  = 256 where I ≥ 10,000, else 128; half of it, and again, down to 32, while that is no less than U or I, or as long as training
///      with a validation part as large as the data would pass <see cref="RecommenderTrainerOptions.MemoryLimitMegabytes"/>
/// c  = 0.1                             smoothing of items after training
/// </code>
/// Where w0 is given, λ follows from the r that it stands for. The values taken are logged, and <c>Tune</c> searches around them. The
/// rule is for lists: with <see cref="WalsTarget.Label"/>, <see cref="Options.ItemFeatures"/> or <c>UnobservedWeight = 0</c> null means
/// K = 64, λ = 0.015, w0 = 0.05, a = 0, c = 0. It was found for ν = 1 and without weights. On one small, very skewed set (1,600 items,
/// q = 7) its λ was 1.4 to 2.7 times what would have been best.</para>
/// <para>After training items are smoothed: V_i += c Σ_(u took i) |S_u|^−1.5 U_u, c being <see cref="Options.ItemSmoothing"/>, one step of
/// what graph models do between users and items. Those who took few items count most, and an item with few takers, whose embedding λ
/// has drawn to zero, comes closer to them. Users, and histories that come with a query, are solved for with the items from before.</para>
/// <para>Labels: with <see cref="WalsTarget.One"/> and no <see cref="Options.ConfidenceScale"/> they do nothing, and where they differ a
/// warning is logged. To predict ratings take <see cref="WalsTarget.Label"/> with <c>UnobservedWeight = 0</c>; where labels are counts, set
/// <see cref="Options.ConfidenceScale"/>; to learn from liked items alone read them with
/// <see cref="InteractionFileOptions.RelevantFrom"/>.</para>
/// <para>With <see cref="Options.RecencyHalfLife"/> q, users are at last solved for once more, exactly and with the items as they are, with
/// w_ui · 2^(−r_ui / q), r_ui being how many items the user took after i; with <see cref="Options.RecencyHalfLifeDays"/> r_ui is how
/// many days older i is than the user's newest item. s_u stays as it is. A history that comes with a query is weighed alike; so are
/// explanations, labels that are predicted, with biases or without, and items that have features.</para>
/// <para>Users and items without an entry count nowhere (not in means, sums or U), and their embeddings are zero but by features.
/// The unobserved part costs nothing extra: it enters by the Gramian of the other side, so a sweep takes time in proportion to the
/// number of observed pairs. The exact objective is logged after each iteration.</para>
/// <para>A training that starts from a model begins with its embeddings, by id, where there are any; new users begin at random and new
/// items at zero, as without it. An open K is the model's. The other options, and μ, are this training's. A map of features is solved for
/// before the first iteration.</para>
/// <para>Memory: 4·rank·(users + items) + 28·users + 32·items + 8·interactions + 4·interactions for each of labels and weights + 68·rank²
/// (none where w0 = 0, and rank² / 16,384 for each user or item where either are more than a million) + 1,000,000·threads bytes, with rank
/// rounded up to a multiple of 16, and with biases that of rank + 2. The second 4·interactions are never more than 268,435,456·threads.
/// Interactions of an <see cref="InteractionStore"/> take no memory, and the first 4·interactions, with those of labels and weights, none.
/// <see cref="WalsSolver.Cholesky"/> takes 8·rank·(rank + 64) more per thread, and 4·interactions less; from rank 81 on, where users have
/// rank / 3 interactions or fewer on average and w0 > 0, 4·rank·(items + 2·rank) + 8·rank² per thread more, and for items with as few
/// 4·rank·(users + 2·rank) + 8·rank² per thread; a half-life 24·(users + items) + 8·rank·(rank + 128) per thread more; <see cref="WalsPrecision.BFloat16"/> 2·rank·max(users, items) + 1,200,000·threads more;
/// users or items with more than 100,663,296 bytes of embeddings 4,300,000·threads more. Features take 12·rank·places +
/// 384·places·min(threads, rank / 16) + 4·rank·items + 8·entries + 68·places + 20·items more; or, before all else,
/// 24·entries while they are read. Smoothing takes 4·rank·items + 4·users more, and with a validation part 4·rank·items again. A
/// validation part takes 8·rank·(users + items) + 4·rank·places more for the best model so far and the last, and for lists 8·rank·items to
/// search the items of both; 24·users + 12·pairs of it to judge.</para>
/// <para>| | |
/// |-|-|
/// | Columns in | users and items: key or raw ids; label and weight: Single, optional; timestamps for half-lives |
/// | Column out | <c>Score</c>: Single |
/// | Normalisation or caching of the input | not needed: the data is read once |
/// | Same result for any number of threads | yes |</para>
/// <para>Another instruction set (AVX-512, AVX2, none) sums in another order. On random data scores then differ by up to 5e-6 of the
/// largest score with <see cref="WalsSolver.Cholesky"/>, by up to 1e-3 with <see cref="WalsSolver.ConjugateGradient"/> and default options,
/// by up to 1.3e-2 with biases, and by up to 2.5e-2 with weights by label. The reason: conjugate gradients take three steps towards a
/// row's solution, where these end depends strongly on where they began, and each sweep enlarges a difference in the last digit.</para>
/// <para>Hu, Koren, Volinsky: Collaborative Filtering for Implicit Feedback Datasets, ICDM 2008 (their objective: <c>Target = One</c>,
/// <c>ConfidenceScale = α</c>, <c>UnobservedWeight = 1</c>, <c>RegularizationExponent = 0</c>; scores: <c>ItemSmoothing = 0</c>).
/// Rendle, Krichene, Zhang, Koren: Revisiting the Performance of iALS on Item Recommendation Benchmarks, RecSys 2022 (ν; their
/// unobserved weight α0 acts on all pairs: observed ones weigh 1 + α0 with target 1/(1 + α0) here).
/// Zhou, Wilkinson, Schreiber, Pan: Large-scale Parallel Collaborative Filtering for the Netflix Prize, AAIM 2008 (ALS-WR:
/// <c>Target = Label</c>,
/// <c>UnobservedWeight = 0</c>, without biases or with).
/// Agarwal, Chen: Regression-based Latent Factor Models, KDD 2009 (features).
/// He, Deng, Wang, Li, Zhang, Wang: LightGCN, SIGIR 2020 (propagation between users and items, there in training too).
/// Takács, Pilászy, Tikk: Applications of the Conjugate Gradient Method for Implicit Feedback Collaborative Filtering, RecSys 2011.</para>
/// </remarks>
public sealed class WalsTrainer : RecommenderTrainer<WalsModel, WalsTrainer.Options>
{
    /// <summary>Options of <see cref="WalsTrainer"/>.</summary>
    public sealed class Options : IterativeTrainerOptions
    {
        // Where the rule of the data does not hold.
        private const int FixedRank = 64;

        /// <summary>The defaults, with at most 15 iterations: sweeps over both sides.</summary>
        public Options()
            : base(numberOfIterations: 15)
        {
        }

        /// <summary>Length K of the embeddings. 32, 64, 128 and 256 have kernels of their own, with biases 30, 62, 126 and 254. Null: 32 to
        /// 256 by the rule of <see cref="WalsTrainer"/>. Time and memory grow with it.</summary>
        /// <value>Default null; range [1, 1024].</value>
        [OptionRange(1, 1024)]
        public int? ApproximationRank;

        /// <summary>λ, the weight of the squared norms. Null: by the rule of <see cref="WalsTrainer"/>.</summary>
        /// <value>Default null; range [0, 1e6].</value>
        [OptionRange(0, 1e6), TuneRange(1e-4, 1, Logarithmic = true)]
        public float? Regularization;

        /// <summary>ν: how λ grows with the frequency of a user or item; 0: not at all, 1: in proportion. It is not tuned by default,
        /// since 1 was best or nearly best on every data set measured.</summary>
        /// <value>Default 1; range [0, 1].</value>
        [OptionRange(0, 1)]
        public float RegularizationExponent = 1;

        /// <summary>w0, the weight of an unobserved pair; 0 looks at observed pairs only. Null: by the rule of
        /// <see cref="WalsTrainer"/>.</summary>
        /// <value>Default null; range [0, 1e6].</value>
        [OptionRange(0, 1e6), TuneRange(1e-3, 1, Logarithmic = true)]
        public float? UnobservedWeight;

        /// <summary>a: an unobserved item weighs f_i = |S_i|^a, scaled to mean 1; 0 makes every f_i 1. Null: by the rule of
        /// <see cref="WalsTrainer"/>.</summary>
        /// <value>Default null; range [0, 2].</value>
        [OptionRange(0, 2), TuneRange(0, 0.5, Needs = nameof(UnobservedWeight))]
        public float? UnobservedPopularityExponent;

        /// <summary>α: an observed pair weighs 1 + α·label (Hu, Koren, Volinsky 2008). 0: weight 1.</summary>
        /// <value>Default 0; range [0, 1e6].</value>
        [OptionRange(0, 1e6)]
        public float ConfidenceScale;

        /// <summary>Exponent of R_u: the observed pairs of a user weigh (|S_u| / mean)^e. Below 0, active users count less per
        /// pair.</summary>
        /// <value>Default 0; range [-2, 2].</value>
        [OptionRange(-2, 2)]
        public float UserWeightExponent;

        /// <summary>Exponent of C_i: the observed pairs of an item weigh (|S_i| / mean)^e. Below 0, frequent items count less per
        /// pair.</summary>
        /// <value>Default 0; range [-2, 2].</value>
        [OptionRange(-2, 2)]
        public float ItemWeightExponent;

        /// <summary>What an observed pair should score: 1, or its label. Without a label column every label is 1; with one,
        /// <see cref="WalsTarget.One"/> and no <see cref="ConfidenceScale"/>, labels do nothing, and a warning says so.</summary>
        /// <value>Default <see cref="WalsTarget.One"/>: right for top lists. To predict ratings take <see cref="WalsTarget.Label"/> with
        /// <c>UnobservedWeight = 0</c>.</value>
        public WalsTarget Target = WalsTarget.One;

        /// <summary>Whether users and items have biases. Only for predicting labels: with <see cref="WalsTarget.Label"/> and
        /// <c>UnobservedWeight = 0</c>.</summary>
        /// <value>Default false.</value>
        public bool UseBiases;

        /// <summary>
        /// Features of items: an item's embedding is drawn to what its features predict, instead of to zero. So items that nobody took
        /// can be recommended. <c>Fit</c> of a view knows all items that have features. Interactions that are read before know them only
        /// if they were read with <c>ReadInteractions(…, new() { Items = features.Ids })</c>; features of items that they lack are left
        /// out.
        /// </summary>
        /// <value>Default null. From <c>Data.ReadFeatures</c>.</value>
        public SideFeatures? ItemFeatures;

        /// <summary>
        /// γ: how strongly the map from features to embeddings is drawn to zero. The larger it is, the less the features say. The unit is
        /// items: γ = 10 weighs as much as ten further items for each feature, of average s_i, which have that feature alone and an
        /// embedding of zero. It does nothing without <see cref="ItemFeatures"/>. It is not tuned unless <c>Tune</c> is given a range,
        /// such as 0.01…1000, logarithmic.
        /// </summary>
        /// <value>Default 10; range (0, 1e6].</value>
        [OptionRange(0, 1e6, MinExclusive = true)]
        public float FeatureRegularization = 10;

        /// <summary>How many later items halve the weight of an item of a user's history; 0: all count alike. Needs timestamps. Items
        /// are learned as without it; then each user's embedding is solved for exactly, and where a validation part is given after each
        /// iteration.</summary>
        /// <value>Default 0; range [0, 1e6].</value>
        [OptionRange(0, 1e6), TuneRange(1, 50, Logarithmic = true)]
        public float RecencyHalfLife;

        /// <summary>How many days an item of a user's history must be older than the newest one to count half; 0: all count alike. Needs
        /// timestamps that are points in time: <see cref="RecommenderTrainerOptions.TimestampColumnName"/> says which are. Not
        /// together with <see cref="RecencyHalfLife"/>; tuned like it.</summary>
        /// <value>Default 0; range [0, 1e6].</value>
        [OptionRange(0, 1e6), TuneRange(1, 365, Logarithmic = true)]
        public float RecencyHalfLifeDays;

        /// <summary>c: how much of the embeddings of those who took an item is added to the item's after training, as
        /// <see cref="WalsTrainer"/> says. It helps where many items have few takers, and costs the items' embeddings once more in memory
        /// and file. 0: nothing is added. Null: 0.1 by the rule of <see cref="WalsTrainer"/>. Not for predicting labels.</summary>
        /// <value>Default null; range [0, 1000].</value>
        [OptionRange(0, 1000), TuneRange(0.01, 1, Logarithmic = true, Needs = nameof(UnobservedWeight))]
        public float? ItemSmoothing;

        /// <summary>How one user's or item's problem is solved.</summary>
        /// <value>Default <see cref="WalsSolver.ConjugateGradient"/>.</value>
        public WalsSolver Solver = WalsSolver.ConjugateGradient;

        /// <summary>In which form a user's problem reads the embeddings of items, and an item's those of users. With
        /// <see cref="WalsPrecision.BFloat16"/> each half of an iteration first makes a copy in half the bytes and reads that; arithmetic,
        /// the unobserved part and the model stay in 32 bits, and the loss that is logged is that of the copy. It pays where embeddings of
        /// one side take more than 100 MB, 400,000 users at rank 64, and is slower where they fit the processor's caches: 0.83 to
        /// 0.98 of the CPU time with 20 interactions of each of 500,000 users, 1.0 to 1.25 with 20 million of 138,000 users. NDCG@20 stayed
        /// within 0.0001 on MovieLens 1M and gowalla. With <see cref="WalsSolver.ConjugateGradient"/> those who have taken more than 4 MB of embeddings, or
        /// 512 KB of a side with no more than that, read them as they are.</summary>
        /// <value>Default <see cref="WalsPrecision.Single"/>.</value>
        public WalsPrecision Precision = WalsPrecision.Single;

        /// <summary>Stops when an iteration lowers the loss by less than this share of it. 0: never.</summary>
        /// <value>Default 0; range [0, 1].</value>
        [OptionRange(0, 1)]
        public float EarlyStoppingTolerance;

        /// <inheritdoc/>
        protected internal override Recency Recency => new(RecencyHalfLife, RecencyHalfLifeDays);

        /// <inheritdoc/>
        public override void Validate()
        {
            base.Validate();
            if (UseBiases && !PredictsLabels)
                throw new ArgumentException(
                    $"{nameof(UseBiases)} is for predicting labels of observed pairs: "
                    + $"set {nameof(UnobservedWeight)} (now {(object?)UnobservedWeight ?? "null"}) to 0 "
                    + $"and {nameof(Target)} (now {Target}) to {nameof(WalsTarget.Label)}, or {nameof(UseBiases)} to false.");
            if (ItemSmoothing > 0 && PredictsLabels)
                throw new ArgumentException(
                    $"{nameof(ItemSmoothing)} is for top lists: where labels are predicted "
                    + $"({nameof(UnobservedWeight)} 0 and {nameof(Target)} {nameof(WalsTarget.Label)}), set it to 0 or null, not {ItemSmoothing}.",
                    nameof(ItemSmoothing));
            if (ItemFeatures is not null && Regularization == 0)
                throw new ArgumentException(
                    $"{nameof(ItemFeatures)} act through {nameof(Regularization)}, and that is 0: raise it, or leave the features out.", nameof(ItemFeatures));
        }

        /// <summary>What <see cref="CompleteFrom"/> took from the data, in a line; null: nothing.</summary>
        internal string? FromData { get; private set; }

        internal string DivergenceRemedy => "Labels or weights are too large for single precision, or the problem is "
            + $"undetermined: scale them down, or raise {nameof(Regularization)} (now {Regularization}).";

        internal bool PredictsLabels => UnobservedWeight == 0 && Target == WalsTarget.Label;

        /// <summary>The objective, once no option of it is null.</summary>
        internal WalsSettings Settings => new(
            Regularization!.Value, RegularizationExponent, UnobservedWeight!.Value, UnobservedPopularityExponent!.Value,
            ConfidenceScale, UserWeightExponent, ItemWeightExponent, Target, UseBiases, ItemSmoothing!.Value);

        /// <summary>The rank that is taken where memory is short.</summary>
        internal int LeastRank => ApproximationRank ?? (FollowsData ? WalsDefaults.LeastRank : FixedRank);

        private bool FollowsData => Target == WalsTarget.One && ItemFeatures is null && UnobservedWeight != 0;

        /// <inheritdoc/>
        internal override void CompleteFrom(Interactions train)
        {
            FromData = null;
            if (FollowsData)
                TakeFrom(train);
            ApproximationRank ??= FixedRank;
            Regularization ??= 0.015f;
            UnobservedWeight ??= 0.05f;
            UnobservedPopularityExponent ??= 0;
            ItemSmoothing ??= 0;
        }

        /// <summary>Around the values of the rule: w0 and λ from an eighth to eight times, the rank from half to twice.</summary>
        internal override IEnumerable<KeyValuePair<string, TuneRangeAttribute>> RangesAround(RecommenderTrainerOptions given)
        {
            if (given is not Options { FollowsData: true } open)
                yield break;
            if (open.UnobservedWeight is null)
                yield return new(nameof(UnobservedWeight), TuneRangeAttribute.Around(UnobservedWeight!.Value, 8, 1e6));
            if (open.Regularization is null)
                yield return new(nameof(Regularization), TuneRangeAttribute.Around(Regularization!.Value, 8, 1e6));
            if (open.ApproximationRank is null)
                yield return new(nameof(ApproximationRank), TuneRangeAttribute.Around(ApproximationRank!.Value, 2, 1024));
        }

        /// <summary>The bytes that training at a rank takes.</summary>
        internal long MemoryFor(int rank, Interactions train, Interactions? validation)
        {
            var columns = rank + (UseBiases ? 2 : 0);
            return Math.Max(
                ContentVectors.MemoryFor(ItemFeatures, train.Items.Count),
                AlternatingLeastSquares.MemoryFor(train, this, columns)
                    + ModelMemoryFor(train, validation, columns)
                    + (validation is null ? 1 : 2) * ItemFeatureMap.MemoryFor(ItemFeatures, columns)
                    + (ItemSmoothing is 0 || PredictsLabels ? 0 : AlternatingLeastSquares.SmoothingMemoryFor(train, validation, columns))
                    + (Recency.IsOn ? FoldInProblem.MemoryFor(train, columns, Threads) : 0));
        }

        /// <summary>Without a validation part the model takes over what training has, and adds how often items were taken.</summary>
        private long ModelMemoryFor(Interactions train, Interactions? validation, int columns) => validation is null
            ? 4L * train.Items.Count
            : FactorModel.MemoryFor(train, validation, columns, PredictsLabels);

        private void TakeFrom(Interactions train)
        {
            var found = WalsDefaults.From(train.ByUser, train.Items.Count, this);
            var rank = found.Rank;
            // Whether a validation part is given must not show in the rank: with the best options one trains on both parts.
            while (ApproximationRank is null && rank > WalsDefaults.LeastRank && MemoryFor(rank, train, train) > MemoryLimit)
                rank /= 2;
            List<string> taken = [];
            if (ApproximationRank is null)
                taken.Add($"{nameof(ApproximationRank)} {rank}{(rank < found.Rank ? $" ({found.Rank} would pass the memory limit)" : "")}");
            if (Regularization is null)
                taken.Add(FormattableString.Invariant($"{nameof(Regularization)} {found.Regularization:G4}"));
            if (UnobservedWeight is null)
                taken.Add(FormattableString.Invariant($"{nameof(UnobservedWeight)} {found.UnobservedWeight:G4}"));
            if (UnobservedPopularityExponent is null)
                taken.Add(FormattableString.Invariant($"{nameof(UnobservedPopularityExponent)} {found.UnobservedPopularityExponent:G4}"));
            if (ItemSmoothing is null)
                taken.Add(FormattableString.Invariant($"{nameof(ItemSmoothing)} {WalsDefaults.ItemSmoothing}"));
            if (taken.Count > 0)
                FromData = $"From the data: {string.Join(", ", taken)} {FormattableString.Invariant($"(skew {found.Skew:F1})")}";
            (ApproximationRank, Regularization) = (rank, found.Regularization);
            ItemSmoothing ??= WalsDefaults.ItemSmoothing;
            (UnobservedWeight, UnobservedPopularityExponent) = (found.UnobservedWeight, found.UnobservedPopularityExponent);
        }
    }

    private Action<AlternatingLeastSquares, Options, TrainingInput>? _elsewhere;

    internal WalsTrainer(IHostEnvironment environment, Options options)
        : base(environment, options)
    {
    }

    /// <inheritdoc/>
    protected internal override (IdMap? Users, IdMap? Items) StartingIds(DataViewSchema schema) =>
        (null, TrainerOptions.ItemFeatures?.StartingIds(schema, TrainerOptions.ItemColumnName));

    /// <inheritdoc/>
    protected override string MemoryRemedy =>
        $"Lower {nameof(Options.ApproximationRank)} (now {TrainerOptions.LeastRank}), or leave out users and items that have few interactions.";

    /// <inheritdoc/>
    protected override long MemoryFor(Interactions trainData, Interactions? validationData)
    {
        var options = OptionsFor(trainData);
        return options.MemoryFor(options.ApproximationRank!.Value, trainData, validationData);
    }

    /// <summary>This trainer, but sweeps are done elsewhere.</summary>
    /// <param name="train">Sets the factors to those that training ends with, by options that are complete.</param>
    /// <param name="cancellationToken">In place of that of the options.</param>
    internal WalsTrainer Elsewhere(Action<AlternatingLeastSquares, Options, TrainingInput> train, CancellationToken cancellationToken)
    {
        var trainer = (WalsTrainer)MemberwiseClone();
        trainer.TrainerOptions = (Options)TrainerOptions.Clone();
        trainer.TrainerOptions.CancellationToken = cancellationToken;
        trainer._elsewhere = train;
        return trainer;
    }

    /// <summary>The trainer's own options.</summary>
    internal Options OwnOptions => TrainerOptions;

    /// <summary>The options, with numbers where they follow from the data.</summary>
    private Options OptionsFor(Interactions train)
    {
        var options = (Options)TrainerOptions.Clone();
        options.CompleteFrom(train);
        return options;
    }

    internal override bool TrainsOnFiles => true;

    /// <summary>True: embeddings begin as the model has them, so that few iterations are needed.</summary>
    public override bool CanWarmStart => true;

    /// <inheritdoc/>
    protected override void StartFrom(WalsModel initial, Options options)
    {
        options.ApproximationRank ??= initial.ApproximationRank;
        initial.CheckStart(options.ApproximationRank.Value, options.UseBiases);
    }

    /// <inheritdoc/>
    protected override WalsModel Train(TrainingInput input)
    {
        var (train, options) = (input.Train, OptionsFor(input.Train));
        var settings = options.Settings;
        if (options.FromData is { } line)
            input.Log(line);
        CheckLabels(input, settings);
        var squares = new AlternatingLeastSquares(
            train.ByUser, train.Items.Count, settings,
            new(options.Solver, options.ApproximationRank!.Value, options.Seed, options.Threads, options.CancellationToken)
            {
                ByItem = train.StoredByItem,
                ItemFeatures = options.ItemFeatures is { } features
                    ? ContentVectors.Create(features, train.Items, rarityExponent: 1, unitLength: true, input.Channel)
                    : null,
                FeatureRegularization = options.FeatureRegularization,
                Precision = options.Precision,
            });
        if (input.Initial is WalsModel initial)
        {
            var (users, items) = input.IndicesInInitial();
            squares.StartFrom(initial, users, items);
        }
        if (_elsewhere is not null)
        {
            _elsewhere(squares, options, input);
            return Model();
        }
        return new TrainingLoop<WalsModel>(options, input)
        {
            IsRmse = settings.PredictsLabels,
            EarlyStoppingTolerance = options.EarlyStoppingTolerance,
            Remedy = options.DivergenceRemedy,
        }.Run(
            squares.Sweep,
            Model,
            ValidationMeasure.For(input.Validation, settings.PredictsLabels, options.Threads, options.CancellationToken));

        WalsModel Model()
        {
            // Without a validation part it is called once, at the end.
            var (users, items) = input.Validation is null
                ? squares.TakeFactors()
                : (squares.CopyUserFactors(), squares.CopyItemFactors());
            var isSmooth = settings.ItemSmoothing > 0;
            var model = new WalsModel(
                train.Users, train.Items, train.ByUser, users, items, settings, squares.Mean, squares.CopyItemFeatureMap(),
                isSmooth ? items.Copy() : null)
            {
                Recency = options.Recency,
            };
            if (options.Recency.IsOn)
                model.FoldInUsers(ParallelOptions);
            if (isSmooth)
                squares.Smooth(users, items, _ => true);
            return model;
        }
    }

    // Users have embeddings of their own for each half-life.
    internal override string? SweptOption => null;

    /// <summary>That labels make no weight negative, and that none are ignored in silence.</summary>
    private void CheckLabels(TrainingInput input, WalsSettings settings)
    {
        if (input.Train.ByUser.AllLabels is not { } labels)
            return;
        var (least, most) = Extremes(labels, input.Train.ByUser.LongEntryCount);
        // A weight falls with the label, so that of the least is the least.
        settings.CheckLabel(least);
        if (least < most && settings.Target == WalsTarget.One && settings.ConfidenceScale == 0)
            input.Warn(FormattableString.Invariant($"Labels, from {least} to {most}, do nothing: what was taken counts as 1. ")
                + $"To predict ratings set {nameof(Options.Target)} to {nameof(WalsTarget)}.{nameof(WalsTarget.Label)} "
                + $"and {nameof(Options.UnobservedWeight)} to 0. Where labels are counts, set {nameof(Options.ConfidenceScale)}. "
                + $"To learn from liked items alone, read them with {nameof(InteractionFileOptions.RelevantFrom)}.");
    }

    private (float Least, float Most) Extremes(LongArray<float> labels, long count)
    {
        const int Block = 1 << 18;
        var blocks = new (float Least, float Most)[(int)((count + Block - 1) / Block)];
        Parallel.For(0, blocks.Length, ParallelOptions, block =>
        {
            var start = (long)block * Block;
            var values = labels.Values(start, (int)Math.Min(Block, count - start));
            blocks[block] = (TensorPrimitives.Min(values), TensorPrimitives.Max(values));
        });
        return (blocks.Min(block => block.Least), blocks.Max(block => block.Most));
    }
}
