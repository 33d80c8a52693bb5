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
    public void Move_SomeSteps_EqualTheFormulasInDouble(int width)
    {
        // Whole registers and a rest, whatever the width.
        const int Rows = 30, Columns = 75, Sources = 5;
        const double Rate = 0.01, Decay = 0.1, Scale = 0.7;
        var random = new Random(width);
        foreach (var isAdam in new[] { true, false })
        {
            var (w, m, v, x) = (new AlignedMatrix(Rows, Columns), new AlignedMatrix(Rows, Columns), new float[Rows], new AlignedMatrix(Sources, Columns));
            var (we, me, ve) = (new double[Rows, Columns], new double[Rows, Columns], new double[Rows]);
            for (int step = 1; step <= 20; step++)
            {
                for (int source = 0; source < Sources; source++)
                    foreach (ref var value in x[source])
                        value = random.NextSingle() - 0.5f;
                // Rows with several terms, one and none.
                int[] rows = [.. Enumerable.Range(0, 40).Select(_ => random.Next(Rows)).Order()];
                int[] sources = [.. rows.Select(_ => random.Next(Sources))];
                float[] coefficients = [.. rows.Select(_ => random.NextSingle() + 0.1f)];
                fixed (float* squares = v)
                fixed (int* i = rows)
                fixed (int* r = sources)
                fixed (float* c = coefficients)
                    Kernels(width).Move(w.Pointer, isAdam ? m.Pointer : null, squares, i, x.Pointer, r, c, rows.Length, x.Stride, Columns, (float)Scale,
                        isAdam ? OptimizerStep.Adam(step, Rate, Decay) : OptimizerStep.Adagrad(Rate, Decay));
                foreach (var row in rows.Distinct())
                {
                    var g = Enumerable.Range(0, Columns).Select(k => Scale * Enumerable.Range(0, rows.Length).Where(t => rows[t] == row).Sum(t => (double)coefficients[t] * x[sources[t]][k])).ToArray();
                    var square = g.Average(gk => gk * gk);
                    ve[row] = isAdam ? 0.999 * ve[row] + 0.001 * square : ve[row] + square;
                    var vHat = isAdam ? ve[row] / (1 - Math.Pow(0.999, step)) : ve[row];
                    for (int k = 0; k < Columns; k++)
                    {
                        me[row, k] = isAdam ? 0.9 * me[row, k] + 0.1 * g[k] : g[k];
                        var mHat = isAdam ? me[row, k] / (1 - Math.Pow(0.9, step)) : g[k];
                        we[row, k] = we[row, k] * (1 - Rate * Decay) - Rate * mHat / (Math.Sqrt(vHat) + 1e-8);
                    }
                }
                for (int row = 0; row < Rows; row++)
                {
                    for (int k = 0; k < Columns; k++)
                        Assert.Equal(we[row, k], w[row][k], 2e-6);
                    Assert.Equal(-1, w.PaddedRow(row)[Columns..].IndexOfAnyExcept(0f));
                }
            }
            GC.KeepAlive((w, m, x));
        }
    }

    [Theory]
    [InlineData(128, true)]
    [InlineData(128, false)]
    [InlineData(256, true)]
    [InlineData(256, false)]
    [InlineData(512, true)]
    [InlineData(512, false)]
    public void Move_AGradientThatOverflowed_SpoilsItsOwnRowOnly(int width, bool isAdam)
    {
        const int Columns = 80;
        var (w, m, x) = (new AlignedMatrix(3, Columns), new AlignedMatrix(3, Columns), new AlignedMatrix(2, Columns));
        x[0].Fill(float.PositiveInfinity);
        x[1].Fill(2);
        int[] rows = [0, 2], sources = [0, 1];
        float[] coefficients = [1, 1], squares = new float[3];
        fixed (float* v = squares)
        fixed (int* i = rows)
        fixed (int* r = sources)
        fixed (float* c = coefficients)
            Kernels(width).Move(w.Pointer, isAdam ? m.Pointer : null, v, i, x.Pointer, r, c, 2, x.Stride, Columns, 1, isAdam ? OptimizerStep.Adam(1, 0.5, 0) : OptimizerStep.Adagrad(0.5, 0));

        Assert.Equal(-1, w[0].IndexOfAnyExcept(float.NaN));
        Assert.Equal(-1, w[1].IndexOfAnyExcept(0f));
        // A first step has the length of the learning rate.
        foreach (var value in w[2])
            Assert.Equal(-0.5, value, 1e-5);
        GC.KeepAlive((w, m, x));
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
