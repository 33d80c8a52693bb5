using MLNetRecExt.Kernels;

namespace MLNetRecExt.Tests.Kernels;

/// <summary>Sizes below, at and above blocks, panels and strips; the product with the matrix must be the identity.</summary>
public class SymmetricInverseTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(33)]
    [InlineData(126)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(530)]
    public void Negated_RandomMatrix_TimesTheMatrixIsMinusTheIdentity(int size)
    {
        var matrix = PositiveDefinite(size);
        var inverse = matrix.Copy();

        Assert.True(SymmetricInverse.Negated(inverse, new ParallelOptions { MaxDegreeOfParallelism = 3 }));

        for (int i = 0; i < size; i++)
            for (int j = 0; j < size; j++)
            {
                double sum = 0;
                for (int l = 0; l < size; l++)
                    sum += (double)Lower(matrix, i, l) * Lower(inverse, l, j);
                Assert.True(Math.Abs(sum + (i == j ? 1 : 0)) < 1e-4, $"{size} ({i}, {j}): {sum}");
            }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(200)]
    public void Mirror_LowerTriangle_IsAboveTheDiagonalToo(int size)
    {
        var (matrix, mirrored) = (PositiveDefinite(size), PositiveDefinite(size));
        for (int i = 0; i < size; i++)
            mirrored[i][(i + 1)..].Fill(float.NaN);

        SymmetricInverse.Mirror(mirrored, new ParallelOptions { MaxDegreeOfParallelism = 3 });

        for (int i = 0; i < size; i++)
            for (int j = 0; j < size; j++)
                Assert.Equal(Lower(matrix, i, j), mirrored[i][j]);
    }

    [Fact]
    public void Negated_AnyNumberOfThreads_GivesTheBitsOfOne()
    {
        var (one, four) = (PositiveDefinite(400), PositiveDefinite(400));

        Assert.True(SymmetricInverse.Negated(one, new ParallelOptions { MaxDegreeOfParallelism = 1 }));
        Assert.True(SymmetricInverse.Negated(four, new ParallelOptions { MaxDegreeOfParallelism = 4 }));

        for (int i = 0; i < 400; i++)
            Assert.Equal(one[i][..(i + 1)].ToArray(), four[i][..(i + 1)].ToArray());
    }

    [Theory]
    [InlineData(3)]
    [InlineData(300)]
    public void Negated_NotPositiveDefinite_IsRefused(int negative)
    {
        var matrix = PositiveDefinite(400);
        matrix[negative][negative] = -1;

        Assert.False(SymmetricInverse.Negated(matrix, new ParallelOptions { MaxDegreeOfParallelism = 2 }));
    }

    private static float Lower(AlignedMatrix matrix, int i, int j) => matrix[Math.Max(i, j)][Math.Min(i, j)];

    private static AlignedMatrix PositiveDefinite(int size)
    {
        var random = new Random(size);
        var matrix = new AlignedMatrix(size, size);
        for (int i = 0; i < size; i++)
        {
            for (int j = 0; j < size; j++)
                matrix[i][j] = j < i ? random.NextSingle() - 0.4f : float.NaN;
            matrix[i][i] = size / 3f + 2;
        }
        return matrix;
    }
}
