using Microsoft.ML;
using MLNetRecExt.Tests.Evaluation;

namespace MLNetRecExt.Tests.Tuning;

public class TuneSeedsTests
{
    private const int Items = 30;

    private readonly MLContext _mlContext = new();
    private readonly List<HillOptions> _trained = [];
    private bool _fails;

    [Fact]
    public void Tune_FurtherSeeds_TheBestMeanOfTheThreeBestTrialsIsTaken()
    {
        var alone = Tune(new() { Trials = 6 });
        _trained.Clear();

        var result = Tune(new() { Trials = 6, FurtherSeeds = 2 });

        // As the search without, then three settings with seeds 43 and 44.
        Assert.Equal(alone.Trials.Select(trial => trial.Metric), result.Trials.Select(trial => trial.Metric));
        var best = alone.Trials.OrderByDescending(trial => trial.CautiousMetric).Take(3).ToArray();
        Assert.Equal(best.Select(trial => trial.Trial), result.Seeds.Select(seeds => seeds.Trial.Trial));
        Assert.Equal(6 + 6, _trained.Count);
        foreach (var (n, seeds) in result.Seeds.Index())
        {
            Assert.Equal([43, 44], _trained.Skip(6 + 2 * n).Take(2).Select(options => options.Seed));
            Assert.All(_trained.Skip(6 + 2 * n).Take(2), options => Assert.Equal(best[n].Iterations, options.NumberOfIterations));
            var expected = new[] { 43, 44 }.Select(seed => 1 / Math.Log2(Rank(best[n].Values["Share"], seed) + 1)).ToArray();
            Assert.Equal(expected, seeds.Metrics);
            Assert.Equal(expected.Average(), seeds.Mean, 1e-12);
            Assert.Equal(Math.Abs(expected[0] - expected[1]) / Math.Sqrt(2), seeds.StandardDeviation, 1e-12);
        }

        // The seeds tell another story than the hill.
        var chosen = result.Seeds.MaxBy(seeds => seeds.Mean)!.Trial;
        Assert.NotEqual(alone.Best.Trial, chosen.Trial);
        Assert.Equal(chosen, result.Best);
        Assert.Equal(chosen.Values["Share"], result.Options.Share);
        Assert.Equal(42, result.Options.Seed);
        Assert.Contains($"trial {chosen.Trial} with 2 further seeds: NDCG@20 ", result.ToString());
    }

    [Fact]
    public void Tune_FurtherSeedsFail_TheFirstOfTheBestIsTaken()
    {
        _fails = true;

        var result = Tune(new() { Trials = 4, FurtherSeeds = 2 });

        Assert.All(result.Seeds, seeds => Assert.True(double.IsNaN(seeds.Mean)));
        Assert.Equal(result.Seeds[0].Trial, result.Best);
    }

    [Fact]
    public void Tune_FurtherSeedsOfATrainerWithoutSeeds_NothingIsFittedAgain()
    {
        var recommenders = _mlContext.Recommenders();
        var tuning = new TunerOptions { Trials = 2, FurtherSeeds = 3 };

        var result = recommenders.Tune(
            recommenders.Trainers.Popularity, new PopularityTrainer.Options(),
            TestModel.Rows(3, [0], [1, 2]), TestModel.Rows(3, [1], []), tuning);

        Assert.Empty(result.Seeds);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(101)]
    public void Tune_BadFurtherSeeds_Refused(int seeds) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Tune(new() { FurtherSeeds = seeds }));

    private static int Rank(double share, int seed) => (share < 0.75 ? 10 : 3) + seed % 2;

    private TuneResult<HillOptions> Tune(TunerOptions tuning) => _mlContext.Recommenders().Tune(
        options => new HillTrainer(_mlContext, options, _trained) { Scores = Scores },
        new HillOptions(), TestModel.Rows(Items, [0], [.. Enumerable.Range(1, Items - 1)]), TestModel.Rows(Items, [1], []), tuning);

    /// <summary>The held-out item at its rank.</summary>
    private float[,] Scores(HillOptions options)
    {
        if (_fails && options.Seed > 42)
            throw new InvalidOperationException("Training diverged.");
        var scores = new float[2, Items];
        for (int item = 2; item < Items; item++)
            scores[0, item] = item - 1 < Rank(options.Share, options.Seed) ? 2 : 0;
        scores[0, 1] = 1;
        return scores;
    }
}
