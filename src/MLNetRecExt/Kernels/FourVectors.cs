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
}
