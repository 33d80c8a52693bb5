using MLNetRecExt.Reports.Sections;

namespace MLNetRecExt.Reports.Tests;

/// <summary>What trials say about options.</summary>
public sealed class TrialsTests
{
    [Theory]
    [InlineData("NDCG@20", 1)]
    [InlineData("RMSE", -1)]
    public void RankCorrelation_MetricThatGrowsWithTheOption_IsOneByMerit(string metric, double expected)
    {
        var trials = Enumerable.Range(0, 8).Select(trial => Trial(trial, Math.Exp(trial), trial * trial) with { MetricName = metric });

        Assert.Equal(expected, Trials.RankCorrelation([.. trials], "Rank"), 12);
    }

    [Fact]
    public void RankCorrelation_OptionThatNeverChanged_IsUnknown() =>
        Assert.True(double.IsNaN(Trials.RankCorrelation([.. Enumerable.Range(0, 8).Select(trial => Trial(trial, 3, trial))], "Rank")));

    [Fact]
    public void RankCorrelation_FewTrials_IsUnknown() =>
        Assert.True(double.IsNaN(Trials.RankCorrelation([.. Enumerable.Range(0, 4).Select(trial => Trial(trial, trial, trial))], "Rank")));

    [Fact]
    public void RankCorrelation_EqualValues_ShareTheirRank()
    {
        // Ranks 0.5, 0.5, 2.5, 2.5, 4 and 0, 1, 2, 3, 4: by hand 9 / √(9 · 10).
        double[] values = [1, 1, 2, 2, 3];
        TuneTrial[] trials = [.. values.Select((value, trial) => Trial(trial, value, trial))];

        Assert.Equal(9 / Math.Sqrt(9 * 10), Trials.RankCorrelation(trials, "Rank"), 12);
    }

    [Fact]
    public void BestSoFar_RisesOnly()
    {
        double[] metrics = [0.3, 0.1, 0.4, 0.2];

        Assert.Equal([0.3, 0.3, 0.4, 0.4], Trials.BestSoFar([.. metrics.Select((metric, trial) => Trial(trial, 1, metric))]));
    }

    private static TuneTrial Trial(int trial, double rank, double metric) =>
        new(trial, new Dictionary<string, double> { ["Rank"] = rank }, [metric], Halved: false, Seconds: 1);
}
