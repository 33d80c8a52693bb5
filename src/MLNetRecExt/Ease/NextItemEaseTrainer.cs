using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNetRecExt.Kernels;

namespace MLNetRecExt;

/// <summary>
/// EASE that learns what comes next: a weight for each pair of items, in closed form, by the order in which users took them. Where order
/// matters its lists are better than those of <see cref="EaseTrainer"/>, at the same cost.
/// </summary>
/// <remarks>
/// <para>Each item of a user but the first is a row of S and T: T holds the item, S what the user took before it, x · 2^(−gap / h), gap being
/// how many places before. X holds all that users took. Minimises ‖T − S B‖² + μ ‖X − X B‖² + λ ‖B‖² with B_jj = 0, by
/// <code>
/// C = (SᵀS + μ XᵀX + λI)⁻¹,  B' = C (SᵀT + μ XᵀX),  B_ij = B'_ij − C_ij B'_jj / C_jj
/// score_ui = Σ_j X_uj 2^(−r_uj / q) B_ji
/// </code></para>
/// <list type="bullet">
/// <item>x, X: label times weight of what a user took, 1 without these columns. r_uj: how many items the user took after j.</item>
/// <item>λ: <see cref="Options.Regularization"/>; h: <see cref="Options.TransitionHalfLife"/>; μ:
/// <see cref="Options.CooccurrenceWeight"/>, and with 0 there is no bound on the diagonal; q: <see cref="Options.RecencyHalfLife"/>. With
/// <see cref="Options.RecencyHalfLifeDays"/> q and r_uj are days: how much older j is than the newest item.</item>
/// </list>
/// <para>Items of equal timestamps are ordered by when they first occurred in the data. A history that comes with a query counts in its
/// order, the last item as the most recent, after what the user took in training.</para>
/// <para>A split per user, such as <c>LeaveLast</c>, lets what others did later into the training part; a model that looks at order gains more
/// from that than one that does not. Judge by a split at one time for all (<c>ByTime</c>), too.</para>
/// <para>Memory: 8·items² + 4,100·items + 20·interactions + 8·items·threads bytes, with <see cref="Options.TopWeightsPerItem"/>
/// 16·items·weights instead of half of 8·items². 20,000 items take 3.3 GB, and more than 46,000 do not fit an array. Time: items³
/// operations, and three times as many where most pairs of items were taken by the same users.</para>
/// <para>| | |
/// |-|-|
/// | Columns in | users and items: key or raw ids; timestamps; label and weight: Single, optional |
/// | Column out | <c>Score</c>: Single |
/// | Normalisation or caching of the input | not needed: the data is read once |
/// | Same result for any number of threads | yes |</para>
/// <para>The literature calls such models SLIST and TALE. Choi, Kim, Lee, Shim, Lee: Session-aware Linear Item-Item Models for Session-based
/// Recommendation, WWW 2021. Park, Kim, Choi, Lee: Temporal Linear Item-Item Model for Sequential Recommendation, WSDM 2025.</para>
/// </remarks>
public sealed class NextItemEaseTrainer : RecommenderTrainer<ItemToItemModel, NextItemEaseTrainer.Options>
{
    /// <summary>Options of <see cref="NextItemEaseTrainer"/>.</summary>
    public sealed class Options : RecommenderTrainerOptions
    {
        /// <summary>Options with their defaults; <see cref="RecommenderTrainerOptions.TimestampColumnName"/> is
        /// <c>"Timestamp"</c>.</summary>
        public Options() => TimestampColumnName = "Timestamp";

        /// <summary>λ, the weight of the squared weights. Null, from the data: 0.5 · Σ_i |S_i|² / Σ_i |S_i|, S_i being the users who took
        /// item i, times the mean square of label times weight. It is logged, and <c>Tune</c> searches from
        /// an eighth to eight times that.</summary>
        /// <value>Default null; range (0, 1e9].</value>
        [OptionRange(0, 1e9, MinExclusive = true), TuneRange(10, 2000, Logarithmic = true)]
        public float? Regularization;

        /// <summary>h: how many places between two items halve what the earlier one says about the later in training.</summary>
        /// <value>Default 2; range [0.05, 1e6].</value>
        [OptionRange(0.05, 1e6), TuneRange(1, 16, Logarithmic = true)]
        public float TransitionHalfLife = 2;

        /// <summary>μ: how much it counts that items were taken together, in whatever order, beside what followed on what.</summary>
        /// <value>Default 0.5; range [0, 1000].</value>
        [OptionRange(0, 1000), TuneRange(0.15, 1)]
        public float CooccurrenceWeight = 0.5f;

        /// <summary>q: how many later items halve the weight of an item of a history when a list is asked for; 0: all count alike, or by
        /// <see cref="RecencyHalfLifeDays"/>, which excludes this one. Tuning tries all values within each training, as they need none
        /// of their own.</summary>
        /// <value>Default 2; range [0, 1e6].</value>
        [OptionRange(0, 1e6), TuneRange(0.5, 32, Logarithmic = true)]
        public float RecencyHalfLife = 2;

        /// <inheritdoc cref="EaseTrainer.Options.RecencyHalfLifeDays"/>
        [OptionRange(0, 1e6), TuneRange(1, 365, Logarithmic = true)]
        public float RecencyHalfLifeDays;

        /// <inheritdoc cref="EaseTrainer.Options.TopWeightsPerItem"/>
        [OptionRange(1, 100_000)]
        public int? TopWeightsPerItem;

        /// <inheritdoc/>
        protected internal override Recency Recency => new(RecencyHalfLife, RecencyHalfLifeDays);

        /// <inheritdoc/>
        internal override void CompleteFrom(Interactions train) =>
            Regularization ??= EaseTrainer.DefaultRegularization(train, RegularizationShare);

        /// <inheritdoc/>
        internal override IEnumerable<KeyValuePair<string, TuneRangeAttribute>> RangesAround(RecommenderTrainerOptions given) =>
            given is Options { Regularization: null } ? [EaseTrainer.RegularizationRange(Regularization!.Value)] : [];
    }

    // A third of EASE's.
    private const double RegularizationShare = 0.5;
    private const int BlockSize = 512;

    internal NextItemEaseTrainer(IHostEnvironment environment, Options options)
        : base(environment, options)
    {
    }

    /// <inheritdoc/>
    protected override string MemoryRemedy => FormattableString.Invariant(
        $"Lower {nameof(Options.TopWeightsPerItem)}, or drop rare items, of which an array holds at most {EaseTrainer.MostRows:N0}.");

    /// <inheritdoc/>
    protected override long MemoryFor(Interactions trainData, Interactions? validationData)
    {
        Int128 items = trainData.Items.Count;
        var weights = TrainerOptions.TopWeightsPerItem is { } count ? 16 * items * Int128.Min(items, count) : 4 * items * items;
        return long.CreateSaturating(4 * items * items + weights + 8 * items * Int128.Min(items, BlockSize)
            + 20 * (Int128)trainData.Count + 8 * items * TrainerOptions.Threads);
    }

    /// <inheritdoc/>
    protected override void CheckColumns(SchemaShape inputSchema)
    {
        if (TrainerOptions.TimestampColumnName is null)
            throw NoOrder();
    }

    private protected override void CheckTimestamps(Interactions train)
    {
        if (!train.ByUser.HasTimestamps)
            throw NoOrder();
        base.CheckTimestamps(train);
    }

    /// <inheritdoc/>
    protected override ItemToItemModel Train(TrainingInput input)
    {
        var train = input.Train;
        var items = train.Items.Count;
        if (!AlignedMatrix.FitsArray(items, items))
            throw new InsufficientMemoryException(
                FormattableString.Invariant($"{items:N0} items need a matrix larger than an array. {MemoryRemedy}"));
        var regularization = TrainerOptions.Regularization ?? EaseTrainer.DefaultRegularization(train, RegularizationShare);
        if (TrainerOptions.Regularization is null)
            input.Log(FormattableString.Invariant($"{nameof(Options.Regularization)} from the data: {regularization}"));
        var transitions = new ItemTransitions(train, TrainerOptions.TransitionHalfLife);
        var inverse = new AlignedMatrix(items, items);
        var scale = transitions.FillGramian(TrainerOptions.CooccurrenceWeight, regularization, inverse, ParallelOptions);
        if (!SymmetricInverse.Negated(inverse, ParallelOptions))
            throw new InvalidOperationException(
                $"The matrix of items cannot be inverted in single precision: raise {nameof(Options.Regularization)} (now {regularization}), "
                + "or scale labels and weights down.");
        SymmetricInverse.Mirror(inverse, ParallelOptions);
        if (TrainerOptions.TopWeightsPerItem is { } count)
        {
            var top = new TopWeights(items, count);
            Solve(transitions, inverse, scale, (first, columns, size) =>
                Parallel.For(0, size, ParallelOptions, j => top.Keep(first + j, columns[j])));
            return new SparseNextItemEaseModel(train.Users, train.Items, train.ByUser, top.ToMatrix());
        }
        var weights = new AlignedMatrix(items, items);
        Solve(transitions, inverse, scale, (first, columns, size) => Parallel.For(0, weights.Rows, ParallelOptions, i =>
        {
            for (int j = 0; j < size; j++)
                weights[i][first + j] = columns[j][i];
        }));
        return new NextItemEaseModel(train.Users, train.Items, train.ByUser, weights);
    }

    /// <summary>B, some columns at a time: the first of them, a row for each, and how many.</summary>
    // With D = SᵀT − SᵀS, B' = C (D + C⁻¹ − λI), of which the last two drop out: B_ij = (CD)_ij − C_ij (1 + (CD)_jj) / C_jj.
    private void Solve(ItemTransitions transitions, AlignedMatrix inverse, double scale, Action<int, AlignedMatrix, int> take)
    {
        var items = inverse.Rows;
        var isBound = TrainerOptions.CooccurrenceWeight > 0;
        var size = Math.Min(BlockSize, items);
        var (rows, columns) = (new AlignedMatrix(size, items), new AlignedMatrix(size, items));
        for (int first = 0; first < items; first += size)
        {
            var count = Math.Min(size, items - first);
            transitions.FillTransitions(first, count, aloneCounts: !isBound, -scale, rows, ParallelOptions);
            PanelProduct.Multiply(rows, count, inverse, columns, ParallelOptions);
            Parallel.For(0, count, ParallelOptions, j =>
            {
                if (isBound)
                    Bind(columns[j], inverse, first + j);
                columns[j][first + j] = 0;
            });
            take(first, columns, count);
        }
    }

    /// <summary>Column j of CD, from which C_ij (1 + (CD)_jj) / C_jj is taken off.</summary>
    private static void Bind(Span<float> column, AlignedMatrix inverse, int item)
    {
        var factor = (1 + column[item]) / inverse[item][item];
        for (int i = 0; i < column.Length; i++)
            column[i] -= factor * inverse[item][i];
    }

    private static ArgumentException NoOrder() => new(
        $"{nameof(NextItemEaseTrainer)} needs to know the order of a user's items: name a column of timestamps "
        + $"({nameof(RecommenderTrainerOptions.TimestampColumnName)}), give interactions with timestamps, or take Ease, which does not look at order.");
}
