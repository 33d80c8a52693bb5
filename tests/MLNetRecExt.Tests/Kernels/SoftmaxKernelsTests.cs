using System.Runtime.Intrinsics;
using MLNetRecExt.Kernels;

namespace MLNetRecExt.Tests.Kernels;

public sealed unsafe class SoftmaxKernelsTests
{
    private static SoftmaxKernels Kernels(int width) => width switch
    {
        128 => new SoftmaxKernels<Simd128, Vector128<float>>(),
        256 => new SoftmaxKernels<Simd256, Vector256<float>>(),
        _ => new SoftmaxKernels<Simd512, Vector512<float>>(),
    };

    [Theory]
    [InlineData(128)]
    [InlineData(256)]
    [InlineData(512)]
    public void AbsorbAndProbabilities_BlocksOfLogits_EqualTheFormula(int width)
    {
        const int Columns = 32;
        var random = new Random(width);
        foreach (var range in (float[])[1, 20, 200])
        {
            int[] blocks = [7, 1, 126];
            var (max, sum) = (new AlignedMatrix(1, Columns), new AlignedMatrix(1, Columns));
            max[0].Fill(SoftmaxKernels.Masked);
            var terms = new List<(AlignedMatrix Logits, AlignedMatrix Offsets)>();
            foreach (var rows in blocks)
            {
                var (logits, offsets) = (new AlignedMatrix(rows, Columns), new AlignedMatrix(1, rows));
                for (int i = 0; i < rows; i++)
                {
                    offsets[0][i] = random.NextSingle() * 3;
                    for (int j = 0; j < Columns; j++)
                        logits[i][j] = random.Next(5) == 0 ? 2 * SoftmaxKernels.Masked : range * (random.NextSingle() - 0.5f);
                }
                terms.Add((logits, offsets));
                Kernels(width).Absorb(logits.Pointer, logits.Stride, offsets.Pointer, rows, Columns, max.Pointer, sum.Pointer);
            }

            var (logSums, scales) = (new AlignedMatrix(1, Columns), new AlignedMatrix(1, Columns));
            var expected = new double[Columns];
            for (int j = 0; j < Columns; j++)
            {
                expected[j] = Math.Log(terms.Sum(t => Enumerable.Range(0, t.Logits.Rows).Sum(i => Math.Exp((double)t.Logits[i][j] + t.Offsets[0][i]))));
                Assert.Equal(expected[j], max[0][j] + Math.Log(sum[0][j]), 1e-5 * Math.Max(1, range));
                (logSums[0][j], scales[0][j]) = ((float)expected[j], 0.5f + j);
            }
            foreach (var (logits, offsets) in terms)
            {
                var before = logits.Copy();
                Kernels(width).Probabilities(logits.Pointer, logits.Stride, offsets.Pointer, logits.Rows, Columns, logSums.Pointer, scales.Pointer);
                for (int i = 0; i < logits.Rows; i++)
                    for (int j = 0; j < Columns; j++)
                        Assert.Equal((0.5 + j) * Math.Exp((double)before[i][j] + offsets[0][i] - logSums[0][j]), logits[i][j], (0.5 + j) * 1e-6 * Math.Max(1, range));
                GC.KeepAlive(offsets);
            }
            GC.KeepAlive((max, sum, logSums, scales));
        }
    }

    [Theory]
    [InlineData(128)]
    [InlineData(256)]
    [InlineData(512)]
    public void Probabilities_OneTerm_IsTheExponentialToTwoUnitsInTheLastPlace(int width)
    {
        var (x, zero, one) = (new AlignedMatrix(1, 16), new AlignedMatrix(1, 16), new AlignedMatrix(1, 16));
        one[0].Fill(1);
        for (float start = -87; start < 88; start += 0.037f)
        {
            var values = new float[16];
            for (int j = 0; j < 16; j++)
                x[0][j] = values[j] = start + j * 0.0021f;
            Kernels(width).Probabilities(x.Pointer, 16, zero.Pointer, 1, 16, zero.Pointer, one.Pointer);
            for (int j = 0; j < 16; j++)
                Assert.InRange(x[0][j] / Math.Exp(values[j]), 1 - 2.5e-7, 1 + 2.5e-7);
        }
        GC.KeepAlive((x, zero, one));
    }

    [Theory]
    [InlineData(128)]
    [InlineData(256)]
    [InlineData(512)]
    public void AbsorbAndProbabilities_NaN_ShowsInTheSumAndTheProbability(int width)
    {
        var (logits, zero, one) = (new AlignedMatrix(3, 16), new AlignedMatrix(1, 16), new AlignedMatrix(1, 16));
        one[0].Fill(1);
        logits[1][5] = float.NaN;
        var (max, sum) = (new AlignedMatrix(1, 16), new AlignedMatrix(1, 16));
        max[0].Fill(SoftmaxKernels.Masked);
        Kernels(width).Absorb(logits.Pointer, logits.Stride, zero.Pointer, 3, 16, max.Pointer, sum.Pointer);
        Kernels(width).Probabilities(logits.Pointer, logits.Stride, zero.Pointer, 3, 16, zero.Pointer, one.Pointer);
        for (int j = 0; j < 16; j++)
        {
            Assert.Equal(j == 5, float.IsNaN(sum[0][j]));
            Assert.Equal(j == 5, float.IsNaN(logits[1][j]));
        }
        GC.KeepAlive((logits, zero, one, max, sum));
    }
}
