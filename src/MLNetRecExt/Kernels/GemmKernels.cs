using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

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
    public abstract void Multiply(
        float* a, nint row, nint step, float* b, nint bStride, float* c, nint cStride, int m, int n, int k, bool add);
}

/// <inheritdoc/>
internal sealed unsafe class GemmKernels<TSimd, TVector> : GemmKernels
    where TSimd : struct, ISimd<TVector>
{
    public override void Multiply(
        float* a, nint row, nint step, float* b, nint bStride, float* c, nint cStride, int m, int n, int k, bool add)
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
    internal static void MultiplyStrip(
        float* a, nint row, nint step, float* b, nint bStride, float* c, nint cStride, int m, int k, bool add)
    {
        int i = 0;
        // With 32 registers 28 hold the tile, with 16 registers 12.
        if (TSimd.Width == 16)
            for (; i + 14 <= m; i += 14)
                Tile<Height14>(a + i * row, row, step, b, bStride, c + i * cStride, cStride, k, add);
        for (; i + 6 <= m; i += 6)
            Tile<Height6>(a + i * row, row, step, b, bStride, c + i * cStride, cStride, k, add);
        for (; i < m; i++)
            Tile<Height1>(a + i * row, row, step, b, bStride, c + i * cStride, cStride, k, add);
    }

    /// <summary>
    /// 14, 6 or 1 rows and two vectors of columns. The heights are constants to the JIT: each gets code without what it does not need.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile<THeight>(float* a, nint row, nint step, float* b, nint bStride, float* c, nint cStride, int k, bool add)
        where THeight : struct, IHeight
    {
        // What is added to arrives while products are summed: of a large matrix each row is on a page of its own, out of all caches.
        if (add && Sse.IsSupported)
            for (int i = 0; i < THeight.Rows; i++)
            {
                Sse.Prefetch0(c + i * cStride);
                Sse.Prefetch0(c + i * cStride + TSimd.Width);
            }
        nint row2 = 2 * row, row3 = 3 * row, row4 = 4 * row, row5 = 5 * row;
        var c00 = TSimd.Create(0);
        TVector c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00, c40 = c00, c41 = c00, c50 = c00, c51 = c00;
        TVector c60 = c00, c61 = c00, c70 = c00, c71 = c00, c80 = c00, c81 = c00, c90 = c00, c91 = c00;
        TVector c100 = c00, c101 = c00, c110 = c00, c111 = c00, c120 = c00, c121 = c00, c130 = c00, c131 = c00;
        for (float* p = a; k > 0; k--, b += bStride, p += step)
        {
            float* q = p + row5, s = q + row5;
            TVector b0 = TSimd.Load(b), b1 = TSimd.Load(b + TSimd.Width);
            AddProduct(p[0], b0, b1, ref c00, ref c01);
            if (THeight.Rows > 1)
            {
                AddProduct(p[row], b0, b1, ref c10, ref c11);
                AddProduct(p[row2], b0, b1, ref c20, ref c21);
                AddProduct(p[row3], b0, b1, ref c30, ref c31);
                AddProduct(p[row4], b0, b1, ref c40, ref c41);
                AddProduct(q[0], b0, b1, ref c50, ref c51);
            }
            if (THeight.Rows > 6)
            {
                AddProduct(q[row], b0, b1, ref c60, ref c61);
                AddProduct(q[row2], b0, b1, ref c70, ref c71);
                AddProduct(q[row3], b0, b1, ref c80, ref c81);
                AddProduct(q[row4], b0, b1, ref c90, ref c91);
                AddProduct(s[0], b0, b1, ref c100, ref c101);
                AddProduct(s[row], b0, b1, ref c110, ref c111);
                AddProduct(s[row2], b0, b1, ref c120, ref c121);
                AddProduct(s[row3], b0, b1, ref c130, ref c131);
            }
        }
        Store(c00, c01, c, add);
        if (THeight.Rows > 1)
        {
            Store(c10, c11, c + cStride, add);
            Store(c20, c21, c + 2 * cStride, add);
            Store(c30, c31, c + 3 * cStride, add);
            Store(c40, c41, c + 4 * cStride, add);
            Store(c50, c51, c + 5 * cStride, add);
        }
        if (THeight.Rows > 6)
        {
            Store(c60, c61, c + 6 * cStride, add);
            Store(c70, c71, c + 7 * cStride, add);
            Store(c80, c81, c + 8 * cStride, add);
            Store(c90, c91, c + 9 * cStride, add);
            Store(c100, c101, c + 10 * cStride, add);
            Store(c110, c111, c + 11 * cStride, add);
            Store(c120, c121, c + 12 * cStride, add);
            Store(c130, c131, c + 13 * cStride, add);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddProduct(float a, TVector b0, TVector b1, ref TVector c0, ref TVector c1)
    {
        var ai = TSimd.Create(a);
        c0 = TSimd.MultiplyAdd(ai, b0, c0);
        c1 = TSimd.MultiplyAdd(ai, b1, c1);
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

    private interface IHeight
    {
        static abstract int Rows { get; }
    }

    private readonly struct Height14 : IHeight
    {
        public static int Rows => 14;
    }

    private readonly struct Height6 : IHeight
    {
        public static int Rows => 6;
    }

    private readonly struct Height1 : IHeight
    {
        public static int Rows => 1;
    }
}
