using MLNetRecExt.Kernels;

namespace MLNetRecExt.Tests.Kernels;

public class PanelProductTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(3, 15, 1)]
    [InlineData(7, 16, 1)]
    [InlineData(20, 33, 1)]
    [InlineData(5, 300, 1)]
    [InlineData(64, 529, 1)]
    [InlineData(20, 33, 0.02)]
    [InlineData(64, 529, 0.02)]
    [InlineData(5, 20, 0)]
    public void Multiply_AnyDensity_EqualsTheDenseProductForAnyThreads(int rows, int n, double density)
    {
        var random = new Random(n);
        var (a, b, product, other) = (new AlignedMatrix(rows + 2, n), new AlignedMatrix(n, n), new AlignedMatrix(rows + 2, n), new AlignedMatrix(rows + 2, n));
        for (int i = 0; i < rows; i++)
            for (int k = 0; k < n; k++)
                a[i][k] = random.NextDouble() < density ? random.NextSingle() - 0.5f : 0;
        for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++)
                b[i][j] = random.NextSingle() - 0.5f;
        product[0].Fill(7);

        PanelProduct.Multiply(a, rows, b, product, new() { MaxDegreeOfParallelism = 1 });
        PanelProduct.Multiply(a, rows, b, other, new() { MaxDegreeOfParallelism = 3 });

        for (int i = 0; i < rows; i++)
            for (int j = 0; j < n; j++)
            {
                double sum = 0;
                for (int k = 0; k < n; k++)
                    sum += (double)a[i][k] * b[k][j];
                Assert.Equal(sum, product[i][j], 1e-5);
                Assert.Equal(product[i][j], other[i][j]);
            }
        Assert.All(product[rows].ToArray(), value => Assert.Equal(0, value));
    }
}
