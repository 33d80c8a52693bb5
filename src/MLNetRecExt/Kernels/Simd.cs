using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace MLNetRecExt.Kernels;

/// <summary>What all registers of <see cref="ISimd{TVector}"/> have in common.</summary>
internal static class Simd
{
    /// <summary>Whether a·b + c is one instruction, rounded once.</summary>
    /// <remarks>
    /// Vectors use <see cref="Vector128.MultiplyAddEstimate(Vector128{float}, Vector128{float}, Vector128{float})"/>, which is that
    /// instruction
    /// where there is one, so long as the JIT compiles the caller for this machine and at once: kernels are marked AggressiveOptimization.
    /// To ask before each product would keep the JIT from taking operands straight from memory, 8 % of a WALS sweep.
    /// </remarks>
    public static bool IsFused
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Fma.IsSupported || AdvSimd.IsSupported;
    }

    /// <summary>What <see cref="ISimd{TVector}.MultiplyAdd"/> does in each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MultiplyAdd(float a, float b, float c) => IsFused ? MathF.FusedMultiplyAdd(a, b, c) : a * b + c;
}
