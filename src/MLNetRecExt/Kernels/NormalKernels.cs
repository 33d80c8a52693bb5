using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MLNetRecExt.Kernels;

/// <summary>
/// Normally distributed numbers from random bits, by the formula of Box and Muller (1958): √(−2 ln u)·cos 2πv and √(−2 ln u)·sin 2πv
/// are independent for u and v uniform from 0 to 1.
/// </summary>
/// <remarks>
/// The same bits on every processor and runtime: sums, products, quotients and roots, each of which IEEE 754 rounds in one way.
/// A library's logarithm or cosine, or a fused multiply-add, would differ from machine to machine.
/// </remarks>
internal abstract unsafe class NormalKernels
{
    /// <summary>Pairs per call.</summary>
    public const int Pairs = 16;

    /// <summary>The kernels for this machine.</summary>
    public static NormalKernels Best { get; } =
        Vector512.IsHardwareAccelerated ? new NormalKernels<Simd512, Vector512<float>>()
        : Vector256.IsHardwareAccelerated ? new NormalKernels<Simd256, Vector256<float>>()
        : new NormalKernels<Simd128, Vector128<float>>();

    /// <summary>
    /// x[i] = mean + deviation·r cos θ and x[16 + i] = mean + deviation·r sin θ, i = 0…15, of r = √(−2 ln (radii[i] / 2³¹)) and θ = π
    /// angles[i] / 2³¹,
    /// the integers rounded to floats.
    /// </summary>
    /// <param name="radii">16 integers above 0: the smaller, the farther from the mean, at most 6.56 deviations.</param>
    /// <param name="angles">16 integers.</param>
    /// <param name="mean">The mean.</param>
    /// <param name="deviation">The standard deviation.</param>
    /// <param name="x">Room for 32 numbers.</param>
    public abstract void Fill(int* radii, int* angles, float mean, float deviation, float* x);
}

/// <inheritdoc/>
internal sealed unsafe class NormalKernels<TSimd, TVector> : NormalKernels
    where TSimd : struct, ISimd<TVector>
{
    private const float TwoToMinus31 = 1f / (1u << 31);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Fill(int* radii, int* angles, float mean, float deviation, float* x)
    {
        TVector center = TSimd.Create(mean), scale = TSimd.Create(deviation);
        for (int i = 0; i < Pairs; i += TSimd.Width)
        {
            var u = TSimd.Multiply(TSimd.FromIntegers(radii + i), TSimd.Create(TwoToMinus31));
            var r = TSimd.Multiply(scale, TSimd.Sqrt(TSimd.Multiply(TSimd.Create(-2), Logarithm(u))));
            // Half the angle, from −π/2 to π/2, where few terms of the series do: cos 2φ = 1 − 2 sin² φ, sin 2φ = 2 sin φ cos φ.
            var (sin, cos) = SineAndCosine(TSimd.Multiply(TSimd.FromIntegers(angles + i), TSimd.Create(MathF.PI / 2 * TwoToMinus31)));
            var twice = TSimd.Multiply(TSimd.Create(2), sin);
            var negated = TSimd.Multiply(TSimd.Create(-1), twice);
            TSimd.Store(TSimd.Add(center, TSimd.Multiply(r, TSimd.Add(TSimd.Multiply(negated, sin), TSimd.Create(1)))), x + i);
            TSimd.Store(TSimd.Add(center, TSimd.Multiply(r, TSimd.Multiply(twice, cos))), x + Pairs + i);
        }
    }

    /// <summary>ln x for positive normal numbers, to 2 units in the last place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Logarithm(TVector x)
    {
        // x = m·2ⁿ, and ln m = 2 artanh s = 2 (s + s³/3 + s⁵/5 + …) with s = (m − 1) / (m + 1), |s| < 0.172.
        var n = TSimd.Exponent(x, out var m);
        var s = TSimd.Divide(TSimd.Add(m, TSimd.Create(-1)), TSimd.Add(m, TSimd.Create(1)));
        var s2 = TSimd.Multiply(s, s);
        var p = Next(TSimd.Create(2f / 9), s2, 2f / 7);
        p = Next(p, s2, 2f / 5);
        p = Next(p, s2, 2f / 3);
        p = Next(p, s2, 2);
        return TSimd.Add(TSimd.Multiply(n, TSimd.Create(0.69314718f)), TSimd.Multiply(s, p));
    }

    /// <summary>Both for |x| ≤ π/2, to 2⁻²³, by their power series up to x¹¹ and x¹².</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (TVector Sin, TVector Cos) SineAndCosine(TVector x)
    {
        var x2 = TSimd.Multiply(x, x);
        var sin = Next(TSimd.Create(-1f / 39916800), x2, 1f / 362880);
        sin = Next(sin, x2, -1f / 5040);
        sin = Next(sin, x2, 1f / 120);
        sin = Next(sin, x2, -1f / 6);
        sin = Next(sin, x2, 1);
        var cos = Next(TSimd.Create(1f / 479001600), x2, -1f / 3628800);
        cos = Next(cos, x2, 1f / 40320);
        cos = Next(cos, x2, -1f / 720);
        cos = Next(cos, x2, 1f / 24);
        cos = Next(cos, x2, -1f / 2);
        cos = Next(cos, x2, 1);
        return (TSimd.Multiply(sin, x), cos);
    }

    /// <summary>p·x + c: a step of Horner's rule, the product rounded for itself.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Next(TVector p, TVector x, float c) => TSimd.Add(TSimd.Multiply(p, x), TSimd.Create(c));
}
