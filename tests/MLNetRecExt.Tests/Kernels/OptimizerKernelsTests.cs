using System.Runtime.Intrinsics;
using MLNetRecExt.Kernels;

namespace MLNetRecExt.Tests.Kernels;

public sealed unsafe class OptimizerKernelsTests
{
    private static OptimizerKernels Kernels(int width) => width switch
    {
        128 => new OptimizerKernels<Simd128, Vector128<float>>(),
        256 => new OptimizerKernels<Simd256, Vector256<float>>(),
        _ => new OptimizerKernels<Simd512, Vector512<float>>(),
    };

    [Theory]
    [InlineData(128)]
    [InlineData(256)]
    [InlineData(512)]
    public void AdamAndAdagrad_SomeSteps_EqualTheFormulaInDouble(int width)
    {
        // Whole registers and a rest, whatever the width.
        const int Length = 80, Sources = 5;
        var random = new Random(width);
        foreach (var optimizer in Enum.GetValues<SoftmaxDnnOptimizer>())
        {
            var (w, m, v, x) = (new AlignedMatrix(1, Length), new AlignedMatrix(1, Length), new AlignedMatrix(1, Length), new AlignedMatrix(Sources, Length));
            var (we, me, ve) = (new double[Length], new double[Length], new double[Length]);
            for (int step = 1; step <= 20; step++)
            {
                foreach (ref var value in x.Padded)
                    value = random.NextSingle() - 0.5f;
                int[] rows = [.. Enumerable.Range(0, 1 + step % 3).Select(_ => random.Next(Sources))];
                float[] coefficients = [.. rows.Select(_ => random.NextSingle() + 0.1f)];
                const double Rate = 0.01, Decay = 0.1, Scale = 0.7;
                var numbers = OptimizerStep.At(optimizer, step, Rate, Decay);
                fixed (int* r = rows)
                fixed (float* c = coefficients)
                    if (optimizer == SoftmaxDnnOptimizer.Adam)
                        Kernels(width).Adam(w.Pointer, m.Pointer, v.Pointer, x.Pointer, r, c, rows.Length, Length, (float)Scale, numbers.Rate, numbers.Epsilon, numbers.Shrink);
                    else
                        Kernels(width).Adagrad(w.Pointer, v.Pointer, x.Pointer, r, c, rows.Length, Length, (float)Scale, numbers.Rate, numbers.Epsilon, numbers.Shrink);
                for (int k = 0; k < Length; k++)
                {
                    var gk = Scale * rows.Zip(coefficients).Sum(term => (double)term.Second * x[term.First][k]);
                    var adam = optimizer == SoftmaxDnnOptimizer.Adam;
                    me[k] = adam ? 0.9 * me[k] + 0.1 * gk : gk;
                    ve[k] = adam ? 0.999 * ve[k] + 0.001 * gk * gk : ve[k] + gk * gk;
                    var (mHat, vHat) = adam ? (me[k] / (1 - Math.Pow(0.9, step)), ve[k] / (1 - Math.Pow(0.999, step))) : (me[k], ve[k]);
                    we[k] = we[k] * (1 - Rate * Decay) - Rate * mHat / (Math.Sqrt(vHat) + 1e-8);
                    Assert.Equal(we[k], w[0][k], 2e-6);
                }
            }
            GC.KeepAlive((w, m, v, x));
        }
    }

    [Theory]
    [InlineData(128)]
    [InlineData(256)]
    [InlineData(512)]
    public void AddScaledAndDot_EqualTheFormula(int width)
    {
        var random = new Random(width);
        for (int length = 16; length <= 160; length += 16)
        {
            var (x, y) = (new AlignedMatrix(1, length), new AlignedMatrix(1, length));
            for (int k = 0; k < length; k++)
                (x[0][k], y[0][k]) = (random.NextSingle() - 0.5f, random.NextSingle() - 0.5f);
            var before = y[0].ToArray();
            double dot = 0;
            for (int k = 0; k < length; k++)
                dot += (double)x[0][k] * y[0][k];
            Assert.Equal(dot, Kernels(width).Dot(x.Pointer, y.Pointer, length), 1e-5);
            Kernels(width).AddScaled(x.Pointer, 0.3f, y.Pointer, length);
            for (int k = 0; k < length; k++)
                Assert.Equal(before[k] + 0.3 * x[0][k], y[0][k], 1e-6);
            GC.KeepAlive((x, y));
        }
    }

    [Theory]
    [InlineData(128)]
    [InlineData(256)]
    [InlineData(512)]
    public void AddRows_AnyLengthAndCount_GivesTheBitsOfAddScaled(int width)
    {
        var random = new Random(width);
        for (int length = 16; length <= 160; length += 16)
            foreach (var count in new[] { 0, 1, 12, 13, 40 })
            {
                var (x, y, expected) = (new AlignedMatrix(30, length), new AlignedMatrix(1, length), new AlignedMatrix(1, length));
                foreach (ref var value in x.Padded)
                    value = random.NextSingle() - 0.5f;
                x[3].CopyTo(y[0]);
                x[3].CopyTo(expected[0]);
                var rows = Enumerable.Range(0, count).Select(_ => random.Next(30)).ToArray();
                var coefficients = rows.Select(_ => random.NextSingle()).ToArray();
                fixed (int* r = rows)
                fixed (float* c = coefficients)
                    Kernels(width).AddRows(x.Pointer, r, c, count, y.Pointer, length);
                for (int t = 0; t < count; t++)
                    Kernels(width).AddScaled(x.Pointer + rows[t] * length, coefficients[t], expected.Pointer, length);
                Assert.Equal(expected[0].ToArray(), y[0].ToArray());
                GC.KeepAlive((x, y, expected));
            }
    }
}
