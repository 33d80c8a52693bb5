namespace MLNetRecExt.Tests.Evaluation;

public class RankingMeasuresTests
{
    private const double Tolerance = 1e-12;

    // The example of the docs: A B C D E recommended; B, D and X held out.
    private static readonly bool[] Hits = [false, true, false, true, false];

    [Theory]
    [InlineData(5, 2.0 / 3)]
    [InlineData(2, 1.0 / 3)]
    [InlineData(1, 0)]
    [InlineData(100, 2.0 / 3)]
    public void Recall_Example_HitsOverHeldOut(int cutoff, double expected) =>
        Assert.Equal(expected, RankingMeasures.Recall(Hits, 3, cutoff), Tolerance);

    [Theory]
    [InlineData(5, 2.0 / 3)]
    [InlineData(2, 1.0 / 2)]
    [InlineData(1, 0)]
    public void CappedRecall_Example_HitsOverLesserOfCutoffAndHeldOut(int cutoff, double expected) =>
        Assert.Equal(expected, RankingMeasures.CappedRecall(Hits, 3, cutoff), Tolerance);

    [Theory]
    [InlineData(5, 2.0 / 5)]
    [InlineData(10, 2.0 / 10)]
    [InlineData(2, 1.0 / 2)]
    public void Precision_Example_HitsOverCutoff(int cutoff, double expected) =>
        Assert.Equal(expected, RankingMeasures.Precision(Hits, cutoff), Tolerance);

    [Theory]
    [InlineData(5, 1)]
    [InlineData(2, 1)]
    [InlineData(1, 0)]
    public void HitRate_Example_OneFromFirstHitOn(int cutoff, double expected) =>
        Assert.Equal(expected, RankingMeasures.HitRate(Hits, cutoff), Tolerance);

    [Theory]
    [InlineData(5, 0.49819)] // (0.63093 + 0.43068) / 2.13093
    [InlineData(2, 0.38685)] // 0.63093 / 1.63093
    [InlineData(1, 0)]
    public void Ndcg_Example_DiscountedHitsOverIdeal(int cutoff, double expected) =>
        Assert.Equal(expected, RankingMeasures.Ndcg(Hits, 3, cutoff), 5e-6);

    [Theory]
    [InlineData(5, 1.0 / 3)] // (1/2 + 2/4) / 3
    [InlineData(2, 1.0 / 4)] // (1/2) / 2
    [InlineData(1, 0)]
    public void AveragePrecision_Example_PrecisionAtHits(int cutoff, double expected) =>
        Assert.Equal(expected, RankingMeasures.AveragePrecision(Hits, 3, cutoff), Tolerance);

    [Theory]
    [InlineData(5, 1.0 / 2)]
    [InlineData(1, 0)]
    public void ReciprocalRank_Example_OneOverRankOfFirstHit(int cutoff, double expected) =>
        Assert.Equal(expected, RankingMeasures.ReciprocalRank(Hits, cutoff), Tolerance);

    [Theory]
    [InlineData(3, 1)]
    [InlineData(3, 7)]
    [InlineData(20, 7)]
    public void AccuracyMetrics_HeldOutOnTop_AreOneWherePerfectMeansOne(int cutoff, int heldOut)
    {
        var hits = Enumerable.Range(0, cutoff).Select(rank => rank < heldOut).ToArray();
        Assert.Equal(1, RankingMeasures.Ndcg(hits, heldOut, cutoff), Tolerance);
        Assert.Equal(1, RankingMeasures.AveragePrecision(hits, heldOut, cutoff), Tolerance);
        Assert.Equal(1, RankingMeasures.CappedRecall(hits, heldOut, cutoff), Tolerance);
        Assert.Equal(1, RankingMeasures.ReciprocalRank(hits, cutoff), Tolerance);
        Assert.Equal(1, RankingMeasures.HitRate(hits, cutoff), Tolerance);
    }

    [Fact]
    public void AccuracyMetrics_EmptyList_AreZero()
    {
        Assert.Equal(0, RankingMeasures.Recall([], 3, 5));
        Assert.Equal(0, RankingMeasures.CappedRecall([], 3, 5));
        Assert.Equal(0, RankingMeasures.Precision([], 5));
        Assert.Equal(0, RankingMeasures.HitRate([], 5));
        Assert.Equal(0, RankingMeasures.Ndcg([], 3, 5));
        Assert.Equal(0, RankingMeasures.AveragePrecision([], 3, 5));
        Assert.Equal(0, RankingMeasures.ReciprocalRank([], 5));
    }

    [Fact]
    public void PopularityLift_Example_Two()
    {
        int[] popularity = [30, 10, 5, 10, 15];
        Assert.Equal(2, RankingMeasures.PopularityLift([0, 1], [2, 3, 4], popularity, 20), Tolerance);
        Assert.Equal(3, RankingMeasures.PopularityLift([0, 1], [2, 3, 4], popularity, 1), Tolerance);
        Assert.True(double.IsNaN(RankingMeasures.PopularityLift([], [2], popularity, 1)));
        Assert.True(double.IsNaN(RankingMeasures.PopularityLift([0], [], popularity, 1)));
    }

    [Fact]
    public void Novelty_Example_TwoBits()
    {
        int[] popularity = [8, 2, 0];
        Assert.Equal(2, RankingMeasures.Novelty([0, 1], popularity, 16, 20), Tolerance);
        Assert.Equal(1, RankingMeasures.Novelty([0, 1], popularity, 16, 1), Tolerance);
        Assert.Equal(4, RankingMeasures.Novelty([2], popularity, 16, 20), Tolerance); // nobody took it: as one user
        Assert.True(double.IsNaN(RankingMeasures.Novelty([], popularity, 16, 20)));
    }

    [Fact]
    public void ItemCoverage_Example_Half() => Assert.Equal(0.5, RankingMeasures.ItemCoverage([5, 0, 1, 0]), Tolerance);

    [Fact]
    public void Gini_Examples_FollowTheFormula()
    {
        Assert.Equal(2.0 / 3, RankingMeasures.Gini([5, 0, 1, 0]), Tolerance);
        Assert.Equal(0, RankingMeasures.Gini([3, 3, 3]), Tolerance);
        Assert.Equal(3.0 / 4, RankingMeasures.Gini([0, 7, 0, 0]), Tolerance);
        Assert.True(double.IsNaN(RankingMeasures.Gini([0, 0])));
    }

    [Fact]
    public void IntraListDiversity_Example_TwoThirds()
    {
        float[][] vectors = [[2, 0], [1, 0], [0, 3], [0, 0]];
        Assert.Equal(2.0 / 3, RankingMeasures.IntraListDiversity([0, 1, 2], item => vectors[item], 20), Tolerance);
        Assert.Equal(0, RankingMeasures.IntraListDiversity([0, 1, 2], item => vectors[item], 2), Tolerance);
        Assert.Equal(1, RankingMeasures.IntraListDiversity([0, 3], item => vectors[item], 2), Tolerance);
        Assert.True(double.IsNaN(RankingMeasures.IntraListDiversity([0], item => vectors[item], 2)));
    }

    [Fact]
    public void IntraListDiversity_RandomVectors_IsOneMinusMeanPairwiseCosine()
    {
        var random = new Random(1);
        var vectors = Enumerable.Range(0, 12).Select(_ => Enumerable.Range(0, 5).Select(_ => (float)random.NextDouble() - 0.3f).ToArray()).ToArray();
        double sum = 0;
        for (int a = 0; a < 12; a++)
            for (int b = 0; b < a; b++)
                sum += vectors[a].Zip(vectors[b], (x, y) => (double)x * y).Sum()
                    / Math.Sqrt(vectors[a].Sum(x => (double)x * x) * vectors[b].Sum(x => (double)x * x));
        Assert.Equal(1 - sum / 66, RankingMeasures.IntraListDiversity(Enumerable.Range(0, 12).ToArray(), item => vectors[item], 20), 1e-9);
    }

    [Fact]
    public void GroupPurity_Example_FourFifths()
    {
        int[] groups = [1, 1, 2, 2, 3, -1];
        Assert.Equal(0.8, RankingMeasures.GroupPurity([0, 1, 2, 3, 4, 5], new HashSet<int> { 1, 2 }, groups, 20), Tolerance);
        Assert.Equal(1, RankingMeasures.GroupPurity([0, 4], new HashSet<int> { 1, 2 }, groups, 1), Tolerance);
        Assert.True(double.IsNaN(RankingMeasures.GroupPurity([5], new HashSet<int> { 1 }, groups, 20)));
        Assert.True(double.IsNaN(RankingMeasures.GroupPurity([0], new HashSet<int>(), groups, 20)));
    }
}
