using System.Buffers;
using Microsoft.ML.Runtime;
using MLNetRecExt.Kernels;

namespace MLNetRecExt;

/// <summary>
/// EASE^R, embarrassingly shallow autoencoders: a weight for each pair of items, in closed form. Often the best lists of a catalogue that
/// fits.
/// </summary>
/// <remarks>
/// <para>Minimises ‖X − X B‖² + λ ‖B‖² with B_ii = 0, by
/// <code>
/// P = (XᵀX + λI)⁻¹,  B_ij = −P_ij / P_jj
/// score_ui = Σ_j X_uj B_ji
/// </code></para>
/// <list type="bullet">
/// <item>X_uj: label times weight of what a user took, 1 without these columns, 0 where nothing was taken.</item>
/// <item>λ: <see cref="Options.Regularization"/>.</item>
/// </list>
/// <para>Memory: 4·items² + 3,300·items + 12·interactions + 16·items·threads bytes; with <see cref="Options.TopWeightsPerItem"/>
/// 12·items·weights more where that is more than 3,300·items. 20,000 items take 1.7 GB, 40,000 items 6.5 GB, and more than 46,000 do not
/// fit an array. Time: items³ operations.</para>
/// <para>| | |
/// |-|-|
/// | Columns in | users and items: key or raw ids; label and weight: Single, optional |
/// | Column out | <c>Score</c>: Single |
/// | Normalisation or caching of the input | not needed: the data is read once |
/// | Same result for any number of threads | yes |</para>
/// <para>Steck: Embarrassingly Shallow Autoencoders for Sparse Data, WWW 2019.</para>
/// </remarks>
public sealed class EaseTrainer : RecommenderTrainer<ItemToItemModel, EaseTrainer.Options>
{
    // Of which an array holds a square matrix.
    private const int MostItems = 46_000;

    /// <summary>Options of <see cref="EaseTrainer"/>.</summary>
    public sealed class Options : RecommenderTrainerOptions
    {
        /// <summary>λ, the weight of the squared weights.</summary>
        /// <value>Default 300; range (0, 1e9].</value>
        [OptionRange(0, 1e9, MinExclusive = true), TuneRange(10, 5000, Logarithmic = true)]
        public float Regularization = 300;

        /// <summary>
        /// How many weights to keep for each item: those that are largest in absolute value, and of equal ones those with the lower
        /// index. The model becomes small and fast; training takes as long as before. Null: all.
        /// </summary>
        /// <value>Default null; range [1, 100000].</value>
        [OptionRange(1, 100_000)]
        public int? TopWeightsPerItem;
    }

    internal EaseTrainer(IHostEnvironment environment, Options options)
        : base(environment, options)
    {
    }

    /// <inheritdoc/>
    protected override string MemoryRemedy =>
        FormattableString.Invariant($"Drop rare items, of which an array holds at most {MostItems:N0}, or take ItemKnn or Wals.");

    /// <inheritdoc/>
    protected override long MemoryFor(Interactions trainData, Interactions? validationData)
    {
        Int128 items = trainData.Items.Count;
        var inverse = 3300 * items;
        var kept = 12 * items * Int128.Min(items, TrainerOptions.TopWeightsPerItem ?? 0);
        return long.CreateSaturating(
            4 * items * items + Int128.Max(inverse, kept) + 12L * trainData.Count + 16 * items * TrainerOptions.Threads);
    }

    /// <inheritdoc/>
    protected override ItemToItemModel Train(TrainingInput input)
    {
        var train = input.Train;
        var items = train.Items.Count;
        if (!AlignedMatrix.Fits(items, items))
            throw new InsufficientMemoryException(FormattableString.Invariant(
                $"{items:N0} items need a matrix larger than an array, which has room for {MostItems:N0}. ")
                + "Drop rare items, or take ItemKnn or Wals.");
        var weights = new AlignedMatrix(items, items);
        var parallel = ParallelOptions;
        var byUser = Values(train.ByUser, items);
        FillGramian(byUser.Transpose(), byUser, weights, parallel);
        if (!SymmetricInverse.Negated(weights, parallel))
            throw new InvalidOperationException(
                $"The matrix of items cannot be inverted in single precision: raise {nameof(Options.Regularization)} (now {TrainerOptions.Regularization}), or scale labels and weights down.");
        ScaleColumns(weights, parallel);
        return TrainerOptions.TopWeightsPerItem is { } count
            ? new SparseItemModel(train.Users, train.Items, train.ByUser, Largest(weights, count, parallel))
            : new EaseModel(train.Users, train.Items, train.ByUser, weights);
    }

    /// <summary>X: label times weight. Users × items.</summary>
    private static SparseMatrix Values(InteractionRows rows, int items)
    {
        var values = new float[rows.EntryCount + InteractionRows.Padding];
        for (int e = 0; e < rows.EntryCount; e++)
        {
            values[e] = (rows.LabelArray?[e] ?? 1) * (rows.WeightArray?[e] ?? 1);
            if (!float.IsFinite(values[e]))
                throw new ArgumentException($"Label {rows.LabelArray?[e]} with weight {rows.WeightArray?[e]} is too large for single precision: scale labels or weights down.");
        }
        return new(rows.OffsetArray, rows.IndexArray, values, items);
    }

    /// <summary>XᵀX + λI, times a power of two that brings its largest number near 1. B is the same for any, and squares of large or
    /// small values stay within single precision.</summary>
    private void FillGramian(SparseMatrix byItem, SparseMatrix byUser, AlignedMatrix gramian, ParallelOptions parallel)
    {
        double largest = 0;
        for (int item = 0; item < gramian.Rows; item++)
            largest = Math.Max(largest, SumOfSquares(byItem.Values(item)));
        var scale = Math.ScaleB(1, -Math.ILogB(largest + TrainerOptions.Regularization));
        Parallel.For(0, gramian.Rows, parallel, item =>
        {
            var rented = ArrayPool<double>.Shared.Rent(gramian.Rows);
            var sums = rented.AsSpan(0, gramian.Rows);
            SumProducts(byItem, byUser, item, sums);
            var row = gramian[item];
            for (int other = 0; other < row.Length; other++)
                row[other] = (float)(scale * sums[other]);
            row[item] += (float)(scale * TrainerOptions.Regularization);
            ArrayPool<double>.Shared.Return(rented);
        });
    }

    private static double SumOfSquares(ReadOnlySpan<float> values)
    {
        double sum = 0;
        foreach (var value in values)
            sum += (double)value * value;
        return sum;
    }

    /// <summary>A row of XᵀX.</summary>
    private static unsafe void SumProducts(SparseMatrix byItem, SparseMatrix byUser, int item, Span<double> sums)
    {
        sums.Clear();
        fixed (double* sum = sums)
        fixed (int* indices = byUser.IndexArray)
        fixed (float* values = byUser.ValueArray)
        {
            var users = byItem.Indices(item);
            for (int e = 0; e < users.Length; e++)
            {
                var start = byUser.OffsetArray[users[e]];
                SparseKernels.Add(byItem.Values(item)[e], indices + start, values + start, byUser.Length(users[e]), sum);
            }
        }
    }

    /// <summary>From −P below the diagonal to B: every column j divided by P_jj, the diagonal zero.</summary>
    private static void ScaleColumns(AlignedMatrix weights, ParallelOptions parallel)
    {
        const int TileSize = 64;
        var scales = new float[weights.Rows];
        for (int item = 0; item < scales.Length; item++)
            scales[item] = -1 / weights[item][item];
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
        var kept = Math.Min(count, items);
        var (indices, lengths) = (new int[items][], new int[items]);
        Parallel.For(0, items, parallel, item =>
        {
            var (rows, scores) = (new int[kept], new float[kept]);
            var top = new TopList(null, default, rows, scores);
            for (int taken = 0; taken < items; taken++)
                if (weights[taken][item] != 0)
                    top.Offer(taken, Math.Abs(weights[taken][item]));
            Array.Sort(rows, 0, top.Count);
            (indices[item], lengths[item]) = (rows, top.Count);
        });
        var offsets = new int[items + 1];
        for (int item = 0; item < items; item++)
            offsets[item + 1] = checked(offsets[item] + lengths[item]);
        var (all, values) = (new int[offsets[^1] + InteractionRows.Padding], new float[offsets[^1] + InteractionRows.Padding]);
        for (int item = 0; item < items; item++)
        {
            for (int n = 0; n < lengths[item]; n++)
            {
                all[offsets[item] + n] = indices[item][n];
                values[offsets[item] + n] = weights[indices[item][n]][item];
            }
        }
        return new SparseMatrix(offsets, all, values, items);
    }
}
