using System.Numerics.Tensors;
using MLNetRecExt.Kernels;

namespace MLNetRecExt;

/// <summary>
/// Improves a group of rows in lockstep by conjugate gradients: each step is one product of all its directions with the Gramian,
/// and one pass over its entries. Holds the scratch memory of one thread.
/// </summary>
/// <remarks>
/// The factors of a near group's entries stay in the second-level cache from pass to pass. A far group goes over the other side in blocks
/// that stay there until each of its rows has used them: row by row, most of the other side would come from memory again for each row and
/// pass.
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
    private readonly int[] _starts;
    private readonly int[] _done;

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
        _g = new AlignedMatrix(2, FactorKernels.RoundUp(half.CachedRows));
        _rr = new float[rows];
        _steepest = new float[rows];
        _starts = new int[rows];
        _done = new int[rows];
    }

    /// <summary>
    /// Improves the group from position <paramref name="first"/> on, one row for each of <paramref name="values"/>, by three steps. With
    /// biases, rows have their 1 already.
    /// Sets each value to xᵀAx − 2xᵀb after them: the row's part of the objective but for the constants Σ w A² and λs‖m‖².
    /// </summary>
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
        SetResiduals(first, values, _p, _r, isFirst: true);
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

        for (int step = 0; step < Steps; step++)
        {
            // q = −A p. Along p the value is least at x + (rr / pᵀAp) p, and rr² / pᵀAp lower.
            SetResiduals(first, values, _p, _q, isFirst: false);
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
    }

    private float* UnobservedScales => _scales.Pointer;

    private float* Regularizations => _scales.Pointer + _scales.Stride;

    /// <summary>
    /// results = (isFirst ? b : 0) − A v for each row. The first pass takes vᵀb off each value, and keeps every c for the others.
    /// </summary>
    private void SetResiduals(int first, Span<double> values, AlignedMatrix vectors, AlignedMatrix results, bool isFirst)
    {
        float* g = _g.Pointer, zeros = g + _g.Stride, scratch = _scales.Pointer + 2 * _scales.Stride;
        if (_rowSolver.Gramian is { } gramian)
            _kernels.MultiplySymmetric(gramian.Pointer, vectors.Pointer, FactorKernels.RoundUp(values.Length), UnobservedScales,
                Regularizations, results.Pointer);
        else
            for (int i = 0; i < values.Length; i++)
                _kernels.Scale(vectors.Pointer + i * _kernels.Stride, 1, null, -Regularizations[i], results.Pointer + i * _kernels.Stride);
        if (isFirst)
            AddPriors(first, values, vectors, results);

        var isFar = _half.IsFar(first);
        var blockRows = isFar ? _half.CachedRows : _half.OtherFactors.Rows;
        Array.Clear(_done);
        for (int block = 0; block < _half.OtherFactors.Rows; block += blockRows)
        {
            for (int i = 0; i < values.Length; i++)
            {
                var row = _half.Row(first + i);
                var start = _done[i];
                var end = isFar ? EndOfBlock(row.Indices, start, block + blockRows) : row.Indices.Length;
                if (start == end)
                    continue;
                _done[i] = end;
                var c = _c.Pointer + _starts[i] + start;
                if (isFirst)
                    _rowSolver.Prepare(row, start, end - start, c, g);
                if (isFirst && !isFar && i + 1 < values.Length)
                    _kernels.Prefetch(_half.OtherFactors.Pointer, _half.Row(first + i + 1).Indices);
                fixed (int* indices = row.Indices)
                {
                    values[i] -= _kernels.AddResidual(
                        _half.OtherFactors.Pointer, indices + start, FactorKernels.RoundUp(end - start),
                        vectors.Pointer + i * _kernels.Stride, c, isFirst ? g : zeros,
                        results.Pointer + i * _kernels.Stride, scratch, prefetch: isFirst || isFar);
                }
            }
        }
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
