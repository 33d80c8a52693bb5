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

    /// <summary>
    /// y += Σ_t c_t · (row r_t of X), in order; rows of X are <paramref name="length"/> apart, and may be far from the cache.
    /// </summary>
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
    /// For each row i that is in <paramref name="rows"/>, which ascend, by g = scale · Σ c_t · (row r_t of X) over its t:
    /// m_i ← β1 m_i + γ1 g, v_i ← β2 v_i + γ2 · mean of g², w_i ← shrink·w_i − rate·m_i / (√v_i + ε).
    /// Means are over <paramref name="columns"/>; what is behind them is zero.
    /// </summary>
    /// <param name="w">W, rows <paramref name="length"/> apart.</param>
    /// <param name="m">M, or null where β1 is 0: nothing is kept.</param>
    /// <param name="v">v, one number for each row of W.</param>
    /// <param name="rows">By t, the row that it belongs to.</param>
    /// <param name="x">X, rows as far apart as those of W.</param>
    /// <param name="r">By t.</param>
    /// <param name="c">By t.</param>
    /// <param name="count">How many t.</param>
    /// <param name="length">A multiple of 16.</param>
    /// <param name="columns">At most <paramref name="length"/>.</param>
    /// <param name="scale">Of gradients.</param>
    /// <param name="step">The other numbers.</param>
    public abstract void Move(
        float* w, float* m, float* v, int* rows, float* x, int* r, float* c, int count, int length, int columns,
        float scale, in OptimizerStep step);
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
            TVector y0 = TSimd.Load(y + k), y1 = TSimd.Load(y + k + TSimd.Width), y2 = TSimd.Load(y + k + 2 * TSimd.Width),
                y3 = TSimd.Load(y + k + 3 * TSimd.Width);
            for (int t = 0; t < count; t++)
            {
                if (k == 0 && t + PrefetchDistance < count)
                    Prefetch(x + (nint)r[t + PrefetchDistance] * length, length);
                FourVectors<TSimd, TVector>.AddScaled(x + (nint)r[t] * length + k, c[t], ref y0, ref y1, ref y2, ref y3);
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
    public override void Move(
        float* w, float* m, float* v, int* rows, float* x, int* r, float* c, int count, int length, int columns,
        float scale, in OptimizerStep step)
    {
        TVector beta = TSimd.Create(step.Beta1), gamma = TSimd.Create(step.Gamma1 * scale), shrink = TSimd.Create(step.Shrink);
        var (beta2, gamma2, rate, epsilon) = (step.Beta2, step.Gamma2 * scale * scale / columns, step.Rate, step.Epsilon);
        var forgotten = stackalloc float[m is null ? length : 0];
        int ahead = 0;
        for (int first = 0, end; first < count; first = end)
        {
            end = first + 1;
            while (end < count && rows[end] == rows[first])
                end++;
            for (; ahead < Math.Min(count, end + PrefetchDistance); ahead++)
            {
                if (ahead > 0 && rows[ahead] == rows[ahead - 1])
                    continue;
                Prefetch(w + (nint)rows[ahead] * length, length);
                if (m is not null)
                    Prefetch(m + (nint)rows[ahead] * length, length);
                Prefetch(v + rows[ahead], 1);
            }
            var wi = w + (nint)rows[first] * length;
            var mi = m is null ? forgotten : m + (nint)rows[first] * length;
            if (m is null)
                new Span<float>(mi, length).Clear();
            var squares = TSimd.Create(0);
            int k = 0;
            for (; k + 4 * TSimd.Width <= length; k += 4 * TSimd.Width)
            {
                TVector g0 = TSimd.Create(0), g1 = g0, g2 = g0, g3 = g0;
                for (int t = first; t < end; t++)
                    FourVectors<TSimd, TVector>.AddScaled(x + (nint)r[t] * length + k, c[t], ref g0, ref g1, ref g2, ref g3);
                squares = TSimd.MultiplyAdd(g0, g0, squares);
                squares = TSimd.MultiplyAdd(g1, g1, squares);
                squares = TSimd.MultiplyAdd(g2, g2, squares);
                squares = TSimd.MultiplyAdd(g3, g3, squares);
                Follow(mi + k, beta, gamma, g0);
                Follow(mi + k + TSimd.Width, beta, gamma, g1);
                Follow(mi + k + 2 * TSimd.Width, beta, gamma, g2);
                Follow(mi + k + 3 * TSimd.Width, beta, gamma, g3);
            }
            for (; k < length; k += TSimd.Width)
            {
                var g = TSimd.Create(0);
                for (int t = first; t < end; t++)
                    g = TSimd.MultiplyAdd(TSimd.Create(c[t]), TSimd.Load(x + (nint)r[t] * length + k), g);
                squares = TSimd.MultiplyAdd(g, g, squares);
                Follow(mi + k, beta, gamma, g);
            }
            var vi = v[rows[first]] = beta2 * v[rows[first]] + gamma2 * TSimd.Sum(squares);
            var itsRate = TSimd.Create(rate / (MathF.Sqrt(vi) + epsilon));
            for (k = 0; k < length; k += TSimd.Width)
                TSimd.Store(TSimd.SubtractProduct(itsRate, TSimd.Load(mi + k), TSimd.Multiply(shrink, TSimd.Load(wi + k))), wi + k);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Follow(float* m, TVector beta, TVector gamma, TVector g) =>
        TSimd.Store(TSimd.MultiplyAdd(gamma, g, TSimd.Multiply(beta, TSimd.Load(m))), m);
}
