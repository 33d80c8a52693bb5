using MLNetRecExt.Kernels;

namespace MLNetRecExt.Tests.Kernels;

public sealed unsafe class BFloat16MatrixTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(33)]
    [InlineData(200)]
    public void Gather_AnyRows_GivesEachValueRoundedToNearest(int rank)
    {
        var random = new Random(rank);
        var matrix = new AlignedMatrix(9000, rank);
        for (int row = 0; row < matrix.Rows; row++)
            foreach (ref var value in matrix[row])
                value = (random.NextSingle() - 0.5f) * MathF.Pow(10, random.Next(-30, 30));
        var copy = new BFloat16Matrix(matrix.Rows + 5, matrix.Stride);
        copy.CopyFrom(matrix, new ParallelOptions());
        int[] indices = [.. Enumerable.Range(0, 41).Select(_ => random.Next(matrix.Rows)), 0, matrix.Rows - 1];
        var panel = new AlignedMatrix(indices.Length, rank);
        copy.Gather(indices, panel.Pointer);
        for (int e = 0; e < indices.Length; e++)
            for (int k = 0; k < rank; k++)
                Assert.Equal(Nearest(matrix[indices[e]][k]), panel[e][k]);
    }

    [Fact]
    public void Gather_TiesAndWhatIsNotFinite_RoundsToEvenAndKeepsThem()
    {
        float[] values = [1 + 1 / 256f, 1 + 3 / 256f, -1 - 3 / 256f, 0, -0f, 1, float.NaN, BitConverter.UInt32BitsToSingle(0x7FFFFFFF),
            float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, float.Epsilon];
        float[] expected = [1, 1 + 1 / 64f, -1 - 1 / 64f, 0, -0f, 1, float.NaN, float.NaN,
            float.PositiveInfinity, float.NegativeInfinity, float.PositiveInfinity, 0];
        var matrix = new AlignedMatrix(1, values.Length);
        values.CopyTo(matrix[0]);
        var copy = new BFloat16Matrix(1, matrix.Stride);
        copy.CopyFrom(matrix, new ParallelOptions());
        var panel = new AlignedMatrix(1, values.Length);
        copy.Gather([0], panel.Pointer);
        Assert.Equal(expected, panel[0].ToArray());
    }

    /// <summary>Of the two numbers with 16 bits around a value the closer one.</summary>
    private static float Nearest(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value) & 0xFFFF0000;
        float below = BitConverter.UInt32BitsToSingle(bits), above = BitConverter.UInt32BitsToSingle(bits + 0x10000);
        double toBelow = Math.Abs((double)value - below), toAbove = Math.Abs((double)above - value);
        return toBelow < toAbove || (toBelow == toAbove && (bits & 0x10000) == 0) ? below : above;
    }
}
