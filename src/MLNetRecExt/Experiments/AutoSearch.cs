using System.Diagnostics;
using Microsoft.ML.Runtime;

namespace MLNetRecExt;

/// <summary>
/// Looks for the best model of some data: each trainer with options from the data, the better ones tuned in turns while the budget lasts,
/// blended where that gains.
/// </summary>
internal sealed class AutoSearch
{
    // Further below the best a trainer is not tuned; and not blended, since it would get no weight.
    private const double WorthTuning = 0.85, WorthBlending = 0.5;
    private const int ListLength = 500;
    private const string NextItem = "NextItemEase";

    // Where the order of histories matters, searches for half-lives begin here.
    private const int PopularityDays = 60, RecentDays = 7, RecentItems = 5;

    // Of its last so many trials one was the best: it is not at its end.
    private const int StillGaining = 5;

    private readonly AutoOptions _options;
    private readonly AutoParts _parts;
    private readonly IChannel _channel;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly IHostEnvironment _environment;
    private readonly List<AutoContender> _contenders = [];
    private OrderGain? _order;
    private AutoContender? _best;

    // What a cancelled search gives: of the best that was trained to its end, which may have been bettered by one that was not.
    private (AutoContender Of, RecommenderModel Model)? _trained;

    public AutoSearch(IHostEnvironment environment, Interactions data, AutoOptions options, IChannel channel)
    {
        options.Validate();
        (_environment, _options, _channel) = (environment, options, channel);
        _parts = AutoParts.Of(data, options);
    }

    private int TrialsDone => _contenders.Sum(contender => contender.Tuner?.Trials.Count ?? 0);

    // How often what is chosen is trained once more: to be weighed, to be tested, and on everything.
    private int FinalFits => _parts.Test is null || _parts.All == _parts.Chosen ? 2 : 3;

    /// <summary>Seconds that further trials may take.</summary>
    private double SecondsLeft => _options.Limit is { } limit
        ? limit.TotalSeconds - _clock.Elapsed.TotalSeconds - FinalFits * Worth(WorthBlending).Sum(contender => contender.FitSeconds)
        : double.PositiveInfinity;

    public AutoResult Run()
    {
        try
        {
            TryEach();
            TuneInTurns();
            return Finish();
        }
        catch (OperationCanceledException) when (_options.CancellationToken.IsCancellationRequested && _trained is not null)
        {
            var (of, model) = _trained.Value;
            foreach (var contender in _contenders)
                contender.Weight = contender == of ? 1 : 0;
            return Result(model, of.Ndcg, test: null, isCancelled: true);
        }
    }

    /// <summary>The cheap ones first, so that there is a model early whatever the limit. Those behind NextItemEase know whether order
    /// matters.</summary>
    private IEnumerable<AutoContender> Contenders(IHostEnvironment environment)
    {
        var days = _parts.Train.ByUser.TimestampsPerDay is not null;
        yield return Contender("Popularity",
            new PopularityTrainer.Options { HalfLifeDays = days ? PopularityDays : 0 },
            options => new PopularityTrainer(environment, options));
        yield return _parts.Train.ByUser.HasTimestamps
            ? Contender(NextItem, new NextItemEaseTrainer.Options(), options => new NextItemEaseTrainer(environment, options))
            : new(NextItem, null, "needs timestamps");
        var (rows, recent) = _order is { Matters: true } ? days ? (0, RecentDays) : (RecentItems, 0) : default;
        yield return Contender("ItemKnn",
            new ItemKnnTrainer.Options { RecencyHalfLife = rows, RecencyHalfLifeDays = recent },
            options => new ItemKnnTrainer(environment, options));
        yield return Contender("Wals",
            new WalsTrainer.Options { RecencyHalfLife = rows, RecencyHalfLifeDays = recent },
            options => new WalsTrainer(environment, options));
        yield return Contender("Ease",
            new EaseTrainer.Options { RecencyHalfLife = rows, RecencyHalfLifeDays = recent },
            options => new EaseTrainer(environment, options));
        yield return Contender("SoftmaxDnn", new SoftmaxDnnTrainer.Options(), options => new SoftmaxDnnTrainer(environment, options));
    }

    private AutoContender Contender<TModel, TOptions>(
        string name, TOptions options, Func<TOptions, RecommenderTrainer<TModel, TOptions>> trainer)
        where TModel : RecommenderModel
        where TOptions : RecommenderTrainerOptions
    {
        options.Seed = _options.Seed;
        options.NumberOfThreads = _options.NumberOfThreads;
        options.MemoryLimitMegabytes = _options.MemoryLimitMegabytes;
        options.CancellationToken = _options.CancellationToken;
        var tuning = new TunerOptions
        {
            Seed = _options.Seed,
            CancellationToken = _options.CancellationToken,
            LogPath = _options.LogDirectory is null ? null : Path.Combine(_options.LogDirectory, $"{name}.jsonl"),
        };
        var (train, validation) = (_parts.Train, _parts.Validation);
        return new(name, new Tuner<TModel, TOptions>(trainer, options, train, validation, tuning, _channel) { KeepsBestModel = true });
    }

    /// <summary>Each trainer with options from the data. One that could not be trained again in the end is stopped.</summary>
    private void TryEach()
    {
        foreach (var contender in Contenders(_environment))
        {
            // The first takes no time worth a limit, so that there always is a model.
            var seconds = _contenders.Count == 0 ? double.PositiveInfinity : SecondsLeft / (1 + FinalFits);
            _contenders.Add(contender);
            if (contender.Tuner is null)
                continue;
            if (TrialsDone >= _options.Trials)
                contender.Note = $"not tried: {nameof(AutoOptions.Trials)} is {_options.Trials}";
            else if (seconds <= 0)
                contender.Note = "not tried: no time was left";
            else if (!Try(contender, seconds))
                contender.Note = FormattableString.Invariant($"one training takes more than {seconds:0} s");
            else if (contender.Tuner!.Trials[0].Error is { } error)
                contender.Note = error;
        }
    }

    /// <summary>One more trial for the trainer that had least of those near the best, until time or trials are used up.</summary>
    private void TuneInTurns()
    {
        while (!(TrialsDone >= _options.Trials))
        {
            var next = Worth(WorthTuning)
                .Where(contender => contender.Tuner is { Dimensions: > 0, Trials: [.., { OutOfTime: false }] })
                .Where(contender => contender.TrialSeconds < SecondsLeft)
                .MinBy(contender => _options.Limit is null ? contender.Tuner!.Trials.Count : contender.Seconds);
            if (next is null || !Try(next, SecondsLeft))
                return;
        }
    }

    /// <summary>The trainers whose best is at least a share of the best of all, the best first.</summary>
    private IEnumerable<AutoContender> Worth(double share) => _contenders
        .Where(contender => contender.Ndcg >= share * _best?.Ndcg)
        .OrderByDescending(contender => contender.Ndcg);

    /// <summary>A trial within some seconds.</summary>
    /// <returns>False: they were too few for it.</returns>
    private bool Try(AutoContender contender, double seconds)
    {
        _options.CancellationToken.ThrowIfCancellationRequested();
        if (contender.Tuner!.Next(double.IsInfinity(seconds) ? null : TimeSpan.FromSeconds(seconds)) is not { } trial)
            return false;
        if (!(contender.Ndcg <= _best?.Ndcg) && !double.IsNaN(contender.Ndcg))
        {
            _best = contender;
            if (contender.Tuner.BestModel is { } model)
                _trained = (contender, model);
        }
        if (contender.Name == NextItem && contender.Tuner.Trials.Count == 1 && trial.Error is null)
            _order = OrderGain(contender.Tuner);
        contender.Tuner.DropModel();
        Report(contender, "tried", trial);
        return true;
    }

    /// <summary>What order is worth to the model that looks at it most; null where no user has two items at different times.</summary>
    private OrderGain? OrderGain(ITuner tuner)
    {
        try
        {
            // A trial of the log left no model.
            var model = tuner.BestModel ?? tuner.BestTrainer.Fit(_parts.Train);
            return HistoryShuffle.Measure(
                model, _parts.Validation, _options.Seed, _options.NumberOfThreads, _options.CancellationToken);
        }
        catch (NotSupportedException)
        {
            return null;
        }
    }

    private void Report(AutoContender contender, string stage, TuneTrial? trial = null)
    {
        var progress = new AutoProgress(contender.Name, stage, trial, _best?.Name, _best?.Ndcg ?? double.NaN, _clock.Elapsed);
        _channel.Info(MessageSensitivity.None, "{0}", progress);
        _options.Progress?.Report(progress);
    }

    private AutoResult Finish()
    {
        if (_best is null)
            throw new InvalidOperationException("No trainer succeeded. " + string.Join(" ",
                _contenders.Select(contender => $"{contender.Name}: {contender.Note ?? "no list was right"}.")));
        var members = Members();
        var ndcg = Weigh(members);
        var test = _parts.Test is { } part ? Judge(members, part) : null;
        var kept = members.Where(member => member.Weight > 0).ToArray();
        return Result(Blend(kept, Array.ConvertAll(kept, member => Fit(member, _parts.All, "trained on everything"))), ndcg, test);
    }

    /// <summary>The trainers to blend: those whose models fit in memory together, the best first.</summary>
    private AutoContender[] Members()
    {
        var members = new List<AutoContender>();
        long taken = 0;
        foreach (var contender in Worth(WorthBlending))
        {
            var need = contender.Tuner!.BestTrainer.EstimateMemory(_parts.All);
            if (members.Count > 0 && taken + need > _options.MemoryLimit)
            {
                contender.Note = "does not fit in memory together with better ones";
                continue;
            }
            taken += need;
            members.Add(contender);
        }
        foreach (var contender in _contenders.Where(contender => contender.Ndcg < WorthBlending * _best!.Ndcg))
            contender.Note ??= "too far below the best to be blended";
        return [.. members];
    }

    /// <summary>Sets the share of each member by lists of models that learned from the training part.</summary>
    /// <returns>NDCG@20 of the blend on the validation part.</returns>
    private double Weigh(AutoContender[] members)
    {
        if (members is [var only])
        {
            only.Weight = 1;
            return only.Ndcg;
        }
        var found = new BlendWeights(
            Array.ConvertAll(members, member => Fit(member, _parts.Train, "trained to be blended")),
            _parts.Validation, ListLength, _options.Seed,
            new() { NumberOfThreads = _options.NumberOfThreads, CancellationToken = _options.CancellationToken });
        for (int m = 0; m < members.Length; m++)
        {
            members[m].Weight = found.Best[m];
            if (found.Best[m] == 0)
                members[m].Note ??= "adds nothing to the blend";
        }
        return found.BestNdcg;
    }

    /// <summary>Measures each member, and what was chosen, on the test part, after training on all other parts.</summary>
    private RankingReport Judge(AutoContender[] members, Interactions test)
    {
        var kept = new List<RecommenderModel>();
        foreach (var member in members)
        {
            var model = Fit(member, _parts.Chosen, "trained for the test");
            member.Test = Evaluate(model).Ndcg(RankingEvaluator.NdcgCutoff);
            if (member.Weight > 0)
                kept.Add(model);
        }
        return Evaluate(Blend(members, kept));

        RankingReport Evaluate(RecommenderModel model) => RankingEvaluator.Evaluate(model, test, new()
        {
            RelevanceThreshold = _options.RelevanceThreshold,
            Seed = _options.Seed,
            NumberOfThreads = _options.NumberOfThreads,
            CancellationToken = _options.CancellationToken,
        });
    }

    private RecommenderModel Fit(AutoContender member, Interactions data, string stage)
    {
        _options.CancellationToken.ThrowIfCancellationRequested();
        Report(member, stage);
        return member.Tuner!.BestTrainer.Fit(data);
    }

    private static RecommenderModel Blend(IEnumerable<AutoContender> members, IReadOnlyList<RecommenderModel> kept) => kept is [var only]
        ? only
        : BlendWeights.Join(kept, members.Where(member => member.Weight > 0).Select(member => member.Weight), ListLength);

    private AutoResult Result(RecommenderModel model, double ndcg, RankingReport? test, bool isCancelled = false) => new(
        test is null ? model : model.WithMetrics(test),
        [.. _contenders.Select(contender => contender.ToCandidate()).OrderByDescending(candidate => candidate.Tuned)])
    {
        ValidationNdcg = ndcg,
        Test = test,
        Order = _order,
        Warnings = LaterRows.Warning(_parts.Train, _parts.Validation) is { } warning ? [warning] : [],
        Next = [.. Next()],
        IsCancelled = isCancelled,
    };

    /// <summary>What was left out, what was found at the end of its range, and what became better until the last.</summary>
    private IEnumerable<string> Next()
    {
        foreach (var contender in _contenders)
        {
            if (contender.Tuner is not { } tuner || (contender.Note is not null && double.IsNaN(contender.Ndcg)))
                yield return $"{contender.Name}: {contender.Note}.";
            else if (contender.Weight > 0)
            {
                foreach (var edge in tuner.Edges)
                    yield return $"{contender.Name}: {edge}.";
                if (tuner.Dimensions > 0)
                    yield return $"{contender.Name}: {Tuned(tuner)}.";
            }
        }
    }

    private static string Tuned(ITuner tuner)
    {
        var since = tuner.Trials.Count - 1 - tuner.Best!.Trial;
        return tuner.Trials.Count == 1 ? "there was no time to tune it"
            : since < StillGaining ? $"of {tuner.Trials.Count} settings one of the last was the best, try more"
            : $"{tuner.Trials.Count} settings were tried, the last {since} without a gain";
    }
}
