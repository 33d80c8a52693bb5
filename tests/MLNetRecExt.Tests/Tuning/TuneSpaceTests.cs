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

    [Fact]
    public void Apply_ArrayOfElements_OneOrNone()
    {
        var options = new SoftmaxDnnTrainer.Options();
        var space = Layers(options);
        var widths = new List<int[]>();
        for (int step = 0; step <= 100; step++)
        {
            space.Apply([step / 100.0], options);
            widths.Add(options.HiddenLayers);
            // What a log holds leads to the same place.
            var read = new SoftmaxDnnTrainer.Options();
            space.Set(space.Values(options), read);
            Assert.Equal(options.HiddenLayers, read.HiddenLayers);
            Assert.Equal(space.PointOf(options), space.PointOf(read));
        }

        // 16…512 are five octaves, and the first of them is no layer.
        Assert.Equal(20, widths.Count(layers => layers.Length == 0));
        Assert.All(widths.Skip(20), layers => Assert.InRange(Assert.Single(layers), 32, 512));
        Assert.Equal([512], widths[^1]);
        Assert.Equal([0.0], space.PointOf(new SoftmaxDnnTrainer.Options { HiddenLayers = [] }));
    }

    [Fact]
    public void Edges_NoElementAndTheWidest_OnlyTheWidest()
    {
        var (none, widest) = (new SoftmaxDnnTrainer.Options { HiddenLayers = [] }, new SoftmaxDnnTrainer.Options { HiddenLayers = [512] });
        Assert.Empty(Layers(none).Edges(none));
        Assert.Equal(new("HiddenLayers", 512, 16, 512), Assert.Single(Layers(widest).Edges(widest)));
    }

    [Fact]
    public void Constructor_ArrayOfSeveralElements_NotSearchedAndRefusedByName()
    {
        var options = new SoftmaxDnnTrainer.Options { HiddenLayers = [128, 64] };

        Assert.DoesNotContain("HiddenLayers", new TuneSpace(options, new Dictionary<string, TuneRangeAttribute?>()).ToString());
        var ranges = new Dictionary<string, TuneRangeAttribute?> { ["HiddenLayers"] = new(16, 64) };
        Assert.Contains("HiddenLayers is [128, 64]", Assert.Throws<ArgumentException>(() => new TuneSpace(options, ranges)).Message);
    }

    private static TuneSpace Layers(SoftmaxDnnTrainer.Options options) => new(options, options.GetType().GetFields()
        .Where(field => field.Name != nameof(options.HiddenLayers)).ToDictionary(field => field.Name, _ => (TuneRangeAttribute?)null));
}
