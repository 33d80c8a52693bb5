using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

namespace MLNetRecExt.Kernels;

/// <summary>The inverse of a large symmetric positive definite matrix, in place, nearly all of it in matrix products.</summary>
internal static unsafe class SymmetricInverse
{
    private const int BlockSize = 256;
    // Whole tiles of 14 rows and of 6: rows that are left over take four times as long.
    private const int PanelRows = 126;
    private const int TileSize = 64;

    // Two vectors, as many columns as a product takes at once.
    private static readonly int StripWidth = Vector512.IsHardwareAccelerated ? 32 : 16;

    /// <summary>
    /// A ← −A⁻¹. Reads and writes the diagonal and what is below it; what is above is overwritten with nothing of use. The same bits for
    /// any number of threads.
    /// </summary>
    /// <returns>False when the matrix is not positive definite; it is spoiled then.</returns>
    // Sweeps the diagonal blocks k, one after the other, D = A_kk⁻¹ and i, j other blocks:
    //     A_ij ← A_ij − A_ik D A_kj,  A_ik ← A_ik D,  A_kk ← −D
    // The matrix stays symmetric, and after all sweeps it is −A⁻¹. In all n³ operations, as many as Cholesky and the inverse from it.
    public static bool Negated(AlignedMatrix a, ParallelOptions parallel)
    {
        var n = a.Rows;
        var block = Math.Min(BlockSize, a.Stride);
        // 16 columns more: rows a power of two apart would share few cache sets.
        var column = new AlignedMatrix(n, block + 16);
        var product = new AlignedMatrix(n, block + 16);
        var strips = new AlignedMatrix((n + StripWidth - 1) / StripWidth, StripWidth * block);
        var inverse = new AlignedMatrix(block, block);
        var pivot = new double[block * block];
        var panels = (n + PanelRows - 1) / PanelRows;
        for (int start = 0; start < n; start += block)
        {
            var size = Math.Min(block, n - start);
            if (!InvertBlock(a, start, size, pivot, inverse))
                return false;
            ForEach(panels, parallel, panel => MultiplyPanel(
                a, panel * PanelRows, Math.Min(n, (panel + 1) * PanelRows), start, size, inverse, column, product));
            ForEach(strips.Rows, parallel, strip => Pack(column, strip, size, strips));
            ForEach(panels, parallel, panel => UpdatePanel(
                a, panel * PanelRows, Math.Min(n, (panel + 1) * PanelRows), size, product, strips));
            ForEach(panels, parallel, panel => StorePanel(
                a, panel * PanelRows, Math.Min(n, (panel + 1) * PanelRows), start, size, inverse, product));
        }
        return true;
    }

    /// <summary>Copies what is below the diagonal to above it.</summary>
    public static void Mirror(AlignedMatrix a, ParallelOptions parallel) => ForEach((a.Rows + TileSize - 1) / TileSize, parallel, tile =>
    {
        for (int first = 0; first <= tile * TileSize; first += TileSize)
            for (int i = tile * TileSize; i < Math.Min(a.Rows, (tile + 1) * TileSize); i++)
                for (int j = first; j < Math.Min(i, first + TileSize); j++)
                    a[j][i] = a[i][j];
    });

    /// <summary>Copies the block's column of A, of which a part stands in its row, and multiplies it by −D.</summary>
    private static void MultiplyPanel(
        AlignedMatrix a, int first, int end, int start, int size, AlignedMatrix inverse, AlignedMatrix column, AlignedMatrix product)
    {
        for (int i = first; i < end; i++)
        {
            var row = column[i];
            if (i >= start)
                a[i].Slice(start, Math.Min(size, i - start + 1)).CopyTo(row);
        }
        // Above the diagonal: the block's rows, transposed.
        for (int l = 0; l < size; l++)
        {
            var row = a[start + l];
            for (int i = first; i < Math.Min(end, start + l); i++)
                column[i][l] = row[i];
        }
        GemmKernels.Best.Multiply(column.Pointer + (long)first * column.Stride, column.Stride, 1, inverse.Pointer, inverse.Stride,
            product.Pointer + (long)first * product.Stride, product.Stride, end - first, inverse.Stride, size, add: false);
        GC.KeepAlive((inverse, column, product));
    }

    /// <summary>Transposes some rows of the column into a strip that a product reads from front to back.</summary>
    private static void Pack(AlignedMatrix column, int strip, int size, AlignedMatrix strips)
    {
        var packed = strips[strip];
        var first = strip * StripWidth;
        var width = Math.Min(StripWidth, column.Rows - first);
        for (int r = 0; r < StripWidth; r++)
            for (int l = 0; l < size; l++)
                packed[l * StripWidth + r] = r < width ? column[first + r][l] : 0;
    }

    /// <summary>A_ij += product_i · column_jᵀ for the panel's rows, up to the diagonal.</summary>
    private static void UpdatePanel(AlignedMatrix a, int first, int end, int size, AlignedMatrix product, AlignedMatrix strips)
    {
        for (int j = 0; j < end; j += StripWidth)
            GemmKernels.Best.Multiply(product.Pointer + (long)first * product.Stride, product.Stride, 1,
                strips.Pointer + (long)(j / StripWidth) * strips.Stride, StripWidth,
                a.Pointer + (long)first * a.Stride + j, a.Stride, end - first, Math.Min(StripWidth, a.Stride - j), size, add: true);
        GC.KeepAlive((a, product, strips));
    }

    /// <summary>Writes the block's column, and the block itself.</summary>
    private static void StorePanel(AlignedMatrix a, int first, int end, int start, int size, AlignedMatrix inverse, AlignedMatrix product)
    {
        for (int i = Math.Max(first, start); i < end; i++)
        {
            if (i < start + size)
                inverse[i - start][..size].CopyTo(a[i][start..]);
            else
                TensorPrimitives.Negate(product[i][..size], a[i].Slice(start, size));
        }
        for (int l = 0; l < size; l++)
        {
            var row = a[start + l];
            for (int i = first; i < Math.Min(end, start); i++)
                row[i] = -product[i][l];
        }
    }

    /// <summary>−D in single precision, by Gauss-Jordan elimination in double.</summary>
    private static bool InvertBlock(AlignedMatrix a, int start, int size, double[] pivot, AlignedMatrix inverse)
    {
        for (int i = 0; i < size; i++)
            for (int j = 0; j <= i; j++)
                pivot[i * size + j] = pivot[j * size + i] = a[start + i][start + j];
        for (int k = 0; k < size; k++)
        {
            var row = pivot.AsSpan(k * size, size);
            if (!(row[k] > 0))
                return false;
            var scale = 1 / row[k];
            row[k] = 1;
            TensorPrimitives.Multiply(row, scale, row);
            for (int i = 0; i < size; i++)
            {
                if (i == k)
                    continue;
                var other = pivot.AsSpan(i * size, size);
                var factor = other[k];
                other[k] = 0;
                TensorPrimitives.MultiplyAdd(row, -factor, other, other);
            }
        }
        inverse.Padded.Clear();
        for (int i = 0; i < size; i++)
            for (int j = 0; j < size; j++)
                inverse[i][j] = (float)-pivot[i * size + j];
        return true;
    }

    /// <summary>From the last on, as threads come free: the last panels are the longest.</summary>
    private static void ForEach(int count, ParallelOptions parallel, Action<int> body)
    {
        var next = count;
        Parallel.For(0, Math.Min(count, parallel.MaxDegreeOfParallelism), parallel, _ =>
        {
            int index;
            while (!parallel.CancellationToken.IsCancellationRequested && (index = Interlocked.Decrement(ref next)) >= 0)
                body(index);
        });
        parallel.CancellationToken.ThrowIfCancellationRequested();
    }
}
