using System.Runtime.Intrinsics;
using MLNetRecExt.Kernels;

namespace MLNetRecExt.Tests.Kernels;

/// <summary>Products against double precision, for every vector width, both addressings of A, and heights that leave every tile over.</summary>
public sealed unsafe class GemmKernelsTests
{
    private static GemmKernels Kernels(int width) => width switch
    {
        128 => new GemmKernels<Simd128, Vector128<float>>(),
        256 => new GemmKernels<Simd256, Vector256<float>>(),
        _ => new GemmKernels<Simd512, Vector512<float>>(),
    };

    [Theory]
    [InlineData(128)]
    [InlineData(256)]
    [InlineData(512)]
    public void Multiply_AnyShape_EqualsTheFormula(int width)
    {
        var random = new Random(width);
        foreach (var m in (int[])[1, 5, 6, 7, 13, 14, 20, 21, 33, 64])
            foreach (var n in (int[])[16, 32, 48, 80])
                foreach (var k in (int[])[1, 2, 17, 70])
                    foreach (var transposed in (bool[])[false, true])
                        foreach (var add in (bool[])[false, true])
                        {
                            var a = transposed ? Random(random, k, m) : Random(random, m, k);
                            var (b, c) = (Random(random, k, n), Random(random, m, n));
                            var before = c.Copy();

                            Kernels(width).Multiply(a.Pointer, transposed ? 1 : a.Stride, transposed ? a.Stride : 1, b.Pointer, b.Stride, c.Pointer, c.Stride, m, n, k, add);

                            for (int i = 0; i < m; i++)
                                for (int j = 0; j < n; j++)
                                {
                                    double expected = add ? before[i][j] : 0;
                                    for (int l = 0; l < k; l++)
                                        expected += (double)(transposed ? a[l][i] : a[i][l]) * b[l][j];
                                    Assert.True(Math.Abs(expected - c[i][j]) < 1e-5, $"{m}×{n}×{k}, transposed {transposed}, add {add}, ({i}, {j}): {expected}, {c[i][j]}");
                                }
                            GC.KeepAlive((a, b));
                        }
    }

    [Theory]
    [InlineData(128)]
    [InlineData(256)]
    [InlineData(512)]
    public void Multiply_FewerRows_GivesTheSameBits(int width)
    {
        var random = new Random(width);
        var (a, b) = (Random(random, 33, 40), Random(random, 40, 48));
        var (all, one) = (new AlignedMatrix(33, 48), new AlignedMatrix(1, 48));
        var kernels = Kernels(width);
        kernels.Multiply(a.Pointer, a.Stride, 1, b.Pointer, b.Stride, all.Pointer, all.Stride, 33, 48, 40, add: false);

        for (int i = 0; i < 33; i++)
        {
            kernels.Multiply(a.Pointer + i * a.Stride, a.Stride, 1, b.Pointer, b.Stride, one.Pointer, one.Stride, 1, 48, 40, add: false);
            Assert.Equal(all[i].ToArray(), one[0].ToArray());
        }
        GC.KeepAlive((a, b));
    }

    private static AlignedMatrix Random(Random random, int rows, int columns)
    {
        var matrix = new AlignedMatrix(rows, columns);
        for (int row = 0; row < rows; row++)
            foreach (ref var value in matrix[row])
                value = random.NextSingle() - 0.5f;
        return matrix;
    }
}
