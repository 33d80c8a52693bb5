using System.Runtime.Intrinsics.X86;
using MLNetRecExt.Kernels;

namespace MLNetRecExt.Tests.Kernels;

public unsafe class CoarsePanelsTests
{
    private const int Panels = 5;

    public static TheoryData<int, int, int> Shapes()
    {
        var shapes = new TheoryData<int, int, int>();
        foreach (var width in new[] { 24, 48 })
            foreach (var rank in new[] { 16, 17, 19, 33, 64, 130 })
                foreach (var decades in new[] { 0, 2, 60 })
                    shapes.Add(width, rank, decades);
        return shapes;
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void MayReach_AThresholdThatARowReaches_IsTrue(int width, int rank, int decades)
    {
        var panels = RandomPanels(width, rank, decades);
        if (CoarsePanels.For(panels.Pointer, Panels, width, rank, new()) is not { } coarse)
        {
            Assert.False(Avx2.IsSupported);
            return;
        }
        var random = new Random(3);
        for (int trial = 0; trial < 50; trial++)
        {
            var query = RandomRow(random, rank, decades);
            for (int panel = 0; panel < Panels; panel++)
                Assert.True(coarse.MayReach(panel, coarse.Round(query), Scores(panels, panel, width, query).Max()));
        }
    }

    // What bounds are for: twice the largest possible score is ruled out, and so is most of what lies above the best row by a tenth.
    [Theory]
    [InlineData(24, 64)]
    [InlineData(48, 64)]
    [InlineData(24, 128)]
    public void MayReach_AThresholdThatNoRowReaches_IsFalse(int width, int rank)
    {
        var panels = RandomPanels(width, rank, 0);
        if (CoarsePanels.For(panels.Pointer, Panels, width, rank, new()) is not { } coarse)
        {
            Assert.False(Avx2.IsSupported);
            return;
        }
        var query = RandomRow(new Random(4), rank, 0);
        for (int panel = 0; panel < Panels; panel++)
        {
            var best = Scores(panels, panel, width, query).Max();
            var longest = PanelIndex.Length(query) * MathF.Sqrt(rank);
            Assert.False(coarse.MayReach(panel, coarse.Round(query), 2 * longest));
            Assert.False(coarse.MayReach(panel, coarse.Round(query), best + 0.1f * longest));
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void MayReach_NumbersThatAreNotFinite_IsTrue(float number)
    {
        var panels = RandomPanels(24, 16, 0);
        panels.Pointer[24 * 16 + 5] = number;
        if (CoarsePanels.For(panels.Pointer, Panels, 24, 16, new()) is not { } coarse)
        {
            Assert.False(Avx2.IsSupported);
            return;
        }
        var query = RandomRow(new Random(5), 16, 0);
        Assert.False(coarse.MayReach(0, coarse.Round(query), 1e9f));
        Assert.True(coarse.MayReach(1, coarse.Round(query), 1e9f));
        query[3] = number;
        Assert.True(coarse.MayReach(0, coarse.Round(query), 1e9f));
    }

    [Fact]
    public void MayReach_ZeroQuery_ReachesZeroAlone()
    {
        var panels = RandomPanels(24, 16, 0);
        if (CoarsePanels.For(panels.Pointer, Panels, 24, 16, new()) is not { } coarse)
        {
            Assert.False(Avx2.IsSupported);
            return;
        }
        var zero = coarse.Round(new float[16]);
        Assert.True(coarse.MayReach(0, zero, 0));
        Assert.True(coarse.MayReach(0, zero, -1));
        Assert.False(coarse.MayReach(0, zero, 1));
    }

    private static float[] Scores(AlignedMatrix panels, int panel, int width, float[] query)
    {
        var scores = new float[width];
        for (int k = 0; k < query.Length; k++)
            for (int lane = 0; lane < width; lane++)
                scores[lane] += query[k] * panels.Pointer[(panel * query.Length + k) * width + lane];
        return scores;
    }

    private static AlignedMatrix RandomPanels(int width, int rank, int decades)
    {
        var (random, panels) = (new Random(width + rank), new AlignedMatrix(1, Panels * rank * width));
        for (int row = 0; row < Panels * width; row++)
        {
            var values = RandomRow(random, rank, decades);
            for (int k = 0; k < rank; k++)
                panels.Pointer[(row / width * rank + k) * width + row % width] = values[k];
        }
        return panels;
    }

    /// <summary>Numbers from −1 to 1, times a power of ten.</summary>
    private static float[] RandomRow(Random random, int rank, int decades)
    {
        var scale = MathF.Pow(10, (random.NextSingle() - 0.5f) * decades / 2);
        return [.. Enumerable.Range(0, rank).Select(_ => scale * (2 * random.NextSingle() - 1))];
    }
}
