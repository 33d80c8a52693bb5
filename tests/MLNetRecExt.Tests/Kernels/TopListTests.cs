using System.Collections;
using MLNetRecExt.Kernels;

namespace MLNetRecExt.Tests.Kernels;

public class TopListTests
{
    [Theory]
    [InlineData(3)]
    [InlineData(1000)]
    public void Offer_AnyOrderAndLength_KeepsTheBestByScoreThenRow(int levels)
    {
        var random = new Random(7);
        for (int trial = 0; trial < 300; trial++)
        {
            var offered = random.Next(40);
            var length = random.Next(45);
            var scores = Enumerable.Range(0, offered).Select(_ => (float)random.Next(levels)).ToArray();
            var rows = Enumerable.Range(0, offered).ToArray();
            random.Shuffle(rows);

            var (topRows, topScores) = (new int[length], new float[length]);
            var top = new TopList(null, default, topRows, topScores);
            foreach (var row in rows)
                top.Offer(row, scores[row]);

            var expected = rows.OrderByDescending(row => scores[row]).ThenBy(row => row).Take(length).ToArray();
            Assert.Equal(expected.Length, top.Sort());
            Assert.Equal(expected, topRows[..expected.Length]);
            Assert.Equal(expected.Select(row => scores[row]), topScores[..expected.Length]);
        }
    }

    [Fact]
    public void Offer_NaNInfinityExcludedOrNotAllowed_TakesOnlyTheInfinities()
    {
        var (rows, scores) = (new int[9], new float[9]);
        var allowed = new BitArray(9, true) { [5] = false };
        var top = new TopList(allowed, new[] { 2, 3 }, rows, scores);
        top.Offer(0, float.NaN);
        top.Offer(1, float.NegativeInfinity);
        top.Offer(2, 1);
        top.Offer(3, 1);
        top.Offer(4, float.PositiveInfinity);
        top.Offer(5, 1);
        Assert.Equal(2, top.Sort());
        Assert.Equal([4, 1], rows[..2]);
    }

    [Fact]
    public void Threshold_NotFull_LetsEverythingIn()
    {
        var top = new TopList(null, default, new int[2], new float[2]);
        Assert.Equal(float.NegativeInfinity, top.Threshold);
        top.Offer(0, 3);
        Assert.Equal(float.NegativeInfinity, top.Threshold);
        top.Offer(1, 2);
        Assert.Equal(2, top.Threshold);
        top.Offer(2, 5);
        Assert.Equal(3, top.Threshold);
    }
}
