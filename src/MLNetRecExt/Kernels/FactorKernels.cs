using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MLNetRecExt.Kernels;

/// <summary>
/// The arithmetic of alternating least squares on rows of D floats, D the rank rounded up to a multiple of 16.
/// Every pointer is 64-byte aligned or at a multiple of 16 floats from such a one; row r of a panel starts at r·D; padding columns are zero.
/// </summary>
internal abstract unsafe class FactorKernels
{
    /// <summary>Panels hold a multiple of this many rows; rows added to fill up have coefficients of zero.</summary>
    public const int RowGroup = 8;

    private const int PrefetchDistance = 16;

    protected FactorKernels(int stride)
    {
        Debug.Assert(stride > 0 && stride % 16 == 0);
        Stride = stride;
    }

    /// <summary>D.</summary>
    public int Stride { get; }

    /// <summary>The kernels for rows of <paramref name="stride"/> floats on this machine.</summary>
    public static FactorKernels For(int stride)
    {
        if (Vector512.IsHardwareAccelerated)
            return For<Simd512, Vector512<float>>(stride);
        if (Vector256.IsHardwareAccelerated)
            return For<Simd256, Vector256<float>>(stride);
        return For<Simd128, Vector128<float>>(stride);
    }

    public static FactorKernels For<TSimd, TVector>(int stride) where TSimd : struct, ISimd<TVector> => stride switch
    {
        32 => new FactorKernels<TSimd, TVector, Rank32>(stride),
        64 => new FactorKernels<TSimd, TVector, Rank64>(stride),
        128 => new FactorKernels<TSimd, TVector, Rank128>(stride),
        256 => new FactorKernels<TSimd, TVector, Rank256>(stride),
        _ => new FactorKernels<TSimd, TVector, AnyRank>(stride),
    };

    /// <summary>panel[e] = matrix[indices[e]], and up to the next full group copies of the last row.</summary>
    public void Gather(float* matrix, ReadOnlySpan<int> indices, float* panel)
    {
        var bytes = (uint)Stride * sizeof(float);
        for (int e = 0; e < indices.Length; e++)
        {
            if (Sse.IsSupported && e + PrefetchDistance < indices.Length)
            {
                var ahead = (byte*)(matrix + (long)indices[e + PrefetchDistance] * Stride);
                for (uint b = 0; b < bytes; b += 64)
                    Sse.Prefetch0(ahead + b);
            }
            Unsafe.CopyBlock(panel + (long)e * Stride, matrix + (long)indices[e] * Stride, bytes);
        }
        for (int e = indices.Length; e % RowGroup != 0; e++)
            Unsafe.CopyBlock(panel + (long)e * Stride, panel + (long)(e - 1) * Stride, bytes);
    }

    /// <summary>sum += Σ_e (g_e − c_e⟨v_e, x⟩) v_e over the rows v of a panel. Returns Σ_e g_e⟨v_e, x⟩.</summary>
    public abstract float AddResidual(float* panel, int rows, float* x, float* c, float* g, float* sum);

    /// <summary>sum += Σ_e c_e v_e over the rows v of a panel.</summary>
    public abstract void AddWeighted(float* panel, int rows, float* c, float* sum);

    /// <summary>scaled[e] = factor · c_e · panel[e]; <paramref name="c"/> null stands for ones.</summary>
    public abstract void Scale(float* panel, int rows, float* c, float factor, float* scaled);

    /// <summary>A −= Σ_e w_e v_eᵀ for two panels w and v; only the upper triangle of the D×D matrix A is meaningful after.</summary>
    public abstract void SubtractProducts(float* w, float* v, int rows, float* a);

    /// <summary>
    /// Factors A = RᵀR in place (upper triangles). A pivot without a significant digit left, that is a direction that no
    /// data and no regularisation determines, gets an inverse of zero, which makes that component of every solution zero.
    /// </summary>
    /// <param name="a">D×D.</param>
    /// <param name="inverses">D values: the inverses of R's diagonal.</param>
    public abstract void Factor(float* a, float* inverses);

    /// <summary>x ← (RᵀR)⁻¹ x.</summary>
    public abstract void Solve(float* r, float* inverses, float* x);
}

/// <inheritdoc/>
internal sealed unsafe class FactorKernels<TSimd, TVector, TRank>(int stride) : FactorKernels(TRank.Stride(stride))
    where TSimd : struct, ISimd<TVector>
    where TRank : struct, IRank
{
    private const float PivotTolerance = 1e-6f;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override float AddResidual(float* panel, int rows, float* x, float* c, float* g, float* sum)
    {
        var d = TRank.Stride(Stride);
        var gx = Vector256<float>.Zero;
        var t = stackalloc float[RowGroup];
        for (int e = 0; e < rows; e += RowGroup, panel += RowGroup * d)
        {
            var s0 = TSimd.Create(0);
            TVector s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
            for (int k = 0; k < d; k += TSimd.Width)
            {
                var xk = TSimd.Load(x + k);
                var v = panel + k;
                s0 = TSimd.MultiplyAdd(TSimd.Load(v), xk, s0);
                s1 = TSimd.MultiplyAdd(TSimd.Load(v + d), xk, s1);
                s2 = TSimd.MultiplyAdd(TSimd.Load(v + 2 * d), xk, s2);
                s3 = TSimd.MultiplyAdd(TSimd.Load(v + 3 * d), xk, s3);
                s4 = TSimd.MultiplyAdd(TSimd.Load(v + 4 * d), xk, s4);
                s5 = TSimd.MultiplyAdd(TSimd.Load(v + 5 * d), xk, s5);
                s6 = TSimd.MultiplyAdd(TSimd.Load(v + 6 * d), xk, s6);
                s7 = TSimd.MultiplyAdd(TSimd.Load(v + 7 * d), xk, s7);
            }
            var dots = TSimd.Sums(s0, s1, s2, s3, s4, s5, s6, s7);
            var ge = Vector256.Load(g + e);
            gx += ge * dots;
            (ge - Vector256.Load(c + e) * dots).Store(t);
            AddGroup(panel, d, t, sum);
        }
        return Vector256.Sum(gx);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void AddWeighted(float* panel, int rows, float* c, float* sum)
    {
        var d = TRank.Stride(Stride);
        for (int e = 0; e < rows; e += RowGroup)
            AddGroup(panel + e * d, d, c + e, sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddGroup(float* panel, int d, float* c, float* sum)
    {
        for (int k = 0; k < d; k += TSimd.Width)
        {
            var v = panel + k;
            var a = TSimd.MultiplyAdd(TSimd.Create(c[0]), TSimd.Load(v), TSimd.Load(sum + k));
            var b = TSimd.Multiply(TSimd.Create(c[1]), TSimd.Load(v + d));
            a = TSimd.MultiplyAdd(TSimd.Create(c[2]), TSimd.Load(v + 2 * d), a);
            b = TSimd.MultiplyAdd(TSimd.Create(c[3]), TSimd.Load(v + 3 * d), b);
            a = TSimd.MultiplyAdd(TSimd.Create(c[4]), TSimd.Load(v + 4 * d), a);
            b = TSimd.MultiplyAdd(TSimd.Create(c[5]), TSimd.Load(v + 5 * d), b);
            a = TSimd.MultiplyAdd(TSimd.Create(c[6]), TSimd.Load(v + 6 * d), a);
            b = TSimd.MultiplyAdd(TSimd.Create(c[7]), TSimd.Load(v + 7 * d), b);
            TSimd.Store(TSimd.Add(a, b), sum + k);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Scale(float* panel, int rows, float* c, float factor, float* scaled)
    {
        var d = TRank.Stride(Stride);
        for (int e = 0; e < rows; e++, panel += d, scaled += d)
        {
            var s = TSimd.Create(c is null ? factor : factor * c[e]);
            for (int k = 0; k < d; k += TSimd.Width)
                TSimd.Store(TSimd.Multiply(s, TSimd.Load(panel + k)), scaled + k);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void SubtractProducts(float* w, float* v, int rows, float* a)
    {
        var d = TRank.Stride(Stride);
        for (int i = 0; i < d; i += RowGroup)
            SubtractStrip(w + i, v, rows, a + i * d, i, d);
    }

    /// <summary>Eight rows of A, from the first vector that holds the diagonal.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SubtractStrip(float* w, float* v, int rows, float* a, int i, int d)
    {
        for (int j = i - i % TSimd.Width; j < d; j += TSimd.Width)
            SubtractTile(w, v + j, rows, a + j, d);
    }

    /// <summary>A tile of 8 rows and one vector of columns: a[r] −= Σ_e w[e][r] v[e].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SubtractTile(float* w, float* v, int rows, float* a, int d)
    {
        TVector a0 = TSimd.Load(a), a1 = TSimd.Load(a + d), a2 = TSimd.Load(a + 2 * d), a3 = TSimd.Load(a + 3 * d);
        TVector a4 = TSimd.Load(a + 4 * d), a5 = TSimd.Load(a + 5 * d), a6 = TSimd.Load(a + 6 * d), a7 = TSimd.Load(a + 7 * d);
        for (int e = 0; e < rows; e++, w += d, v += d)
        {
            var ve = TSimd.Load(v);
            a0 = TSimd.SubtractProduct(TSimd.Create(w[0]), ve, a0);
            a1 = TSimd.SubtractProduct(TSimd.Create(w[1]), ve, a1);
            a2 = TSimd.SubtractProduct(TSimd.Create(w[2]), ve, a2);
            a3 = TSimd.SubtractProduct(TSimd.Create(w[3]), ve, a3);
            a4 = TSimd.SubtractProduct(TSimd.Create(w[4]), ve, a4);
            a5 = TSimd.SubtractProduct(TSimd.Create(w[5]), ve, a5);
            a6 = TSimd.SubtractProduct(TSimd.Create(w[6]), ve, a6);
            a7 = TSimd.SubtractProduct(TSimd.Create(w[7]), ve, a7);
        }
        TSimd.Store(a0, a);
        TSimd.Store(a1, a + d);
        TSimd.Store(a2, a + 2 * d);
        TSimd.Store(a3, a + 3 * d);
        TSimd.Store(a4, a + 4 * d);
        TSimd.Store(a5, a + 5 * d);
        TSimd.Store(a6, a + 6 * d);
        TSimd.Store(a7, a + 7 * d);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Factor(float* a, float* inverses)
    {
        var d = TRank.Stride(Stride);
        for (int k = 0; k < d; k++)
            inverses[k] = a[k * d + k];

        for (int i = 0; i < d; i += RowGroup)
        {
            // Rows i…i+7: take off what the rows above explain, then eliminate within.
            SubtractStrip(a + i, a, i, a + i * d, i, d);
            var first = i - i % TSimd.Width;
            for (int k = i; k < i + RowGroup; k++)
            {
                var row = a + k * d;
                var pivot = row[k];
                // NaN and infinity go through: the loss shows them.
                var undetermined = pivot <= PivotTolerance * inverses[k] && float.IsFinite(inverses[k]);
                var inverse = undetermined ? 0 : 1 / MathF.Sqrt(pivot);
                inverses[k] = inverse;
                for (int j = first; j < d; j += TSimd.Width)
                {
                    var rj = TSimd.Multiply(TSimd.Create(inverse), TSimd.Load(row + j));
                    TSimd.Store(rj, row + j);
                }
                for (int below = k + 1; below < i + RowGroup; below++)
                {
                    var rk = TSimd.Create(row[below]);
                    for (int j = first; j < d; j += TSimd.Width)
                        TSimd.Store(TSimd.SubtractProduct(rk, TSimd.Load(row + j), TSimd.Load(a + below * d + j)), a + below * d + j);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Solve(float* r, float* inverses, float* x)
    {
        var d = TRank.Stride(Stride);
        // Rᵀ y = x. Lanes up to k are not to be touched: they hold finished values.
        for (int k = 0; k < d; k++)
        {
            var row = r + k * d;
            var y = x[k] * inverses[k];
            x[k] = y;
            var j = k + 1;
            for (; j % TSimd.Width != 0; j++)
                x[j] -= y * row[j];
            var yk = TSimd.Create(y);
            for (; j < d; j += TSimd.Width)
                TSimd.Store(TSimd.SubtractProduct(yk, TSimd.Load(row + j), TSimd.Load(x + j)), x + j);
        }
        // R x = y.
        for (int k = d - 1; k >= 0; k--)
        {
            var row = r + k * d;
            var rest = x[k];
            var j = k + 1;
            for (; j % TSimd.Width != 0; j++)
                rest -= x[j] * row[j];
            if (j < d)
            {
                var dot = TSimd.Multiply(TSimd.Load(row + j), TSimd.Load(x + j));
                for (j += TSimd.Width; j < d; j += TSimd.Width)
                    dot = TSimd.MultiplyAdd(TSimd.Load(row + j), TSimd.Load(x + j), dot);
                rest -= TSimd.Sum(dot);
            }
            x[k] = rest * inverses[k];
        }
    }
}
