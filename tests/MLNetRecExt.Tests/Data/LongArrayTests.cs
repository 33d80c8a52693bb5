namespace MLNetRecExt.Tests.Data;

public sealed class LongArrayTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Create_EitherLayout_HoldsValuesSideBySide(bool inLines)
    {
        foreach (var length in new[] { 0, 1, 15, 16, 17, 1000 })
        {
            var values = LongArray<long>.Create(length, inLines);
            for (int place = 0; place < length; place++)
                values[place] = 7L * place;

            var expected = Enumerable.Range(0, length).Select(place => 7L * place).ToArray();
            Assert.Equal(length, values.Length);
            Assert.Equal(expected, values.Slice(0, length).ToArray());
            Assert.Equal(expected[(length / 3)..(length / 2)], values.Slice(length / 3, length / 2 - length / 3).ToArray());
            Assert.Equal(expected[(length / 3)..(length / 2)], values.Segment(length / 3, length / 2 - length / 3).ToArray());
            Assert.Equal(expected[(length / 3)..], values.Piece(length / 3, length).ToArray());
            Assert.Equal(inLines, values.Array is null);
            Assert.Throws<IndexOutOfRangeException>(() => values[length]);
            Assert.Throws<IndexOutOfRangeException>(() => values[-1]);
            Assert.Throws<ArgumentOutOfRangeException>(() => values.Slice(1, length).Length);
            Assert.Throws<ArgumentOutOfRangeException>(() => values.Slice(-1, 1).Length);
        }
    }
}
