using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNetRecExt.Tests.Evaluation;

namespace MLNetRecExt.Tests.Tuning;

/// <summary>The search trial by trial, as several trainers that take turns run it.</summary>
public sealed class TunerStepsTests : IDisposable
{
    private readonly string _log = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
    private readonly MLContext _mlContext = new();
    private readonly ManualTime _time = new();
    private readonly List<HillOptions> _trained = [];
    private Action<int>? _iterates;

    public void Dispose() => File.Delete(_log);

    [Fact]
    public void Next_InTurns_SameTrialsAsTwoSearchesAlone()
    {
        ITuner[] tuners = [Tuner(new() { Seed = 1 }), Tuner(new() { Seed = 2 })];
        Assert.All(tuners, tuner => Assert.Null(tuner.Best));

        for (int trial = 0; trial < 12; trial++)
            foreach (var tuner in tuners)
                Assert.Equal(trial, tuner.Next()!.Trial);

        for (int n = 0; n < 2; n++)
        {
            var alone = Tuner(new() { Seed = n + 1, Trials = 12 }).Run();
            Assert.Equal(alone.Trials.Select(Shown), tuners[n].Trials.Select(Shown));
            Assert.Equal(alone.Best.Trial, tuners[n].Best!.Trial);
        }
    }

    [Fact]
    public void BestModel_Kept_IsOfTheBestTrialAndBestTrainerOfItsOptions()
    {
        ITuner tuner = Tuner(new(), keepsBestModel: true);
        RecommenderModel? before = null;
        for (int trial = 0; trial < 10; trial++)
        {
            var isBest = tuner.Next() == tuner.Best;
            Assert.Equal(!isBest, before == tuner.BestModel);
            before = tuner.BestModel;
        }
        Assert.NotNull(before);

        tuner.BestTrainer.Fit(Train);

        Assert.Equal((float)tuner.Best!.Values["Rate"], _trained[^1].Rate);
        Assert.Equal(tuner.Best.Iterations, _trained[^1].NumberOfIterations);
    }

    [Fact]
    public void BestModel_NotAskedForOrFromTheLog_Null()
    {
        ITuner first = Tuner(new() { LogPath = _log });
        first.Next();
        Assert.Null(first.BestModel);

        ITuner resumed = Tuner(new() { LogPath = _log }, keepsBestModel: true);
        resumed.Next();

        Assert.Equal(Shown(first.Best!), Shown(resumed.Best!));
        Assert.Null(resumed.BestModel);
    }

    [Fact]
    public void BestTrainer_AllFailed_SaysWhy()
    {
        ITuner tuner = Tuner(new(), new() { DivergesAbove = 0 });
        tuner.Next();

        Assert.Null(tuner.Best);
        Assert.Contains("diverged", Assert.Throws<InvalidOperationException>(() => tuner.BestTrainer).Message);
    }

    [Fact]
    public void Next_TimeUpWithinATrial_CountsItsIterationsAndRunsItAgain()
    {
        ITuner tuner = Tuner(new() { LogPath = _log }, keepsBestModel: true);
        var whole = tuner.Next()!;
        _iterates = _ => _time.Advance(TimeSpan.FromSeconds(1));

        var cut = tuner.Next(TimeSpan.FromSeconds(3.5))!;

        Assert.True(cut.OutOfTime);
        Assert.Equal(3, cut.Metrics.Count);
        Assert.Equal([whole, cut], tuner.Trials);
        Assert.Equal(2, File.ReadAllLines(_log).Length);
        Assert.Contains("after 3 of 3 iterations, out of time", cut.ToString());

        var again = tuner.Next(TimeSpan.FromSeconds(100))!;

        Assert.False(again.OutOfTime);
        Assert.Equal(cut.Metrics, again.Metrics.Take(3));
        Assert.Equal([whole, again], tuner.Trials);
        Assert.Equal(3, File.ReadAllLines(_log).Length);
    }

    [Fact]
    public void Next_TimeUpBeforeTheFirstIteration_NullAndNoTrial()
    {
        ITuner tuner = Tuner(new() { LogPath = _log });
        _iterates = _ => _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Null(tuner.Next(TimeSpan.FromSeconds(1)));

        Assert.Empty(tuner.Trials);
        Assert.Single(File.ReadAllLines(_log));
        Assert.Equal(15, tuner.Next(TimeSpan.FromSeconds(100))!.Metrics.Count);
    }

    private static Interactions Train => TestModel.Rows(3, [0], [1, 2]);

    private static string Shown(TuneTrial trial) =>
        $"{trial.Trial} {string.Join(' ', trial.Values.Values)} {string.Join(' ', trial.Metrics)} {trial.Halved}";

    private Tuner<TestModel, HillOptions> Tuner(TunerOptions tuning, HillOptions? options = null, bool keepsBestModel = false) =>
        new(o => new HillTrainer(_mlContext, o, _trained) { Iterates = n => _iterates?.Invoke(n) },
            options ?? new(), Train, TestModel.Rows(3, [1], []), tuning, ((IHostEnvironment)_mlContext).Register("Tuner").Start("Tuning"))
        {
            KeepsBestModel = keepsBestModel,
            Clock = _time,
        };
}
