using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MLNetRecExt.Kernels;

/// <summary>
/// A softmax over logits that stand item by item: a row is an item, a column is an example, and a vector holds several examples.
/// </summary>
internal abstract unsafe class SoftmaxKernels
{
    /// <summary>What a logit that does not count is set to: its exponential is next to nothing beside any other.</summary>
    public const float Masked = -1e30f;

    /// <summary>The kernels for this machine.</summary>
    public static SoftmaxKernels Best { get; } =
        Vector512.IsHardwareAccelerated ? new SoftmaxKernels<Simd512, Vector512<float>>()
        : Vector256.IsHardwareAccelerated ? new SoftmaxKernels<Simd256, Vector256<float>>()
        : new SoftmaxKernels<Simd128, Vector128<float>>();

    /// <summary>
    /// Takes further items into each example's maximum and Σ exp(logit + offset − maximum). Begin with <see cref="Masked"/> and 0.
    /// Columns are a multiple of 16; an offset belongs to a row, a maximum and a sum to a column.
    /// </summary>
    public abstract void Absorb(float* logits, nint stride, float* offsets, int rows, int columns, float* max, float* sum);

    /// <summary>
    /// logit ← scale · exp(logit + offset − logSum). Columns are a multiple of 16; an offset belongs to a row, a scale and a sum to a
    /// column.
    /// </summary>
    public abstract void Probabilities(float* logits, nint stride, float* offsets, int rows, int columns, float* logSums, float* scales);
}

/// <inheritdoc/>
internal sealed unsafe class SoftmaxKernels<TSimd, TVector> : SoftmaxKernels
    where TSimd : struct, ISimd<TVector>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Absorb(float* logits, nint stride, float* offsets, int rows, int columns, float* max, float* sum)
    {
        for (int j = 0; j < columns; j += TSimd.Width)
        {
            var before = TSimd.Load(max + j);
            var highest = before;
            for (int i = 0; i < rows; i++)
                highest = TSimd.Max(highest, TSimd.Add(TSimd.Load(logits + i * stride + j), TSimd.Create(offsets[i])));
            var minus = TSimd.Multiply(TSimd.Create(-1), highest);
            var total = TSimd.Multiply(TSimd.Load(sum + j), Exp(TSimd.Add(before, minus)));
            for (int i = 0; i < rows; i++)
                total = TSimd.Add(total, Exp(TSimd.Add(TSimd.Add(TSimd.Load(logits + i * stride + j), TSimd.Create(offsets[i])), minus)));
            TSimd.Store(highest, max + j);
            TSimd.Store(total, sum + j);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Probabilities(float* logits, nint stride, float* offsets, int rows, int columns, float* logSums, float* scales)
    {
        for (int i = 0; i < rows; i++, logits += stride)
        {
            var offset = TSimd.Create(offsets[i]);
            for (int j = 0; j < columns; j += TSimd.Width)
            {
                var x = TSimd.Add(TSimd.Add(TSimd.Load(logits + j), offset), TSimd.Multiply(TSimd.Create(-1), TSimd.Load(logSums + j)));
                TSimd.Store(TSimd.Multiply(TSimd.Load(scales + j), Exp(x)), logits + j);
            }
        }
    }

    /// <summary>eˣ for x up to 88, to 2 units in the last place; below −87 the smallest normal number stands for it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Exp(TVector x)
    {
        // x = n ln 2 + r, |r| ≤ ln 2 / 2: adding 1.5·2²³ rounds to the whole number n, which then stands in the low bits.
        x = TSimd.Max(TSimd.Create(-87.3f), x);
        var magic = TSimd.Create(12582912f);
        var shifted = TSimd.MultiplyAdd(x, TSimd.Create(1.44269504f), magic);
        var n = TSimd.Add(shifted, TSimd.Create(-12582912f));
        // ln 2 in two parts, the first exact in few bits.
        var r = TSimd.SubtractProduct(n, TSimd.Create(0.693359375f), x);
        r = TSimd.SubtractProduct(n, TSimd.Create(-2.12194440e-4f), r);
        var p = TSimd.MultiplyAdd(TSimd.Create(1 / 720f), r, TSimd.Create(1 / 120f));
        p = TSimd.MultiplyAdd(p, r, TSimd.Create(1 / 24f));
        p = TSimd.MultiplyAdd(p, r, TSimd.Create(1 / 6f));
        p = TSimd.MultiplyAdd(p, r, TSimd.Create(0.5f));
        p = TSimd.MultiplyAdd(p, r, TSimd.Create(1));
        p = TSimd.MultiplyAdd(p, r, TSimd.Create(1));
        return TSimd.ScaleByPower(p, shifted);
    }
}
