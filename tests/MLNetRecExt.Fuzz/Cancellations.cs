using System.Diagnostics;
using Microsoft.ML;

namespace MLNetRecExt.Fuzz;

/// <summary>Work that is cancelled at a random moment: it ends with <see cref="OperationCanceledException"/>, or is done.</summary>
internal sealed class Cancellations
{
    // What a cancelled piece of work may still compute; time on the clock says little where a machine is busy.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    private readonly MLContext _ml = new(1);
    private readonly Interactions _data;
    private readonly InteractionSplit _split;
    private readonly RecommenderModel _model;
    private readonly (string Name, Action<CancellationToken> Run)[] _works;

    // By work: how long it takes when nobody cancels it.
    private readonly double[] _seconds;

    public Cancellations()
    {
        var random = new Random(3);
        _data = RandomData.Ordinary(100, 50, random);
        _split = _ml.Recommenders().Splits.RandomPerUser(_data, 0.2);
        _model = _ml.Recommenders().Trainers.Wals(new WalsTrainer.Options { ApproximationRank = 8 }).Fit(_split.Train);
        _works = [.. Works()];
        _seconds = new double[_works.Length];
    }

    public string Try(Random random)
    {
        var work = random.Next(_works.Length);
        var (name, run) = _works[work];
        if (_seconds[work] == 0)
            _seconds[work] = Math.Max(1e-4, Time(run));
        using var source = new CancellationTokenSource();
        var moment = random.NextDouble() * 1.2 * _seconds[work];
        var clock = Stopwatch.StartNew();
        var cancelled = TimeSpan.Zero;
        var thread = new Thread(() =>
        {
            while (clock.Elapsed.TotalSeconds < moment)
                Thread.Yield();
            cancelled = Environment.CpuUsage.TotalTime;
            source.Cancel();
        });
        thread.Start();
        var outcome = "done before";
        try
        {
            run(source.Token);
        }
        catch (OperationCanceledException)
        {
            outcome = "cancelled";
        }
        catch (Exception e)
        {
            throw FuzzFailureException.Of($"cancelled {name}", e);
        }
        var ended = Environment.CpuUsage.TotalTime;
        thread.Join();
        FuzzFailureException.Unless(outcome != "cancelled" || ended - cancelled < LongestWait,
            $"cancelled {name} goes on", () => $"{ended - cancelled} of processors' time after it was cancelled");
        return outcome;
    }

    private static double Time(Action<CancellationToken> run)
    {
        // Once for the compiler.
        run(CancellationToken.None);
        var clock = Stopwatch.StartNew();
        run(CancellationToken.None);
        return clock.Elapsed.TotalSeconds;
    }

    private IEnumerable<(string, Action<CancellationToken>)> Works()
    {
        foreach (var name in RandomOptions.Names)
            yield return (name, token =>
            {
                var options = RandomOptions.Plain(name, _data);
                options.CancellationToken = token;
                RandomOptions.Create(name, options, _ml).Fit(_data);
            }
            );
        var recommenders = _ml.Recommenders();
        yield return ("tuner", token => recommenders.Tune(
            recommenders.Trainers.Wals, new WalsTrainer.Options { ApproximationRank = 4, NumberOfIterations = 3 },
            _split.Train, _split.Test, new() { Trials = 4, CancellationToken = token }));
        yield return ("evaluation", token => recommenders.Evaluate(_model, _split.Test, new() { CancellationToken = token }));
        yield return ("ratings", token => recommenders.EvaluateRatings(_model, _split.Test, new() { CancellationToken = token }));
        yield return ("lists", token => _model.TopItems([.. Enumerable.Range(0, 100)], 20, new() { CancellationToken = token }));
    }
}
