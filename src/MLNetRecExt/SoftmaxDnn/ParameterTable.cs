using MLNetRecExt.Kernels;

namespace MLNetRecExt;

/// <summary>Weights with the moments that the optimiser keeps for them.</summary>
internal sealed unsafe class ParameterTable(AlignedMatrix values, SoftmaxDnnOptimizer optimizer)
{
    private static readonly OptimizerKernels Kernels = OptimizerKernels.Best;

    public AlignedMatrix Values => values;

    /// <summary>m; null where the optimiser has none.</summary>
    public AlignedMatrix? First { get; } = optimizer == SoftmaxDnnOptimizer.Adam ? new(values.Rows, values.Columns) : null;

    /// <summary>v.</summary>
    public AlignedMatrix Second { get; } = new(values.Rows, values.Columns);

    /// <summary>Moves one row against <paramref name="scale"/> times its gradient.</summary>
    public void Update(int row, float* gradient, float scale, in OptimizerStep step)
    {
        var offset = (long)row * values.Stride;
        if (First is not null)
            Kernels.Adam(values.Pointer + offset, First.Pointer + offset, Second.Pointer + offset, gradient, values.Stride, scale, step.Rate, step.Epsilon, step.Shrink);
        else
            Kernels.Adagrad(values.Pointer + offset, Second.Pointer + offset, gradient, values.Stride, scale, step.Rate, step.Epsilon, step.Shrink);
    }
}
