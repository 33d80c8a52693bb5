using System.Runtime.CompilerServices;

namespace MLNetRecExt.Kernels;

/// <summary>The parts of a Gramian, each the sum over a group of rows: several threads, or processes, compute them, and whoever has all adds
/// them in order, so that it does not show who computed which.</summary>
internal sealed unsafe class GramianParts
{
    private const int PanelRows = Gramian.PanelRows;

    private readonly FactorKernels _kernels;
    private readonly AlignedMatrix _factors;

    /// <param name="kernels">Those of the factors' stride.</param>
    /// <param name="factors">The rows that are summed.</param>
    public GramianParts(FactorKernels kernels, AlignedMatrix factors)
    {
        (_kernels, _factors) = (kernels, factors);
        Groups = Gramian.GroupsOf(factors.Rows);
        Matrix = new AlignedMatrix(Groups * kernels.Stride, kernels.Stride);
    }

    /// <summary>How many parts there are.</summary>
    public int Groups { get; }

    /// <summary>One part below the other, each as many rows as columns: negated, and only the upper triangle.</summary>
    public AlignedMatrix Matrix { get; }

    /// <summary>Computes the parts first…end−1 of scale · Σ_r weights[r] · factors[r] factors[r]ᵀ.</summary>
    public void Compute(int first, int end, float[]? weights, float scale, ParallelOptions parallel) =>
        Parallel.For(first, end, parallel, group => Compute(group, weights, scale));

    /// <summary>gramian = the sum of all parts, both triangles.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void AddTo(AlignedMatrix gramian)
    {
        for (int i = 0; i < gramian.Rows; i++)
        {
            for (int j = i; j < gramian.Columns; j++)
            {
                double sum = 0;
                for (int group = 0; group < Groups; group++)
                    sum -= Part(group)[i * Matrix.Stride + j];
                gramian[i][j] = gramian[j][i] = (float)sum;
            }
        }
        GC.KeepAlive(Matrix);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Compute(int group, float[]? weights, float scale)
    {
        var stride = _kernels.Stride;
        var sum = Part(group);
        new Span<float>(sum, stride * stride).Clear();
        var scaled = new AlignedMatrix(PanelRows, stride);
        fixed (float* weight = weights)
        {
            for (int start = First(group), end = First(group + 1); start < end; start += PanelRows)
            {
                var rows = Math.Min(PanelRows, end - start);
                var panel = _factors.Pointer + (long)start * stride;
                _kernels.Scale(panel, rows, weight is null ? null : weight + start, scale, scaled.Pointer);
                _kernels.SubtractProducts(scaled.Pointer, panel, rows, sum);
            }
        }
        GC.KeepAlive(_factors);
        GC.KeepAlive(Matrix);
    }

    private int First(int group) => (int)((long)_factors.Rows * group / Groups);

    private float* Part(int group) => Matrix.Pointer + (long)group * Matrix.Rows / Groups * Matrix.Stride;
}
