using MLNetRecExt.AspNetCore.Page;

namespace MLNetRecExt.AspNetCore.Tests.Page;

public class EmbeddingMapTests
{
    [Fact]
    public void Draw_EmbeddingsInAPlane_KeepsDistances()
    {
        var random = new Random(5);
        // A plane in seven dimensions, spanned by two directions at right angles, off the origin.
        (double X, double Y)[] planted = [.. Enumerable.Range(0, 60).Select(_ => (3 * random.NextDouble(), random.NextDouble()))];
        float[][] items = [.. planted.Select(place => (float[])[5, (float)place.X, (float)place.Y, 2, (float)-place.X, (float)place.Y, 1])];
        var map = EmbeddingMap.Draw(new PlantedModel([new float[7]], items));

        Assert.Equal(1, map.VarianceShare, 4);
        Assert.Equal(1, map.Places.SelectMany(place => place).Max(Math.Abs), 5);
        var scales = Pairs(60).Select(pair =>
            Distance(map.Places[pair.I], map.Places[pair.J]) / Distance(items[map.Items[pair.I]], items[map.Items[pair.J]])).ToArray();
        Assert.All(scales, scale => Assert.Equal(scales[0], scale, 1e-3));
    }

    [Fact]
    public void Draw_EqualEmbeddings_LieOnOnePoint()
    {
        var map = EmbeddingMap.Draw(new PlantedModel([new float[4]], [.. Enumerable.Repeat<float[]>([1, 2, 3, 4], 5)]));
        Assert.Equal(1, map.VarianceShare);
        Assert.All(map.Places, place => Assert.Equal([0, 0], place));
    }

    [Fact]
    public void Draw_MoreItemsThanAreShown_TakesThePopularOnes()
    {
        var random = new Random(6);
        float[][] items = [.. Enumerable.Range(0, EmbeddingMap.MaxItems + 500).Select(_ =>
            (float[])[random.NextSingle(), random.NextSingle(), random.NextSingle()])];
        var users = Enumerable.Range(0, items.Length + 300).Select(_ => new float[3]).ToArray();
        var map = EmbeddingMap.Draw(new PlantedModel(users, items));
        Assert.Equal(EmbeddingMap.MaxItems, map.Items.Count);
        // Users beyond the items take the first ones a second time.
        Assert.Equal(Enumerable.Range(0, EmbeddingMap.MaxItems), map.Items);
        Assert.InRange(map.VarianceShare, 0.5, 0.999);
    }

    private static IEnumerable<(int I, int J)> Pairs(int count) =>
        from i in Enumerable.Range(0, count) from j in Enumerable.Range(0, i) select (i, j);

    private static double Distance(float[] first, float[] second) =>
        Math.Sqrt(first.Zip(second, (x, y) => ((double)x - y) * ((double)x - y)).Sum());
}
