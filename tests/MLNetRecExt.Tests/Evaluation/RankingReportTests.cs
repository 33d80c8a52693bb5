using Microsoft.ML;

namespace MLNetRecExt.Tests.Evaluation;

public class RankingReportTests
{
    private static readonly RecommendersCatalog Recommenders = new MLContext().Recommenders();

    [Fact]
    public void Estimates_Bootstrap_IntervalHasNormalWidthOnManyUsers()
    {
        var (train, heldOut, scores) = TestModel.Random(11, 4000, 12);
        var report = Recommenders.Evaluate(new TestModel(train, scores), heldOut, new() { BootstrapSamples = 2000 });
        var values = report.UserValues("NDCG@20");
        var mean = values.Average();
        var error = Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / values.Length / values.Length);
        var (_, _, low, high, _) = report.Ndcg(20);
        Assert.Equal(1.96 * error, mean - low, 0.15 * error);
        Assert.Equal(1.96 * error, high - mean, 0.15 * error);
    }

    [Fact]
    public void Estimates_ManyDrawsOfUsers_IntervalCoversTruthAboutNineteenTimesInTwenty()
    {
        // HitRate@1 of a user is 1 with probability .3: in how many of 200 worlds of 150 users does the interval hold .3?
        const int worlds = 200, users = 150;
        var covered = 0;
        for (int world = 0; world < worlds; world++)
        {
            var random = new Random(world);
            var train = TestModel.Rows(3, [.. Enumerable.Repeat(new[] { 0 }, users), [1, 2]]);
            var heldOut = TestModel.Rows(3, [.. Enumerable.Range(0, users).Select(_ => new[] { random.NextDouble() < 0.3 ? 1 : 2 }), []]);
            var report = Recommenders.Evaluate(new TestModel(train, new float[users + 1, 3]), heldOut, new() { Cutoffs = [1], BootstrapSamples = 400 });
            covered += report.HitRate(1).Low <= 0.3 && 0.3 <= report.HitRate(1).High ? 1 : 0;
        }
        // Binomial(200, .95) leaves 180…199 once in a thousand times; the percentile bootstrap is a little below .95.
        Assert.InRange(covered, 178, 199);
    }

    [Fact]
    public void Compare_AgainstItself_AllTied()
    {
        var (train, heldOut, scores) = TestModel.Random(12, 100, 20);
        var report = Recommenders.Evaluate(new TestModel(train, scores), heldOut);
        var comparison = RankingReport.Compare(report, report, "NDCG@20");
        Assert.Equal(new MetricComparison("NDCG@20", 0, 0, 0, 1, 0, report.EvaluatedUsers, 0), comparison);
    }

    [Fact]
    public void Compare_BetterModel_WinsWithSmallPValueAndSignsSwapWithOrder()
    {
        var (train, heldOut, scores) = TestModel.Random(13, 200, 30);
        var better = (float[,])scores.Clone();
        for (int user = 0; user < 200; user++)
            foreach (var item in heldOut.ByUser.Indices(user))
                better[user, item] += 3;
        var a = Recommenders.Evaluate(new TestModel(train, better), heldOut, new() { PairErrors = true });
        var b = Recommenders.Evaluate(new TestModel(train, scores), heldOut, new() { PairErrors = true });

        var ndcg = RankingReport.Compare(a, b, "NDCG@20");
        Assert.Equal(a.Ndcg(20).Mean - b.Ndcg(20).Mean, ndcg.Difference, 1e-12);
        Assert.True(ndcg.Low > 0 && ndcg.High > ndcg.Difference);
        Assert.Equal(1.0 / 10_001, ndcg.PValue, 1e-12);
        Assert.True(ndcg.Won > 100);
        var (first, second) = (a.UserValues("NDCG@20"), b.UserValues("NDCG@20"));
        Assert.Equal(first.Zip(second).Count(pair => pair.First > pair.Second), ndcg.Won);
        Assert.Equal(first.Zip(second).Count(pair => pair.First == pair.Second), ndcg.Tied);
        Assert.Equal(a.EvaluatedUsers, ndcg.Won + ndcg.Tied + ndcg.Lost);

        var swapped = RankingReport.Compare(b, a, "NDCG@20");
        Assert.Equal((-ndcg.Difference, ndcg.Lost, ndcg.Won), (swapped.Difference, swapped.Won, swapped.Lost));

        // Scores of 3 and more against labels of 1: the higher ones err more, so the first model loses.
        var rmse = RankingReport.Compare(a, b, "RMSE");
        Assert.True(rmse.Difference > 0 && rmse.Lost > rmse.Won);
    }

    [Fact]
    public void Compare_FewUsers_PValueIsThatOfAllSignFlips()
    {
        // Six users, all won by the same amount: 2 of the 64 sign flips are as extreme.
        var train = TestModel.Rows(3, [.. Enumerable.Repeat(new[] { 0 }, 6), [1, 2]]);
        var heldOut = TestModel.Rows(3, [.. Enumerable.Repeat(new[] { 2 }, 6), []]);
        var good = new float[7, 3];
        for (int user = 0; user < 6; user++)
            good[user, 2] = 1;
        var a = Recommenders.Evaluate(new TestModel(train, good), heldOut);
        var b = Recommenders.Evaluate(new TestModel(train, new float[7, 3]), heldOut);
        Assert.Equal(2.0 / 64, RankingReport.Compare(a, b, "MRR@20").PValue, 0.006);
    }

    [Fact]
    public void Compare_NullHypothesisTrue_PValueRoughlyUniform()
    {
        // Two models that rank at random: small p-values must not be more frequent than they claim.
        var small = 0;
        for (int world = 0; world < 200; world++)
        {
            var (train, heldOut, scores) = TestModel.Random(100 + world, 60, 15);
            var (_, _, other) = TestModel.Random(10_000 + world, 60, 15);
            var a = Recommenders.Evaluate(new TestModel(train, scores), heldOut, new() { BootstrapSamples = 0 });
            var b = Recommenders.Evaluate(new TestModel(train, other), heldOut, new() { BootstrapSamples = 0 });
            small += RankingReport.Compare(a, b, "NDCG@20", samples: 500).PValue <= 0.1 ? 1 : 0;
        }
        // Binomial(200, .1) is outside of 8…34 once in a thousand times.
        Assert.InRange(small, 8, 34);
    }

    [Fact]
    public void Compare_OtherUsers_Refused()
    {
        var train = TestModel.Rows(2, [0], [1]);
        var model = new TestModel(train, new float[2, 2]);
        var a = Recommenders.Evaluate(model, TestModel.Rows(2, [1], []));
        var b = Recommenders.Evaluate(model, TestModel.Rows(2, [], [0]));
        Assert.Throws<ArgumentException>(() => RankingReport.Compare(a, b, "NDCG@20"));
    }

    [Fact]
    public void Indexer_UnknownMetric_ListsWhatThereIs()
    {
        var train = TestModel.Rows(2, [0], [1]);
        var report = Recommenders.Evaluate(new TestModel(train, new float[2, 2]), TestModel.Rows(2, [1], []));
        var error = Assert.Throws<KeyNotFoundException>(() => report["NDCG@10"]);
        Assert.Contains("NDCG@20", error.Message);
        Assert.Contains("Cutoffs", error.Message);
    }

    [Fact]
    public void TypedMetrics_EveryCutoff_AreThoseByName()
    {
        var (train, heldOut, scores) = TestModel.Random(15, 50, 12);
        var report = Recommenders.Evaluate(new TestModel(train, scores), heldOut, new() { Cutoffs = [3, 7], BootstrapSamples = 50 });

        Assert.Equal([3, 7], report.Cutoffs);
        foreach (var k in report.Cutoffs)
        {
            Assert.Equal(report[$"NDCG@{k}"], report.Ndcg(k));
            Assert.Equal(report[$"Recall@{k}"], report.Recall(k));
            Assert.Equal(report[$"CappedRecall@{k}"], report.CappedRecall(k));
            Assert.Equal(report[$"Precision@{k}"], report.Precision(k));
            Assert.Equal(report[$"HitRate@{k}"], report.HitRate(k));
            Assert.Equal(report[$"MAP@{k}"], report.MeanAveragePrecision(k));
            Assert.Equal(report[$"MRR@{k}"], report.MeanReciprocalRank(k));
            Assert.Equal(report[$"ItemCoverage@{k}"], report.ItemCoverage(k));
        }
    }

    [Fact]
    public void TypedMetrics_OtherCutoff_SaysWhichThereAreAndHowToAsk()
    {
        var (train, heldOut, scores) = TestModel.Random(16, 50, 12);
        var report = Recommenders.Evaluate(new TestModel(train, scores), heldOut, new() { Cutoffs = [5, 10], BootstrapSamples = 0 });

        foreach (var metric in new Func<int, MetricEstimate>[] { report.Ndcg, report.Recall, report.ItemCoverage })
        {
            var error = Assert.Throws<ArgumentOutOfRangeException>(() => metric(20));
            Assert.Equal(("cutoff", 20), (error.ParamName, error.ActualValue));
            Assert.Contains("[5, 10]", error.Message);
            Assert.Contains("new RankingEvaluationOptions { Cutoffs = [5, 10, 20] }", error.Message);
        }
    }

    [Fact]
    public void ToString_Report_HasEveryMetricAndTheCounts()
    {
        var (train, heldOut, scores) = TestModel.Random(14, 50, 12);
        var report = Recommenders.Evaluate(new TestModel(train, scores), heldOut, new() { Cutoffs = [5, 10] });
        var lines = report.ToString().Split(Environment.NewLine);
        Assert.Equal(report.Estimates.Count + 2, lines.Length);
        for (int e = 0; e < report.Estimates.Count; e++)
            Assert.StartsWith(report.Estimates[e].Name + " ", lines[e + 1]);
        Assert.Contains($"{report.EvaluatedUsers} users evaluated", lines[^1]);
    }
}
