using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNetRecExt.Tests.Evaluation;

namespace MLNetRecExt.Tests.Tuning;

/// <summary>Limits of time, with a clock that goes on by a second before each iteration: a whole trial takes 15.</summary>
public sealed class TunerTimeTests : IDisposable
{
    private readonly string _log = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
    private readonly MLContext _mlContext = new();

    public void Dispose() => File.Delete(_log);

    [Fact]
    public void Tune_TimeUpWithinATrial_KeepsItsIterationsAndEnds()
    {
        var trials = Tune(new() { TimeLimit = Seconds(40), LogPath = _log });

        Assert.Equal([15, 15, 9], trials.Select(trial => trial.Metrics.Count));
        Assert.Equal([false, false, true], trials.Select(trial => trial.OutOfTime));
        Assert.Equal(3, File.ReadAllLines(_log).Length);
    }

    [Fact]
    public void Tune_TimeUpBeforeATrialsFirstIteration_DropsIt() =>
        Assert.Equal([15, 15], Tune(new() { TimeLimit = Seconds(30.5) }).Select(trial => trial.Metrics.Count));

    [Fact]
    public void Tune_LessTimeThanTheBaseOptionsTake_TriesThemToTheEnd()
    {
        var trial = Assert.Single(Tune(new() { TimeLimit = Seconds(2) }));
        Assert.Equal((15, false), (trial.Metrics.Count, trial.OutOfTime));
    }

    [Fact]
    public void Tune_ResumedAfterItsTimeWasUp_SameTrialsAsWithoutALimit()
    {
        var whole = Tune(new() { Trials = 8 });

        Tune(new() { TimeLimit = Seconds(50), LogPath = _log });
        var resumed = Tune(new() { TimeLimit = Seconds(75.5), LogPath = _log });

        // Three trials were logged, and five more fit into the time.
        Assert.Equal(8, resumed.Count);
        Assert.Equal(whole.Select(Shown), resumed.Select(Shown));

        static string Shown(TuneTrial trial) => $"{trial.Trial} {string.Join(' ', trial.Values.Values)} {string.Join(' ', trial.Metrics)}";
    }

    [Theory]
    [InlineData(null, null, 30)]
    [InlineData(2, null, 2)]
    [InlineData(2, 1000.0, 2)]
    [InlineData(40, 151.5, 11)] // the last with one iteration
    [InlineData(null, 495.5, 33)]
    public void Tune_TrialsAndTime_WhicheverEndsFirst(int? trials, double? seconds, int done) =>
        Assert.Equal(done, Tune(new() { Trials = trials, TimeLimit = seconds is { } time ? Seconds(time) : null }).Count);

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(50 * 24 * 3600)]
    public void Tune_BadTimeLimit_Refused(double seconds)
    {
        var refused = Assert.Throws<ArgumentOutOfRangeException>(() => Tune(new() { TimeLimit = Seconds(seconds) }));
        Assert.Contains("TimeLimit must be above 0", refused.Message);
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    private IReadOnlyList<TuneTrial> Tune(TunerOptions tuning)
    {
        var time = new ManualTime();
        using var channel = ((IHostEnvironment)_mlContext).Register("Tuner").Start("Tuning");
        return new Tuner<TestModel, HillOptions>(
            options => new HillTrainer(_mlContext, options, []) { Iterates = _ => time.Advance(Seconds(1)) },
            new(), TestModel.Rows(3, [0], [1, 2]), TestModel.Rows(3, [1], []), tuning with { HalvingFactor = 1 }, channel)
        {
            Clock = time,
        }.Run().Trials;
    }
}
