using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MLNetRecExt.Kernels;

/// <summary>Matrix products. Each element is summed over k in order, so it does not depend on what else is multiplied along.</summary>
internal abstract unsafe class GemmKernels
{
    /// <summary>The kernels for this machine.</summary>
    public static GemmKernels Best { get; } =
        Vector512.IsHardwareAccelerated ? new GemmKernels<Simd512, Vector512<float>>()
        : Vector256.IsHardwareAccelerated ? new GemmKernels<Simd256, Vector256<float>>()
        : new GemmKernels<Simd128, Vector128<float>>();

    /// <summary>
    /// C = A·B, or C += A·B, for an m×k matrix A and a k×n matrix B; n is a multiple of 16. A's element (i, l) stands at a[i·row + l·step]:
    /// a step of 1 and a row of a stride, or the reverse, make A or its transpose of one array.
    /// </summary>
    public abstract void Multiply(float* a, nint row, nint step, float* b, nint bStride, float* c, nint cStride, int m, int n, int k, bool add);
}

/// <inheritdoc/>
internal sealed unsafe class GemmKernels<TSimd, TVector> : GemmKernels
    where TSimd : struct, ISimd<TVector>
{
    public override void Multiply(float* a, nint row, nint step, float* b, nint bStride, float* c, nint cStride, int m, int n, int k, bool add)
    {
        Debug.Assert(n % 16 == 0);
        var width = 2 * TSimd.Width;
        var whole = n - n % width;
        for (int j = 0; j < whole; j += width)
            MultiplyStrip(a, row, step, b + j, bStride, c + j, cStride, m, k, add);
        // Only vectors of 16 leave half a strip.
        if (whole < n)
            GemmKernels<Simd256, Vector256<float>>.MultiplyStrip(a, row, step, b + whole, bStride, c + whole, cStride, m, k, add);
    }

    /// <summary>A strip of two vectors of columns.</summary>
    internal static void MultiplyStrip(float* a, nint row, nint step, float* b, nint bStride, float* c, nint cStride, int m, int k, bool add)
    {
        int i = 0;
        // With 32 registers 28 hold the tile, with 16 registers 12.
        if (TSimd.Width == 16)
            for (; i + 14 <= m; i += 14)
                Tile14(a + i * row, row, step, b, bStride, c + i * cStride, cStride, k, add);
        for (; i + 6 <= m; i += 6)
            Tile6(a + i * row, row, step, b, bStride, c + i * cStride, cStride, k, add);
        for (; i < m; i++)
            Tile1(a + i * row, row, step, b, bStride, c + i * cStride, cStride, k, add);
    }

    /// <summary>14 rows and two vectors of columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile14(float* a, nint row, nint step, float* b, nint bStride, float* c, nint cStride, int k, bool add)
    {
        var row2 = 2 * row;
        var row3 = 3 * row;
        var row4 = 4 * row;
        float* p = a, q = a + 5 * row, s = a + 10 * row;
        var c00 = TSimd.Create(0);
        TVector c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00, c40 = c00, c41 = c00, c50 = c00, c51 = c00, c60 = c00, c61 = c00, c70 = c00, c71 = c00, c80 = c00, c81 = c00, c90 = c00, c91 = c00, c100 = c00, c101 = c00, c110 = c00, c111 = c00, c120 = c00, c121 = c00, c130 = c00, c131 = c00;
        for (int i = 0; i < k; i++, b += bStride, p += step, q += step, s += step)
        {
            TVector b0 = TSimd.Load(b), b1 = TSimd.Load(b + TSimd.Width);
            TVector ai;
            ai = TSimd.Create(*p);
            c00 = TSimd.MultiplyAdd(ai, b0, c00);
            c01 = TSimd.MultiplyAdd(ai, b1, c01);
            ai = TSimd.Create(p[row]);
            c10 = TSimd.MultiplyAdd(ai, b0, c10);
            c11 = TSimd.MultiplyAdd(ai, b1, c11);
            ai = TSimd.Create(p[row2]);
            c20 = TSimd.MultiplyAdd(ai, b0, c20);
            c21 = TSimd.MultiplyAdd(ai, b1, c21);
            ai = TSimd.Create(p[row3]);
            c30 = TSimd.MultiplyAdd(ai, b0, c30);
            c31 = TSimd.MultiplyAdd(ai, b1, c31);
            ai = TSimd.Create(p[row4]);
            c40 = TSimd.MultiplyAdd(ai, b0, c40);
            c41 = TSimd.MultiplyAdd(ai, b1, c41);
            ai = TSimd.Create(*q);
            c50 = TSimd.MultiplyAdd(ai, b0, c50);
            c51 = TSimd.MultiplyAdd(ai, b1, c51);
            ai = TSimd.Create(q[row]);
            c60 = TSimd.MultiplyAdd(ai, b0, c60);
            c61 = TSimd.MultiplyAdd(ai, b1, c61);
            ai = TSimd.Create(q[row2]);
            c70 = TSimd.MultiplyAdd(ai, b0, c70);
            c71 = TSimd.MultiplyAdd(ai, b1, c71);
            ai = TSimd.Create(q[row3]);
            c80 = TSimd.MultiplyAdd(ai, b0, c80);
            c81 = TSimd.MultiplyAdd(ai, b1, c81);
            ai = TSimd.Create(q[row4]);
            c90 = TSimd.MultiplyAdd(ai, b0, c90);
            c91 = TSimd.MultiplyAdd(ai, b1, c91);
            ai = TSimd.Create(*s);
            c100 = TSimd.MultiplyAdd(ai, b0, c100);
            c101 = TSimd.MultiplyAdd(ai, b1, c101);
            ai = TSimd.Create(s[row]);
            c110 = TSimd.MultiplyAdd(ai, b0, c110);
            c111 = TSimd.MultiplyAdd(ai, b1, c111);
            ai = TSimd.Create(s[row2]);
            c120 = TSimd.MultiplyAdd(ai, b0, c120);
            c121 = TSimd.MultiplyAdd(ai, b1, c121);
            ai = TSimd.Create(s[row3]);
            c130 = TSimd.MultiplyAdd(ai, b0, c130);
            c131 = TSimd.MultiplyAdd(ai, b1, c131);
        }
        Store(c00, c01, c, add);
        Store(c10, c11, c + cStride, add);
        Store(c20, c21, c + 2 * cStride, add);
        Store(c30, c31, c + 3 * cStride, add);
        Store(c40, c41, c + 4 * cStride, add);
        Store(c50, c51, c + 5 * cStride, add);
        Store(c60, c61, c + 6 * cStride, add);
        Store(c70, c71, c + 7 * cStride, add);
        Store(c80, c81, c + 8 * cStride, add);
        Store(c90, c91, c + 9 * cStride, add);
        Store(c100, c101, c + 10 * cStride, add);
        Store(c110, c111, c + 11 * cStride, add);
        Store(c120, c121, c + 12 * cStride, add);
        Store(c130, c131, c + 13 * cStride, add);
    }

    /// <summary>6 rows and two vectors of columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile6(float* a, nint row, nint step, float* b, nint bStride, float* c, nint cStride, int k, bool add)
    {
        var row2 = 2 * row;
        var row3 = 3 * row;
        var row4 = 4 * row;
        float* p = a, q = a + 5 * row;
        var c00 = TSimd.Create(0);
        TVector c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00, c40 = c00, c41 = c00, c50 = c00, c51 = c00;
        for (int i = 0; i < k; i++, b += bStride, p += step, q += step)
        {
            TVector b0 = TSimd.Load(b), b1 = TSimd.Load(b + TSimd.Width);
            TVector ai;
            ai = TSimd.Create(*p);
            c00 = TSimd.MultiplyAdd(ai, b0, c00);
            c01 = TSimd.MultiplyAdd(ai, b1, c01);
            ai = TSimd.Create(p[row]);
            c10 = TSimd.MultiplyAdd(ai, b0, c10);
            c11 = TSimd.MultiplyAdd(ai, b1, c11);
            ai = TSimd.Create(p[row2]);
            c20 = TSimd.MultiplyAdd(ai, b0, c20);
            c21 = TSimd.MultiplyAdd(ai, b1, c21);
            ai = TSimd.Create(p[row3]);
            c30 = TSimd.MultiplyAdd(ai, b0, c30);
            c31 = TSimd.MultiplyAdd(ai, b1, c31);
            ai = TSimd.Create(p[row4]);
            c40 = TSimd.MultiplyAdd(ai, b0, c40);
            c41 = TSimd.MultiplyAdd(ai, b1, c41);
            ai = TSimd.Create(*q);
            c50 = TSimd.MultiplyAdd(ai, b0, c50);
            c51 = TSimd.MultiplyAdd(ai, b1, c51);
        }
        Store(c00, c01, c, add);
        Store(c10, c11, c + cStride, add);
        Store(c20, c21, c + 2 * cStride, add);
        Store(c30, c31, c + 3 * cStride, add);
        Store(c40, c41, c + 4 * cStride, add);
        Store(c50, c51, c + 5 * cStride, add);
    }

    /// <summary>One row and two vectors of columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile1(float* a, nint row, nint step, float* b, nint bStride, float* c, nint cStride, int k, bool add)
    {
        float* p = a;
        var c00 = TSimd.Create(0);
        TVector c01 = c00;
        for (int i = 0; i < k; i++, b += bStride, p += step)
        {
            TVector b0 = TSimd.Load(b), b1 = TSimd.Load(b + TSimd.Width);
            var ai = TSimd.Create(*p);
            c00 = TSimd.MultiplyAdd(ai, b0, c00);
            c01 = TSimd.MultiplyAdd(ai, b1, c01);
        }
        Store(c00, c01, c, add);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(TVector c0, TVector c1, float* c, bool add)
    {
        if (add)
        {
            c0 = TSimd.Add(c0, TSimd.Load(c));
            c1 = TSimd.Add(c1, TSimd.Load(c + TSimd.Width));
        }
        TSimd.Store(c0, c);
        TSimd.Store(c1, c + TSimd.Width);
    }
}
