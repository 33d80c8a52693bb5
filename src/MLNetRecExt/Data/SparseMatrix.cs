using System.Numerics.Tensors;

namespace MLNetRecExt;

/// <summary>
/// A sparse matrix in compressed rows (CSR): similarities of items, weights of pairs, features. Indices ascend within a row and occur once.
/// Immutable and thread-safe.
/// </summary>
public sealed class SparseMatrix
{
    /// <summary>Makes a matrix of rows.</summary>
    /// <param name="columnCount">Number of columns.</param>
    /// <param name="rows">By row its entries, in any order; of two in one column the last counts.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is not in 0…<paramref name="columnCount"/>−1.</exception>
    /// <exception cref="ArgumentException">There are more entries than an array holds.</exception>
    public SparseMatrix(int columnCount, IReadOnlyList<IEnumerable<(int Column, float Value)>> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ColumnCount = columnCount;
        var entries = new List<(int Column, float Value)>();
        OffsetArray = new int[rows.Count + 1];
        for (int row = 0; row < rows.Count; row++)
        {
            foreach (var (column, value) in rows[row].OrderBy(entry => CheckColumn(entry.Column)))
            {
                if (entries.Count > OffsetArray[row] && entries[^1].Column == column)
                    entries.RemoveAt(entries.Count - 1);
                entries.Add((column, value));
            }
            OffsetArray[row + 1] = entries.Count;
        }
        (IndexArray, ValueArray) = (new int[entries.Count + InteractionRows.Padding], new float[entries.Count + InteractionRows.Padding]);
        for (int e = 0; e < entries.Count; e++)
            (IndexArray[e], ValueArray[e]) = entries[e];
    }

    /// <param name="offsets">rows + 1 positions; row r is offsets[r]…offsets[r+1]−1.</param>
    /// <param name="indices">nnz + <see cref="InteractionRows.Padding"/> column indices (padding 0), ascending within a row.</param>
    /// <param name="values">nnz + <see cref="InteractionRows.Padding"/> values.</param>
    /// <param name="columnCount">Number of columns.</param>
    internal SparseMatrix(int[] offsets, int[] indices, float[] values, int columnCount) =>
        (OffsetArray, IndexArray, ValueArray, ColumnCount) = (offsets, indices, values, columnCount);

    internal int[] OffsetArray { get; }
    internal int[] IndexArray { get; }
    internal float[] ValueArray { get; }

    /// <summary>Number of rows.</summary>
    public int RowCount => OffsetArray.Length - 1;

    /// <summary>Number of columns.</summary>
    public int ColumnCount { get; }

    /// <summary>Number of stored entries over all rows (nnz).</summary>
    public int EntryCount => OffsetArray[^1];

    /// <summary>How far values are from 0 at most: 0 without entries, NaN when one is NaN.</summary>
    internal float LargestValue => EntryCount == 0 ? 0 : MathF.Abs(TensorPrimitives.MaxMagnitude<float>(ValueArray.AsSpan(0, EntryCount)));

    /// <summary>Where each row starts: row r holds entries Offsets[r]…Offsets[r+1]−1.</summary>
    public ReadOnlySpan<int> Offsets => OffsetArray;

    /// <summary>Number of entries of a row.</summary>
    /// <exception cref="IndexOutOfRangeException">There is no such row.</exception>
    public int Length(int row) => OffsetArray[row + 1] - OffsetArray[row];

    /// <summary>The columns of a row's entries, ascending.</summary>
    /// <exception cref="IndexOutOfRangeException">There is no such row.</exception>
    public ReadOnlySpan<int> Indices(int row) => IndexArray.AsSpan(OffsetArray[row], Length(row));

    /// <summary>The values of a row's entries, in the order of <see cref="Indices"/>.</summary>
    /// <exception cref="IndexOutOfRangeException">There is no such row.</exception>
    public ReadOnlySpan<float> Values(int row) => ValueArray.AsSpan(OffsetArray[row], Length(row));

    /// <summary>The value at a place; 0 where no entry is stored.</summary>
    public float this[int row, int column] => Indices(row).BinarySearch(column) is var place and >= 0 ? Values(row)[place] : 0;

    /// <summary>The same entries with rows and columns exchanged.</summary>
    public SparseMatrix Transpose()
    {
        var transposed = new InteractionRows(OffsetArray, IndexArray, ValueArray, null, null).Transpose(ColumnCount);
        return new(transposed.OffsetArray, transposed.IndexArray, transposed.LabelArray!, RowCount);
    }

    private int CheckColumn(int column) => (uint)column < (uint)ColumnCount
        ? column
        : throw new ArgumentOutOfRangeException("rows", column, $"An entry is in column {column}; the matrix has columns 0…{ColumnCount - 1}.");
}
