using MLNetRecExt.Kernels;

namespace MLNetRecExt;

/// <summary>Weights with the moments that the optimiser keeps for them.</summary>
internal sealed unsafe class ParameterTable(AlignedMatrix values, SoftmaxDnnOptimizer optimizer)
{
    private static readonly OptimizerKernels Kernels = OptimizerKernels.Best;

    public AlignedMatrix Values => values;

    /// <summary>By row what the optimiser keeps: Adam m, then v, so that a row is one run of memory; Adagrad v.</summary>
    public AlignedMatrix Moments { get; } = new(values.Rows, optimizer == SoftmaxDnnOptimizer.Adam ? 2 * values.Stride : values.Stride);

    /// <summary>Moves one row against <paramref name="scale"/> times its gradient.</summary>
    public void Update(int row, float* gradient, float scale, in OptimizerStep step)
    {
        var w = values.Pointer + (long)row * values.Stride;
        var moments = Moments.Pointer + (long)row * Moments.Stride;
        if (optimizer == SoftmaxDnnOptimizer.Adam)
            Kernels.Adam(w, moments, moments + values.Stride, gradient, values.Stride, scale, step.Rate, step.Epsilon, step.Shrink);
        else
            Kernels.Adagrad(w, moments, gradient, values.Stride, scale, step.Rate, step.Epsilon, step.Shrink);
    }

    /// <summary>Moves the rows that have terms: each is summed, and moved at once.</summary>
    public void Update(RowTerms gradient, AlignedMatrix sources, float scale, OptimizerStep step, TrainingThreads threads) =>
        threads.ForEachChunk(gradient.Count, RowTerms.TermsPerChunk, (first, end) => Update(gradient, sources, first, end, scale, step));

    private void Update(RowTerms gradient, AlignedMatrix sources, int first, int end, float scale, in OptimizerStep step)
    {
        var sum = stackalloc float[values.Stride];
        var rows = gradient.SortedRows;
        var ahead = first;
        for (int term = gradient.StartOfRow(first), next; term < end; term = next)
        {
            next = gradient.EndOfRow(term);
            for (; ahead < Math.Min(end, next + OptimizerKernels.PrefetchDistance); ahead++)
                if (ahead == first || rows[ahead] != rows[ahead - 1])
                {
                    OptimizerKernels.Prefetch(values.Pointer + (long)rows[ahead] * values.Stride, values.Stride);
                    OptimizerKernels.Prefetch(Moments.Pointer + (long)rows[ahead] * Moments.Stride, Moments.Stride);
                }
            new Span<float>(sum, values.Stride).Clear();
            gradient.AddTo(sum, sources, term, next);
            Update(rows[term], sum, scale, step);
        }
    }
}
