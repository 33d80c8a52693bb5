using System.Runtime.CompilerServices;

namespace MLNetRecExt.Kernels;

/// <summary>Four vectors side by side: as much of a row as a kernel holds in registers while it runs over other rows.</summary>
internal static unsafe class FourVectors<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
{
    /// <summary>a += c·x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddScaled(float* x, float c, ref TVector a0, ref TVector a1, ref TVector a2, ref TVector a3)
    {
        var scale = TSimd.Create(c);
        a0 = TSimd.MultiplyAdd(TSimd.Load(x), scale, a0);
        a1 = TSimd.MultiplyAdd(TSimd.Load(x + TSimd.Width), scale, a1);
        a2 = TSimd.MultiplyAdd(TSimd.Load(x + 2 * TSimd.Width), scale, a2);
        a3 = TSimd.MultiplyAdd(TSimd.Load(x + 3 * TSimd.Width), scale, a3);
    }

    /// <summary>The same for vectors that are in registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddScaled(
        TVector x0, TVector x1, TVector x2, TVector x3, float c, ref TVector a0, ref TVector a1, ref TVector a2, ref TVector a3)
    {
        var scale = TSimd.Create(c);
        a0 = TSimd.MultiplyAdd(x0, scale, a0);
        a1 = TSimd.MultiplyAdd(x1, scale, a1);
        a2 = TSimd.MultiplyAdd(x2, scale, a2);
        a3 = TSimd.MultiplyAdd(x3, scale, a3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(float* x, out TVector x0, out TVector x1, out TVector x2, out TVector x3)
    {
        x0 = TSimd.Load(x);
        x1 = TSimd.Load(x + TSimd.Width);
        x2 = TSimd.Load(x + 2 * TSimd.Width);
        x3 = TSimd.Load(x + 3 * TSimd.Width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(TVector x0, TVector x1, TVector x2, TVector x3, float* x)
    {
        TSimd.Store(x0, x);
        TSimd.Store(x1, x + TSimd.Width);
        TSimd.Store(x2, x + 2 * TSimd.Width);
        TSimd.Store(x3, x + 3 * TSimd.Width);
    }

    /// <summary>Lane by lane the parts of x·y.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Products(
        TVector x0, TVector x1, TVector x2, TVector x3, TVector y0, TVector y1, TVector y2, TVector y3) =>
        TSimd.MultiplyAdd(x3, y3, TSimd.MultiplyAdd(x2, y2, TSimd.MultiplyAdd(x1, y1, TSimd.Multiply(x0, y0))));
}
