using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace MLNetRecExt.Kernels;

/// <summary>The registers there are.</summary>
internal static unsafe class Lanes
{
    /// <summary>Whether x·y + z is one instruction. Asked by hand: the estimating intrinsics may differ between JIT tiers, and bits must not.</summary>
    private static bool IsFused
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Fma.IsSupported || AdvSimd.IsSupported;
    }

    public readonly struct One : ILanes<float>
    {
        public static int Count => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static float Load(float* source) => *source;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Store(float value, float* destination) => *destination = value;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static float Broadcast(float value) => value;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static float MultiplyAdd(float x, float y, float z) => IsFused ? MathF.FusedMultiplyAdd(x, y, z) : x * y + z;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static float MultiplyThenAdd(float x, float y, float z) => x * y + z;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static uint AtLeast(float x, float y) => x >= y ? 1u : 0;
    }

    public readonly struct Four : ILanes<Vector128<float>>
    {
        public static int Count => 4;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<float> Load(float* source) => Vector128.Load(source);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Store(Vector128<float> value, float* destination) => value.Store(destination);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<float> Broadcast(float value) => Vector128.Create(value);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<float> MultiplyAdd(Vector128<float> x, Vector128<float> y, Vector128<float> z) =>
            IsFused ? Vector128.FusedMultiplyAdd(x, y, z) : x * y + z;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<float> MultiplyThenAdd(Vector128<float> x, Vector128<float> y, Vector128<float> z) => x * y + z;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static uint AtLeast(Vector128<float> x, Vector128<float> y) => Vector128.GreaterThanOrEqual(x, y).ExtractMostSignificantBits();
    }

    public readonly struct Eight : ILanes<Vector256<float>>
    {
        public static int Count => 8;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<float> Load(float* source) => Vector256.Load(source);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Store(Vector256<float> value, float* destination) => value.Store(destination);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<float> Broadcast(float value) => Vector256.Create(value);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<float> MultiplyAdd(Vector256<float> x, Vector256<float> y, Vector256<float> z) =>
            IsFused ? Vector256.FusedMultiplyAdd(x, y, z) : x * y + z;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<float> MultiplyThenAdd(Vector256<float> x, Vector256<float> y, Vector256<float> z) => x * y + z;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static uint AtLeast(Vector256<float> x, Vector256<float> y) => Vector256.GreaterThanOrEqual(x, y).ExtractMostSignificantBits();
    }

    public readonly struct Sixteen : ILanes<Vector512<float>>
    {
        public static int Count => 16;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Load(float* source) => Vector512.Load(source);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Store(Vector512<float> value, float* destination) => value.Store(destination);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Broadcast(float value) => Vector512.Create(value);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> MultiplyAdd(Vector512<float> x, Vector512<float> y, Vector512<float> z) =>
            IsFused ? Vector512.FusedMultiplyAdd(x, y, z) : x * y + z;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> MultiplyThenAdd(Vector512<float> x, Vector512<float> y, Vector512<float> z) => x * y + z;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static uint AtLeast(Vector512<float> x, Vector512<float> y) => (uint)Vector512.GreaterThanOrEqual(x, y).ExtractMostSignificantBits();
    }

    /// <summary>The same register, but every <see cref="ILanes{TVector}.MultiplyAdd"/> rounds the product first: for sums that must equal those of code without fused instructions.</summary>
    public readonly struct Unfused<TLanes, TVector> : ILanes<TVector>
        where TLanes : ILanes<TVector> where TVector : struct
    {
        public static int Count => TLanes.Count;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVector Load(float* source) => TLanes.Load(source);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Store(TVector value, float* destination) => TLanes.Store(value, destination);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVector Broadcast(float value) => TLanes.Broadcast(value);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVector MultiplyAdd(TVector x, TVector y, TVector z) => TLanes.MultiplyThenAdd(x, y, z);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVector MultiplyThenAdd(TVector x, TVector y, TVector z) => TLanes.MultiplyThenAdd(x, y, z);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static uint AtLeast(TVector x, TVector y) => TLanes.AtLeast(x, y);
    }
}
