using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using MLNetRecExt.Kernels;

namespace MLNetRecExt;

/// <summary>
/// Improves a group of rows in lockstep by conjugate gradients: each step is one product of all its directions with the Gramian,
/// and one pass over its entries, of which the last has only half the arithmetic. Holds the scratch memory of one thread.
/// </summary>
/// <remarks>
/// The factors of a near group's entries stay in a cache from pass to pass. A far group goes over the other side in blocks
/// that stay there, or where its rows have few entries in the third-level cache, until each of its rows has used them: row by row, most of
/// the other side would come from memory again for each row and pass.
/// </remarks>
internal sealed unsafe class WalsGroupSolver
{
    private const int Steps = 3;

    private readonly WalsHalf _half;
    private readonly WalsRowSolver _rowSolver;
    private readonly FactorKernels _kernels;
    private readonly AlignedMatrix _p;
    private readonly AlignedMatrix _r;
    private readonly AlignedMatrix _q;
    private readonly AlignedMatrix _scales;
    private readonly AlignedMatrix _c;
    private readonly AlignedMatrix _g;
    private readonly float[] _rr;
    private readonly float[] _steepest;
    private readonly double[] _curvature;
    private readonly int[] _starts;
    private readonly int[] _done;

    // What a near group takes of the other side, where that is not read in place.
    private readonly AlignedMatrix? _panel;
    private readonly int[] _inOrder;

    public WalsGroupSolver(WalsHalf half, WalsRowSolver rowSolver)
    {
        _half = half;
        _rowSolver = rowSolver;
        _kernels = rowSolver.Kernels;
        var rows = FactorKernels.RoundUp(half.LongestGroup);
        _p = new AlignedMatrix(rows, _kernels.Stride);
        _r = new AlignedMatrix(rows, _kernels.Stride);
        _q = new AlignedMatrix(rows, _kernels.Stride);
        _scales = new AlignedMatrix(3, rows);
        _c = new AlignedMatrix(1, half.MostGroupEntries);
        _g = new AlignedMatrix(2, half.MostEntriesAtOnce);
        _rr = new float[rows];
        _steepest = new float[rows];
        _curvature = new double[rows];
        _starts = new int[rows];
        _done = new int[rows];
        _panel = half.HasPanels ? new AlignedMatrix(half.MostNearEntries, _kernels.Stride) : null;
        _inOrder = [.. Enumerable.Range(0, _panel?.Rows ?? 0)];
    }

    /// <summary>
    /// Improves the group from position <paramref name="first"/> on, one row for each of <paramref name="values"/>, by three steps. With
    /// biases, rows have their 1 already.
    /// Sets each value to xᵀAx − 2xᵀb after them: the row's part of the objective but for the constants Σ w A² and λs‖m‖².
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Improve(int first, Span<double> values)
    {
        var stride = _kernels.Stride;
        var start = 0;
        for (int i = 0; i < values.Length; i++)
        {
            _half.Prefetch(first + i);
            Span(_half.FactorsOf(first + i)).CopyTo(_p.PaddedRow(i));
            var row = _half.Row(first + i);
            (UnobservedScales[i], Regularizations[i], _starts[i]) = (row.UnobservedScale, row.Regularization, start);
            start += FactorKernels.RoundUp(row.Indices.Length);
        }

        // r = b − A x, and x·b, which give the value at the start.
        values.Clear();
        SetProducts(first, values, _p, _r, Pass.Residual);
        for (int i = 0; i < values.Length; i++)
        {
            float* x = _half.FactorsOf(first + i), r = _r.Pointer + i * stride;
            values[i] -= _kernels.Dot(x, r);
            // A converged row starts with nothing but rounding in r: x itself shows how steep the problem is.
            var xx = _kernels.Dot(x, x);
            _steepest[i] = xx == 0 ? 0 : Math.Max(0, (float)(-values[i] - 2 * _kernels.Dot(x, r)) / xx);
            LeaveOutFixed(r);
            _rr[i] = _kernels.Dot(r, r);
            Span(r).CopyTo(_p.PaddedRow(i));
        }

        for (int step = 1; step < Steps; step++)
        {
            // q = −A p. Along p the value is least at x + (rr / pᵀAp) p, and rr² / pᵀAp lower.
            SetProducts(first, values, _p, _q, Pass.Product);
            for (int i = 0; i < values.Length; i++)
            {
                if (_rr[i] == 0)
                    continue;
                float* p = _p.Pointer + i * stride, r = _r.Pointer + i * stride, q = _q.Pointer + i * stride;
                LeaveOutFixed(q);
                var next = _kernels.Advance(_half.FactorsOf(first + i), r, p, q, _rr[i], ref _steepest[i], out var curvature);
                if (curvature != 0)
                    values[i] -= (double)_rr[i] * _rr[i] / curvature;
                _rr[i] = next;
            }
        }

        // Nothing follows the last step, so that its q is not needed, but for pᵀAp = Σ c⟨v, p⟩² − p·q without the entries.
        Array.Clear(_curvature);
        SetProducts(first, values, _p, _q, Pass.Curvature);
        for (int i = 0; i < values.Length; i++)
        {
            if (_rr[i] == 0)
                continue;
            float* p = _p.Pointer + i * stride, q = _q.Pointer + i * stride;
            var curvature = (float)(_curvature[i] - _kernels.Dot(p, q));
            if (_kernels.Finish(_half.FactorsOf(first + i), p, _rr[i], curvature, _steepest[i]))
                values[i] -= (double)_rr[i] * _rr[i] / curvature;
        }
    }

    private float* UnobservedScales => _scales.Pointer;

    private float* Regularizations => _scales.Pointer + _scales.Stride;

    /// <summary>What a pass over the entries of a group is for.</summary>
    private enum Pass
    {
        /// <summary>results = b − A v; takes vᵀb off each value, and keeps every c for the passes that follow.</summary>
        Residual,

        /// <summary>results = −A v.</summary>
        Product,

        /// <summary>The curvatures: Σ c⟨v, p⟩² over the entries; results = −A v without these.</summary>
        Curvature,
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void SetProducts(int first, Span<double> values, AlignedMatrix vectors, AlignedMatrix results, Pass pass)
    {
        MultiplyByGramian(values.Length, vectors, results);
        if (pass == Pass.Residual)
            AddPriors(first, values, vectors, results);
        if (_panel is not null && !_half.IsFar(first))
        {
            AddPanel(_panel, first, values, vectors, results, pass);
            return;
        }

        float* matrix = _half.OtherFactors.Pointer, g = _g.Pointer, zeros = g + _g.Stride, scratch = _scales.Pointer + 2 * _scales.Stride;
        var isFar = _half.IsFar(first);
        var blockRows = _half.BlockRows(first);
        Array.Clear(_done);
        for (int block = 0; block < _half.OtherFactors.Rows; block += blockRows)
        {
            for (int i = 0; i < values.Length; i++)
            {
                var indices = _half.Indices(first + i);
                var start = _done[i];
                var end = isFar ? EndOfBlock(indices, start, block + blockRows) : indices.Length;
                if (start == end)
                    continue;
                _done[i] = end;
                float* c = _c.Pointer + _starts[i] + start, v = vectors.Pointer + i * vectors.Stride;
                if (pass == Pass.Residual)
                    _rowSolver.Prepare(_half.Row(first + i), start, end - start, c, g);
                if (pass == Pass.Residual && !isFar && i + 1 < values.Length)
                    _kernels.Prefetch(matrix, _half.Indices(first + i + 1));
                var rows = FactorKernels.RoundUp(end - start);
                fixed (int* entries = indices)
                {
                    if (pass == Pass.Curvature)
                        _curvature[i] += _kernels.SumSquares(matrix, entries + start, rows, v, c, prefetch: isFar);
                    else
                        values[i] -= _kernels.AddResidual(
                            matrix, entries + start, rows, v, c, pass == Pass.Residual ? g : zeros,
                            results.Pointer + i * results.Stride, scratch, prefetch: isFar || pass == Pass.Residual);
                }
            }
        }
    }

    /// <summary>The pass over a near group whose rows the first one gathers: all read them in order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddPanel(AlignedMatrix panel, int first, Span<double> values, AlignedMatrix vectors, AlignedMatrix results, Pass pass)
    {
        float* g = _g.Pointer, zeros = g + _g.Stride, scratch = _scales.Pointer + 2 * _scales.Stride;
        fixed (int* inOrder = _inOrder)
        {
            for (int i = 0; i < values.Length; i++)
            {
                var indices = _half.Indices(first + i);
                float* c = _c.Pointer + _starts[i], v = vectors.Pointer + i * vectors.Stride;
                if (pass == Pass.Residual)
                {
                    if (i + 1 < values.Length)
                        _rowSolver.PrefetchOther(_half.Indices(first + i + 1));
                    _rowSolver.Prepare(_half.Row(first + i), 0, indices.Length, c, g);
                    _rowSolver.GatherOther(indices, panel.Pointer + (long)_starts[i] * panel.Stride);
                }
                var rows = FactorKernels.RoundUp(indices.Length);
                if (pass == Pass.Curvature)
                    _curvature[i] = _kernels.SumSquares(panel.Pointer, inOrder + _starts[i], rows, v, c, prefetch: false);
                else
                    values[i] -= _kernels.AddResidual(
                        panel.Pointer, inOrder + _starts[i], rows, v, c, pass == Pass.Residual ? g : zeros,
                        results.Pointer + i * results.Stride, scratch, prefetch: false);
            }
        }
    }

    /// <summary>results = −(f·G + λs·I) v for the first so many rows v of <paramref name="vectors"/>.</summary>
    private void MultiplyByGramian(int rows, AlignedMatrix vectors, AlignedMatrix results)
    {
        if (_rowSolver.Gramian is { } gramian)
            _kernels.MultiplySymmetric(gramian.Pointer, vectors.Pointer, FactorKernels.RoundUp(rows), UnobservedScales,
                Regularizations, results.Pointer);
        else
            for (int i = 0; i < rows; i++)
                _kernels.Scale(vectors.Pointer + i * _kernels.Stride, 1, null, -Regularizations[i], results.Pointer + i * _kernels.Stride);
    }

    /// <summary>results += λs·m, the prior's part of b, for each row; takes vᵀ(λs·m) off each value.</summary>
    private void AddPriors(int first, Span<double> values, AlignedMatrix vectors, AlignedMatrix results)
    {
        for (int i = 0; i < values.Length; i++)
        {
            var row = _half.Row(first + i);
            if (row.Prior.IsEmpty)
                continue;
            TensorPrimitives.MultiplyAdd(row.Prior, row.Regularization, results.PaddedRow(i), results.PaddedRow(i));
            values[i] -= row.Regularization * (double)TensorPrimitives.Dot(row.Prior, vectors.PaddedRow(i));
        }
    }

    /// <summary>
    /// Where a row's entries reach index <paramref name="end"/>, rounded up to a full group: which entries are added up together must not
    /// depend on blocks.
    /// </summary>
    private static int EndOfBlock(ReadOnlySpan<int> indices, int start, int end)
    {
        while (start < indices.Length && indices[start] < end)
            start += FactorKernels.RowGroup;
        return Math.Min(start, indices.Length);
    }

    private void LeaveOutFixed(float* vector)
    {
        if (_rowSolver.FixedColumn is { } column)
            vector[column] = 0;
    }

    private Span<float> Span(float* vector) => new(vector, _kernels.Stride);
}
