using System.Numerics.Tensors;

namespace MLNetRecExt.Kernels;

/// <summary>Products of some rows with a matrix that is too large for the caches.</summary>
internal static unsafe class PanelProduct
{
    private const int StripWidth = 32;
    private const int PanelSize = 256;

    // Adding up rows runs at a sixteenth of the rate of a dense product, or faster.
    private const int DenseGain = 16;

    /// <summary>
    /// P = A·B. The same bits for any number of threads. Where most of A is zero, only the rest is looked at.
    /// </summary>
    /// <param name="a">A, rows × k.</param>
    /// <param name="rows">How many of its rows to multiply.</param>
    /// <param name="b">B, k × n.</param>
    /// <param name="product">P, rows × n.</param>
    /// <param name="parallel">Threads and cancellation.</param>
    public static void Multiply(AlignedMatrix a, int rows, AlignedMatrix b, AlignedMatrix product, ParallelOptions parallel)
    {
        long nonzero = 0;
        for (int i = 0; i < rows; i++)
            nonzero += a.Columns - a[i].Count(0f);
        if (nonzero * DenseGain < (long)rows * a.Columns)
            Parallel.For(0, rows, parallel, i => AddRows(a[i], b, product[i]));
        else
            MultiplyDense(a, rows, b, product, parallel);
    }

    private static void AddRows(ReadOnlySpan<float> factors, AlignedMatrix b, Span<float> sum)
    {
        sum.Clear();
        for (int k = 0; k < factors.Length; k++)
            if (factors[k] != 0)
                TensorPrimitives.MultiplyAdd(b[k], factors[k], sum, sum);
    }

    private static void MultiplyDense(AlignedMatrix a, int rows, AlignedMatrix b, AlignedMatrix product, ParallelOptions parallel) =>
        Parallel.For(0, (product.Stride + StripWidth - 1) / StripWidth, parallel, NewPanel, (strip, _, panel) =>
        {
            var first = strip * StripWidth;
            var width = Math.Min(StripWidth, product.Stride - first);
            for (int start = 0; start < b.Rows; start += PanelSize)
            {
                // Packed, the strip is read from front to back.
                var size = Math.Min(PanelSize, b.Rows - start);
                for (int k = 0; k < size; k++)
                    b.PaddedRow(start + k).Slice(first, width).CopyTo(panel[k]);
                GemmKernels.Best.Multiply(a.Pointer + start, a.Stride, 1, panel.Pointer, panel.Stride,
                    product.Pointer + first, product.Stride, rows, width, size, add: start > 0);
            }
            GC.KeepAlive((a, product));
            return panel;
        }, _ => { });

    private static AlignedMatrix NewPanel() => new(PanelSize, StripWidth);
}
