using System.Diagnostics;
using System.Text.Json;
using Microsoft.ML.Runtime;

namespace MLNetRecExt;

/// <summary>
/// Searches a trainer's options: the settings that these name as starts and evenly spread ones first, then those that a surrogate of the
/// trials so far expects most of. Each is trained only as long as it is among the best at its iteration (successive halving, asynchronous
/// as in Li et al. 2020, but stopping instead of promoting).
/// </summary>
/// <remarks>
/// A trainer that reports the metric on the validation part after each iteration is watched through its progress, so one training
/// gives the metric for every number of iterations; any other is judged once, when it has finished.
/// </remarks>
internal sealed class Tuner<TModel, TOptions> : ITuner
    where TModel : RecommenderModel
    where TOptions : RecommenderTrainerOptions
{
    private const int FirstSpread = 8;
    private const int SpreadEvery = 10;
    private const int SurrogateTrials = 200;
    private const int SweptValues = 8;
    private const int Candidates = 2000;
    private const int ReseededTrials = 3;

    // A free search over four options was found to overfit where 600 to 2,000 users were judged.
    private const int UsersPerOption = 500;

    // Before so many iterations the metric says little about where it ends.
    private const int FirstRung = 4;

    private readonly Func<TOptions, RecommenderTrainer<TModel, TOptions>> _trainer;
    private readonly TOptions _base;
    private readonly Interactions _train;
    private readonly Interactions _validation;
    private readonly TunerOptions _options;
    private readonly IChannel _channel;
    private readonly TuneSpace _space;
    private readonly double[][] _starts;
    private readonly string[] _warnings;
    private readonly TuneLog _log;
    private readonly int _halving;
    private readonly int[] _rungs;
    private readonly List<(double[] Point, TuneTrial Trial)> _done = [];
    private TuneTrial? _cutShort;
    private (int Trial, TModel? Model) _kept = (-1, null);

    public Tuner(Func<TOptions, RecommenderTrainer<TModel, TOptions>> trainer, TOptions options, Interactions train, Interactions validation, TunerOptions tuning, IChannel channel)
    {
        tuning.Validate();
        _trainer = trainer;
        _base = (TOptions)options.Clone();
        _train = train;
        _options = tuning;
        _channel = channel;
        _base.CompleteFrom(train);
        var ranges = new Dictionary<string, TuneRangeAttribute?>(tuning.Ranges);
        foreach (var (name, range) in _base.RangesAround(options))
            ranges.TryAdd(name, range);
        _space = new TuneSpace(_base, ranges);
        var iterative = _base as IterativeTrainerOptions;
        if (tuning.NumberOfIterations is { } most)
            (iterative ?? throw new ArgumentException($"{typeof(TOptions).FullName} are not {nameof(IterativeTrainerOptions)}: leave it null.", nameof(tuning.NumberOfIterations)))
                .NumberOfIterations = most;
        _validation = Sample(validation, tuning);
        if (_validation.Count == 0)
            throw new ArgumentException("The validation part has no relevant interaction to judge by.", nameof(validation));

        var budget = iterative?.NumberOfIterations ?? 1;
        _halving = _options.HalvingFactor ?? (_options.Metric == TuneMetric.Rmse ? 1 : 3);
        _rungs = _halving == 1 || JudgesAtEnd
            ? []
            : [.. new[] { Share(budget, _halving * _halving), Share(budget, _halving) }.Where(rung => rung >= FirstRung && rung < budget).Distinct()];
        _starts = [.. Starts()];
        _warnings = [.. new[] { FewUsers(), LaterRows.Warning(train, validation) }.OfType<string>()];
        _log = new TuneLog(_options.LogPath, Header());

        static int Share(int budget, int parts) => (budget + parts - 1) / parts;
    }

    /// <summary>Whether <see cref="BestModel"/> is kept.</summary>
    public bool KeepsBestModel { get; init; }

    /// <summary>What limits of time are measured by.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    public IReadOnlyList<TuneTrial> Trials => [.. _done.Select(done => done.Trial), .. _cutShort is null ? [] : new[] { _cutShort }];

    public TuneTrial? Best => BestFirst.FirstOrDefault();

    public RecommenderModel? BestModel => Best?.Trial == _kept.Trial ? _kept.Model : null;

    public int Dimensions => _space.Dimensions;

    public RecommenderTrainerOptions BestOptions => OptionsOf(BestOrThrow);

    public IReadOnlyList<string> Warnings => _warnings;

    public RecommenderTrainer BestTrainer => _trainer(OptionsOf(BestOrThrow));

    public IReadOnlyList<TuneEdge> Edges => Trials.Count > 1 && Best is { } best ? EdgesOf(best) : [];

    private IEnumerable<TuneTrial> BestFirst =>
        Trials.Where(trial => !double.IsNaN(trial.Metric)).OrderByDescending(trial => trial.CautiousMerit);

    private TuneTrial BestOrThrow => Best ?? throw new InvalidOperationException(
        $"All {_done.Count} trials failed; the first: {(_done.Count > 0 ? _done[0].Trial.Error : "none has run")}");

    public TuneResult<TOptions> Run()
    {
        foreach (var warning in _warnings)
            _channel.Warning(MessageSensitivity.None, "{0}", warning);
        var started = Clock.GetTimestamp();
        while (_done.Count < _options.MaxTrials)
        {
            // What is in the log takes no time.
            var left = _done.Count < Math.Max(1, _log.Finished.Count) ? null : _options.TimeLimit - Clock.GetElapsedTime(started);
            if (left <= TimeSpan.Zero || Next(left) is null or { OutOfTime: true })
                break;
        }
        var best = BestOrThrow;
        TuneSeeds[] seeds = [.. Reseed()];
        if (seeds.Length > 0)
            best = seeds.MaxBy(seed => double.IsNaN(seed.Mean) ? double.NegativeInfinity : MeritOf([seed.Mean]))!.Trial;
        var edges = Trials.Count > 1 ? EdgesOf(best) : [];
        foreach (var edge in edges)
            _channel.Info(MessageSensitivity.None, "{0}", edge);
        return new TuneResult<TOptions>(OptionsOf(best), best, Trials) { Seeds = seeds, Edges = edges, Warnings = _warnings };
    }

    public TuneTrial? Next(TimeSpan? limit = null)
    {
        _options.CancellationToken.ThrowIfCancellationRequested();
        var options = (TOptions)_base.Clone();
        var (trial, model) = _done.Count < _log.Finished.Count ? (FromLog(options), null) : Try(options, limit);
        if (trial is null)
            return null;
        // What was cut short is run again: the next setting is chosen by whole trials alone, as in a resumed search. Their points are as
        // the option's type holds them, and as the log does.
        _cutShort = trial.OutOfTime ? trial : null;
        if (!trial.OutOfTime)
            _done.Add((_space.PointOf(options), trial));
        if (KeepsBestModel && model is not null && Best == trial)
            _kept = (trial.Trial, model);
        _channel.Info(MessageSensitivity.None, "{0}", trial);
        _options.Progress?.Report(trial);
        return trial;
    }

    public void DropModel() => _kept = default;

    /// <summary>The base options with the values and the number of iterations of a trial.</summary>
    private TOptions OptionsOf(TuneTrial trial)
    {
        var options = (TOptions)_base.Clone();
        _space.Set(trial.Values, options);
        if (trial.Metrics.Count > 1 && options is IterativeTrainerOptions iterative)
            iterative.NumberOfIterations = trial.Iterations;
        return options;
    }

    private TuneEdge[] EdgesOf(TuneTrial trial) => [.. _space.Edges(OptionsOf(trial))];

    /// <summary>Fits the best settings again with further seeds, as the final fit will: without a validation part to stop by.</summary>
    private IEnumerable<TuneSeeds> Reseed()
    {
        TuneTrial[] candidates = _options.FurtherSeeds > 0 && _base is IterativeTrainerOptions ? [.. BestFirst.Take(ReseededTrials)] : [];
        foreach (var trial in candidates)
        {
            var metrics = Enumerable.Range(1, _options.FurtherSeeds).Select(further => Refit(trial, _base.Seed + further));
            var seeds = new TuneSeeds(trial, [.. metrics]);
            _channel.Info(MessageSensitivity.None, "{0}", seeds);
            yield return seeds;
        }
    }

    private double Refit(TuneTrial trial, int seed)
    {
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(_options.CancellationToken, _base.CancellationToken);
        var options = OptionsOf(trial);
        (options as IterativeTrainerOptions)?.PrepareForTrial();
        options.Seed = seed;
        options.CancellationToken = cancellation.Token;
        try
        {
            return Judge(_trainer(options).Fit(_train), options).Value;
        }
        catch (Exception e) when (e is InvalidOperationException or InsufficientMemoryException)
        {
            _channel.Info(MessageSensitivity.None, "trial {0} with seed {1} failed: {2}", trial.Trial, seed, e.Message);
            return double.NaN;
        }
    }

    private TuneTrial FromLog(TOptions options)
    {
        var trial = _log.Finished[_done.Count];
        _space.Set(trial.Values, options);
        if (trial.Ranks is { } ranks && (ranks.Length != _validation.Count || ranks.Max() > RankingEvaluator.NdcgCutoff))
            throw new InvalidDataException(
                $"The ranks of trial {trial.Trial} in the trial log {_options.LogPath} are damaged: delete the file.");
        return trial;
    }

    /// <summary>
    /// Which setting comes next depends on seed and earlier trials only, never on how many are to come: a search can be made longer.
    /// Starts and evenly spread ones first, then where the surrogate expects most improvement.
    /// </summary>
    private double[] Propose(int number)
    {
        if (number <= _starts.Length)
            return _starts[number - 1];
        number -= _starts.Length;
        var known = _done.Where(done => !double.IsNaN(done.Trial.Metric)).OrderByDescending(done => done.Trial.Merit).Take(SurrogateTrials).ToArray();
        if (number <= FirstSpread || number % SpreadEvery == 0 || known.Length < 2 || _space.Dimensions == 0)
            return Spread(number);
        var random = new SeededRandom(_options.Seed, number);
        var surrogate = new TuneSurrogate(Array.ConvertAll(known, done => done.Point), Array.ConvertAll(known, done => done.Trial.Merit));
        double[] proposal = [];
        var most = double.NegativeInfinity;
        for (int candidate = 0; candidate < Candidates; candidate++)
        {
            // Near and far around one of the best trials; the spread settings look elsewhere.
            var near = known[random.Next(Math.Min(3, known.Length))].Point;
            var width = 0.3 * Math.Pow(0.05, random.NextDouble());
            var point = new double[_space.Dimensions];
            for (int d = 0; d < point.Length; d++)
                point[d] = Math.Clamp(near[d] + width * random.NextGaussian(), 0, 1);
            var improvement = surrogate.ExpectedImprovement(point);
            if (improvement > most)
                (most, proposal) = (improvement, point);
        }
        return proposal;
    }

    private string? FewUsers()
    {
        var users = Enumerable.Range(0, _validation.ByUser.RowCount).Count(user => _validation.ByUser.Length(user) > 0);
        return users < UsersPerOption * _space.Dimensions && _options.MaxTrials > 1
            ? FormattableString.Invariant($"{_space.Dimensions} options are searched, and {users:N0} users of the validation part judged: ")
                + FormattableString.Invariant($"with fewer than {UsersPerOption} for each option the best setting may be so by chance. ")
                + $"Hold back more, or keep options at their base values by {nameof(TunerOptions.Ranges)}."
            : null;
    }

    /// <summary>The places of the starts that differ from the base options and from one another in what is searched.</summary>
    private IEnumerable<double[]> Starts()
    {
        List<double[]> places = [_space.PointOf(_base)];
        foreach (var start in _base.TuneStarts())
        {
            var place = _space.PointOf(start);
            if (places.Exists(other => other.AsSpan().SequenceEqual(place)))
                continue;
            if (_space.Outside(start) is { Count: > 0 } outside)
                _channel.Info(MessageSensitivity.None, "A start of the search lies outside of the ranges; the nearest end counts: {0}",
                    string.Join(", ", outside));
            places.Add(place);
            yield return place;
        }
    }

    /// <summary>Points that fill the cube evenly, however many: multiples of powers of the generalised golden ratio, from a seeded
    /// start.</summary>
    private double[] Spread(int number)
    {
        var start = new SeededRandom(_options.Seed, -1);
        double ratio = 2;
        for (int i = 0; i < 50; i++)
            ratio = Math.Pow(1 + ratio, 1.0 / (_space.Dimensions + 1));
        var point = new double[_space.Dimensions];
        for (int d = 0; d < point.Length; d++)
            point[d] = (start.NextDouble() + number * Math.Pow(1 / ratio, d + 1)) % 1;
        return point;
    }

    /// <summary>Runs the next trial; null where its time was up before it could be judged. A whole one goes to the log.</summary>
    private (TuneTrial? Trial, TModel? Model) Try(TOptions options, TimeSpan? limit)
    {
        var number = _done.Count;
        if (number > 0)
            _space.Apply(Propose(number), options);
        var stopwatch = Stopwatch.StartNew();
        using var time = limit is { } left ? new CancellationTokenSource(Timer(left), Clock) : new();
        using var halving = CancellationTokenSource.CreateLinkedTokenSource(
            _options.CancellationToken, _base.CancellationToken, time.Token);
        var watch = new Watch(this, number, halving, _base.Progress);
        options.Progress = watch;
        // Halving decides how long a trial goes on: a metric may dip for longer than early stopping waits.
        (options as IterativeTrainerOptions)?.PrepareForTrial();
        options.CancellationToken = halving.Token;
        TModel? model = null;
        string? error = null;
        var outOfTime = false;
        try
        {
            model = Fit(options, watch);
        }
        catch (OperationCanceledException) when ((watch.Halved || time.IsCancellationRequested) && !IsCancelled)
        {
            outOfTime = !watch.Halved;
        }
        // Other options may converge, or fit in memory.
        catch (Exception e) when (e is InvalidOperationException or InsufficientMemoryException)
        {
            error = e.Message;
            watch.Metrics.Clear();
        }
        if (outOfTime && watch.Metrics.Count == 0)
            return (null, null);
        var trial = Compared(watch, new(number, _space.Values(options), watch.Metrics, watch.Halved, stopwatch.Elapsed.TotalSeconds, error)
        {
            MetricName = MetricName,
            OutOfTime = outOfTime,
        });
        if (!outOfTime)
            _log.Add(trial);
        return (trial, model);
    }

    private static TimeSpan Timer(TimeSpan left) => left < TimeSpan.Zero ? TimeSpan.Zero
        : left > TunerOptions.LongestTime ? TunerOptions.LongestTime : left;

    private bool IsCancelled => _options.CancellationToken.IsCancellationRequested || _base.CancellationToken.IsCancellationRequested;

    private TModel Fit(TOptions options, Watch watch)
    {
        var trainer = _trainer(options);
        // The base options are tried as they are.
        if (_done.Count > 0 && _space.Sweep(trainer.SweptOption, SweptValues) is { Length: > 0 } values)
        {
            var (metric, swept) = Sweep(trainer, values, options);
            watch.Add(metric);
            return swept;
        }
        var model = trainer.Fit(_train, JudgesAtEnd ? null : _validation);
        if (watch.Metrics.Count == 0)
            watch.Add(Judge(model, options));
        return model;
    }

    /// <summary>The trial with its standard errors against the base options, where both have ranks.</summary>
    private TuneTrial Compared(Watch watch, TuneTrial trial)
    {
        if (trial.Error is not null)
            return trial;
        if (trial.Trial == 0)
            trial = trial with { Ranks = watch.Ranks[^1] };
        return (trial.Trial == 0 ? trial : _done[0].Trial).Ranks is { } baseRanks && !watch.Ranks.Contains(null)
            ? trial with { StandardErrors = [.. watch.Ranks.Select(ranks => NdcgDifference.StandardError(_validation.ByUser, ranks, baseRanks))] }
            : trial;
    }

    /// <summary>Whether the metric is another than the one that trainers watch.</summary>
    private bool JudgesAtEnd => MetricName != TuneTrial.NameOf(_options.Metric);

    private ValidationMetric Judge(TModel model, TOptions options)
    {
        if (JudgesAtEnd)
            return new(RankingEvaluator.Evaluate(model, _validation, new()
            {
                Cutoffs = [TunerOptions.CutoffOf(MetricName)!.Value],
                BootstrapSamples = 0,
                NumberOfThreads = options.NumberOfThreads,
                CancellationToken = options.CancellationToken,
            })[MetricName].Mean);
        return _options.Metric == TuneMetric.Rmse
            ? new(RatingEvaluator.Rmse(model, _validation, options.NumberOfThreads, options.CancellationToken))
            : RankingEvaluator.Ndcg(model, _validation, options.NumberOfThreads, options.CancellationToken);
    }

    /// <summary>Trains once, judges a model for each value of the option that needs no training of its own, and sets the best of
    /// them.</summary>
    private (ValidationMetric Metric, TModel Model) Sweep(RecommenderTrainer<TModel, TOptions> trainer, float[] values, TOptions options)
    {
        (ValidationMetric Metric, TModel Model)? best = null;
        foreach (var (value, model) in values.Zip(trainer.FitSwept(_train, values)))
        {
            var metric = Judge(model, options);
            if (best is { } other && !double.IsNaN(other.Metric.Value) && !(MeritOf([metric.Value]) > MeritOf([other.Metric.Value])))
                continue;
            best = (metric, model);
            _space.Set(trainer.SweptOption!, value, options);
        }
        return best!.Value;
    }

    private string MetricName => _options.RankingMetric ?? TuneTrial.NameOf(_options.Metric);

    private double MeritOf(IReadOnlyList<double> metrics) => TuneTrial.MeritOf(metrics, _options.Metric == TuneMetric.Rmse);

    /// <summary>Whether a trial is among the best 1/η at a rung, by its best metric up to there.</summary>
    private bool GoesOn(double merit, int rung)
    {
        var others = _done.Select(done => done.Trial)
            .Where(trial => trial.Metrics.Count >= rung || (trial.Metrics.Count > 0 && !trial.Halved))
            .Select(trial => MeritOf([.. trial.Metrics.Take(rung)])).ToList();
        return others.Count(other => other > merit) < (others.Count + _halving) / _halving;
    }

    private string Header() => JsonSerializer.Serialize(new
    {
        Tuning = typeof(TOptions).FullName,
        Metric = MetricName,
        TuneLog.Format,
        _options.Seed,
        HalvingFactor = _halving,
        _options.ValidationUsers,
        _options.RelevanceThreshold,
        Ranges = _space.ToString(),
        Starts = _starts,
        Base = typeof(TOptions).GetFields()
            .Where(field => (Nullable.GetUnderlyingType(field.FieldType) ?? field.FieldType).IsPrimitive
                || field.FieldType.IsEnum || field.FieldType == typeof(string) || field.FieldType == typeof(int[]))
            .OrderBy(field => field.Name, StringComparer.Ordinal)
            .ToDictionary(field => field.Name, field => field.GetValue(_base) is int[] elements
                ? string.Join(',', elements) : Convert.ToString(field.GetValue(_base), System.Globalization.CultureInfo.InvariantCulture)),
        Train = new[] { _train.Users.Count, _train.Items.Count, _train.Count },
        Validation = _validation.Count,
    });

    /// <summary>The interactions of the users judged on; for NDCG the relevant ones.</summary>
    private static Interactions Sample(Interactions validation, TunerOptions tuning)
    {
        var rows = validation.ByUser;
        var users = Enumerable.Range(0, rows.RowCount).Where(user => rows.Length(user) > 0).ToArray();
        var random = new SeededRandom(tuning.Seed, -2);
        var judged = Math.Min(users.Length, tuning.ValidationUsers ?? users.Length);
        for (int i = 0; i < judged; i++)
        {
            var other = i + random.Next(users.Length - i);
            (users[i], users[other]) = (users[other], users[i]);
        }
        var parts = new SplitPart[validation.Count];
        foreach (var user in users.AsSpan(0, judged))
            parts.AsSpan(rows.Offsets[user], rows.Length(user)).Fill(SplitPart.Test);
        var sample = validation.Where(parts, SplitPart.Test).Relevant(tuning.Metric == TuneMetric.Ndcg ? tuning.RelevanceThreshold : null);
        var kept = sample.ByUser;
        // Without times: each trial would warn of later rows, and the search has said so once.
        return new(sample.Users, sample.Items, new InteractionRows(kept.OffsetArray, kept.IndexArray, kept.LabelArray, null, null), sample.Counts);
    }

    /// <summary>Collects the metric after each iteration and stops the trial at a rung that it does not pass. Trial 0 always runs to its
    /// end.</summary>
    private sealed class Watch(Tuner<TModel, TOptions> tuner, int trial, CancellationTokenSource halving, IProgress<TrainingProgress>? next) : IProgress<TrainingProgress>
    {
        public List<double> Metrics { get; } = [];

        public List<byte[]?> Ranks { get; } = [];

        public bool Halved { get; private set; }

        public void Report(TrainingProgress value)
        {
            next?.Report(value);
            if (value.ValidationMetric is not { } metric || value.MetricName != tuner.MetricName || Halved)
                return;
            Add(new(metric, value.ValidationRanks));
            if (trial > 0 && tuner._rungs.Contains(value.Iteration) && !tuner.GoesOn(tuner.MeritOf(Metrics), value.Iteration))
            {
                Halved = true;
                halving.Cancel();
            }
        }

        public void Add(ValidationMetric metric)
        {
            Metrics.Add(metric.Value);
            Ranks.Add(metric.Ranks);
        }
    }
}
