using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MLNetRecExt.Kernels;

internal readonly unsafe struct Simd512 : ISimd<Vector512<float>>
{
    public static int Width => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(float* source) => Vector512.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> vector, float* destination) => vector.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> FromIntegers(int* source) => Vector512.ConvertToSingle(Vector512.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Create(float value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Multiply(Vector512<float> a, Vector512<float> b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Add(Vector512<float> a, Vector512<float> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> MultiplyAdd(Vector512<float> a, Vector512<float> b, Vector512<float> c) =>
        Vector512.FusedMultiplyAdd(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> SubtractProduct(Vector512<float> a, Vector512<float> b, Vector512<float> c) =>
        Avx512F.IsSupported ? Avx512F.FusedMultiplyAddNegated(a, b, c) : Vector512.FusedMultiplyAdd(-a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Divide(Vector512<float> a, Vector512<float> b) => a / b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Max(Vector512<float> a, Vector512<float> b) => Vector512.MaxNative(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Sqrt(Vector512<float> vector) => Vector512.Sqrt(vector);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint AtLeast(Vector512<float> a, Vector512<float> b) =>
        (uint)Vector512.GreaterThanOrEqual(a, b).ExtractMostSignificantBits();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> ScaleByPower(Vector512<float> a, Vector512<float> shifted) =>
        (a.AsInt32() + (shifted.AsInt32() << 23)).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exponent(Vector512<float> a, out Vector512<float> mantissa)
    {
        // Counted from √½ on, the bits above the fraction are n.
        var rootOfHalf = Vector512.Create(0.70710678f).AsInt32();
        var bits = a.AsInt32() - rootOfHalf;
        mantissa = ((bits & Vector512.Create(0x007FFFFF)) + rootOfHalf).AsSingle();
        return Vector512.ConvertToSingle(bits >> 23);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector512<float> vector) => Vector512.Sum(vector);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Sums(Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d)
    {
        if (!Avx512F.IsSupported)
            return Vector128.Create(Sum(a), Sum(b), Sum(c), Sum(d));
        var sums = Pairs(Avx512F.UnpackLow(a, b) + Avx512F.UnpackHigh(a, b), Avx512F.UnpackLow(c, d) + Avx512F.UnpackHigh(c, d));
        var halves = sums.GetLower() + sums.GetUpper();
        return halves.GetLower() + halves.GetUpper();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Sums(
        Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d,
        Vector512<float> e, Vector512<float> f, Vector512<float> g, Vector512<float> h)
    {
        if (!Avx512F.IsSupported)
            return Vector256.Create(Sum(a), Sum(b), Sum(c), Sum(d), Sum(e), Sum(f), Sum(g), Sum(h));

        // In each 128-bit lane: (a+, b+, a+, b+), then (a, b, c, d) and (e, f, g, h); the four lanes are added last.
        var ab = Avx512F.UnpackLow(a, b) + Avx512F.UnpackHigh(a, b);
        var cd = Avx512F.UnpackLow(c, d) + Avx512F.UnpackHigh(c, d);
        var ef = Avx512F.UnpackLow(e, f) + Avx512F.UnpackHigh(e, f);
        var gh = Avx512F.UnpackLow(g, h) + Avx512F.UnpackHigh(g, h);
        var abcd = Pairs(ab, cd);
        var efgh = Pairs(ef, gh);
        var halves = Avx512F.Shuffle4x128(abcd, efgh, 0b_10_00_10_00) + Avx512F.Shuffle4x128(abcd, efgh, 0b_11_01_11_01);
        // Lanes are now abcd, abcd, efgh, efgh.
        var sums = halves + Avx512F.Shuffle4x128(halves, halves, 0b_10_11_00_01);
        return Avx512F.Shuffle4x128(sums, sums, 0b_10_00_10_00).GetLower();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Pairs(Vector512<float> ab, Vector512<float> cd) =>
        Avx512F.UnpackLow(ab.AsDouble(), cd.AsDouble()).AsSingle() + Avx512F.UnpackHigh(ab.AsDouble(), cd.AsDouble()).AsSingle();
}
