using System.Buffers;
using MLNetRecExt.Kernels;

namespace MLNetRecExt;

/// <summary>What the closed forms invert: XᵀX of sparse interactions with something added to its diagonal.</summary>
internal static class ItemGramian
{
    /// <summary>D^(−β/2) X, D being how many items each user took, X label times weight of what they took. Users × items.</summary>
    /// <exception cref="ArgumentException">A value passes single precision.</exception>
    public static SparseMatrix Values(InteractionRows rows, int items, float userExponent)
    {
        var values = new float[rows.EntryCount + InteractionRows.Padding];
        for (int user = 0; user < rows.RowCount; user++)
        {
            var scale = UserWeight(rows, user, userExponent);
            for (int e = rows.OffsetArray[user]; e < rows.OffsetArray[user + 1]; e++)
            {
                var value = (rows.LabelArray?[e] ?? 1) * (rows.WeightArray?[e] ?? 1);
                if (!float.IsFinite(value))
                    throw new ArgumentException(
                        $"Label {rows.LabelArray?[e]} with weight {rows.WeightArray?[e]} is too large for single precision: "
                        + "scale labels or weights down.");
                values[e] = (float)(scale * value);
            }
        }
        return new(rows.OffsetArray, rows.IndexArray, values, items);
    }

    /// <summary>|S_u|^(−β/2): what a user's row is multiplied by.</summary>
    public static double UserWeight(InteractionRows rows, int user, float userExponent) =>
        userExponent == 0 ? 1 : Math.Pow(Math.Max(1, rows.Length(user)), -0.5 * userExponent);

    /// <summary>Σ_i |S_i| Σ_u x_ui² / nnz: how long the rows of items are, as seen from an interaction, times its mean square.</summary>
    public static double MeanLength(Interactions train)
    {
        var byItem = Values(train.ByUser, train.Items.Count, userExponent: 0).Transpose();
        double sum = 0;
        for (int item = 0; item < byItem.RowCount; item++)
            sum += byItem.Length(item) * SumOfSquares(byItem.Values(item));
        return sum / byItem.EntryCount;
    }

    public static double SumOfSquares(ReadOnlySpan<float> values)
    {
        double sum = 0;
        foreach (var value in values)
            sum += (double)value * value;
        return sum;
    }

    /// <summary>XᵀX + diag(added), times a power of two that brings its largest number near 1: squares of large or small values stay within
    /// single precision.</summary>
    /// <returns>The power of two.</returns>
    public static double Fill(SparseMatrix byItem, SparseMatrix byUser, double[] added, AlignedMatrix gramian, ParallelOptions parallel)
    {
        var scale = Scale(Enumerable.Range(0, gramian.Rows).Max(item => SumOfSquares(byItem.Values(item)) + added[item]));
        Parallel.For(0, gramian.Rows, parallel, item =>
        {
            var rented = ArrayPool<double>.Shared.Rent(gramian.Rows);
            var sums = rented.AsSpan(0, gramian.Rows);
            SumProducts(byItem, byUser, item, sums);
            var row = gramian[item];
            for (int other = 0; other < row.Length; other++)
                row[other] = (float)(scale * sums[other]);
            row[item] += (float)(scale * added[item]);
            ArrayPool<double>.Shared.Return(rented);
        });
        return scale;
    }

    /// <summary>The power of two that brings a number near 1.</summary>
    public static double Scale(double largest) => Math.ScaleB(1, -Math.ILogB(largest));

    /// <summary>A row of XᵀX.</summary>
    private static unsafe void SumProducts(SparseMatrix byItem, SparseMatrix byUser, int item, Span<double> sums)
    {
        sums.Clear();
        fixed (double* sum = sums)
        fixed (int* indices = byUser.IndexArray)
        fixed (float* values = byUser.ValueArray)
        {
            var users = byItem.Indices(item);
            for (int e = 0; e < users.Length; e++)
            {
                var start = byUser.OffsetArray[users[e]];
                SparseKernels.Add(byItem.Values(item)[e], indices + start, values + start, byUser.Length(users[e]), sum);
            }
        }
    }
}
