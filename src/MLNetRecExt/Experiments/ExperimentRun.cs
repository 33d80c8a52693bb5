using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.Runtime;

namespace MLNetRecExt;

/// <summary>One run of an experiment.</summary>
internal sealed class ExperimentRun
{
    public const string BlendName = "blend";

    private const int ListLength = 500;

    private readonly IHostEnvironment _environment;
    private readonly ExperimentOptions _options;
    private readonly ExperimentMetric _metric;
    private readonly SplitRule _rule;
    private readonly ExperimentParts _parts;
    private readonly RunItems _items;
    private readonly IReadOnlyList<ExperimentTrainer> _trainers;
    private readonly IChannel _channel;
    private readonly DateTimeOffset _started = DateTimeOffset.Now;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Interactions _data;
    private readonly List<string> _leftOut = [];
    private readonly SortedSet<string> _warnings = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RecommenderTrainer> _chosen = [];
    private readonly List<(RunTrainer Trainer, EvaluationReport Report)> _done = [];
    private double _spent;

    public ExperimentRun(
        IHostEnvironment environment, Interactions data, ExperimentOptions options, IReadOnlyList<ExperimentTrainer> trainers, IChannel channel)
    {
        (_environment, _data, _options, _trainers, _channel) = (environment, data, options, trainers, channel);
        _metric = ExperimentMetric.Parse(options.Metric);
        _rule = options.Split ?? (data.ByUser.HasTimestamps ? SplitRule.LeaveLast() : SplitRule.RandomPerUser());
        _parts = ExperimentParts.Of(data, options, _rule);
        _items = new(_parts, options);
    }

    private int Threads => _options.NumberOfThreads ?? Environment.ProcessorCount;

    public RunRecord Run()
    {
        foreach (var (place, trainer) in _trainers.Index())
            TryOne(trainer.Name, () => RunOne(trainer, _trainers.Count - place));
        if (_options.Blend.Count > 0)
            TryOne(BlendName, RunBlend);
        var best = _metric.IsError
            ? _done.OrderBy(done => done.Trainer[_options.Metric].Mean).ToArray()
            : [.. _done.OrderByDescending(done => done.Trainer[_options.Metric].Mean)];
        if (best.Length > 0)
            Warn(best[0].Report);
        return Record(best);
    }

    private RunRecord Record((RunTrainer Trainer, EvaluationReport Report)[] best) => new()
    {
        Started = _started,
        Seconds = _clock.Elapsed.TotalSeconds,
        Caption = _options.Caption,
        Machine = RunMachine.ThisOne(Threads),
        Metric = _options.Metric,
        Seed = _options.Seed,
        Split = _options.Test is null ? _rule.ToString() : "given",
        Data = _items.Describe(_data, best.Length > 0 ? best[0].Report.Users : [], _options.Tunes ? _parts.Validation!.Count : 0),
        Trainers = [.. best.Select(done => done.Trainer)],
        Comparisons = [.. Compare(best)],
        Users = _metric.IsError || best.Length == 0 ? [] : _items.Sample([.. best.Select(done => done.Trainer)], best[0].Report.Users),
        Warnings = [.. _warnings],
        LeftOut = _leftOut,
    };

    private void TryOne(string name, Action run)
    {
        try
        {
            run();
        }
        catch (Exception e) when (e is InvalidOperationException or InsufficientMemoryException or NotSupportedException or ArgumentException
            && !_options.CancellationToken.IsCancellationRequested)
        {
            var reason = e.Message.ReplaceLineEndings(" ");
            _leftOut.Add($"{name}: {reason}");
            _channel.Warning(MessageSensitivity.None, "{0} is left out: {1}", name, reason);
        }
    }

    private void RunOne(ExperimentTrainer trainer, int trainersLeft)
    {
        if (trainer.Lacks(_options, _parts.Fit) is { } lack)
            throw new InvalidOperationException($"{lack}.");
        var (tuner, seconds) = _options.Tunes ? Tune(trainer, trainersLeft) : (null, 0);
        var chosen = tuner?.BestOptions ?? trainer.Options.Clone();
        var losses = new List<double>();
        chosen.Progress = new Forwarded<TrainingProgress>(at =>
        {
            losses.Add(at.Loss);
            Report(trainer.Name, "train", (double)at.Iteration / at.NumberOfIterations);
        });
        var fitted = trainer.Create(_environment, chosen);
        _chosen[trainer.Name] = fitted;
        var (model, cost) = Fit(trainer.Name, fitted);
        var report = Judge(trainer.Name, model);
        Add(model, report, new RunTrainer
        {
            Name = trainer.Name,
            Trainer = model.Info?.Trainer ?? fitted.GetType().Name,
            Options = model.Info?.Options ?? new Dictionary<string, string>(),
            FromData = model.Info?.FromData ?? [],
            Trials = [.. (tuner?.Trials ?? []).Select(trial => trial with { Ranks = null })],
            TuneNotes = [.. (tuner?.Edges ?? []).Select(edge => edge.ToString())],
            Losses = [.. losses.Where(double.IsFinite)],
            Metrics = report.Estimates,
            SeedValues = SeedValues(trainer, chosen, report),
            UserValues = report.UserValues(_options.Metric),
            Cost = cost with { TuneSeconds = seconds, EstimatedMemory = fitted.EstimateMemory(_parts.Fit) },
        });
    }

    /// <summary>Searches options for this trainer's share of the time that is left.</summary>
    private (ITuner Tuner, double Seconds) Tune(ExperimentTrainer trainer, int trainersLeft)
    {
        var started = _clock.Elapsed.TotalSeconds;
        var limit = _options.TimeLimit is { } all ? Math.Max(0, all.TotalSeconds - _spent) / trainersLeft : double.PositiveInfinity;
        var tuner = trainer.Tune(_environment, _parts, new TunerOptions
        {
            Metric = _metric.TuneMetric,
            RankingMetric = _metric.IsError ? null : _metric.Name,
            RelevanceThreshold = _options.RelevanceThreshold,
            Seed = _options.Seed,
            LogPath = _options.LogDirectory is { } folder ? Path.Combine(folder, trainer.Name + ".jsonl") : null,
            CancellationToken = _options.CancellationToken,
        }, _channel);
        _warnings.UnionWith(tuner.Warnings.Select(warning => $"{trainer.Name}: {warning}"));
        var most = tuner.Dimensions == 0 ? 1 : _options.Trials ?? int.MaxValue;
        Report(trainer.Name, "tune", 0);
        while (tuner.Trials.Count < most)
        {
            // The first trial runs to its end, so that there is a choice.
            var left = started + limit - _clock.Elapsed.TotalSeconds;
            if (tuner.Trials.Count > 0 && left <= 0)
                break;
            var trial = tuner.Next(tuner.Trials.Count == 0 || double.IsInfinity(left) ? null : TimeSpan.FromSeconds(left));
            if (trial is null or { OutOfTime: true })
                break;
            var seconds = _clock.Elapsed.TotalSeconds - started;
            Report(trainer.Name, "tune", Math.Clamp(Math.Max((double)tuner.Trials.Count / most, seconds / limit), 0, 1), trial);
        }
        var spent = _clock.Elapsed.TotalSeconds - started;
        _spent += spent;
        return (tuner, spent);
    }

    private (RecommenderModel Model, RunCost Cost) Fit(string name, RecommenderTrainer trainer)
    {
        Report(name, "train", 0);
        using var process = Process.GetCurrentProcess();
        var (cpu, wall) = (process.TotalProcessorTime, Stopwatch.StartNew());
        var model = trainer.Fit(_parts.Fit);
        process.Refresh();
        var cost = new RunCost(0, wall.Elapsed.TotalSeconds, (process.TotalProcessorTime - cpu).TotalSeconds, 0, 0, 0);
        return (model, cost with { ListsPerSecond = _items.ListsPerSecond(model, Threads), ModelBytes = _items.FileSize(model) });
    }

    private EvaluationReport Judge(string name, RecommenderModel model)
    {
        Report(name, "evaluate", 0);
        if (_metric.IsError)
            return RatingEvaluator.Evaluate(model, _parts.Test, new()
            {
                Seed = _options.Seed,
                NumberOfThreads = _options.NumberOfThreads,
                CancellationToken = _options.CancellationToken,
            });
        return RankingEvaluator.Evaluate(model, _parts.Test, new()
        {
            Cutoffs = [.. _options.Cutoffs.Prepend(_metric.Cutoff!.Value).Distinct()],
            RelevanceThreshold = _options.RelevanceThreshold,
            FoldIn = _parts.FoldIn,
            CandidateItems = _parts.ColdItems,
            ItemGroups = _items.Groups,
            Seed = _options.Seed,
            NumberOfThreads = _options.NumberOfThreads,
            Progress = new Forwarded<double>(share => Report(name, "evaluate", share)),
            CancellationToken = _options.CancellationToken,
        });
    }

    /// <summary>The metric with each of the seeds; empty where there is one, or the trainer draws nothing.</summary>
    private double[] SeedValues(ExperimentTrainer trainer, RecommenderTrainerOptions chosen, EvaluationReport first)
    {
        if (_options.Seeds == 1 || chosen is not IterativeTrainerOptions)
            return [];
        var further = Enumerable.Range(1, _options.Seeds - 1).Select(seed =>
        {
            var options = chosen.Clone();
            (options.Seed, options.Progress) = (chosen.Seed + seed, null);
            return Judge(trainer.Name, trainer.Create(_environment, options).Fit(_parts.Fit))[_options.Metric].Mean;
        });
        return [first[_options.Metric].Mean, .. further];
    }

    /// <summary>Members' scores added up, with weights by lists of models that learned from the training part alone.</summary>
    private void RunBlend()
    {
        if (_metric.IsError)
            throw new NotSupportedException("a blend ranks; it does not predict labels.");
        var members = _options.Blend.Where(_chosen.ContainsKey).ToArray();
        if (members.Length < 2)
            throw new InvalidOperationException($"of its members only {string.Join(", ", members)} could be trained.");
        var clock = Stopwatch.StartNew();
        Report(BlendName, "train", 0);
        var options = new TopItemsOptions { NumberOfThreads = _options.NumberOfThreads, CancellationToken = _options.CancellationToken };
        var weights = new BlendWeights(
            [.. members.Select(member => _chosen[member].Fit(_parts.Train!))], _parts.Validation!, ListLength, _options.Seed, options).Best;
        var models = Array.ConvertAll(members, member => _done.Find(done => done.Trainer.Name == member).Trainer.Model!);
        var model = Array.IndexOf(weights, 1) is var only and >= 0 ? models[only] : BlendWeights.Join(models, weights, ListLength);
        var report = Judge(BlendName, model);
        Add(model, report, new RunTrainer
        {
            Name = BlendName,
            Trainer = "Blend",
            Options = members.Zip(weights).ToDictionary(
                member => member.First, member => member.Second.ToString("0.###", CultureInfo.InvariantCulture)),
            Metrics = report.Estimates,
            UserValues = report.UserValues(_options.Metric),
            Cost = new(0, clock.Elapsed.TotalSeconds, 0, 0, _items.ListsPerSecond(model, Threads), _items.FileSize(model)),
        });
    }

    private void Add(RecommenderModel model, EvaluationReport report, RunTrainer trainer)
    {
        if (!_metric.IsError)
        {
            var (places, recall) = _items.ByPopularity(model, report.Users, _metric.Cutoff!.Value);
            trainer = trainer with
            {
                ListPopularity = places,
                RecallByPopularity = recall,
                Map = model is FactorModel factors ? _items.Map(factors) : null,
            };
        }
        _done.Add((trainer with { Model = model }, report));
    }

    /// <summary>Each trainer against each that is better, with p-values corrected for their number.</summary>
    private IEnumerable<RunComparison> Compare((RunTrainer Trainer, EvaluationReport Report)[] best)
    {
        var reports = new PairedReports(
            Array.ConvertAll(best, done => done.Report), _options.Metric, _options.Seed, Threads, _options.CancellationToken);
        var pairs = (
            from second in Enumerable.Range(1, Math.Max(0, best.Length - 1))
            from first in Enumerable.Range(0, second)
            select (First: best[first], Second: best[second], Comparison: reports.Compare(first, second))).ToArray();
        var adjusted = RunComparison.Holm([.. pairs.Select(pair => pair.Comparison.PValue)]);
        return pairs.Zip(adjusted, (pair, p) => new RunComparison(pair.First.Trainer.Name, pair.Second.Trainer.Name, pair.Comparison, p));
    }

    private void Warn(EvaluationReport report)
    {
        if (LaterRows.Warning(_parts.Fit, _parts.Test) is { } later)
            _warnings.Add(later);
        if (report is RankingReport { SeenPairs: > 0 } leak)
            _warnings.Add(FormattableString.Invariant(
                $"{leak.SeenPairs:N0} held-out pairs are in training too: they count as misses. Cut the parts so that they share none."));
        if (report is RankingReport { ColdUsers: > 0 } cold)
            _warnings.Add(FormattableString.Invariant(
                $"{cold.ColdUsers:N0} of {cold.EvaluatedUsers:N0} judged users are unknown in training: no trainer can be right for them."));
        if (report is RankingReport { ColdPairs: > 0 } items && _parts.ColdItems is null)
            _warnings.Add(FormattableString.Invariant(
                $"{items.ColdPairs:N0} of {items.HeldOutPairs:N0} held-out pairs have an item that training does not know: misses for all."));
        if (OrderGain() is { Matters: false } order)
            _warnings.Add($"The order of histories says nothing here ({order}): simpler trainers will do.");
    }

    /// <summary>What order is worth to the trainer that looks at it most, where it is in the experiment.</summary>
    private OrderGain? OrderGain() =>
        _done.Find(done => done.Trainer.Trainer == nameof(NextItemEaseTrainer)).Trainer?.Model is { } model && _parts.FoldIn is null
            ? HistoryShuffle.Measure(model, _parts.Test, _options.Seed, _options.NumberOfThreads, _options.CancellationToken)
            : null;

    private void Report(string trainer, string step, double share, TuneTrial? trial = null)
    {
        _options.CancellationToken.ThrowIfCancellationRequested();
        _options.Progress?.Report(new(trainer, step, share, trial, _clock.Elapsed));
    }
}
