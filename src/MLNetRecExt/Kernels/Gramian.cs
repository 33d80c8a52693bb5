using System.Runtime.CompilerServices;

namespace MLNetRecExt.Kernels;

/// <summary>The Gramian of a factor matrix, the same bits for any number of threads.</summary>
internal static unsafe class Gramian
{
    // Whatever the number of threads: which partial sums there are must not depend on it.
    private const int LeastGroups = 16, MostGroups = 1024, RowsOfGroup = 1 << 16;
    private const int PanelRows = 32;

    /// <summary>How many parts the rows are summed in, each by a thread: 16, and of a million rows or more one for each 65,536.</summary>
    public static int GroupsOf(int rows) => Math.Min(Math.Clamp(rows / RowsOfGroup, LeastGroups, MostGroups), (rows + PanelRows - 1) / PanelRows);

    /// <summary>
    /// gramian = scale · Σ_r weights[r] · factors[r] factors[r]ᵀ, both triangles; <paramref name="weights"/> null stands for ones.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Compute(
        FactorKernels kernels, AlignedMatrix factors, float[]? weights, float scale, ParallelOptions parallel, AlignedMatrix gramian)
    {
        var groups = GroupsOf(factors.Rows);
        var partial = new AlignedMatrix[groups];
        Parallel.For(0, groups, parallel, group => partial[group] = Partial(kernels, factors, weights, scale, First(group), First(group + 1)));

        for (int i = 0; i < gramian.Rows; i++)
        {
            for (int j = i; j < gramian.Columns; j++)
            {
                double sum = 0;
                foreach (var part in partial)
                    sum -= part.Pointer[i * part.Stride + j];
                gramian[i][j] = gramian[j][i] = (float)sum;
            }
        }

        int First(int group) => (int)((long)factors.Rows * group / groups);
    }

    /// <summary>The negated sum over rows first…end−1, upper triangle.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static AlignedMatrix Partial(FactorKernels kernels, AlignedMatrix factors, float[]? weights, float scale, int first, int end)
    {
        var stride = kernels.Stride;
        var sum = new AlignedMatrix(stride, stride);
        var scaled = new AlignedMatrix(PanelRows, stride);
        fixed (float* weight = weights)
        {
            for (int start = first; start < end; start += PanelRows)
            {
                var rows = Math.Min(PanelRows, end - start);
                var panel = factors.Pointer + (long)start * stride;
                kernels.Scale(panel, rows, weight is null ? null : weight + start, scale, scaled.Pointer);
                kernels.SubtractProducts(scaled.Pointer, panel, rows, sum.Pointer);
            }
        }
        GC.KeepAlive(factors);
        return sum;
    }
}
