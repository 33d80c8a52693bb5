using System.Numerics.Tensors;
using MLNetRecExt.Kernels;

namespace MLNetRecExt;

/// <summary>
/// The linear map W from features to item embeddings that <see cref="WalsTrainer"/> draws these to, which minimises
/// Σ_i d_i ‖V_i − Wᵀ F_i‖² + ρ‖W‖², d_i = λ s_i for an item with entries and 0 for others, ρ = γ · mean d over the items with entries.
/// </summary>
/// <remarks>
/// At most ten steps of conjugate gradients on (Fᵀ D F + ρ I) W = Fᵀ D V, in double, from the last W on, for each column of W, a block of
/// columns side by side.
/// Blocks are fixed, so that threads do not show in the bits.
/// </remarks>
internal sealed class FeatureRegression
{
    private const int BlockColumns = 16;
    private const int MaxSteps = 10;

    /// <summary>A column is solved where its residual is below this part of Fᵀ D V.</summary>
    private const double Tolerance = 1e-6;

    private readonly SparseMatrix _features;
    private readonly double[] _weights;
    private readonly double _regularization;
    private readonly int? _fixedColumn;
    private readonly double[][] _map;
    private readonly ParallelOptions _parallel;

    /// <param name="features">F: for each item its features.</param>
    /// <param name="featureCount">Rows of W.</param>
    /// <param name="weights">d.</param>
    /// <param name="regularization">ρ.</param>
    /// <param name="columns">Columns of V and W.</param>
    /// <param name="fixedColumn">Where every item has a 1 that no feature has to do with; null: nowhere.</param>
    /// <param name="parallel">Threads.</param>
    public FeatureRegression(SparseMatrix features, int featureCount, double[] weights, double regularization, int columns, int? fixedColumn, ParallelOptions parallel)
    {
        _features = features;
        _weights = weights;
        _regularization = regularization;
        _fixedColumn = fixedColumn;
        _parallel = parallel;
        _map = new double[(columns + BlockColumns - 1) / BlockColumns][];
        for (int block = 0; block < _map.Length; block++)
            _map[block] = new double[featureCount * BlockColumns];
        Predictions = new AlignedMatrix(features.RowCount, columns);
    }

    /// <summary>Wᵀ F_i of each item, also of those without an entry.</summary>
    public AlignedMatrix Predictions { get; }

    /// <summary>A copy of W, a row per feature.</summary>
    public AlignedMatrix CopyMap()
    {
        var copy = new AlignedMatrix(_map[0].Length / BlockColumns, Predictions.Columns);
        for (int row = 0; row < copy.Rows; row++)
            for (int block = 0; block < _map.Length; block++)
            {
                var values = Part(copy[row], block);
                for (int k = 0; k < values.Length; k++)
                    values[k] = (float)_map[block][row * BlockColumns + k];
            }
        return copy;
    }

    /// <summary>W in blocks of columns, a row per feature: what the next <see cref="Fit"/> goes on from.</summary>
    public IReadOnlyList<double[]> Blocks => _map;

    /// <summary>Sets what follows from W, once <see cref="Blocks"/> are filled.</summary>
    public void Restore() => Parallel.For(0, _map.Length, _parallel, Predict);

    /// <summary>ρ‖W‖².</summary>
    public double Penalty { get; private set; }

    /// <summary>The bytes that a regression takes, with the vectors that it is of.</summary>
    public static long MemoryFor(SideFeatures? features, long items, int columns, int threads)
    {
        if (features is null)
            return 0;
        var blocks = (columns + BlockColumns - 1) / BlockColumns;
        // Of W's blocks each thread solves one, with three vectors of its size.
        return sizeof(double) * BlockColumns * features.PlaceCount * (blocks + 3 * Math.Min(threads, blocks))
            + AlignedMatrix.BytesOf(items, columns) + 8 * features.EntryCount + 68 * features.PlaceCount + 20 * items;
    }

    /// <summary>Sets W, and what follows from it, by V.</summary>
    public void Fit(AlignedMatrix factors)
    {
        var norms = new double[_map.Length];
        Parallel.For(0, _map.Length, _parallel, block =>
        {
            Solve(factors, block);
            Predict(block);
            norms[block] = TensorPrimitives.SumOfSquares<double>(_map[block]);
        });
        Penalty = _regularization * norms.Sum();
    }

    private void Solve(AlignedMatrix factors, int block)
    {
        var w = _map[block];
        double[] r = new double[w.Length], q = new double[w.Length], p = new double[w.Length];
        double[] rr = new double[BlockColumns], alpha = new double[BlockColumns], negated = new double[BlockColumns], limit = new double[BlockColumns];
        AddProducts(factors, block, r);
        AddSquares(r, r, limit);
        for (int k = 0; k < BlockColumns; k++)
            limit[k] *= Tolerance * Tolerance;

        // r = Fᵀ D V − (Fᵀ D F + ρ I) W
        Multiply(w, q);
        TensorPrimitives.Subtract<double>(r, q, r);
        r.CopyTo(p, 0);
        AddSquares(r, r, rr);
        for (int step = 0; step < MaxSteps && Enumerable.Range(0, BlockColumns).Any(k => rr[k] > limit[k]); step++)
        {
            _parallel.CancellationToken.ThrowIfCancellationRequested();
            Multiply(p, q);
            Array.Clear(alpha);
            AddSquares(p, q, alpha);
            for (int k = 0; k < BlockColumns; k++)
                negated[k] = -(alpha[k] = rr[k] > limit[k] ? rr[k] / alpha[k] : 0);
            var before = (double[])rr.Clone();
            for (int f = 0; f < w.Length; f += BlockColumns)
            {
                TensorPrimitives.MultiplyAdd(alpha, Row(p, f), Row(w, f), Row(w, f));
                TensorPrimitives.MultiplyAdd(negated, Row(q, f), Row(r, f), Row(r, f));
            }
            Array.Clear(rr);
            AddSquares(r, r, rr);
            for (int k = 0; k < BlockColumns; k++)
                alpha[k] = before[k] > 0 ? rr[k] / before[k] : 0;
            for (int f = 0; f < w.Length; f += BlockColumns)
                TensorPrimitives.MultiplyAdd(Row(p, f), alpha, Row(r, f), Row(p, f));
        }
    }

    /// <summary>sums += the products of two P × columns matrices, summed down the columns.</summary>
    private static void AddSquares(double[] a, double[] b, double[] sums)
    {
        for (int f = 0; f < a.Length; f += BlockColumns)
            TensorPrimitives.MultiplyAdd(Row(a, f), Row(b, f), sums, sums);
    }

    /// <summary>result += Fᵀ D V.</summary>
    private void AddProducts(AlignedMatrix factors, int block, double[] result)
    {
        var row = new double[BlockColumns];
        for (int item = 0; item < _weights.Length; item++)
        {
            if (_weights[item] == 0)
                continue;
            var values = Part(factors[item], block);
            for (int k = 0; k < values.Length; k++)
                row[k] = _weights[item] * values[k];
            if (_fixedColumn - block * BlockColumns is { } column and >= 0 and < BlockColumns)
                row[column] = 0;
            Scatter(item, row, result);
        }
    }

    /// <summary>result = (Fᵀ D F + ρ I) x.</summary>
    private void Multiply(double[] x, double[] result)
    {
        TensorPrimitives.Multiply(x, _regularization, result);
        var row = new double[BlockColumns];
        for (int item = 0; item < _weights.Length; item++)
        {
            if (_weights[item] == 0)
                continue;
            Gather(item, x, row);
            TensorPrimitives.Multiply(row, _weights[item], row);
            Scatter(item, row, result);
        }
    }

    private void Predict(int block)
    {
        var row = new double[BlockColumns];
        for (int item = 0; item < Predictions.Rows; item++)
        {
            Gather(item, _map[block], row);
            var values = Part(Predictions[item], block);
            for (int k = 0; k < values.Length; k++)
                values[k] = (float)row[k];
        }
    }

    private void Gather(int item, double[] x, double[] row)
    {
        Array.Clear(row);
        var indices = _features.Indices(item);
        var values = _features.Values(item);
        for (int e = 0; e < indices.Length; e++)
            TensorPrimitives.MultiplyAdd(Row(x, indices[e] * BlockColumns), values[e], row, row);
    }

    private void Scatter(int item, double[] row, double[] result)
    {
        var indices = _features.Indices(item);
        var values = _features.Values(item);
        for (int e = 0; e < indices.Length; e++)
        {
            var target = Row(result, indices[e] * BlockColumns);
            TensorPrimitives.MultiplyAdd(row, values[e], target, target);
        }
    }

    private static Span<float> Part(Span<float> row, int block) => row[(block * BlockColumns)..Math.Min(row.Length, (block + 1) * BlockColumns)];

    private static Span<double> Row(double[] matrix, int start) => matrix.AsSpan(start, BlockColumns);
}
