using MLNetRecExt.Kernels;

namespace MLNetRecExt.Tests.Kernels;

public sealed class AlignedMatrixTests
{
    public static TheoryData<int, int, string, string> TooLarge => new()
    {
        // rows, columns, how many rows fit, how many columns: 2,147,483,590 lines of 16 numbers, columns down to a multiple of 16
        { 300_000_000, 128, "268,435,448 such rows", "of 112 numbers" },
        { 300_000_000, 113, "268,435,448 such rows", "of 112 numbers" },
        { 268_435_449, 128, "268,435,448 such rows", "of 112 numbers" },
        { int.MaxValue, 1, "2,147,483,590 such rows.", "" },
        { 1, int.MaxValue, "15 such rows", "of 2,147,483,584 numbers" },
        { int.MaxValue, int.MaxValue, "15 such rows.", "" },
    };

    [Theory, MemberData(nameof(TooLarge))]
    public void New_LargerThanThereCanBe_SaysWhatFitsAndAllocatesNothing(int rows, int columns, string fewerRows, string fewerColumns)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();

        var error = Assert.Throws<ArgumentException>(() => new AlignedMatrix(rows, columns));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        foreach (var part in new[] { FormattableString.Invariant($"{rows:N0} rows of {columns:N0} numbers"), fewerRows, fewerColumns, "Lower ApproximationRank" })
            Assert.Contains(part, error.Message);
    }

    [Theory]
    [InlineData(20_000_000, 128, "16,777,215 such rows", "of 96 numbers")]
    [InlineData(134_217_725, 1, "134,217,724 such rows.", "")]
    public void CheckSize_LargerThanAnArray_SaysWhatFits(int rows, int columns, string fewerRows, string fewerColumns)
    {
        var error = Assert.Throws<ArgumentException>(() => AlignedMatrix.CheckSize(rows, columns));

        Assert.Contains(fewerRows, error.Message);
        Assert.Contains(fewerColumns, error.Message);
        Assert.Contains("larger than an array", error.Message);
        AlignedMatrix.CheckSize(rows / 2, columns);
    }

    // Memory that nobody writes to is none: these nine gigabytes take a few thousand bytes.
    [MemoryFact(12_000_000_000)]
    public unsafe void Rows_BeyondAnArray_AreApart()
    {
        const int Rows = 36_000_000;
        var matrix = new AlignedMatrix(Rows, 64);
        int[] some = [0, 1, 33_554_431, 33_554_432, Rows - 1];

        foreach (var row in some)
            matrix[row].Fill(row + 1);

        Assert.All(some, row => Assert.Equal(Enumerable.Repeat(row + 1f, 64), matrix[row].ToArray()));
        Assert.All(some, row => Assert.Equal(row + 1f, matrix.Pointer[64L * row]));
        Assert.Equal(0, matrix[Rows - 2][63]);
        Assert.Equal(64, matrix.PaddedRows(Rows - 1, Rows).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix[Rows].Length);
        Assert.Throws<OverflowException>(() => matrix.Padded.Length);
    }

    [Fact]
    public void LargestMagnitude_AnyPlaceAndSign_IsFoundAndNaNPassedOn()
    {
        var matrix = new AlignedMatrix(400_000, 65);
        Assert.Equal(0, matrix.LargestMagnitude);
        matrix[399_999][64] = -3;
        matrix[7][0] = 2;
        Assert.Equal(3, matrix.LargestMagnitude);
        matrix[1][1] = float.NaN;
        Assert.Equal(float.NaN, matrix.LargestMagnitude);
        Assert.Equal(0, new AlignedMatrix(0, 3).LargestMagnitude);
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
