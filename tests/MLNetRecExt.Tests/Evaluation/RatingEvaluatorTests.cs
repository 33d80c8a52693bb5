using Microsoft.ML;

namespace MLNetRecExt.Tests.Evaluation;

public class RatingEvaluatorTests
{
    private static readonly RecommendersCatalog Recommenders = new MLContext().Recommenders();

    [Fact]
    public void EvaluateRatings_ToySet_HandComputedFractions()
    {
        // Item 2 and user 3 are unknown. Means: user 0 is 4, item 0 is 4, all is 3.5.
        var train = TestModel.LabelledRows(3, [(0, 5), (1, 3)], [(1, 3)], [(0, 3)], []);
        var heldOut = TestModel.LabelledRows(3, [(2, 1)], [(0, 3), (1, 1)], [], [(0, 2), (2, 3)]);
        var scores = new float[4, 3];
        (scores[1, 0], scores[1, 1]) = (5, 4);

        var report = Recommenders.EvaluateRatings(new TestModel(train, scores), heldOut);

        // Errors of scored pairs: 2, 3. Of the others: 4 − 1, 4 − 2, 3.5 − 3.
        Assert.Equal(Math.Sqrt((4 + 9) / 2.0), report.Rmse.Mean, 1e-12);
        Assert.Equal((2 + 3) / 2.0, report.Mae.Mean, 1e-12);
        Assert.Equal(2 / 5.0, report.PairCoverage.Mean, 1e-12);
        Assert.Equal(Math.Sqrt((4 + 9 + 9 + 4 + 0.25) / 5), report.AllPairsRmse.Mean, 1e-12);
        Assert.Equal((2 + 3 + 3 + 2 + 0.5) / 5, report.AllPairsMae.Mean, 1e-12);
        Assert.Equal((5, 2, 2, 1), (report.Pairs, report.ScoredPairs, report.ColdUserPairs, report.ColdItemPairs));
        Assert.Equal([0, 1, 3], report.Users.ToArray());
        Assert.EndsWith("2 of 5 pairs scored; 2 with an unknown user and 1 with an unknown item have no score.", report.ToString());
    }

    [Fact]
    public void EvaluateRatings_RandomScores_AgreesWithTheRankingEvaluatorAndAnyNumberOfThreads()
    {
        var (train, heldOut, scores) = TestModel.Random(seed: 1, users: 300, items: 20);
        var model = new TestModel(train, scores);

        var reports = new[] { 1, 2, 7 }.Select(threads => Recommenders.EvaluateRatings(model, heldOut, new() { NumberOfThreads = threads, BootstrapSamples = 200 })).ToArray();

        var ranking = Recommenders.Evaluate(model, heldOut, new() { PairErrors = true, BootstrapSamples = 200 });
        foreach (var report in reports)
            Assert.Equal(ranking.Estimates.Where(estimate => report.Estimates.Any(own => own.Name == estimate.Name)), report.Estimates);
        Assert.Equal(5, reports[0].Estimates.Count);
    }

    [Fact]
    public void Compare_BetterScores_WinsWithLowerErrors()
    {
        var train = TestModel.LabelledRows(2, [(0, 1)], [(0, 2)], [(1, 3)]);
        var heldOut = TestModel.LabelledRows(2, [(1, 4)], [(1, 4)], [(0, 4)]);

        var comparison = EvaluationReport.Compare(Report(new float[,] { { 3, 3 }, { 3, 3 }, { 3, 3 } }), Report(new float[,] { { 2, 2 }, { 2, 2 }, { 3, 3 } }), "RMSE");

        Assert.Equal((2, 1, 0), (comparison.Won, comparison.Tied, comparison.Lost));
        Assert.Equal(-2 / 3.0, comparison.Difference, 1e-12);

        RatingReport Report(float[,] scores) => Recommenders.EvaluateRatings(new TestModel(train, scores), heldOut);
    }

    [Fact]
    public void EvaluateRatings_BadArguments_Throw()
    {
        var train = TestModel.Rows(2, [0], [1]);
        var model = new TestModel(train, new float[2, 2]);

        Assert.Contains("no interaction", Assert.Throws<ArgumentException>(() => Recommenders.EvaluateRatings(model, TestModel.Rows(2, [], []))).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => Recommenders.EvaluateRatings(model, train, new() { BootstrapSamples = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Recommenders.EvaluateRatings(model, train, new() { NumberOfThreads = 0 }));
        var foreign = Interactions.Create(IdMap.Index(["a", "b"], out var users), IdMap.Index(["x", "y"], out var items), users, items);
        Assert.Contains("IdsOf", Assert.Throws<ArgumentException>(() => Recommenders.EvaluateRatings(model, foreign)).Message);
    }

    [Fact]
    public void CrossValidateRatings_KFold_IsTheFoldsOneByOne()
    {
        var random = new Random(3);
        var data = TestModel.LabelledRows(12, [.. Enumerable.Range(0, 40).Select(_ =>
            Enumerable.Range(0, 12).Where(_ => random.Next(3) > 0).Select(item => (item, (float)random.Next(1, 6))).ToArray())]);
        var trainer = Recommenders.Trainers.Mean(new MeanTrainer.Options());

        var validation = Recommenders.CrossValidateRatings(trainer, Recommenders.Splits.KFold(data, 4));

        var expected = Recommenders.Splits.KFold(data, 4).Select(fold => Recommenders.EvaluateRatings(trainer.Fit(fold.Train), fold.Test)).ToArray();
        Assert.Equal(expected.Select(report => report.Rmse), validation.Folds.Select(report => report.Rmse));
        Assert.Equal(expected.Average(report => report.Mae.Mean), validation.Mae);
        var lines = validation.ToString().Split(Environment.NewLine);
        Assert.Equal(6, lines.Length);
        Assert.StartsWith("fold", lines[0]);
        Assert.StartsWith(FormattableString.Invariant($"mean    {validation.Rmse:0.0000}"), lines[5]);
        Assert.Throws<KeyNotFoundException>(() => validation.Mean("NDCG@20"));
        Assert.Throws<ArgumentException>(() => Recommenders.CrossValidateRatings(trainer, []));
    }
}
