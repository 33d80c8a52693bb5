using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace MLNetRecExt.Kernels;

/// <summary>What all registers of <see cref="ISimd{TVector}"/> have in common.</summary>
internal static class Simd
{
    /// <summary>
    /// Whether x·y + z is one instruction, rounded once. Asked by hand: the estimating intrinsics may differ between JIT tiers, and bits
    /// must not.
    /// </summary>
    public static bool IsFused
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Fma.IsSupported || AdvSimd.IsSupported;
    }

    /// <summary>What <see cref="ISimd{TVector}.MultiplyAdd"/> does in each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MultiplyAdd(float a, float b, float c) => IsFused ? MathF.FusedMultiplyAdd(a, b, c) : a * b + c;
}
