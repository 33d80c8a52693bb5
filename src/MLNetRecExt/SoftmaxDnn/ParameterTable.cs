using MLNetRecExt.Kernels;

namespace MLNetRecExt;

/// <summary>Weights with the moments that the optimiser keeps for them.</summary>
internal sealed unsafe class ParameterTable(AlignedMatrix values, SoftmaxDnnOptimizer optimizer)
{
    private static readonly OptimizerKernels Kernels = OptimizerKernels.Best;

    public AlignedMatrix Values => values;

    /// <summary>By row what the optimiser keeps: Adam m, then v, so that a row is one run of memory; Adagrad v.</summary>
    public AlignedMatrix Moments { get; } = NewMoments(values, optimizer);

    /// <summary>Refuses what is too large with its moments, before there is either.</summary>
    /// <exception cref="ArgumentException">It is too large.</exception>
    public static void CheckSize(int rows, int columns, SoftmaxDnnOptimizer optimizer) => AlignedMatrix.CheckSize(rows, columns, MomentsPerValue(optimizer));

    /// <summary>Moves some rows, each against its own of the gradient.</summary>
    public void Update(AlignedMatrix gradient, int first, int end, float scale, in OptimizerStep step)
    {
        var one = 1f;
        for (int row = first; row < end; row++)
            Update(row, gradient, &row, &one, 1, scale, step);
    }

    /// <summary>Moves the rows that have terms, of those terms <paramref name="first"/> to <paramref name="end"/> − 1 begin: each is summed, and moved at once.</summary>
    public void Update(RowTerms gradient, AlignedMatrix sources, int first, int end, float scale, in OptimizerStep step)
    {
        var rows = gradient.SortedRows;
        var ahead = first;
        fixed (int* r = gradient.SortedSources)
        fixed (float* c = gradient.SortedCoefficients)
            for (int term = gradient.StartOfRow(first), next; term < end; term = next)
            {
                next = gradient.EndOfRow(term);
                for (; ahead < Math.Min(end, next + OptimizerKernels.PrefetchDistance); ahead++)
                    if (ahead == first || rows[ahead] != rows[ahead - 1])
                    {
                        OptimizerKernels.Prefetch(values.Pointer + (long)rows[ahead] * values.Stride, values.Stride);
                        OptimizerKernels.Prefetch(Moments.Pointer + (long)rows[ahead] * Moments.Stride, Moments.Stride);
                    }
                Update(rows[term], sources, r + term, c + term, next - term, scale, step);
            }
    }

    private static int MomentsPerValue(SoftmaxDnnOptimizer optimizer) => optimizer == SoftmaxDnnOptimizer.Adam ? 2 : 1;

    private static AlignedMatrix NewMoments(AlignedMatrix values, SoftmaxDnnOptimizer optimizer)
    {
        CheckSize(values.Rows, values.Columns, optimizer);
        return new(values.Rows, MomentsPerValue(optimizer) * values.Stride);
    }

    private void Update(int row, AlignedMatrix sources, int* r, float* c, int count, float scale, in OptimizerStep step)
    {
        var w = values.Pointer + (long)row * values.Stride;
        var moments = Moments.Pointer + (long)row * Moments.Stride;
        if (optimizer == SoftmaxDnnOptimizer.Adam)
            Kernels.Adam(w, moments, moments + values.Stride, sources.Pointer, r, c, count, values.Stride, scale, step.Rate, step.Epsilon, step.Shrink);
        else
            Kernels.Adagrad(w, moments, sources.Pointer, r, c, count, values.Stride, scale, step.Rate, step.Epsilon, step.Shrink);
    }
}
