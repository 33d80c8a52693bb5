using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using MLNetRecExt.Kernels;

namespace MLNetRecExt;

/// <summary>
/// Solves one row's problem, other side fixed: A x = b with
/// A = f·G + Σ_e c_e v_e v_eᵀ + λs·I, b = λs·m + Σ_e g_e v_e, c_e = w_e − w0·f·f_e, g_e = w_e·A_e,
/// where G = w0 Σ f_i v_i v_iᵀ over the whole other side and m is what x is drawn to: its norm term is λs‖x − m‖².
/// Holds the scratch memory of one thread.
/// </summary>
/// <remarks>
/// With biases both sides have two columns more (<see cref="FactorModel"/>), and A_e stands for A_e − μ. A row's bias is a factor like
/// the others, since the other side has ones there; the row's own 1, the factor of the other side's biases, is fixed: its part of every
/// gradient is left out. The value then counts λs for that 1.
/// </remarks>
internal sealed unsafe class WalsRowSolver
{
    /// <summary>Entries whose coefficients are held at once.</summary>
    private const int BlockEntries = 2048;

    /// <summary>Rows per rank update: panel, scaled panel and A then share the first-level cache at rank 64.</summary>
    private const int UpdateRows = 32;

    private readonly WalsSettings _settings;
    private readonly float _mean;
    private readonly AlignedMatrix _coefficients;
    private readonly AlignedMatrix _vectors;
    private readonly AlignedMatrix _lastGroup = new(3, FactorKernels.RowGroup);
    private readonly AlignedMatrix? _panel;
    private readonly AlignedMatrix? _scaled;
    private readonly AlignedMatrix? _normal;

    /// <summary>
    /// <paramref name="other"/> and its factors are the side that is fixed; <paramref name="gramian"/> is G, or null when w0 is 0;
    /// <paramref name="fixedColumn"/> is where a row has its 1, or null without biases; <paramref name="mean"/> is μ.
    /// </summary>
    public WalsRowSolver(
        FactorKernels kernels, WalsSettings settings, WalsSolver solver, WalsSide other, AlignedMatrix otherFactors,
        AlignedMatrix? gramian, int? fixedColumn, float mean)
    {
        Kernels = kernels;
        _settings = settings;
        Other = other;
        OtherFactors = otherFactors;
        Gramian = gramian;
        FixedColumn = fixedColumn;
        _mean = mean;
        var stride = kernels.Stride;
        _coefficients = new AlignedMatrix(2, BlockEntries);
        _vectors = new AlignedMatrix(2, stride);
        if (solver == WalsSolver.Cholesky)
        {
            _panel = new AlignedMatrix(UpdateRows, stride);
            _scaled = new AlignedMatrix(UpdateRows, stride);
            _normal = new AlignedMatrix(stride, stride);
        }
    }

    public FactorKernels Kernels { get; }

    /// <summary>The side that is fixed.</summary>
    public WalsSide Other { get; }

    public AlignedMatrix OtherFactors { get; }

    /// <summary>A copy of these in 16 bits, from which near rows are read; null: there is none.</summary>
    public BFloat16Matrix? OtherCopy { get; init; }

    /// <summary>Whether these are in no cache, so that what a row takes of them is worth a place in the third-level one.</summary>
    public bool IsOtherLarge { get; init; }

    /// <summary>G, or null when w0 is 0.</summary>
    public AlignedMatrix? Gramian { get; }

    /// <summary>Solves for rows of few entries while the other side stays as it is; null: there is none.</summary>
    public ShortRowSolver? ShortRows { get; set; }

    /// <summary>Where a row has its 1, or null without biases.</summary>
    public int? FixedColumn { get; }

    /// <summary>
    /// Sets <paramref name="x"/> to the solution, by Cholesky. Returns xᵀAx − 2xᵀb: the row's part of the objective but for the constants
    /// Σ w A² and λs‖m‖².
    /// </summary>
    public double Solve(WalsRow row, float* x)
    {
        var value = Factor(row, x);
        var b = _vectors.Pointer;
        Span(x).CopyTo(Span(b));
        Backsolve(x);
        value -= Kernels.Dot(x, b);
        if (FixedColumn is { } column)
            x[column] = 1;
        // Pointers do not keep the matrices alive, and nobody else may hold this solver's model any more.
        GC.KeepAlive(this);
        return value;
    }

    /// <summary>
    /// Factors A for <see cref="Backsolve"/> and sets <paramref name="b"/>. Returns the value where all that is not fixed is zero.
    /// </summary>
    public double Factor(WalsRow row, float* b)
    {
        var stride = Kernels.Stride;
        float* a = _normal!.Pointer, c = _coefficients.Pointer, g = _coefficients.Pointer + _coefficients.Stride;
        if (Gramian is null || row.UnobservedScale == 0)
            _normal.Padded.Clear();
        else
            TensorPrimitives.Multiply(Gramian.Padded, row.UnobservedScale, _normal.Padded);
        for (int k = 0; k < stride; k++)
            a[k * stride + k] += row.Regularization;
        if (row.Prior.IsEmpty)
            Span(b).Clear();
        else
            TensorPrimitives.Multiply(row.Prior, row.Regularization, Span(b));
        for (int start = 0; start < row.Indices.Length; start += UpdateRows)
        {
            var count = Math.Min(UpdateRows, row.Indices.Length - start);
            var rows = Prepare(row, start, count);
            GatherOther(row.Indices.Slice(start, count), _panel!.Pointer);
            Kernels.Scale(_panel.Pointer, count, c, -1, _scaled!.Pointer);
            Kernels.SubtractProducts(_scaled.Pointer, _panel.Pointer, count, a);
            Kernels.AddWeighted(_panel.Pointer, rows, g, b);
        }
        var value = FixedColumn is { } column ? MoveFixed(a, b, column) : 0;
        Kernels.Factor(a, Inverses);
        return value;
    }

    /// <summary>panel[e] = the other side's factors at indices[e], from the copy where there is one.</summary>
    public void GatherOther(ReadOnlySpan<int> indices, float* panel)
    {
        if (OtherCopy is null)
            Kernels.Gather(OtherFactors.Pointer, indices, panel);
        else
            OtherCopy.Gather(indices, panel);
    }

    /// <summary>Asks the memory for the first rows that <see cref="GatherOther"/> reads.</summary>
    public void PrefetchOther(ReadOnlySpan<int> indices)
    {
        if (OtherCopy is null)
            Kernels.Prefetch(OtherFactors.Pointer, indices);
        else
            OtherCopy.Prefetch(indices);
    }

    /// <summary>With x_f = 1, b gives up column f of A, which becomes the identity's. Returns A_ff − 2b_f.</summary>
    private double MoveFixed(float* a, float* b, int f)
    {
        var stride = Kernels.Stride;
        var value = a[f * stride + f] - 2.0 * b[f];
        for (int k = 0; k < stride; k++)
        {
            // Only the upper triangle holds anything.
            var element = a + Math.Min(k, f) * stride + Math.Max(k, f);
            b[k] -= *element;
            *element = 0;
        }
        a[f * stride + f] = 1;
        b[f] = 0;
        return value;
    }

    /// <summary>x ← A⁻¹ x for the A of the last <see cref="Factor"/>.</summary>
    public void Backsolve(float* x)
    {
        Kernels.Solve(_normal!.Pointer, Inverses, x);
        GC.KeepAlive(this);
    }

    /// <summary>Σ w A² over the entries of a row, one at least: what the objective is at x = 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double Energy(WalsRow row)
    {
        var g = _coefficients.Pointer + _coefficients.Stride;
        var isOne = _settings.Target == WalsTarget.One || row.Labels.IsEmpty;
        if (isOne && IsUniform(row))
        {
            Prepare(row, 0, 1);
            return row.Indices.Length * ((1.0 - _mean) * g[0]);
        }
        double energy = 0;
        for (int start = 0; start < row.Indices.Length; start += BlockEntries)
        {
            var count = Math.Min(BlockEntries, row.Indices.Length - start);
            var rows = Prepare(row, start, count);
            energy += isOne ? (1.0 - _mean) * Sum(g, rows) : SumOfProducts(new(g, count), row.Labels.Slice(start, count));
        }
        GC.KeepAlive(this);
        return energy;
    }

    private static float Sum(float* values, int count)
    {
        var sum = Vector256<float>.Zero;
        for (int e = 0; e < count; e += Vector256<float>.Count)
            sum += Vector256.Load(values + e);
        return Vector256.Sum(sum);
    }

    /// <summary>Whether all entries of a row weigh the same.</summary>
    private bool IsUniform(WalsRow row) =>
        row.Weights.IsEmpty && Other.Weight is null && (row.Labels.IsEmpty || _settings.ConfidenceScale == 0);

    /// <summary>Σ g (A − μ).</summary>
    private double SumOfProducts(ReadOnlySpan<float> g, ReadOnlySpan<float> labels)
    {
        double sum = 0;
        for (int e = 0; e < g.Length; e++)
            sum += g[e] * ((double)labels[e] - _mean);
        return sum;
    }

    /// <summary>g of each entry of a row, for A_e without the other side's bias.</summary>
    public float[] WeightedTargets(WalsRow row)
    {
        var targets = new float[row.Indices.Length];
        for (int start = 0; start < targets.Length; start += BlockEntries)
        {
            var count = Math.Min(BlockEntries, targets.Length - start);
            Prepare(row, start, count);
            float* c = _coefficients.Pointer, g = c + _coefficients.Stride;
            for (int e = 0; e < count; e++)
                targets[start + e] = g[e] - (FixedColumn is { } column ? c[e] * OtherFactors[row.Indices[start + e]][column] : 0);
        }
        return targets;
    }

    private float* Inverses => _vectors.Pointer + Kernels.Stride;

    private int Prepare(WalsRow row, int start, int count) =>
        Prepare(row, start, count, _coefficients.Pointer, _coefficients.Pointer + _coefficients.Stride);

    /// <summary>c and g of the entries start…start+count−1, filled up with zeros to a full group. Returns the number with these.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Prepare(WalsRow row, int start, int count, float* coefficients, float* weightedTargets)
    {
        var rows = FactorKernels.RoundUp(count);
        Vector256<float> one = Vector256.Create(1f), weight = Vector256.Create(row.Weight), confidence = Vector256.Create(_settings.ConfidenceScale),
            mean = Vector256.Create(-_mean), target = Vector256.Create(1 - _mean),
            unobserved = Vector256.Create(_settings.UnobservedWeight * row.UnobservedScale);
        bool hasConfidence = _settings.ConfidenceScale != 0, isLabel = _settings.Target == WalsTarget.Label && !row.Labels.IsEmpty;
        float[]? otherWeight = Other.Weight, otherScale = Other.UnobservedScale;
        fixed (int* allIndices = row.Indices)
        fixed (float* allLabels = row.Labels, allWeights = row.Weights)
        {
            for (int e = 0; e < rows; e += FactorKernels.RowGroup)
            {
                var left = count - e;
                var indices = (int*)GroupAt((float*)allIndices, start + e, left, part: 0);
                float* labels = GroupAt(allLabels, start + e, left, part: 1), weights = GroupAt(allWeights, start + e, left, part: 2);
                var c = weights == null ? weight : Vector256.Load(weights) * weight;
                if (hasConfidence)
                    c *= labels == null ? confidence + one : Vector256.Load(labels) * confidence + one;
                if (otherWeight is not null)
                    c *= Elements(otherWeight, indices);
                var g = c * (isLabel ? Vector256.Load(labels) + mean : target);
                c -= otherScale is null ? unobserved : unobserved * Elements(otherScale, indices);
                if (left < FactorKernels.RowGroup)
                {
                    var isEntry = Vector256.LessThan(Vector256<int>.Indices, Vector256.Create(left)).AsSingle();
                    (c, g) = (c & isEntry, g & isEntry);
                }
                c.Store(coefficients + e);
                g.Store(weightedTargets + e);
            }
        }
        return rows;
    }

    /// <summary>A full group of values: where it stands or, if the last one is not full, a copy that is filled up with the first
    /// value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private float* GroupAt(float* values, int start, int left, int part)
    {
        if (values == null || left >= FactorKernels.RowGroup)
            return values == null ? null : values + start;
        var group = _lastGroup.Pointer + part * _lastGroup.Stride;
        for (int e = 0; e < FactorKernels.RowGroup; e++)
            group[e] = values[start + (e < left ? e : 0)];
        return group;
    }

    private static Vector256<float> Elements(float[] values, int* indices) => Vector256.Create(
        values[indices[0]], values[indices[1]], values[indices[2]], values[indices[3]],
        values[indices[4]], values[indices[5]], values[indices[6]], values[indices[7]]);

    private Span<float> Span(float* vector) => new(vector, Kernels.Stride);
}
