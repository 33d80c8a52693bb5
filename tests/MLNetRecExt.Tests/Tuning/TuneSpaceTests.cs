namespace MLNetRecExt.Tests.Tuning;

public class TuneSpaceTests
{
    [Theory]
    [InlineData(1e-4f, 0.7, 5, "Rate")]
    [InlineData(1f, 0.7, 5, "Rate")]
    [InlineData(1.09e-4f, 0.7, 5, "Rate")] // 0.9 % of four decades
    [InlineData(1.11e-4f, 0.7, 5, "")]
    [InlineData(0.03f, 0.5, 5, "Share")]
    [InlineData(0.03f, 0.9949, 5, "")]
    [InlineData(0.03f, 0.9951, 5, "Share")]
    [InlineData(3f, 0.2, 5, "Rate,Share")] // beyond
    [InlineData(0.03f, 0.7, 1, "")] // Kept cannot be less than 1
    [InlineData(0.03f, 0.7, 9, "Kept")]
    public void Edges_ValuesAtEndsOfRanges_ThoseThatCouldGoOn(float rate, double share, int kept, string edges)
    {
        var options = new HillOptions { Rate = rate, Share = share, Kept = kept };

        var found = new TuneSpace(options, new Dictionary<string, TuneRangeAttribute?> { ["Kept"] = new(1, 9) }).Edges(options);

        Assert.Equal(edges, string.Join(",", found.Select(edge => edge.Option)));
    }

    [Fact]
    public void Edges_RangesThatEndWhereTheOptionsDoOrHoldOneValue_None()
    {
        var options = new HillOptions { Rate = 0.5f, Kept = 100 };
        var ranges = new Dictionary<string, TuneRangeAttribute?> { ["Kept"] = new(50, 100), ["Rate"] = new(0.5, 0.5), ["Share"] = null };

        Assert.Empty(new TuneSpace(options, ranges).Edges(options));
    }
}
