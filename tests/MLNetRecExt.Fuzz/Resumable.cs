using System.Globalization;
using Microsoft.ML;

namespace MLNetRecExt.Fuzz;

/// <summary>Work that goes on from a file when it was interrupted: a search of the tuner, a training with checkpoints.</summary>
internal sealed class Resumable
{
    private const int Trials = 6, Epochs = 4;

    private readonly Func<string, Action, CancellationToken, string> _run;
    private readonly string _path = Path.Combine(Directory.CreateTempSubdirectory().FullName, "state");
    private readonly Lazy<string> _result;
    private readonly Lazy<byte[]> _interrupted;

    private Resumable(Func<string, Action, CancellationToken, string> run)
    {
        _run = run;
        _result = new(() =>
        {
            File.Delete(_path);
            return Run(_path);
        });
        _interrupted = new(Interrupt);
    }

    /// <summary>What it comes to when nothing interrupts it.</summary>
    public string Result => _result.Value;

    /// <summary>The file when it was interrupted about half-way.</summary>
    public byte[] Interrupted => _interrupted.Value;

    public static Resumable Tuning() => new((path, step, token) =>
    {
        var recommenders = new MLContext(1).Recommenders();
        var (train, validation) = Data();
        var options = new ItemKnnTrainer.Options { NumberOfThreads = 1 };
        var result = recommenders.Tune(recommenders.Trainers.ItemKnn, options, train, validation, new()
        {
            Trials = Trials,
            LogPath = path,
            Progress = new Progress<TuneTrial>(step),
            CancellationToken = token,
        });
        return string.Join('\n', result.Trials.Select(trial => $"{string.Join(' ', trial.Values)} {string.Join(' ', trial.Metrics)}"));
    });

    public static Resumable Training() => new((path, step, token) =>
    {
        var (train, validation) = Data();
        var model = new MLContext(1).Recommenders().Trainers.SoftmaxDnn(new SoftmaxDnnTrainer.Options
        {
            ApproximationRank = 4,
            HiddenLayers = [3],
            NumberOfIterations = Epochs,
            FinalLearningRate = 1,
            NumberOfThreads = 1,
            CheckpointPath = path,
            Progress = new Progress<TrainingProgress>(step),
            CancellationToken = token,
        }).Fit(train, validation);
        return string.Join(' ', LoadedModel.Use(model).Select(bits => bits.ToString("x8", CultureInfo.InvariantCulture)));
    });

    /// <summary>Does the work, from what a file says if it is there.</summary>
    /// <param name="path">The file.</param>
    /// <param name="step">Told after each trial or epoch; null: nobody.</param>
    /// <param name="token">Cancels it.</param>
    public string Run(string path, Action? step = null, CancellationToken token = default) => _run(path, step ?? (() => { }), token);

    /// <summary>Does the rest of the work that a file stands for.</summary>
    public string GoOn(byte[] file)
    {
        File.WriteAllBytes(_path, file);
        return Run(_path);
    }

    private byte[] Interrupt()
    {
        File.Delete(_path);
        using var source = new CancellationTokenSource();
        var steps = 0;
        try
        {
            Run(_path, () =>
            {
                if (++steps == Epochs / 2 + 1)
                    source.Cancel();
            }, source.Token);
        }
        catch (OperationCanceledException)
        {
            // As intended.
        }
        return File.ReadAllBytes(_path);
    }

    private static (Interactions Train, Interactions Validation) Data()
    {
        var random = new Random(5);
        var data = RandomData.Ordinary(24, 12, random);
        var split = new MLContext(1).Recommenders().Splits.RandomPerUser(data, 0.3);
        return (split.Train, split.Test);
    }

    /// <summary>Tells at once, on the thread that reports.</summary>
    private sealed class Progress<T>(Action step) : IProgress<T>
    {
        public void Report(T value) => step();
    }
}
