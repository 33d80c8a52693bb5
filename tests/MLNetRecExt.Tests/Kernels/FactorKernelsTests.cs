using System.Runtime.Intrinsics;
using MLNetRecExt.Kernels;

namespace MLNetRecExt.Tests.Kernels;

/// <summary>Each kernel against its formula in double precision, for every vector width and every way a rank is padded.</summary>
public sealed unsafe class FactorKernelsTests
{
    private const float Tolerance = 2e-5f;

    private static readonly int[] Ranks = [1, 7, 15, 16, 17, 32, 33, 48, 64, 80, 100, 112, 128, 129, 200, 256, 300];

    public static TheoryData<int, int> WidthsAndRanks()
    {
        var data = new TheoryData<int, int>();
        foreach (var width in (int[])[128, 256, 512])
            foreach (var rank in Ranks)
                data.Add(width, rank);
        return data;
    }

    private static FactorKernels Kernels(int width, int stride) => width switch
    {
        128 => FactorKernels.For<Simd128, Vector128<float>>(stride),
        256 => FactorKernels.For<Simd256, Vector256<float>>(stride),
        _ => FactorKernels.For<Simd512, Vector512<float>>(stride),
    };

    private static AlignedMatrix Random(Random random, int rows, int columns)
    {
        var matrix = new AlignedMatrix(rows, columns);
        for (int row = 0; row < rows; row++)
            foreach (ref var value in matrix[row])
                value = random.NextSingle() - 0.5f;
        return matrix;
    }

    private static double Dot(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        double sum = 0;
        for (int k = 0; k < x.Length; k++)
            sum += (double)x[k] * y[k];
        return sum;
    }

    private static void AssertClose(double expected, double actual, double scale) =>
        Assert.True(Math.Abs(expected - actual) <= Tolerance * Math.Max(1, scale), $"Expected {expected}, got {actual}.");

    [Theory]
    [MemberData(nameof(WidthsAndRanks))]
    public void Gather_AnyLength_CopiesRowsAndFillsTheGroup(int width, int rank)
    {
        var random = new Random(rank);
        var matrix = Random(random, 50, rank);
        var kernels = Kernels(width, matrix.Stride);
        for (int length = 1; length <= 40; length++)
        {
            var indices = new int[length];
            foreach (ref var index in indices.AsSpan())
                index = random.Next(50);
            var panel = new AlignedMatrix(40, rank);
            kernels.Gather(matrix.Pointer, indices, panel.Pointer);
            for (int e = 0; e < 40; e++)
            {
                var expected = e < length ? matrix.PaddedRow(indices[e])
                    : e < (length + 7) / 8 * 8 ? matrix.PaddedRow(indices[^1]) : new float[matrix.Stride];
                Assert.True(panel.PaddedRow(e).SequenceEqual(expected), $"Row {e} of {length}.");
            }
        }
    }

    [Theory]
    [MemberData(nameof(WidthsAndRanks))]
    public void AddResidualAndSumSquares_AnyLength_EqualTheFormula(int width, int rank)
    {
        var random = new Random(rank);
        var scratch = stackalloc float[8];
        var indices = stackalloc int[40];
        for (int rows = 8; rows <= 40; rows += 8)
        {
            var matrix = Random(random, 50, rank);
            var kernels = Kernels(width, matrix.Stride);
            var x = Random(random, 1, rank);
            var coefficients = Random(random, 2, rows);
            float* c = coefficients.Pointer, g = c + coefficients.Stride;
            var sum = Random(random, 1, rank);
            var expected = Array.ConvertAll(sum[0].ToArray(), value => (double)value);
            double gx = 0, squares = 0;
            for (int e = 0; e < rows; e++)
            {
                indices[e] = random.Next(50);
                var v = matrix[indices[e]];
                var dot = Dot(v, x[0]);
                gx += g[e] * dot;
                squares += c[e] * dot * dot;
                for (int k = 0; k < rank; k++)
                    expected[k] += (g[e] - c[e] * dot) * v[k];
            }
            kernels.Prefetch(matrix.Pointer, new ReadOnlySpan<int>(indices, rows));
            AssertClose(squares, kernels.SumSquares(matrix.Pointer, indices, rows, x.Pointer, c, prefetch: rows % 16 == 0), rank * Math.Sqrt(rows));
            AssertClose(gx, kernels.AddResidual(matrix.Pointer, indices, rows, x.Pointer, c, g, sum.Pointer, scratch, prefetch: rows % 16 == 0), Math.Sqrt(rank * rows));
            for (int k = 0; k < rank; k++)
                AssertClose(expected[k], sum[0][k], Math.Sqrt(rank));
            // Its pointers do not keep a matrix alive: a collection in the middle would leave other data there.
            GC.KeepAlive((matrix, x, coefficients));
        }
    }

    [Theory]
    [MemberData(nameof(WidthsAndRanks))]
    public void AddWeightedScaleAndDot_EqualTheFormula(int width, int rank)
    {
        var random = new Random(rank);
        var panel = Random(random, 24, rank);
        var kernels = Kernels(width, panel.Stride);
        var c = Random(random, 1, 24);
        var sum = Random(random, 1, rank);
        var expected = Array.ConvertAll(sum[0].ToArray(), value => (double)value);
        for (int e = 0; e < 24; e++)
            for (int k = 0; k < rank; k++)
                expected[k] += (double)c[0][e] * panel[e][k];
        kernels.AddWeighted(panel.Pointer, 24, c.Pointer, sum.Pointer);
        for (int k = 0; k < rank; k++)
            AssertClose(expected[k], sum[0][k], 1);

        var scaled = new AlignedMatrix(24, rank);
        kernels.Scale(panel.Pointer, 23, c.Pointer, -3, scaled.Pointer);
        for (int e = 0; e < 24; e++)
            for (int k = 0; k < rank; k++)
                AssertClose(e < 23 ? -3.0 * c[0][e] * panel[e][k] : 0, scaled[e][k], 1);
        kernels.Scale(panel.Pointer, 1, null, 0.25f, scaled.Pointer);
        AssertClose(0.25 * panel[0][rank - 1], scaled[0][rank - 1], 1);

        AssertClose(Dot(panel[1], panel[2]), kernels.Dot(panel.Pointer + panel.Stride, panel.Pointer + 2 * panel.Stride), Math.Sqrt(rank));
    }

    [Theory]
    [MemberData(nameof(WidthsAndRanks))]
    public void MultiplySymmetric_OneGroupOrTwo_EqualsTheFormula(int width, int rank)
    {
        var random = new Random(rank);
        foreach (var rows in (int[])[8, 16])
        {
            AlignedMatrix half = Random(random, rank, rank), panel = Random(random, rows, rank), scales = Random(random, 2, rows), result = new AlignedMatrix(rows, rank);
            var g = new AlignedMatrix((rank + 15) / 16 * 16, rank);
            for (int i = 0; i < rank; i++)
                for (int j = 0; j < rank; j++)
                    g[i][j] = half[i][j] + half[j][i];
            Kernels(width, g.Stride).MultiplySymmetric(g.Pointer, panel.Pointer, rows, scales.Pointer, scales.Pointer + scales.Stride, result.Pointer);
            for (int row = 0; row < rows; row++)
                for (int i = 0; i < rank; i++)
                    AssertClose(-scales[0][row] * Dot(g[i], panel[row]) - scales[1][row] * (double)panel[row][i], result[row][i], Math.Sqrt(rank));
            GC.KeepAlive((g, panel, scales));
        }
    }

    [Theory]
    [MemberData(nameof(WidthsAndRanks))]
    public void SubtractProducts_AnyLength_EqualsTheFormulaInTheUpperTriangle(int width, int rank)
    {
        var random = new Random(rank);
        for (int rows = 1; rows <= 33; rows += 4)
        {
            AlignedMatrix w = Random(random, rows, rank), v = Random(random, rows, rank), a = new AlignedMatrix((rank + 15) / 16 * 16, rank);
            Kernels(width, a.Stride).SubtractProducts(w.Pointer, v.Pointer, rows, a.Pointer);
            for (int i = 0; i < rank; i++)
            {
                for (int j = i; j < rank; j++)
                {
                    double expected = 0;
                    for (int e = 0; e < rows; e++)
                        expected -= (double)w[e][i] * v[e][j];
                    AssertClose(expected, a[i][j], 1);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(WidthsAndRanks))]
    public void FactorAndSolve_WellConditioned_SolvesTheSystem(int width, int rank)
    {
        var random = new Random(rank);
        var stride = (rank + 15) / 16 * 16;
        var a = PositiveDefinite(random, rank);
        var x = Random(random, 1, rank);
        var b = new AlignedMatrix(1, rank);
        for (int i = 0; i < rank; i++)
            b[0][i] = (float)Dot(a[i], x[0]);
        var inverses = new AlignedMatrix(1, stride);
        var kernels = Kernels(width, stride);
        kernels.Factor(a.Pointer, inverses.Pointer);
        kernels.Solve(a.Pointer, inverses.Pointer, b.Pointer);
        GC.KeepAlive((a, inverses));
        for (int k = 0; k < rank; k++)
            AssertClose(x[0][k], b[0][k], 5);
        Assert.True(b.PaddedRow(0)[rank..].IndexOfAnyExcept(0f) < 0);
    }

    [Theory]
    [MemberData(nameof(WidthsAndRanks))]
    public void Factor_UndeterminedDirections_AreLeftAtZero(int width, int rank)
    {
        // Only the first direction has data.
        var stride = (rank + 15) / 16 * 16;
        var a = new AlignedMatrix(stride, stride);
        a[0][0] = 4;
        var b = new AlignedMatrix(1, rank);
        b[0][0] = 8;
        var inverses = new AlignedMatrix(1, stride);
        var kernels = Kernels(width, stride);
        kernels.Factor(a.Pointer, inverses.Pointer);
        kernels.Solve(a.Pointer, inverses.Pointer, b.Pointer);
        GC.KeepAlive((a, inverses));
        AssertClose(2, b[0][0], 1);
        Assert.True(b[0][1..].IndexOfAnyExcept(0f) < 0);
    }

    [Theory]
    [MemberData(nameof(WidthsAndRanks))]
    public void Advance_RankManySteps_SolvesTheSystem(int width, int rank)
    {
        if (rank > 64)
            rank %= 16;
        var random = new Random(rank);
        var a = PositiveDefinite(random, Math.Max(1, rank));
        rank = a.Columns;
        var vectors = new AlignedMatrix(4, rank);
        float* x = vectors.Pointer, r = x + a.Stride, p = r + a.Stride, q = p + a.Stride;
        var solution = Random(random, 1, rank);
        for (int i = 0; i < rank; i++)
            vectors[1][i] = vectors[2][i] = (float)Dot(a[i], solution[0]);
        var kernels = Kernels(width, a.Stride);
        var rr = kernels.Dot(r, r);
        float steepest = 0;
        for (int step = 0; step < 2 * rank + 10 && rr > 1e-12; step++)
        {
            for (int i = 0; i < rank; i++)
                q[i] = -(float)Dot(a[i], vectors[2]);
            rr = kernels.Advance(x, r, p, q, rr, ref steepest, out var curvature);
            Assert.True(curvature > 0);
        }
        for (int k = 0; k < rank; k++)
            AssertClose(solution[0][k], vectors[0][k], 5);
    }

    [Theory]
    [MemberData(nameof(WidthsAndRanks))]
    public void Finish_AnyDirection_MovesAsAdvanceDoes(int width, int rank)
    {
        var random = new Random(rank);
        AlignedMatrix vectors = Random(random, 4, rank), other = vectors.Copy();
        float* x = vectors.Pointer, p = x + 2 * vectors.Stride;
        var kernels = Kernels(width, vectors.Stride);
        // q = −2p: a curvature that is determined.
        for (int k = 0; k < rank; k++)
            other[3][k] = -2 * other[2][k];
        float steepest = 0;
        kernels.Advance(other.Pointer, other.Pointer + other.Stride, other.Pointer + 2 * other.Stride, other.Pointer + 3 * other.Stride, 3, ref steepest, out var curvature);
        Assert.True(kernels.Finish(x, p, 3, curvature, steepest));
        Assert.Equal(other[0].ToArray(), vectors[0].ToArray());
        Assert.False(kernels.Finish(x, p, 3, 1e-7f * curvature, steepest));
        Assert.False(kernels.Finish(x, p, 3, -curvature, steepest));
        Assert.Equal(other[0].ToArray(), vectors[0].ToArray());
        GC.KeepAlive(other);
    }

    [Fact]
    public void Gramian_AnyNumberOfThreads_IsTheWeightedSumOfOuterProducts()
    {
        var random = new Random(1);
        foreach (var (rows, rank) in new[] { (1, 3), (31, 16), (700, 33), (1001, 64) })
        {
            var factors = Random(random, rows, rank);
            var weights = Random(random, 1, rows)[0].ToArray();
            AlignedMatrix one = Compute(threads: 1), two = Compute(threads: 2);
            Assert.True(one.Padded.SequenceEqual(two.Padded));
            for (int i = 0; i < rank; i++)
            {
                for (int j = 0; j < rank; j++)
                {
                    double expected = 0;
                    for (int row = 0; row < rows; row++)
                        expected += 0.5 * weights[row] * factors[row][i] * factors[row][j];
                    AssertClose(expected, one[i][j], 1);
                }
            }

            AlignedMatrix Compute(int threads)
            {
                var gramian = new AlignedMatrix(factors.Stride, factors.Stride);
                Gramian.Compute(FactorKernels.For(factors.Stride), factors, weights, 0.5f, new ParallelOptions { MaxDegreeOfParallelism = threads }, gramian);
                return gramian;
            }
        }
    }

    [Fact]
    public void Gramian_MoreThanAMillionRows_IsSummedInAGroupForEach65536()
    {
        Assert.Equal(
            [0, 1, 16, 16, 16, 17, 1024, 1024],
            new[] { 0, 20, 700, 65_536 * 16, 65_536 * 17 - 1, 65_536 * 17, 65_536 * 1024, int.MaxValue - 64 }.Select(Gramian.GroupsOf));
        var ones = new AlignedMatrix(65_536 * 18 + 5, 2);
        for (int row = 0; row < ones.Rows; row++)
            ones[row].Fill(1);
        var gramian = new AlignedMatrix(16, 16);

        Gramian.Compute(FactorKernels.For(16), ones, null, 1, new ParallelOptions { MaxDegreeOfParallelism = 2 }, gramian);

        Assert.Equal([65_536 * 18 + 5, 65_536 * 18 + 5, 0], gramian[0][..3].ToArray());
    }

    /// <summary>I + MᵀM, padded with zeros.</summary>
    private static AlignedMatrix PositiveDefinite(Random random, int rank)
    {
        var m = Random(random, 10, rank);
        var a = new AlignedMatrix((rank + 15) / 16 * 16, rank);
        for (int i = 0; i < rank; i++)
        {
            for (int j = 0; j < rank; j++)
            {
                a[i][j] = i == j ? 1 : 0;
                for (int e = 0; e < 10; e++)
                    a[i][j] += m[e][i] * m[e][j];
            }
        }
        return a;
    }
}
