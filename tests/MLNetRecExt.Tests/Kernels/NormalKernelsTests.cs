using System.Runtime.Intrinsics;
using MLNetRecExt.Kernels;

namespace MLNetRecExt.Tests.Kernels;

public sealed unsafe class NormalKernelsTests
{
    private const double TwoTo31 = 1L << 31;

    private static NormalKernels Kernels(int width) => width switch
    {
        128 => new NormalKernels<Simd128, Vector128<float>>(),
        256 => new NormalKernels<Simd256, Vector256<float>>(),
        _ => new NormalKernels<Simd512, Vector512<float>>(),
    };

    [Theory]
    [InlineData(128)]
    [InlineData(256)]
    [InlineData(512)]
    public void Fill_AnyIntegers_EqualsTheFormulaInDouble(int width)
    {
        foreach (var (radii, angles) in Integers())
        {
            var x = Fill(Kernels(width), radii, angles, mean: 0, deviation: 1);

            for (int i = 0; i < NormalKernels.Pairs; i++)
            {
                var r = Math.Sqrt(-2 * Math.Log((float)radii[i] / TwoTo31));
                var angle = Math.PI * (float)angles[i] / TwoTo31;
                Assert.Equal(r * Math.Cos(angle), x[i], 8e-7 * Math.Max(1, r));
                Assert.Equal(r * Math.Sin(angle), x[NormalKernels.Pairs + i], 8e-7 * Math.Max(1, r));
            }
        }
    }

    [Fact]
    public void Fill_EveryWidth_GivesTheSameBits()
    {
        foreach (var (radii, angles) in Integers())
        {
            var expected = Fill(NormalKernels.Best, radii, angles, mean: 0.3f, deviation: 1.7f);
            foreach (var width in (int[])[128, 256, 512])
                Assert.Equal(
                    expected.Select(BitConverter.SingleToInt32Bits),
                    Fill(Kernels(width), radii, angles, mean: 0.3f, deviation: 1.7f).Select(BitConverter.SingleToInt32Bits));
        }
    }

    [Fact]
    public void Fill_MeanAndDeviation_ShiftAndScale()
    {
        var (radii, angles) = Integers().Last();
        var standard = Fill(NormalKernels.Best, radii, angles, mean: 0, deviation: 1);

        var x = Fill(NormalKernels.Best, radii, angles, mean: -2, deviation: 0.5f);

        for (int i = 0; i < x.Length; i++)
            Assert.Equal(-2 + 0.5 * standard[i], x[i], 1e-6);
    }

    private static float[] Fill(NormalKernels kernels, int[] radii, int[] angles, float mean, float deviation)
    {
        var values = new float[2 * NormalKernels.Pairs];
        fixed (int* r = radii, a = angles)
        fixed (float* x = values)
            kernels.Fill(r, a, mean, deviation, x);
        return values;
    }

    /// <summary>The ends of both ranges and what lies between quarter turns, then random ones.</summary>
    private static IEnumerable<(int[] Radii, int[] Angles)> Integers()
    {
        int[] radii = [1, 2, 3, 5, 1 << 23, (1 << 24) + 1, 1 << 29, 1518500249, 1518500250, 1 << 30, int.MaxValue - 255,
            int.MaxValue - 64, int.MaxValue, 7, 11, 13];
        int[] angles = [int.MinValue, -(3 << 29), -(1 << 30), -(1 << 29), -1, 0, 1, 1 << 29, 1 << 30, 3 << 29, int.MaxValue, 12345,
            -12345, 1 << 20, 99999999, -99999999];
        for (int shift = 0; shift < NormalKernels.Pairs; shift++)
            yield return (radii, [.. angles[shift..], .. angles[..shift]]);
        var random = new Random(1);
        for (int round = 0; round < 1000; round++)
            yield return (
                [.. Enumerable.Range(0, NormalKernels.Pairs).Select(_ => random.Next(1, int.MaxValue))],
                [.. Enumerable.Range(0, NormalKernels.Pairs).Select(_ => random.Next(int.MinValue, int.MaxValue))]);
    }
}
