using System.Runtime.Intrinsics;

namespace MLNetRecExt.Kernels;

/// <summary>
/// A register of floats: a kernel written against it serves every instruction set from one source.
/// Without hardware vectors .NET runs <see cref="Vector128"/> in software, so <see cref="Simd128"/> is the scalar path too.
/// </summary>
/// <typeparam name="TVector">The register.</typeparam>
internal unsafe interface ISimd<TVector>
{
    /// <summary>Floats per vector; divides 16.</summary>
    static abstract int Width { get; }

    static abstract TVector Load(float* source);

    static abstract void Store(TVector vector, float* destination);

    /// <summary>The integers there, each rounded to the nearest float.</summary>
    static abstract TVector FromIntegers(int* source);

    static abstract TVector Create(float value);

    static abstract TVector Multiply(TVector a, TVector b);

    static abstract TVector Add(TVector a, TVector b);

    /// <summary>a·b + c: rounded once where <see cref="Simd.IsFused"/>, twice on other processors. Every width agrees.</summary>
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);

    /// <summary>c − a·b, rounded as <see cref="MultiplyAdd"/>.</summary>
    static abstract TVector SubtractProduct(TVector a, TVector b, TVector c);

    static abstract TVector Divide(TVector a, TVector b);

    /// <summary>Lane by lane; NaN where <paramref name="b"/> is NaN.</summary>
    static abstract TVector Max(TVector a, TVector b);

    static abstract TVector Sqrt(TVector vector);

    /// <summary>Bit l is set where a[l] ≥ b[l]; NaN sets none.</summary>
    static abstract uint AtLeast(TVector a, TVector b);

    /// <summary>a·2ⁿ where the low bits of <paramref name="shifted"/>, as an integer, are n: exponents are added as integers.</summary>
    static abstract TVector ScaleByPower(TVector a, TVector shifted);

    /// <summary>n and m of a = m·2ⁿ with m from √½ to √2, for positive normal numbers a.</summary>
    static abstract TVector Exponent(TVector a, out TVector mantissa);

    static abstract float Sum(TVector vector);

    /// <summary>The sum over the lanes of each of four vectors.</summary>
    static abstract Vector128<float> Sums(TVector a, TVector b, TVector c, TVector d);

    /// <summary>The sum over the lanes of each of eight vectors.</summary>
    static abstract Vector256<float> Sums(TVector a, TVector b, TVector c, TVector d, TVector e, TVector f, TVector g, TVector h);
}
