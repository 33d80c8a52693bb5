namespace MLNetRecExt.Tests.Tuning;

public class TuneSurrogateTests
{
    [Fact]
    public void ExpectedImprovement_SmoothFunction_HighestNearItsTopAndNearZeroWhereTried()
    {
        var points = (from x in Enumerable.Range(0, 5) from y in Enumerable.Range(0, 5) select new[] { x / 4.0, y / 4.0 }).ToArray();
        var surrogate = new TuneSurrogate(points, Array.ConvertAll(points, F));
        double[] best = [];
        var most = double.NegativeInfinity;
        for (int x = 0; x <= 50; x++)
        {
            for (int y = 0; y <= 50; y++)
            {
                double[] point = [x / 50.0, y / 50.0];
                if (surrogate.ExpectedImprovement(point) > most)
                    (most, best) = (surrogate.ExpectedImprovement(point), point);
            }
        }
        Assert.Equal(0.62, best[0], 0.08);
        Assert.Equal(0.37, best[1], 0.08);
        Assert.All(points, point => Assert.InRange(surrogate.ExpectedImprovement(point), 0, 0.2 * most));

        static double F(double[] p) => Math.Exp(-4 * (Math.Pow(p[0] - 0.62, 2) + Math.Pow(p[1] - 0.37, 2)));
    }

    [Fact]
    public void ExpectedImprovement_ConstantMetricsOrRepeatedPoints_Finite()
    {
        double[][] points = [[0.2], [0.2], [0.7]];
        Assert.True(double.IsFinite(new TuneSurrogate(points, [1, 1, 1]).ExpectedImprovement([0.5])));
        Assert.True(double.IsFinite(new TuneSurrogate(points, [1, 2, 3]).ExpectedImprovement([0.2])));
    }
}
