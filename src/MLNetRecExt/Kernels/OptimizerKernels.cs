using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MLNetRecExt.Kernels;

/// <summary>Gradient sums, and what an optimiser does with them, on rows whose length is a multiple of 16.</summary>
internal abstract unsafe class OptimizerKernels
{
    /// <summary>How many rows ahead to ask for those of a large table.</summary>
    public const int PrefetchDistance = 12;

    /// <summary>The kernels for this machine.</summary>
    public static OptimizerKernels Best { get; } =
        Vector512.IsHardwareAccelerated ? new OptimizerKernels<Simd512, Vector512<float>>()
        : Vector256.IsHardwareAccelerated ? new OptimizerKernels<Simd256, Vector256<float>>()
        : new OptimizerKernels<Simd128, Vector128<float>>();

    /// <summary>y += c·x.</summary>
    public abstract void AddScaled(float* x, float c, float* y, int length);

    /// <summary>y += Σ_t c_t · (row r_t of X), in order; rows of X are <paramref name="length"/> apart, and may be far from the cache.</summary>
    public abstract void AddRows(float* x, int* r, float* c, int count, float* y, int length);

    /// <summary>Asks for a row ahead of its use.</summary>
    public static void Prefetch(float* row, int length)
    {
        if (Sse.IsSupported)
            for (int k = 0; k < length; k += 16)
                Sse.Prefetch0(row + k);
    }

    /// <summary>x·y.</summary>
    public abstract float Dot(float* x, float* y, int length);

    /// <summary>
    /// Adam (Kingma, Ba 2015) by g = scale · Σ_t c_t · (row r_t of X): m ← β1 m + (1 − β1) g, v ← β2 v + (1 − β2) g², w ← shrink·w − rate·m / (√v + ε).
    /// The corrections for the zero start are in the rate and ε.
    /// </summary>
    public abstract void Adam(float* w, float* m, float* v, float* x, int* r, float* c, int count, int length, float scale, float rate, float epsilon, float shrink);

    /// <summary>Adagrad (Duchi et al. 2011) by the same g: v ← v + g², w ← shrink·w − rate·g / (√v + ε).</summary>
    public abstract void Adagrad(float* w, float* v, float* x, int* r, float* c, int count, int length, float scale, float rate, float epsilon, float shrink);
}

/// <inheritdoc/>
internal sealed unsafe class OptimizerKernels<TSimd, TVector> : OptimizerKernels
    where TSimd : struct, ISimd<TVector>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void AddScaled(float* x, float c, float* y, int length)
    {
        var factor = TSimd.Create(c);
        for (int k = 0; k < length; k += TSimd.Width)
            TSimd.Store(TSimd.MultiplyAdd(factor, TSimd.Load(x + k), TSimd.Load(y + k)), y + k);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void AddRows(float* x, int* r, float* c, int count, float* y, int length)
    {
        for (int t = 0; t < Math.Min(count, PrefetchDistance); t++)
            Prefetch(x + (nint)r[t] * length, length);
        int k = 0;
        for (; k + 4 * TSimd.Width <= length; k += 4 * TSimd.Width)
        {
            TVector y0 = TSimd.Load(y + k), y1 = TSimd.Load(y + k + TSimd.Width), y2 = TSimd.Load(y + k + 2 * TSimd.Width), y3 = TSimd.Load(y + k + 3 * TSimd.Width);
            for (int t = 0; t < count; t++)
            {
                if (k == 0 && t + PrefetchDistance < count)
                    Prefetch(x + (nint)r[t + PrefetchDistance] * length, length);
                var row = x + (nint)r[t] * length + k;
                var factor = TSimd.Create(c[t]);
                y0 = TSimd.MultiplyAdd(factor, TSimd.Load(row), y0);
                y1 = TSimd.MultiplyAdd(factor, TSimd.Load(row + TSimd.Width), y1);
                y2 = TSimd.MultiplyAdd(factor, TSimd.Load(row + 2 * TSimd.Width), y2);
                y3 = TSimd.MultiplyAdd(factor, TSimd.Load(row + 3 * TSimd.Width), y3);
            }
            TSimd.Store(y0, y + k);
            TSimd.Store(y1, y + k + TSimd.Width);
            TSimd.Store(y2, y + k + 2 * TSimd.Width);
            TSimd.Store(y3, y + k + 3 * TSimd.Width);
        }
        for (; k < length; k += TSimd.Width)
        {
            var yk = TSimd.Load(y + k);
            for (int t = 0; t < count; t++)
                yk = TSimd.MultiplyAdd(TSimd.Create(c[t]), TSimd.Load(x + (nint)r[t] * length + k), yk);
            TSimd.Store(yk, y + k);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override float Dot(float* x, float* y, int length)
    {
        var sum = TSimd.Create(0);
        for (int k = 0; k < length; k += TSimd.Width)
            sum = TSimd.MultiplyAdd(TSimd.Load(x + k), TSimd.Load(y + k), sum);
        return TSimd.Sum(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Adam(float* w, float* m, float* v, float* x, int* r, float* c, int count, int length, float scale, float rate, float epsilon, float shrink) =>
        Move<AdamRule>(w, m, v, x, r, c, count, length, scale, rate, epsilon, shrink);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Adagrad(float* w, float* v, float* x, int* r, float* c, int count, int length, float scale, float rate, float epsilon, float shrink) =>
        Move<AdagradRule>(w, null, v, x, r, c, count, length, scale, rate, epsilon, shrink);

    // The sum stays in registers until it has moved the weights.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Move<TRule>(float* w, float* m, float* v, float* x, int* r, float* c, int count, int length, float scale, float rate, float epsilon, float shrink)
        where TRule : struct, IRule
    {
        int k = 0;
        for (; k + 4 * TSimd.Width <= length; k += 4 * TSimd.Width)
        {
            TVector g0 = TSimd.Create(0), g1 = g0, g2 = g0, g3 = g0;
            for (int t = 0; t < count; t++)
            {
                var row = x + (nint)r[t] * length + k;
                var factor = TSimd.Create(c[t]);
                g0 = TSimd.MultiplyAdd(factor, TSimd.Load(row), g0);
                g1 = TSimd.MultiplyAdd(factor, TSimd.Load(row + TSimd.Width), g1);
                g2 = TSimd.MultiplyAdd(factor, TSimd.Load(row + 2 * TSimd.Width), g2);
                g3 = TSimd.MultiplyAdd(factor, TSimd.Load(row + 3 * TSimd.Width), g3);
            }
            TRule.Move(w, m, v, k, TSimd.Multiply(TSimd.Create(scale), g0), rate, epsilon, shrink);
            TRule.Move(w, m, v, k + TSimd.Width, TSimd.Multiply(TSimd.Create(scale), g1), rate, epsilon, shrink);
            TRule.Move(w, m, v, k + 2 * TSimd.Width, TSimd.Multiply(TSimd.Create(scale), g2), rate, epsilon, shrink);
            TRule.Move(w, m, v, k + 3 * TSimd.Width, TSimd.Multiply(TSimd.Create(scale), g3), rate, epsilon, shrink);
        }
        for (; k < length; k += TSimd.Width)
        {
            var g = TSimd.Create(0);
            for (int t = 0; t < count; t++)
                g = TSimd.MultiplyAdd(TSimd.Create(c[t]), TSimd.Load(x + (nint)r[t] * length + k), g);
            TRule.Move(w, m, v, k, TSimd.Multiply(TSimd.Create(scale), g), rate, epsilon, shrink);
        }
    }

    private interface IRule
    {
        /// <summary>The weights from <paramref name="k"/> on, as many as a vector has.</summary>
        static abstract void Move(float* w, float* m, float* v, int k, TVector g, float rate, float epsilon, float shrink);
    }

    private readonly struct AdamRule : IRule
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Move(float* w, float* m, float* v, int k, TVector g, float rate, float epsilon, float shrink)
        {
            const float Beta1 = 0.9f, Beta2 = 0.999f;
            var mk = TSimd.MultiplyAdd(TSimd.Create(1 - Beta1), g, TSimd.Multiply(TSimd.Create(Beta1), TSimd.Load(m + k)));
            var vk = TSimd.MultiplyAdd(TSimd.Multiply(TSimd.Create(1 - Beta2), g), g, TSimd.Multiply(TSimd.Create(Beta2), TSimd.Load(v + k)));
            TSimd.Store(mk, m + k);
            TSimd.Store(vk, v + k);
            Descend(w + k, mk, vk, rate, epsilon, shrink);
        }
    }

    private readonly struct AdagradRule : IRule
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Move(float* w, float* m, float* v, int k, TVector g, float rate, float epsilon, float shrink)
        {
            var vk = TSimd.MultiplyAdd(g, g, TSimd.Load(v + k));
            TSimd.Store(vk, v + k);
            Descend(w + k, g, vk, rate, epsilon, shrink);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Descend(float* w, TVector direction, TVector v, float rate, float epsilon, float shrink)
    {
        var step = TSimd.Divide(direction, TSimd.Add(TSimd.Sqrt(v), TSimd.Create(epsilon)));
        TSimd.Store(TSimd.SubtractProduct(TSimd.Create(rate), step, TSimd.Multiply(TSimd.Create(shrink), TSimd.Load(w))), w);
    }
}
