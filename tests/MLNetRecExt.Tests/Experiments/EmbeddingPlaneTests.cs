namespace MLNetRecExt.Tests.Experiments;

/// <summary>Embeddings in two dimensions.</summary>
public class EmbeddingPlaneTests
{
    [Fact]
    public void Project_PointsOfAPlane_KeepTheirDistances()
    {
        // An ellipse, 3 cos t along (0.6, 0.8, 0), sin t along (0.8, −0.6, 0), about a centre that does not count.
        double[] angles = [.. Enumerable.Range(0, 40).Select(step => step * Math.PI / 20)];
        float[][] rows = Array.ConvertAll(angles, t => new[]
        {
            (float)(5 + 1.8 * Math.Cos(t) + 0.8 * Math.Sin(t)), (float)(1 + 2.4 * Math.Cos(t) - 0.6 * Math.Sin(t)), 7,
        });

        var (x, y) = EmbeddingPlane.Project(rows, seed: 1);

        for (int step = 1; step < angles.Length; step++)
            Assert.Equal(
                Math.Sqrt(rows[0].Zip(rows[step], (a, b) => Math.Pow(a - b, 2)).Sum()),
                Math.Sqrt(Math.Pow(x[0] - x[step], 2) + Math.Pow(y[0] - y[step], 2)), 1e-4);
    }

    [Fact]
    public void Project_OneDimension_LiesOnALine()
    {
        var (x, y) = EmbeddingPlane.Project([[1], [2], [4]], seed: 1);

        Assert.All(y, place => Assert.Equal(0, place));
        Assert.Equal(2 * Math.Abs(x[1] - x[0]), Math.Abs(x[2] - x[1]), 1e-4);
    }
}
