using MLNetRecExt.Kernels;

namespace MLNetRecExt.Tests.Kernels;

public sealed class AlignedMatrixTests
{
    public static TheoryData<int, int, string, string> TooLarge => new()
    {
        // rows, columns, how many rows fit, how many columns: floor((2,147,483,591 − 16) / …), columns down to a multiple of 16
        { 20_000_000, 128, "16,777,215 such rows", "of 96 numbers" },
        { 20_000_000, 113, "16,777,215 such rows", "of 96 numbers" },
        { 16_777_216, 128, "16,777,215 such rows", "of 112 numbers" },
        { 134_217_724, 1, "134,217,723 such rows.", "" },
        { 1, int.MaxValue, "0 such rows", "of 2,147,483,568 numbers" },
        { int.MaxValue, int.MaxValue, "0 such rows.", "" },
    };

    [Theory, MemberData(nameof(TooLarge))]
    public void New_LargerThanAnArray_SaysWhatFitsAndAllocatesNothing(int rows, int columns, string fewerRows, string fewerColumns)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();

        var error = Assert.Throws<ArgumentException>(() => new AlignedMatrix(rows, columns));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        foreach (var part in new[] { FormattableString.Invariant($"{rows:N0} rows of {columns:N0} numbers"), fewerRows, fewerColumns, "Lower ApproximationRank" })
            Assert.Contains(part, error.Message);
    }

    [Theory]
    [InlineData(0, 7)]
    [InlineData(3, 0)]
    [InlineData(5, 16)]
    [InlineData(5, 17)]
    public unsafe void New_AnyShape_HasPaddedRowsOnBoundariesOf64Bytes(int rows, int columns)
    {
        var matrix = new AlignedMatrix(rows, columns);

        Assert.Equal((rows, columns, (columns + 15) / 16 * 16), (matrix.Rows, matrix.Columns, matrix.Stride));
        Assert.Equal(rows * matrix.Stride, matrix.Padded.Length);
        Assert.False(matrix.Padded.ContainsAnyExcept(0f));
        Assert.Equal(0, (long)matrix.Pointer % 64);
        for (int row = 0; row < rows; row++)
            Assert.Equal((columns, matrix.Stride), (matrix[row].Length, matrix.PaddedRow(row).Length));
    }

    [Theory]
    [InlineData(0, 7)]
    [InlineData(3, 0)]
    [InlineData(3, 3)]
    public void Extend_MoreRows_KeepsThoseThatThereAreAndAddsZeros(int rows, int more)
    {
        var matrix = new AlignedMatrix(rows, 17);
        for (int row = 0; row < rows; row++)
            matrix[row].Fill(row + 1);

        var extended = matrix.Extend(rows + more);

        Assert.Equal((rows + more, 17), (extended.Rows, extended.Columns));
        Assert.True(extended.Padded[..matrix.Padded.Length].SequenceEqual(matrix.Padded));
        Assert.False(extended.Padded[matrix.Padded.Length..].ContainsAnyExcept(0f));
        Assert.False(extended.Padded.Overlaps(matrix.Padded));
    }

    [Theory]
    [InlineData(20, 17, 0, 20, 17)]
    [InlineData(20, 17, 3, 5, 17)]
    [InlineData(20, 17, 4, 16, 9)]
    public void TransposeTo_SomeRows_HasThemAsColumns(int rows, int columns, int first, int count, int kept)
    {
        var matrix = new AlignedMatrix(rows, columns);
        for (int row = 0; row < rows; row++)
            for (int k = 0; k < columns; k++)
                matrix[row][k] = 100 * row + k;
        var transposed = new AlignedMatrix(kept, count);

        matrix.TransposeTo(transposed, first);

        for (int k = 0; k < kept; k++)
            Assert.Equal(Enumerable.Range(first, count).Select(row => 100f * row + k), transposed[k].ToArray());
    }
}
