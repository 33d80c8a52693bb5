namespace MLNetRecExt.Tests.Ease;

/// <summary>Dense algebra in double precision, to hold closed forms against.</summary>
internal static class DenseMatrix
{
    /// <summary>By Gauss-Jordan elimination with pivots.</summary>
    public static double[,] Inverse(double[,] matrix)
    {
        var n = matrix.GetLength(0);
        var (a, inverse) = ((double[,])matrix.Clone(), new double[n, n]);
        for (int i = 0; i < n; i++)
            inverse[i, i] = 1;
        for (int k = 0; k < n; k++)
        {
            var pivot = Enumerable.Range(k, n - k).MaxBy(row => Math.Abs(a[row, k]));
            for (int j = 0; j < n; j++)
            {
                (a[k, j], a[pivot, j]) = (a[pivot, j], a[k, j]);
                (inverse[k, j], inverse[pivot, j]) = (inverse[pivot, j], inverse[k, j]);
            }
            var scale = 1 / a[k, k];
            for (int j = 0; j < n; j++)
                (a[k, j], inverse[k, j]) = (a[k, j] * scale, inverse[k, j] * scale);
            for (int i = 0; i < n; i++)
            {
                var factor = i == k ? 0 : a[i, k];
                for (int j = 0; j < n; j++)
                    (a[i, j], inverse[i, j]) = (a[i, j] - factor * a[k, j], inverse[i, j] - factor * inverse[k, j]);
            }
        }
        return inverse;
    }

    public static double[,] Multiply(double[,] a, double[,] b)
    {
        var product = new double[a.GetLength(0), b.GetLength(1)];
        for (int i = 0; i < product.GetLength(0); i++)
            for (int k = 0; k < b.GetLength(0); k++)
                for (int j = 0; j < product.GetLength(1); j++)
                    product[i, j] += a[i, k] * b[k, j];
        return product;
    }
}
