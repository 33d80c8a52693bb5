using Microsoft.ML.Runtime;
using MLNetRecExt.Kernels;

namespace MLNetRecExt;

/// <summary>
/// EASE, embarrassingly shallow autoencoders: a weight for each pair of items, in closed form. Often the best lists of a catalogue that
/// fits.
/// </summary>
/// <remarks>
/// <para>Minimises ‖X̃ − X̃ B‖² + Σ_ij Λ_i B_ij² with B_jj ≤ ξ, by
/// <code>
/// X̃ = D^(−β/2) X,  G = X̃ᵀX̃,  Λ_j = λ · Σ_j G_jj / Σ_uj X_uj² + p / (1 − p) · G_jj
/// C = (G + Λ)⁻¹,  B_ij = −C_ij max(Λ_j, (1 − ξ) / C_jj)
/// score_ui = Σ_j≠i X_uj 2^(−r_uj / q) B_ji
/// </code></para>
/// <list type="bullet">
/// <item>r_uj, q: how many items the user took after j, and <see cref="Options.RecencyHalfLife"/>; or the days between j and the newest
/// item, and <see cref="Options.RecencyHalfLifeDays"/>. With both 0 there is no such factor.</item>
/// <item>X_uj: label times weight of what a user took, 1 without these columns, 0 where nothing was taken. D: how many items each user
/// took.</item>
/// <item>λ: <see cref="Options.Regularization"/>; what it is multiplied by keeps its meaning whatever β is.</item>
/// <item>p: <see cref="Options.Dropout"/>; β: <see cref="Options.UserExponent"/>; ξ: <see cref="Options.DiagonalRelaxation"/>. All three 0:
/// EASE^R. p alone: EDLAE. An item never speaks for itself, whatever ξ is.</item>
/// </list>
/// <para>Inverts a matrix of the items, or where there are fewer than 0.8 users per item one of the users, which gives the same weights
/// (the dual form). With n of these, time: n³ operations. Memory: 4·n² + 3,300·n + 12·interactions + 48·items + 16·n·threads bytes; with
/// <see cref="Options.TopWeightsPerItem"/> 16·items·weights instead of 3,300·n where that is more; 12·interactions more in the dual form, and
/// 4·n² more in <c>Tune</c> without it. 20,000 take 1.7 GB, 40,000 take 6.5 GB, and more than 46,000 do not fit an array. A catalogue of
/// 100,000 items is possible where users are few.</para>
/// <para>| | |
/// |-|-|
/// | Columns in | users and items: key or raw ids; label and weight: Single, optional; timestamps for half-lives |
/// | Column out | <c>Score</c>: Single |
/// | Normalisation or caching of the input | not needed: the data is read once |
/// | Same result for any number of threads | yes |</para>
/// <para>Steck: Embarrassingly Shallow Autoencoders for Sparse Data, WWW 2019. Steck: Autoencoders that don't overfit towards the Identity,
/// NeurIPS 2020 (p). Moon, Kim, Lee: It's Enough: Relaxing Diagonal Constraints in Linear Autoencoders for Recommendation, SIGIR 2023
/// (ξ).</para>
/// </remarks>
public sealed class EaseTrainer : RecommenderTrainer<ItemToItemModel, EaseTrainer.Options>
{
    // Of which an array holds a square matrix.
    internal const int MostRows = 46_000;

    /// <summary>Options of <see cref="EaseTrainer"/>.</summary>
    public sealed class Options : RecommenderTrainerOptions
    {
        /// <summary>λ, the weight of the squared weights. Null, from the data: 1.5 · Σ_i |S_i|² / Σ_i |S_i|, S_i being the users who took
        /// item i, times the mean square of label times weight. It is logged, and <c>Tune</c> searches from
        /// an eighth to eight times that.</summary>
        /// <value>Default null; range (0, 1e9].</value>
        [OptionRange(0, 1e9, MinExclusive = true), TuneRange(10, 5000, Logarithmic = true)]
        public float? Regularization;

        /// <summary>p, as if each item that a user took were left out with this probability when the others are to be found by it. The
        /// higher it is, the less popular items dominate.</summary>
        /// <value>Default 0.33; range [0, 0.9].</value>
        [OptionRange(0, 0.9)]
        public float Dropout = 0.33f;

        /// <summary>β: a user's interactions weigh the number of them to the power −β. 0: those of all users alike. The higher it is, the
        /// less users with many items count. <c>Tune</c> leaves it alone: on a small validation part a search over more options finds worse
        /// ones. Where that part is large, name a range from 0 to 0.8.</summary>
        /// <value>Default 0.3; range [0, 2].</value>
        [OptionRange(0, 2)]
        public float UserExponent = 0.3f;

        /// <summary>ξ: how far an item may explain itself in training, 0: not at all, 1: without a bound. Where one item per user is held
        /// out, values near 0 are best. Tuning tries all values within each training, as they need none of their own.</summary>
        /// <value>Default 0.35; range [0, 1].</value>
        [OptionRange(0, 1), TuneRange(0, 0.7)]
        public float DiagonalRelaxation = 0.35f;

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

        /// <summary>
        /// How many weights to keep for each item: those that are largest in absolute value, and of equal ones those with the lower
        /// index. The model becomes small and fast; training takes as long as before. Null: all.
        /// </summary>
        /// <value>Default null; range [1, 100000].</value>
        [OptionRange(1, 100_000)]
        public int? TopWeightsPerItem;

        /// <summary>Whether the dual form is solved; null: where users are few.</summary>
        internal bool? IsDual;

        /// <inheritdoc/>
        protected internal override Recency Recency => new(RecencyHalfLife, RecencyHalfLifeDays);

        /// <inheritdoc/>
        internal override void CompleteFrom(Interactions train) => Regularization ??= DefaultRegularization(train, 1.5);

        /// <inheritdoc/>
        internal override IEnumerable<KeyValuePair<string, TuneRangeAttribute>> RangesAround(RecommenderTrainerOptions given) =>
            given is Options { Regularization: null } ? [RegularizationRange(Regularization!.Value)] : [];
    }

    /// <summary>λ is searched from an eighth of its rule's value to eight times that.</summary>
    internal static KeyValuePair<string, TuneRangeAttribute> RegularizationRange(double value) =>
        new(nameof(Options.Regularization), TuneRangeAttribute.Around(value, 8, 1e9));

    // Below so many users per item the dual form is solved: it costs users³ instead of items³ operations, and a little more per answer.
    private const double DualShare = 0.8;

    internal EaseTrainer(IHostEnvironment environment, Options options)
        : base(environment, options)
    {
    }

    internal override string? SweptOption => base.SweptOption ?? nameof(Options.DiagonalRelaxation);

    /// <summary>λ from the data: <paramref name="factor"/> · Σ_i |S_i| Σ_u x_ui² / nnz.</summary>
    internal static float DefaultRegularization(Interactions train, double factor) =>
        (float)Math.Clamp(factor * ItemGramian.MeanLength(train), 1e-6, 1e9);

    /// <inheritdoc/>
    protected override string MemoryRemedy => FormattableString.Invariant(
        $"Drop rare items, or users with few: of one of them an array holds at most {MostRows:N0}. Or take ItemKnn or Wals.");

    /// <inheritdoc/>
    protected override long MemoryFor(Interactions trainData, Interactions? validationData)
    {
        Int128 rows = MatrixSize(trainData), items = trainData.Items.Count;
        var kept = 16 * items * Int128.Min(items, TrainerOptions.TopWeightsPerItem ?? 0);
        return long.CreateSaturating(4 * rows * rows + Int128.Max(3300 * rows, kept)
            + (IsDual(trainData) ? 24 : 12) * (Int128)trainData.Count + 48 * items + 16 * rows * TrainerOptions.Threads);
    }

    internal override long SweptMemory(Interactions train) =>
        IsDual(train) || !SweepsRelaxation ? 0 : long.CreateSaturating((Int128)4 * train.Items.Count * train.Items.Count);

    private bool SweepsRelaxation => SweptOption == nameof(Options.DiagonalRelaxation);

    private bool IsDual(Interactions train) => TrainerOptions.IsDual ?? train.Users.Count < DualShare * train.Items.Count;

    private int MatrixSize(Interactions train) => IsDual(train) ? train.Users.Count : train.Items.Count;

    /// <inheritdoc/>
    protected override ItemToItemModel Train(TrainingInput input) => TrainRelaxed(input, [TrainerOptions.DiagonalRelaxation]).Single();

    internal override IEnumerable<ItemToItemModel> TrainSwept(TrainingInput input, IReadOnlyList<float> values) =>
        SweepsRelaxation ? TrainRelaxed(input, values) : base.TrainSwept(input, values);

    private IEnumerable<ItemToItemModel> TrainRelaxed(TrainingInput input, IReadOnlyList<float> values)
    {
        var train = input.Train;
        var regularization = TrainerOptions.Regularization ?? DefaultRegularization(train, 1.5);
        if (TrainerOptions.Regularization is null)
            input.Log(FormattableString.Invariant($"{nameof(Options.Regularization)} from the data: {regularization}"));
        if (!AlignedMatrix.FitsArray(MatrixSize(train), MatrixSize(train)))
            throw new InsufficientMemoryException(FormattableString.Invariant(
                $"{MatrixSize(train):N0} {(IsDual(train) ? "users" : "items")} need a matrix larger than an array, which has room for {MostRows:N0}. ")
                + MemoryRemedy);
        var problem = new EaseProblem(train, TrainerOptions, regularization);
        return IsDual(train) ? TrainByUsers(problem, values) : TrainByItems(problem, values);
    }

    private IEnumerable<ItemToItemModel> TrainByItems(EaseProblem problem, IReadOnlyList<float> relaxations)
    {
        var (train, parallel) = (problem.Train, ParallelOptions);
        var inverse = new AlignedMatrix(train.Items.Count, train.Items.Count);
        var scale = ItemGramian.Fill(problem.ByItem, problem.ByUser, problem.Penalties, inverse, parallel);
        if (!SymmetricInverse.Negated(inverse, parallel))
            throw Singular();
        for (int n = 0; n < relaxations.Count; n++)
        {
            var weights = n + 1 < relaxations.Count ? inverse.Copy() : inverse;
            ScaleColumns(weights, Multipliers(inverse, problem.Penalties, scale, relaxations[n]), parallel);
            yield return TrainerOptions.TopWeightsPerItem is { } count
                ? new SparseItemModel(train.Users, train.Items, train.ByUser, Largest(weights, count, parallel))
                : new EaseModel(train.Users, train.Items, train.ByUser, weights);
        }
    }

    private IEnumerable<ItemToItemModel> TrainByUsers(EaseProblem problem, IReadOnlyList<float> relaxations)
    {
        var (train, parallel) = (problem.Train, ParallelOptions);
        var dual = EaseDual.Solve(problem, parallel) ?? throw Singular();
        foreach (var relaxation in relaxations)
            yield return TrainerOptions.TopWeightsPerItem is { } count
                ? new SparseItemModel(train.Users, train.Items, train.ByUser, dual.ToWeights(count, relaxation, parallel))
                : dual.ToModel(relaxation);
    }

    private InvalidOperationException Singular() => new(
        $"The matrix cannot be inverted in single precision: raise {nameof(Options.Regularization)} or {nameof(Options.Dropout)}, "
        + "or scale labels and weights down.");

    /// <summary>max(Λ_j, (1 − ξ) / C_jj) by item, of −C times a power of two.</summary>
    private static float[] Multipliers(AlignedMatrix inverse, double[] penalties, double scale, float relaxation)
    {
        var multipliers = new float[penalties.Length];
        for (int item = 0; item < multipliers.Length; item++)
            multipliers[item] = Math.Max((float)(scale * penalties[item]), (1 - relaxation) / -inverse[item][item]);
        return multipliers;
    }

    /// <summary>From −C below the diagonal to B: every column multiplied, the diagonal zero.</summary>
    private static void ScaleColumns(AlignedMatrix weights, float[] scales, ParallelOptions parallel)
    {
        const int TileSize = 64;
        Parallel.For(0, (weights.Rows + TileSize - 1) / TileSize, parallel, tile =>
        {
            var end = Math.Min(weights.Rows, (tile + 1) * TileSize);
            for (int first = 0; first < end; first += TileSize)
                ScaleTile(weights, scales, tile * TileSize, end, first, first + TileSize);
        });
    }

    private static void ScaleTile(AlignedMatrix weights, float[] scales, int firstRow, int endRow, int firstColumn, int endColumn)
    {
        for (int i = firstRow; i < endRow; i++)
        {
            for (int j = firstColumn; j < Math.Min(i, endColumn); j++)
            {
                var value = weights[i][j];
                weights[i][j] = value * scales[j];
                weights[j][i] = value * scales[i];
            }
            if (i >= firstColumn && i < endColumn)
                weights[i][i] = 0;
        }
    }

    /// <summary>For each item the largest weights of its column.</summary>
    private static SparseMatrix Largest(AlignedMatrix weights, int count, ParallelOptions parallel)
    {
        var items = weights.Rows;
        var top = new TopWeights(items, count);
        Parallel.For(0, items, parallel, () => new float[items], (item, _, column) =>
        {
            for (int taken = 0; taken < items; taken++)
                column[taken] = weights[taken][item];
            top.Keep(item, column);
            return column;
        }, _ => { });
        return top.ToMatrix();
    }
}
