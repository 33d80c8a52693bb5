using System.Runtime.Intrinsics;

namespace MLNetRecExt.Kernels;

/// <summary>
/// The vector operations that the training kernels use, so that one source serves every instruction set.
/// Without hardware vectors .NET runs <see cref="Vector128"/> in software, so <see cref="Simd128"/> is the scalar path too.
/// </summary>
internal unsafe interface ISimd<TVector>
{
    /// <summary>Floats per vector; divides 16.</summary>
    static abstract int Width { get; }

    static abstract TVector Load(float* source);

    static abstract void Store(TVector vector, float* destination);

    static abstract TVector Create(float value);

    static abstract TVector Multiply(TVector a, TVector b);

    static abstract TVector Add(TVector a, TVector b);

    /// <summary>a·b + c, rounded once where the hardware can.</summary>
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);

    /// <summary>c − a·b.</summary>
    static abstract TVector SubtractProduct(TVector a, TVector b, TVector c);

    static abstract TVector Divide(TVector a, TVector b);

    /// <summary>Lane by lane; NaN where <paramref name="b"/> is NaN.</summary>
    static abstract TVector Max(TVector a, TVector b);

    static abstract TVector Sqrt(TVector vector);

    /// <summary>a·2ⁿ where the low bits of <paramref name="shifted"/>, as an integer, are n: exponents are added as integers.</summary>
    static abstract TVector ScaleByPower(TVector a, TVector shifted);

    static abstract float Sum(TVector vector);

    /// <summary>The sum over the lanes of each of eight vectors.</summary>
    static abstract Vector256<float> Sums(TVector a, TVector b, TVector c, TVector d, TVector e, TVector f, TVector g, TVector h);
}
