using System.Diagnostics;
using Microsoft.ML;
using MLNetRecExt;
using Spectre.Console;

namespace Compare;

/// <summary>The job: read, train each trainer, judge it on the test part, print, write.</summary>
internal sealed class Comparison
{
    private readonly MLContext _ml;
    private readonly Arguments _arguments;
    private readonly Steps _steps;
    private readonly CancellationToken _cancellation;
    private readonly ComparisonData _data;
    private readonly List<string> _leftOut = [];
    private readonly List<TrainerFailure> _failures = [];

    private Comparison(MLContext ml, Arguments arguments, Steps steps, ComparisonData data, CancellationToken cancellation)
    {
        _ml = ml;
        _arguments = arguments;
        _steps = steps;
        _data = data;
        _cancellation = cancellation;
    }

    /// <returns>How many failures there were; the results of the trainers without one are printed and written all the same.</returns>
    /// <exception cref="UsageException">Something in the arguments or files is not as it should be.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static int Run(MLContext ml, Arguments arguments, CancellationToken cancellation)
    {
        var console = AnsiConsole.Console;
        if (Console.IsOutputRedirected)
            console.Profile.Width = 160;
        var steps = new Steps();
        var rows = TrainerRows.Create(arguments);
        foreach (var row in rows)
            row.Check(ml);
        if (arguments.Map is not null && !rows.Any(row => row.HasEmbeddings))
            throw new UsageException($"--map: none of --trainers {string.Join(",", arguments.Trainers)} has item embeddings.");
        foreach (var folder in new[] { arguments.ModelFolder, Path.GetDirectoryName(arguments.Json), Path.GetDirectoryName(arguments.Map) })
            if (!string.IsNullOrEmpty(folder))
                Directory.CreateDirectory(folder);

        var data = ComparisonData.Load(ml, arguments, steps, cancellation);
        var report = new ConsoleReport(console, data, arguments);
        report.WriteData();
        var comparison = new Comparison(ml, arguments, steps, data, cancellation);
        if (TrainerRows.LeftOut is { } missing)
            comparison._leftOut.Add(missing);
        var results = rows.Select(row => comparison.TryOne(row.Name, () => comparison.RunOne(row)))
            .Append(arguments.AutoTime is { } time ? comparison.TryOne("auto", () => comparison.RunAuto(time)) : null)
            .OfType<TrainerResult>().ToArray();
        if (results.Length == 0 && comparison._failures.Count == 0)
            throw new UsageException($"Nothing is left to compare. {string.Join(" ", comparison._leftOut)} Take another --split, or other --trainers.");
        report.WriteLeftOut(comparison._leftOut);
        report.WriteResults(results, comparison._failures);
        if (arguments.Json is { } path)
            JsonReport.Write(path, arguments, data, new(results, comparison._leftOut, comparison._failures));
        if (arguments.Map is { } map && results.Any(result => result.Model is FactorModel))
            File.WriteAllText(map, EmbeddingMap.Draw(results, data.ItemGroups, data.GroupNames));
        else if (arguments.Map is not null)
            report.WriteLeftOut(["--map draws nothing: no trainer with item embeddings is left."]);
        return comparison._failures.Count;
    }

    private TrainerResult? TryOne(string name, Func<TrainerResult?> run)
    {
        try
        {
            return run();
        }
        catch (Exception e) when (IsFailure(e))
        {
            _failures.Add(TrainerFailure.Of(name, "failed", e));
            return null;
        }
    }

    /// <summary>Whether the others can go on: nobody cancelled, and nothing is wrong that all depend on.</summary>
    private bool IsFailure(Exception e) =>
        !_cancellation.IsCancellationRequested && e is not (UsageException or MissingMemberException or TypeLoadException);

    private TrainerResult? RunOne(TrainerRow row)
    {
        row.Options.CancellationToken = _cancellation;
        if (row.Prepare(_data) is { } lack)
        {
            _leftOut.Add($"{row.Name} is left out: {lack}.");
            return null;
        }
        Search? search = null;
        if (_arguments.Tunes && _data.Tuning is var (train, validation))
            search = _steps.Run($"{row.Name}: tune", progress => Tune(row, train, validation, progress));
        var memory = row.EstimateMemory(_ml, _data.Train);
        var need = memory == 0 ? "" : FormattableString.Invariant($", about {Math.Ceiling(memory / 1e6):N0} MB");
        List<string> fromData = [];
        var (model, training) = _steps.Run($"{row.Name}: train{need}", progress =>
        {
            row.Options.Progress = new Forward<TrainingProgress>(at => progress.Report((double)at.Iteration / at.NumberOfIterations));
            return Cost.Measure(() => FitAndListen(row, fromData));
        });
        return Judge(row.Name, model) is { } report
            ? new(row.Name, row.Settings(), fromData, search, model, training, memory, report, MeasureRate(model), TrySave(model, row.Name))
            : null;
    }

    private TrainerResult? RunAuto(TimeSpan time)
    {
        const string name = "auto";
        var (train, validation) = _data.Tuning!.Value;
        var (found, cost) = _steps.Run($"{name}: search", progress => Cost.Measure(() => _ml.Recommenders().Auto(train, new AutoOptions
        {
            TimeLimit = time,
            Validation = validation,
            Seed = _arguments.Seed,
            NumberOfThreads = _arguments.Threads,
            Progress = new Forward<AutoProgress>(at => progress.Report(Math.Min(1, at.Elapsed / time))),
            CancellationToken = _cancellation,
        })));
        _cancellation.ThrowIfCancellationRequested();
        return Judge(name, found.Model) is { } report
            ? new(name, [], [], null, found.Model, cost, 0, report, MeasureRate(found.Model), TrySave(found.Model, name)) { Auto = found }
            : null;
    }

    private Search? Tune(TrainerRow row, Interactions train, Interactions validation, IProgress<double> progress)
    {
        var tuning = new TunerOptions
        {
            Metric = _arguments.TuningMetric,
            Trials = _arguments.TuningTrials,
            TimeLimit = _arguments.TuningTime,
        };
        var (search, cost) = Cost.Measure(() => row.Tune(_ml, train, validation, tuning, progress));
        return search is null ? null : search with { Cost = cost };
    }

    /// <returns>Null where the model cannot be judged, which is noted.</returns>
    private EvaluationReport? Judge(string name, RecommenderModel model)
    {
        if (_data.FoldIn is null || model.CanFoldIn)
            return _steps.Run($"{name}: evaluate", progress => Evaluate(model, progress));
        _leftOut.Add($"{name} is left out: it cannot fold in the histories that test users bring.");
        return null;
    }

    /// <summary>Trains, and notes what the trainer logs of options that follow from the data.</summary>
    private RecommenderModel FitAndListen(TrainerRow row, List<string> fromData)
    {
        _ml.Log += Note;
        try
        {
            return row.Fit(_ml, _data.Train);
        }
        finally
        {
            _ml.Log -= Note;
        }

        void Note(object? sender, LoggingEventArgs line)
        {
            if (!line.RawMessage.Contains("from the data:", StringComparison.OrdinalIgnoreCase))
                return;
            lock (fromData)
                fromData.Add(line.RawMessage);
        }
    }

    private EvaluationReport Evaluate(RecommenderModel model, IProgress<double> progress) => _arguments.Task == ComparisonTask.Ratings
        ? _ml.Recommenders().EvaluateRatings(model, _data.Test, new RatingEvaluationOptions
        {
            Seed = _arguments.Seed,
            NumberOfThreads = _arguments.Threads,
            CancellationToken = _cancellation,
        })
        : _ml.Recommenders().Evaluate(model, _data.Test, new RankingEvaluationOptions
        {
            Cutoffs = _arguments.Cutoffs,
            FoldIn = _data.FoldIn,
            CandidateItems = _data.ColdItems,
            ItemGroups = _data.ItemGroups,
            Seed = _arguments.Seed,
            NumberOfThreads = _arguments.Threads,
            Progress = progress,
            CancellationToken = _cancellation,
        });

    /// <summary>Lists of the first cutoff's length for known users, a thousand at a time for at least a quarter of a second.</summary>
    private double MeasureRate(RecommenderModel model)
    {
        var blocks = Enumerable.Range(0, model.Users.Count).Where(model.IsKnownUser).Take(20_000).Chunk(1000).ToArray();
        var options = new TopItemsOptions { NumberOfThreads = _arguments.Threads, CancellationToken = _cancellation };
        model.TopItems(blocks[0], _arguments.Cutoffs[0], options);
        long lists = 0;
        var next = 0;
        var watch = Stopwatch.StartNew();
        do
        {
            lists += model.TopItems(blocks[next++ % blocks.Length], _arguments.Cutoffs[0], options).Count;
        }
        while (watch.Elapsed.TotalSeconds < 0.25);
        return lists / watch.Elapsed.TotalSeconds;
    }

    /// <summary>Size of the model's file; null when it could not be written, which does not undo what was measured.</summary>
    private long? TrySave(RecommenderModel model, string name)
    {
        try
        {
            return Save(model, name);
        }
        catch (Exception e) when (IsFailure(e))
        {
            _failures.Add(TrainerFailure.Of(name, "could not be saved", e));
            return null;
        }
    }

    /// <summary>Size of the model's file, which stays when --save-models asks for it.</summary>
    private long Save(RecommenderModel model, string name)
    {
        if (_arguments.ModelFolder is { } folder)
            return SaveTo(Path.Combine(folder, name + ".model"));
        var temporary = Directory.CreateTempSubdirectory("Compare");
        try
        {
            return SaveTo(Path.Combine(temporary.FullName, name + ".model"));
        }
        finally
        {
            temporary.Delete(recursive: true);
        }

        long SaveTo(string path)
        {
            model.Save(path);
            return new FileInfo(path).Length;
        }
    }
}
