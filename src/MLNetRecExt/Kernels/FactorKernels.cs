using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MLNetRecExt.Kernels;

/// <summary>
/// The arithmetic of alternating least squares on rows of D floats, D the rank rounded up to a multiple of 16.
/// Every pointer is 64-byte aligned or at a multiple of 16 floats from such a one; row r of a panel starts at r·D; padding columns are
/// zero.
/// </summary>
internal abstract unsafe class FactorKernels
{
    /// <summary>Panels hold a multiple of this many rows; rows added to fill up have coefficients of zero.</summary>
    public const int RowGroup = 8;

    protected const int PrefetchDistance = 16;

    protected FactorKernels(int stride)
    {
        Debug.Assert(stride > 0 && stride % 16 == 0);
        Stride = stride;
    }

    /// <summary>D.</summary>
    public int Stride { get; }

    /// <summary>So many rows fill whole groups.</summary>
    public static int RoundUp(int rows) => (rows + RowGroup - 1) / RowGroup * RowGroup;

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
        96 => new FactorKernels<TSimd, TVector, Rank96>(stride),
        128 => new FactorKernels<TSimd, TVector, Rank128>(stride),
        256 => new FactorKernels<TSimd, TVector, Rank256>(stride),
        _ => new FactorKernels<TSimd, TVector, AnyRank>(stride),
    };

    /// <summary>panel[e] = matrix[indices[e]], and up to the next full group copies of the last row.</summary>
    public abstract void Gather(float* matrix, ReadOnlySpan<int> indices, float* panel);

    /// <summary>Asks the memory for the first rows that <see cref="AddResidual"/> reads.</summary>
    public abstract void Prefetch(float* matrix, ReadOnlySpan<int> indices);

    /// <summary>
    /// sum += Σ_e (g_e − c_e⟨v_e, x⟩) v_e over the rows v_e = matrix[indices[e]]. Returns Σ_e g_e⟨v_e, x⟩.
    /// Up to the next full group, <paramref name="indices"/> must be readable and name rows, whichever.
    /// </summary>
    /// <remarks>
    /// <paramref name="prefetch"/>: the rows are not in a near cache.
    /// <paramref name="scratch"/>: 8 floats. On this method's own stack they would make the JIT keep rows in registers across both
    /// phases, and spill.
    /// </remarks>
    public abstract float AddResidual(
        float* matrix, int* indices, int rows, float* x, float* c, float* g, float* sum, float* scratch, bool prefetch);

    /// <summary>Σ_e c_e⟨v_e, x⟩² over the rows v_e = matrix[indices[e]], with all else as for <see cref="AddResidual"/>.</summary>
    public abstract float SumSquares(float* matrix, int* indices, int rows, float* x, float* c, bool prefetch);

    /// <summary>sum += Σ_e c_e v_e over the rows v of a panel.</summary>
    public abstract void AddWeighted(float* panel, int rows, float* c, float* sum);

    /// <summary>result_r = −(f_r G v_r + s_r v_r) for the rows v_r of a panel, full groups of them, and a symmetric D×D matrix G.</summary>
    public abstract void MultiplySymmetric(float* g, float* panel, int rows, float* f, float* s, float* result);

    /// <summary>x·y.</summary>
    public abstract float Dot(float* x, float* y);

    /// <summary>
    /// One conjugate-gradient step on xᵀAx − 2xᵀb, given the residual r, the direction p, q = −A p and rr = r·r: all but q move on.
    /// Returns the new rr; or 0 and a curvature pᵀAp of 0, without a change, when p is a direction that neither data nor regularisation
    /// determines: there r is only rounding, which a step would blow up. <paramref name="steepest"/> is the largest pᵀAp / pᵀp so far.
    /// </summary>
    public abstract float Advance(float* x, float* r, float* p, float* q, float rr, ref float steepest, out float curvature);

    /// <summary>
    /// The last of these steps, of which only pᵀAp is known: x alone moves on. Returns false where it does not, as
    /// <see cref="Advance"/>.
    /// </summary>
    public abstract bool Finish(float* x, float* p, float rr, float curvature, float steepest);

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
    // About sixteen roundings of a float, 2⁻²⁴ each: by so much sums of many products may be off. What is left of a pivot, or the curvature
    // of a direction beside the steepest one, has no significant digit below that: neither data nor regularisation determines it.
    private const float PivotTolerance = 1e-6f;
    private const float DirectionTolerance = 1e-6f;

    // As many have their sums in registers.
    private const int MostVectors = 8;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Gather(float* matrix, ReadOnlySpan<int> indices, float* panel)
    {
        var d = TRank.Stride(Stride);
        for (int e = 0; e < indices.Length; e++, panel += d)
        {
            if (e + PrefetchDistance < indices.Length)
                Prefetch(matrix + (long)indices[e + PrefetchDistance] * d, d);
            Copy(matrix + (long)indices[e] * d, panel, d);
        }
        for (int e = indices.Length; e % RowGroup != 0; e++, panel += d)
            Copy(panel - d, panel, d);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(float* row, int d)
    {
        if (!Sse.IsSupported)
            return;
        int k = 0;
        for (; k + 64 <= d; k += 64)
        {
            Sse.Prefetch0(row + k);
            Sse.Prefetch0(row + k + 16);
            Sse.Prefetch0(row + k + 32);
            Sse.Prefetch0(row + k + 48);
        }
        for (; k < d; k += 16)
            Sse.Prefetch0(row + k);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Copy(float* from, float* to, int d)
    {
        int k = 0;
        for (; k + 4 * TSimd.Width <= d; k += 4 * TSimd.Width)
        {
            TVector v0 = TSimd.Load(from + k), v1 = TSimd.Load(from + k + TSimd.Width), v2 = TSimd.Load(from + k + 2 * TSimd.Width),
                v3 = TSimd.Load(from + k + 3 * TSimd.Width);
            TSimd.Store(v0, to + k);
            TSimd.Store(v1, to + k + TSimd.Width);
            TSimd.Store(v2, to + k + 2 * TSimd.Width);
            TSimd.Store(v3, to + k + 3 * TSimd.Width);
        }
        for (; k < d; k += TSimd.Width)
            TSimd.Store(TSimd.Load(from + k), to + k);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Prefetch(float* matrix, ReadOnlySpan<int> indices)
    {
        var d = TRank.Stride(Stride);
        for (int e = 0; e < Math.Min(PrefetchDistance, indices.Length); e++)
            Prefetch(matrix + (long)indices[e] * d, d);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override float AddResidual(
        float* matrix, int* indices, int rows, float* x, float* c, float* g, float* sum, float* scratch, bool prefetch)
    {
        var d = TRank.Stride(Stride);
        // The sums stay in registers where a row is short, and its length a constant.
        if (typeof(TRank) != typeof(AnyRank) && d <= MostVectors * TSimd.Width && d % (2 * TSimd.Width) == 0)
            return AddFewVectors(matrix, indices, rows, x, c, g, sum, scratch, prefetch);
        var gx = Vector256<float>.Zero;
        for (int e = 0; e < rows; e += RowGroup, indices += RowGroup)
        {
            if (prefetch && e + PrefetchDistance < rows)
                PrefetchGroup(matrix, indices + PrefetchDistance, d);
            gx += AddGroup(
                matrix + (long)indices[0] * d, matrix + (long)indices[1] * d, matrix + (long)indices[2] * d, matrix + (long)indices[3] * d,
                matrix + (long)indices[4] * d, matrix + (long)indices[5] * d, matrix + (long)indices[6] * d, matrix + (long)indices[7] * d,
                x, c + e, g + e, sum, scratch, d);
        }
        return Vector256.Sum(gx);
    }

    /// <summary>
    /// The same for rows of two, four, six or eight vectors: s_i = v_i·x, w_i = g_i − c_i s_i, sum += Σ w_i v_i, four rows at a time. The
    /// sums stay in registers, and four rows are few enough operations for the processor to begin with the next ones before these are done.
    /// </summary>
    /// <remarks>What may call the runtime in this loop, even a static field, would spill the sums.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float AddFewVectors(
        float* matrix, int* indices, int rows, float* x, float* c, float* g, float* sum, float* scratch, bool prefetch)
    {
        var d = TRank.Stride(0);
        var gx = Vector128<float>.Zero;
        var sums = new Sums();
        sums.Load(sum, d);
        for (int e = 0; e < rows; e += 4, indices += 4)
        {
            if (prefetch && e + PrefetchDistance < rows)
            {
                for (int ahead = PrefetchDistance; ahead < PrefetchDistance + 4; ahead++)
                    Prefetch(matrix + (long)indices[ahead] * d, d);
            }
            float* v0 = matrix + (long)indices[0] * d, v1 = matrix + (long)indices[1] * d, v2 = matrix + (long)indices[2] * d,
                v3 = matrix + (long)indices[3] * d;
            var dots = FourDots(v0, v1, v2, v3, x, d);
            gx += Vector128.Load(g + e) * dots;
            (Vector128.Load(g + e) - Vector128.Load(c + e) * dots).Store(scratch);
            sums.AddScaled(v0, scratch[0], d);
            sums.AddScaled(v1, scratch[1], d);
            sums.AddScaled(v2, scratch[2], d);
            sums.AddScaled(v3, scratch[3], d);
        }
        sums.Store(sum, d);
        return Vector128.Sum(gx);
    }

    /// <summary>v·x for each of four rows v.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> FourDots(float* v0, float* v1, float* v2, float* v3, float* x, int d)
    {
        var s0 = TSimd.Create(0);
        TVector s1 = s0, s2 = s0, s3 = s0;
        for (int k = 0; k < d; k += 2 * TSimd.Width)
        {
            AddDots(v0 + k, v1 + k, v2 + k, v3 + k, TSimd.Load(x + k), ref s0, ref s1, ref s2, ref s3);
            var next = k + TSimd.Width;
            AddDots(v0 + next, v1 + next, v2 + next, v3 + next, TSimd.Load(x + next), ref s0, ref s1, ref s2, ref s3);
        }
        return TSimd.Sums(s0, s1, s2, s3);
    }

    /// <summary>s_i += v_i·x over one vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddDots(
        float* v0, float* v1, float* v2, float* v3, TVector x, ref TVector s0, ref TVector s1, ref TVector s2, ref TVector s3)
    {
        s0 = TSimd.MultiplyAdd(TSimd.Load(v0), x, s0);
        s1 = TSimd.MultiplyAdd(TSimd.Load(v1), x, s1);
        s2 = TSimd.MultiplyAdd(TSimd.Load(v2), x, s2);
        s3 = TSimd.MultiplyAdd(TSimd.Load(v3), x, s3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override float SumSquares(float* matrix, int* indices, int rows, float* x, float* c, bool prefetch)
    {
        var d = TRank.Stride(Stride);
        var sum = Vector256<float>.Zero;
        for (int e = 0; e < rows; e += RowGroup, indices += RowGroup)
        {
            if (prefetch && e + PrefetchDistance < rows)
                PrefetchGroup(matrix, indices + PrefetchDistance, d);
            var dots = Dots(
                matrix + (long)indices[0] * d, matrix + (long)indices[1] * d, matrix + (long)indices[2] * d, matrix + (long)indices[3] * d,
                matrix + (long)indices[4] * d, matrix + (long)indices[5] * d, matrix + (long)indices[6] * d, matrix + (long)indices[7] * d,
                x, d);
            sum += Vector256.Load(c + e) * dots * dots;
        }
        return Vector256.Sum(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PrefetchGroup(float* matrix, int* indices, int d)
    {
        for (int e = 0; e < RowGroup; e++)
            Prefetch(matrix + (long)indices[e] * d, d);
    }

    /// <summary>sum += Σ (g − c⟨v, x⟩) v over eight rows. Returns g⟨v, x⟩ of each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> AddGroup(
        float* v0, float* v1, float* v2, float* v3, float* v4, float* v5, float* v6, float* v7, float* x, float* c, float* g, float* sum,
        float* scratch, int d)
    {
        var dots = Dots(v0, v1, v2, v3, v4, v5, v6, v7, x, d);
        (Vector256.Load(g) - Vector256.Load(c) * dots).Store(scratch);

        var blocks = d - d % (4 * TSimd.Width);
        int k = 0;
        for (; k < blocks; k += 4 * TSimd.Width)
        {
            TVector a0 = TSimd.Load(sum + k), a1 = TSimd.Load(sum + k + TSimd.Width), a2 = TSimd.Load(sum + k + 2 * TSimd.Width),
                a3 = TSimd.Load(sum + k + 3 * TSimd.Width);
            TVector b0 = TSimd.Create(0), b1 = b0, b2 = b0, b3 = b0;
            FourVectors<TSimd, TVector>.AddScaled(v0 + k, scratch[0], ref a0, ref a1, ref a2, ref a3);
            FourVectors<TSimd, TVector>.AddScaled(v1 + k, scratch[1], ref b0, ref b1, ref b2, ref b3);
            FourVectors<TSimd, TVector>.AddScaled(v2 + k, scratch[2], ref a0, ref a1, ref a2, ref a3);
            FourVectors<TSimd, TVector>.AddScaled(v3 + k, scratch[3], ref b0, ref b1, ref b2, ref b3);
            FourVectors<TSimd, TVector>.AddScaled(v4 + k, scratch[4], ref a0, ref a1, ref a2, ref a3);
            FourVectors<TSimd, TVector>.AddScaled(v5 + k, scratch[5], ref b0, ref b1, ref b2, ref b3);
            FourVectors<TSimd, TVector>.AddScaled(v6 + k, scratch[6], ref a0, ref a1, ref a2, ref a3);
            FourVectors<TSimd, TVector>.AddScaled(v7 + k, scratch[7], ref b0, ref b1, ref b2, ref b3);
            TSimd.Store(TSimd.Add(a0, b0), sum + k);
            TSimd.Store(TSimd.Add(a1, b1), sum + k + TSimd.Width);
            TSimd.Store(TSimd.Add(a2, b2), sum + k + 2 * TSimd.Width);
            TSimd.Store(TSimd.Add(a3, b3), sum + k + 3 * TSimd.Width);
        }
        for (; k < d; k += TSimd.Width)
        {
            var a = TSimd.MultiplyAdd(TSimd.Load(v0 + k), TSimd.Create(scratch[0]), TSimd.Load(sum + k));
            var b = TSimd.Multiply(TSimd.Load(v1 + k), TSimd.Create(scratch[1]));
            a = TSimd.MultiplyAdd(TSimd.Load(v2 + k), TSimd.Create(scratch[2]), a);
            b = TSimd.MultiplyAdd(TSimd.Load(v3 + k), TSimd.Create(scratch[3]), b);
            a = TSimd.MultiplyAdd(TSimd.Load(v4 + k), TSimd.Create(scratch[4]), a);
            b = TSimd.MultiplyAdd(TSimd.Load(v5 + k), TSimd.Create(scratch[5]), b);
            a = TSimd.MultiplyAdd(TSimd.Load(v6 + k), TSimd.Create(scratch[6]), a);
            b = TSimd.MultiplyAdd(TSimd.Load(v7 + k), TSimd.Create(scratch[7]), b);
            TSimd.Store(TSimd.Add(a, b), sum + k);
        }
        return Vector256.Load(g) * dots;
    }

    /// <summary>v·x for each of eight rows v.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Dots(
        float* v0, float* v1, float* v2, float* v3, float* v4, float* v5, float* v6, float* v7, float* x, int d)
    {
        var blocks = d - d % (4 * TSimd.Width);
        var s0 = TSimd.Create(0);
        TVector s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
        int k = 0;
        for (; k < blocks; k += 4 * TSimd.Width)
        {
            TVector x0 = TSimd.Load(x + k), x1 = TSimd.Load(x + k + TSimd.Width), x2 = TSimd.Load(x + k + 2 * TSimd.Width),
                x3 = TSimd.Load(x + k + 3 * TSimd.Width);
            s0 = AddDot(v0 + k, x0, x1, x2, x3, s0);
            s1 = AddDot(v1 + k, x0, x1, x2, x3, s1);
            s2 = AddDot(v2 + k, x0, x1, x2, x3, s2);
            s3 = AddDot(v3 + k, x0, x1, x2, x3, s3);
            s4 = AddDot(v4 + k, x0, x1, x2, x3, s4);
            s5 = AddDot(v5 + k, x0, x1, x2, x3, s5);
            s6 = AddDot(v6 + k, x0, x1, x2, x3, s6);
            s7 = AddDot(v7 + k, x0, x1, x2, x3, s7);
        }
        for (; k < d; k += TSimd.Width)
        {
            var xk = TSimd.Load(x + k);
            s0 = TSimd.MultiplyAdd(TSimd.Load(v0 + k), xk, s0);
            s1 = TSimd.MultiplyAdd(TSimd.Load(v1 + k), xk, s1);
            s2 = TSimd.MultiplyAdd(TSimd.Load(v2 + k), xk, s2);
            s3 = TSimd.MultiplyAdd(TSimd.Load(v3 + k), xk, s3);
            s4 = TSimd.MultiplyAdd(TSimd.Load(v4 + k), xk, s4);
            s5 = TSimd.MultiplyAdd(TSimd.Load(v5 + k), xk, s5);
            s6 = TSimd.MultiplyAdd(TSimd.Load(v6 + k), xk, s6);
            s7 = TSimd.MultiplyAdd(TSimd.Load(v7 + k), xk, s7);
        }
        return TSimd.Sums(s0, s1, s2, s3, s4, s5, s6, s7);
    }

    /// <summary>s + v·x over four vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector AddDot(float* v, TVector x0, TVector x1, TVector x2, TVector x3, TVector s)
    {
        s = TSimd.MultiplyAdd(TSimd.Load(v), x0, s);
        s = TSimd.MultiplyAdd(TSimd.Load(v + TSimd.Width), x1, s);
        s = TSimd.MultiplyAdd(TSimd.Load(v + 2 * TSimd.Width), x2, s);
        return TSimd.MultiplyAdd(TSimd.Load(v + 3 * TSimd.Width), x3, s);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void AddWeighted(float* panel, int rows, float* c, float* sum)
    {
        var d = TRank.Stride(Stride);
        int k = 0;
        for (; k + 4 * TSimd.Width <= d; k += 4 * TSimd.Width)
            AddRows4(panel + k, rows, c, sum + k, d);
        for (; k < d; k += TSimd.Width)
            AddRows(panel + k, rows, c, sum + k, d);
    }

    /// <summary>
    /// sum += Σ_e c_e v_e for four vectors of columns. Odd and even rows add up apart, so that twice as many sums are under way.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRows4(float* v, int rows, float* c, float* sum, int d)
    {
        TVector a0 = TSimd.Load(sum), a1 = TSimd.Load(sum + TSimd.Width), a2 = TSimd.Load(sum + 2 * TSimd.Width),
            a3 = TSimd.Load(sum + 3 * TSimd.Width);
        TVector b0 = TSimd.Create(0), b1 = b0, b2 = b0, b3 = b0;
        for (int e = 0; e < rows; e += 2, v += 2 * d)
        {
            FourVectors<TSimd, TVector>.AddScaled(v, c[e], ref a0, ref a1, ref a2, ref a3);
            FourVectors<TSimd, TVector>.AddScaled(v + d, c[e + 1], ref b0, ref b1, ref b2, ref b3);
        }
        TSimd.Store(TSimd.Add(a0, b0), sum);
        TSimd.Store(TSimd.Add(a1, b1), sum + TSimd.Width);
        TSimd.Store(TSimd.Add(a2, b2), sum + 2 * TSimd.Width);
        TSimd.Store(TSimd.Add(a3, b3), sum + 3 * TSimd.Width);
    }

    /// <summary>The same for one vector of columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRows(float* v, int rows, float* c, float* sum, int d)
    {
        TVector a0 = TSimd.Load(sum), a1 = TSimd.Create(0), a2 = a1, a3 = a1;
        for (int e = 0; e < rows; e += 4, v += 4 * d)
        {
            a0 = TSimd.MultiplyAdd(TSimd.Load(v), TSimd.Create(c[e]), a0);
            a1 = TSimd.MultiplyAdd(TSimd.Load(v + d), TSimd.Create(c[e + 1]), a1);
            a2 = TSimd.MultiplyAdd(TSimd.Load(v + 2 * d), TSimd.Create(c[e + 2]), a2);
            a3 = TSimd.MultiplyAdd(TSimd.Load(v + 3 * d), TSimd.Create(c[e + 3]), a3);
        }
        TSimd.Store(TSimd.Add(TSimd.Add(a0, a1), TSimd.Add(a2, a3)), sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void MultiplySymmetric(float* g, float* panel, int rows, float* f, float* s, float* result)
    {
        var d = TRank.Stride(Stride);
        for (int r = 0; r < rows; r += RowGroup)
        {
            for (int k = 0; k < d; k += TSimd.Width)
                MultiplyTile(g + k, panel + r * d, k, f + r, s + r, result + r * d + k, d);
        }
    }

    /// <summary>A tile of 8 rows and one vector of columns from column k on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MultiplyTile(float* g, float* v, int k, float* f, float* s, float* result, int d)
    {
        var a0 = TSimd.Create(0);
        TVector a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
        var vj = v;
        for (int j = 0; j < d; j++, g += d, vj++)
        {
            var gj = TSimd.Load(g);
            a0 = TSimd.MultiplyAdd(TSimd.Create(vj[0]), gj, a0);
            a1 = TSimd.MultiplyAdd(TSimd.Create(vj[d]), gj, a1);
            a2 = TSimd.MultiplyAdd(TSimd.Create(vj[2 * d]), gj, a2);
            a3 = TSimd.MultiplyAdd(TSimd.Create(vj[3 * d]), gj, a3);
            a4 = TSimd.MultiplyAdd(TSimd.Create(vj[4 * d]), gj, a4);
            a5 = TSimd.MultiplyAdd(TSimd.Create(vj[5 * d]), gj, a5);
            a6 = TSimd.MultiplyAdd(TSimd.Create(vj[6 * d]), gj, a6);
            a7 = TSimd.MultiplyAdd(TSimd.Create(vj[7 * d]), gj, a7);
        }
        v += k;
        StoreNegated(a0, f[0], s[0], v, result);
        StoreNegated(a1, f[1], s[1], v + d, result + d);
        StoreNegated(a2, f[2], s[2], v + 2 * d, result + 2 * d);
        StoreNegated(a3, f[3], s[3], v + 3 * d, result + 3 * d);
        StoreNegated(a4, f[4], s[4], v + 4 * d, result + 4 * d);
        StoreNegated(a5, f[5], s[5], v + 5 * d, result + 5 * d);
        StoreNegated(a6, f[6], s[6], v + 6 * d, result + 6 * d);
        StoreNegated(a7, f[7], s[7], v + 7 * d, result + 7 * d);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreNegated(TVector product, float f, float s, float* v, float* result) =>
        TSimd.Store(TSimd.SubtractProduct(TSimd.Create(f), product, TSimd.Multiply(TSimd.Create(-s), TSimd.Load(v))), result);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override float Dot(float* x, float* y)
    {
        var d = TRank.Stride(Stride);
        var sum = TSimd.Create(0);
        for (int k = 0; k < d; k += TSimd.Width)
            sum = TSimd.MultiplyAdd(TSimd.Load(x + k), TSimd.Load(y + k), sum);
        return TSimd.Sum(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override float Advance(float* x, float* r, float* p, float* q, float rr, ref float steepest, out float curvature)
    {
        var d = TRank.Stride(Stride);
        curvature = -Dot(p, q);
        var pp = Dot(p, p);
        if (!IsDetermined(curvature, pp, steepest))
            return curvature = 0;
        steepest = Math.Max(steepest, curvature / pp);
        var length = TSimd.Create(rr / curvature);
        var squares = TSimd.Create(0);
        for (int k = 0; k < d; k += TSimd.Width)
        {
            TSimd.Store(TSimd.MultiplyAdd(length, TSimd.Load(p + k), TSimd.Load(x + k)), x + k);
            var rk = TSimd.MultiplyAdd(length, TSimd.Load(q + k), TSimd.Load(r + k));
            TSimd.Store(rk, r + k);
            squares = TSimd.MultiplyAdd(rk, rk, squares);
        }
        var next = TSimd.Sum(squares);
        var turn = TSimd.Create(next / rr);
        for (int k = 0; k < d; k += TSimd.Width)
            TSimd.Store(TSimd.MultiplyAdd(turn, TSimd.Load(p + k), TSimd.Load(r + k)), p + k);
        return next;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override bool Finish(float* x, float* p, float rr, float curvature, float steepest)
    {
        var d = TRank.Stride(Stride);
        if (!IsDetermined(curvature, Dot(p, p), steepest))
            return false;
        var length = TSimd.Create(rr / curvature);
        for (int k = 0; k < d; k += TSimd.Width)
            TSimd.Store(TSimd.MultiplyAdd(length, TSimd.Load(p + k), TSimd.Load(x + k)), x + k);
        return true;
    }

    // NaN goes through: the loss shows it.
    private static bool IsDetermined(float curvature, float pp, float steepest) => !(curvature <= DirectionTolerance * steepest * pp);

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

    /// <summary>Sums of vectors in registers: as many as a row has.</summary>
    private struct Sums
    {
        private TVector _a0, _a1, _a2, _a3, _a4, _a5, _a6, _a7;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Load(float* from, int d)
        {
            (_a0, _a1) = (TSimd.Load(from), TSimd.Load(from + TSimd.Width));
            if (d > 2 * TSimd.Width)
                (_a2, _a3) = (TSimd.Load(from + 2 * TSimd.Width), TSimd.Load(from + 3 * TSimd.Width));
            if (d > 4 * TSimd.Width)
                (_a4, _a5) = (TSimd.Load(from + 4 * TSimd.Width), TSimd.Load(from + 5 * TSimd.Width));
            if (d > 6 * TSimd.Width)
                (_a6, _a7) = (TSimd.Load(from + 6 * TSimd.Width), TSimd.Load(from + 7 * TSimd.Width));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void AddScaled(float* v, float factor, int d)
        {
            var c = TSimd.Create(factor);
            Add(v, c, ref _a0, ref _a1);
            if (d > 2 * TSimd.Width)
                Add(v + 2 * TSimd.Width, c, ref _a2, ref _a3);
            if (d > 4 * TSimd.Width)
                Add(v + 4 * TSimd.Width, c, ref _a4, ref _a5);
            if (d > 6 * TSimd.Width)
                Add(v + 6 * TSimd.Width, c, ref _a6, ref _a7);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Store(float* to, int d)
        {
            Store(to, _a0, _a1);
            if (d > 2 * TSimd.Width)
                Store(to + 2 * TSimd.Width, _a2, _a3);
            if (d > 4 * TSimd.Width)
                Store(to + 4 * TSimd.Width, _a4, _a5);
            if (d > 6 * TSimd.Width)
                Store(to + 6 * TSimd.Width, _a6, _a7);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Add(float* v, TVector c, ref TVector a, ref TVector b)
        {
            a = TSimd.MultiplyAdd(TSimd.Load(v), c, a);
            b = TSimd.MultiplyAdd(TSimd.Load(v + TSimd.Width), c, b);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Store(float* to, TVector a, TVector b)
        {
            TSimd.Store(a, to);
            TSimd.Store(b, to + TSimd.Width);
        }
    }
}
