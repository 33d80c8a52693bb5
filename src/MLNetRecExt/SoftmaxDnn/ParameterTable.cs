using MLNetRecExt.Kernels;

namespace MLNetRecExt;

/// <summary>Weights with what the optimiser keeps of their gradients: a mean of their own for each weight, and one number for the squares
/// of a row's.</summary>
internal sealed unsafe class ParameterTable(AlignedMatrix values, SoftmaxDnnOptimizer optimizer)
{
    private static readonly OptimizerKernels Kernels = OptimizerKernels.Best;

    public AlignedMatrix Values => values;

    /// <summary>Whether no weight is infinite or NaN.</summary>
    public bool IsFinite => float.IsFinite(values.LargestMagnitude);

    /// <summary>Adam's mean gradients; of Adagrad no rows.</summary>
    public AlignedMatrix Momenta { get; } = new(optimizer == SoftmaxDnnOptimizer.Adam ? values.Rows : 0, values.Columns);

    /// <summary>By row, Adam's mean square of the gradients, Adagrad's sum of their mean squares.</summary>
    public float[] Squares { get; } = new float[values.Rows];

    /// <summary>Moves some rows, each against its own of the gradient.</summary>
    public void Update(AlignedMatrix gradient, int first, int end, float scale, in OptimizerStep step)
    {
        int* rows = stackalloc int[end - first];
        float* ones = stackalloc float[end - first];
        for (int row = first; row < end; row++)
            (rows[row - first], ones[row - first]) = (row, 1);
        Update(gradient, rows, rows, ones, end - first, scale, step);
    }

    /// <summary>Moves the rows that have terms, of those terms <paramref name="first"/> to <paramref name="end"/> − 1 begin: each is
    /// summed, and moved at once.</summary>
    public void Update(RowTerms gradient, AlignedMatrix sources, int first, int end, float scale, in OptimizerStep step)
    {
        (first, end) = (gradient.StartOfRow(first), gradient.StartOfRow(end));
        fixed (int* rows = gradient.SortedRows)
        fixed (int* r = gradient.SortedSources)
        fixed (float* c = gradient.SortedCoefficients)
            Update(sources, rows + first, r + first, c + first, end - first, scale, step);
    }

    private void Update(AlignedMatrix sources, int* rows, int* r, float* c, int count, float scale, in OptimizerStep step)
    {
        var momenta = optimizer == SoftmaxDnnOptimizer.Adam ? Momenta.Pointer : null;
        fixed (float* squares = Squares)
            Kernels.Move(values.Pointer, momenta, squares, rows, sources.Pointer, r, c, count, values.Stride, values.Columns, scale, step);
    }
}
