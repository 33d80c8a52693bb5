using Microsoft.ML;

namespace MLNetRecExt.Tests.Evaluation;

/// <summary>Many reports compared, each two as if they were alone.</summary>
public class PairedReportsTests
{
    [Fact]
    public void Compare_EachPair_IsWhatTheTwoAloneGive()
    {
        var recommenders = new MLContext().Recommenders();
        RecommenderModel[] models = [.. Enumerable.Range(1, 4).Select(seed => RandomFactorModel.Create(seed, users: 60, items: 40, rank: 4))];
        var random = new Random(1);
        var heldOut = Interactions.Create(
            models[0].Users, models[0].Items, [.. Enumerable.Range(0, 300).Select(row => row % 60)], [.. Enumerable.Range(0, 300).Select(_ => random.Next(40))]);
        EvaluationReport[] reports = Array.ConvertAll(models, model => recommenders.Evaluate(model, heldOut));

        var paired = new PairedReports(reports, "NDCG@20", seed: 5, threads: 2, default);

        for (int first = 0; first < reports.Length; first++)
            for (int second = 0; second < reports.Length; second++)
            {
                var (both, alone) = (paired.Compare(first, second), EvaluationReport.Compare(reports[first], reports[second], "NDCG@20", seed: 5));
                Assert.Equal((alone.Won, alone.Tied, alone.Lost), (both.Won, both.Tied, both.Lost));
                Assert.Equal(alone.Difference, both.Difference, 1e-12);
                Assert.Equal(alone.Low, both.Low, 1e-12);
                Assert.Equal(alone.High, both.High, 1e-12);
                // Signs are drawn for all users here, and there for those that differ: four standard errors of such a share.
                Assert.Equal(alone.PValue, both.PValue, 4 * Math.Sqrt(0.25 / 10_000));
            }
    }
}
