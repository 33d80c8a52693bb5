using Microsoft.ML;
using MLNetRecExt.Tests.Evaluation;

namespace MLNetRecExt.Tests.Tuning;

public sealed class TunerStartsTests : IDisposable
{
    private readonly string _log = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
    private readonly MLContext _mlContext = new();

    public void Dispose() => File.Delete(_log);

    [Fact]
    public void Tune_Starts_AreTheFirstTrialsAndTheSpreadFollows()
    {
        var without = Tune(new(), trials: 9).Trials;

        var with = Tune(new() { Starts = [(0.03f, 0.7), (0.001f, 0.9)] }, trials: 11).Trials;

        Assert.Equal(Settings(without.Take(1)), Settings(with.Take(1)));
        Assert.Equal([(0.03f, 0.7), (0.001f, 0.9)], Settings(with.Skip(1).Take(2)));
        Assert.Equal(Settings(without.Skip(1)), Settings(with.Skip(3)));
    }

    [Fact]
    public void Tune_StartsAsTheBaseOrOneAnother_AreTriedOnce()
    {
        var options = new HillOptions { Starts = [(0.5f, 1), (0.03f, 0.7), (0.03f, 0.7), (0.01f, 0.7)] };

        var trials = Settings(Tune(options, trials: 4).Trials);

        Assert.Equal([(0.5f, 1), (0.03f, 0.7), (0.01f, 0.7)], trials.Take(3));
        Assert.Equal(4, trials.Distinct().Count());
    }

    [Fact]
    public void Tune_StartOutsideOfTheRanges_IsTriedAtTheEndAndSaid()
    {
        var messages = new List<string>();
        _mlContext.Log += (_, e) => messages.Add(e.Message);

        var trials = Tune(new() { Starts = [(7, 0.6)] }, trials: 2).Trials;

        Assert.Equal([(1f, 0.6)], Settings(trials.Skip(1)));
        Assert.Contains(messages, message => message.EndsWith("the nearest end counts: Rate 7 of [0.0001, 1]"));
    }

    [Fact]
    public void Tune_LogOfOtherStarts_Refused()
    {
        Tune(new() { Starts = [(0.03f, 0.7)] }, trials: 2, _log);
        Assert.Equal(3, Tune(new() { Starts = [(0.03f, 0.7)] }, trials: 3, _log).Trials.Count);

        Assert.Throws<ArgumentException>(() => Tune(new() { Starts = [(0.03f, 0.8)] }, trials: 3, _log));
        Assert.Throws<ArgumentException>(() => Tune(new(), trials: 3, _log));
    }

    private static List<(float Rate, double Share)> Settings(IEnumerable<TuneTrial> trials) =>
        [.. trials.Select(trial => ((float)trial.Values["Rate"], Math.Round(trial.Values["Share"], 12)))];

    private TuneResult<HillOptions> Tune(HillOptions options, int trials, string? log = null) => _mlContext.Recommenders().Tune(
        o => new HillTrainer(_mlContext, o, []), options, TestModel.Rows(3, [0], [1, 2]), TestModel.Rows(3, [1], []),
        new() { Trials = trials, LogPath = log });
}
