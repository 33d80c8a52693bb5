using Microsoft.ML;

namespace MLNetRecExt.Tests.SoftmaxDnn;

public sealed class SoftmaxDnnCheckpointTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    private string File0 => Path.Combine(_folder, "new", "training");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static Interactions Data(int seed = 1)
    {
        var random = new Random(seed);
        List<(int User, int Item)> pairs = [];
        for (int user = 0; user < 60; user++)
            for (int item = user % 2; item < 30; item += 2)
                if (random.NextDouble() < 0.5)
                    pairs.Add((user, item));
        return Interactions.Create(IdMap.FromKeys(60), IdMap.FromKeys(30), [.. pairs.Select(p => p.User)], [.. pairs.Select(p => p.Item)],
            timestamps: [.. pairs.Select(_ => 1_600_000_000L + random.Next(10_000_000))]);
    }

    private SoftmaxDnnTrainer.Options Options(bool checkpoint = true) => new()
    {
        ApproximationRank = 6,
        HiddenLayers = [9],
        Dropout = 0.1f,
        NumberOfIterations = 7,
        BatchSize = 50,
        LearningRate = 0.02f,
        FinalLearningRate = 1,
        Target = SoftmaxDnnTarget.MultiHot,
        RecencyHalfLifeDays = 30,
        NegativeSampling = NegativeSampling.Mixed,
        NumberOfNegatives = 15,
        EarlyStoppingRounds = 2,
        CheckpointPath = checkpoint ? File0 : null,
    };

    private static SoftmaxDnnModel Fit(SoftmaxDnnTrainer.Options options, Interactions? data = null, Interactions? validation = null) =>
        new MLContext().Recommenders().Trainers.SoftmaxDnn(options).Fit(data ?? Data(), validation);

    private static byte[] Bytes(SoftmaxDnnModel model)
    {
        using var stream = new MemoryStream();
        model.Save(stream, new SaveOptions { Times = false });
        return stream.ToArray();
    }

    /// <summary>Cancels when an epoch is reported: the next one ends at its first batch.</summary>
    private static void Interrupt(SoftmaxDnnTrainer.Options options, int epoch, Interactions? validation = null)
    {
        using var cancel = new CancellationTokenSource();
        var (progress, token) = (options.Progress, options.CancellationToken);
        options.Progress = new CancelAt(epoch, cancel);
        options.CancellationToken = cancel.Token;
        Assert.ThrowsAny<OperationCanceledException>(() => Fit(options, validation: validation));
        (options.Progress, options.CancellationToken) = (progress, token);
    }

    [Theory]
    [InlineData(false, false, SoftmaxDnnOptimizer.Adam)]
    [InlineData(true, false, SoftmaxDnnOptimizer.Adagrad)]
    [InlineData(true, true, SoftmaxDnnOptimizer.Adam)]
    public void Fit_InterruptedTwice_GivesTheBitsOfAnUninterruptedOne(bool validate, bool shared, SoftmaxDnnOptimizer optimizer)
    {
        var validation = validate ? Data(2) : null;
        SoftmaxDnnTrainer.Options Some(bool checkpoint)
        {
            var options = Options(checkpoint);
            // Three rounds: no start ends the training before the fourth epoch, after both interruptions.
            (options.ShareItemEmbeddings, options.Optimizer, options.EarlyStoppingRounds) = (shared, optimizer, 3);
            return options;
        }
        var whole = Fit(Some(checkpoint: false), validation: validation);

        var epochs = new List<TrainingProgress>();
        var options = Some(checkpoint: true);
        Interrupt(options, 2, validation);
        Assert.True(File.Exists(File0));
        options.NumberOfThreads = 1;
        Interrupt(options, 3, validation);
        options.Progress = new Collect(epochs);
        var resumed = Fit(options, validation: validation);

        Assert.Equal(Bytes(whole), Bytes(resumed));
        Assert.InRange(epochs[0].Iteration, 3, 4);
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(File0)!));
    }

    [Fact]
    public void Fit_InterruptedAfterAStartFromAModel_GivesItsBitsAndRefusesAnother()
    {
        var trainer = (SoftmaxDnnTrainer.Options options) => new MLContext().Recommenders().Trainers.SoftmaxDnn(options);
        var initial = trainer(Options(checkpoint: false)).Fit(Data(3));
        var whole = trainer(Options(checkpoint: false)).Fit(Data(), initial: initial);
        using var cancel = new CancellationTokenSource();
        var interrupted = Options();
        (interrupted.Progress, interrupted.CancellationToken) = (new CancelAt(2, cancel), cancel.Token);
        Assert.ThrowsAny<OperationCanceledException>(() => trainer(interrupted).Fit(Data(), initial: initial));

        foreach (var other in new[] { null, whole })
            Assert.Contains("initial model (", Assert.Throws<ArgumentException>(() => trainer(Options()).Fit(Data(), initial: other)).Message);
        var resumed = trainer(Options()).Fit(Data(), initial: initial);

        Assert.Equal(Bytes(whole), Bytes(resumed));
    }

    [Fact]
    public void Fit_CancelledWithinAnEpoch_GoesOnFromTheLastWritten()
    {
        SoftmaxDnnTrainer.Options Some(bool checkpoint)
        {
            var options = Options(checkpoint);
            // 240 steps per epoch: a cancellation after some milliseconds finds one half done.
            options.BatchSize = 1;
            return options;
        }
        var whole = Fit(Some(checkpoint: false));

        var (interruptions, resumed) = (0, default(SoftmaxDnnModel));
        for (int milliseconds = 1; resumed is null; milliseconds *= 2)
        {
            using var cancel = new CancellationTokenSource();
            var options = Some(checkpoint: true);
            (options.Progress, options.CancellationToken) = (new CancelAfterFirst(cancel, milliseconds), cancel.Token);
            try
            {
                resumed = Fit(options);
            }
            catch (OperationCanceledException)
            {
                interruptions++;
                Assert.True(File.Exists(File0));
            }
        }

        Assert.InRange(interruptions, 1, Options().NumberOfIterations - 1);
        Assert.Equal(Bytes(whole), Bytes(resumed));
    }

    [Fact]
    public void Fit_WithFeatures_GoesOnToTheSameBits()
    {
        var context = new MLContext();
        var users = context.Data.LoadFromEnumerable(Enumerable.Range(0, 60).Select(user => new Feature { Id = user, Group = user % 2 == 0 ? "even" : "odd", Number = user }));
        var items = context.Data.LoadFromEnumerable(Enumerable.Range(0, 30).Select(item => new Feature { Id = item, Group = item % 3 == 0 ? "three" : "other", Number = -item }));
        var rows = context.Data.LoadFromEnumerable(Enumerable.Range(0, 900).Select(row => new Row { User = row % 60, Item = row * 7 % 30 }));
        SoftmaxDnnTrainer.Options Some(bool checkpoint)
        {
            var options = Options(checkpoint);
            options.RecencyHalfLifeDays = 0;
            options.UserFeatures = context.Recommenders().Data.ReadFeatures(users, "Id", ["Group", "Number"]);
            options.ItemFeatures = context.Recommenders().Data.ReadFeatures(items, "Id", ["Group", "Number"]);
            return options;
        }
        SoftmaxDnnModel Model(SoftmaxDnnTrainer.Options options) => context.Recommenders().Trainers.SoftmaxDnn(options).Fit(rows).Model;
        var whole = Model(Some(checkpoint: false));

        var interrupted = Some(checkpoint: true);
        using var cancel = new CancellationTokenSource();
        (interrupted.Progress, interrupted.CancellationToken) = (new CancelAt(4, cancel), cancel.Token);
        Assert.ThrowsAny<OperationCanceledException>(() => Model(interrupted));

        Assert.Equal(Bytes(whole), Bytes(Model(Some(checkpoint: true))));
    }

    [Fact]
    public void Fit_EveryThirdEpoch_GoesOnFromTheLastWritten()
    {
        var options = Options();
        options.CheckpointEvery = 3;
        Interrupt(options, 2);
        Assert.False(File.Exists(File0));
        Interrupt(options, 6);
        var epochs = new List<TrainingProgress>();
        options.Progress = new Collect(epochs);
        Fit(options);
        Assert.Contains(epochs[0].Iteration, new[] { 4, 7 });
    }

    [Fact]
    public void Fit_OtherDataOrOptions_NamesWhatDiffers()
    {
        Interrupt(Options(), 3);
        void Refused(string what, Action<SoftmaxDnnTrainer.Options> change, Interactions? data = null, Interactions? validation = null)
        {
            var options = Options();
            change(options);
            var message = Assert.Throws<ArgumentException>(() => Fit(options, data, validation)).Message;
            Assert.Contains(what, message);
            Assert.Contains("CheckpointPath", message);
        }
        Refused("LearningRate (0.02 there, 0.03 here)", options => options.LearningRate = 0.03f);
        Refused("HiddenLayers (9 there, 9, 4 here)", options => options.HiddenLayers = [9, 4]);
        Refused("RecencyHalfLifeDays (30 there, 7 here)", options => options.RecencyHalfLifeDays = 7);
        Refused("Seed", options => options.Seed++);
        Refused("Optimizer (Adam there, Adagrad here)", options => options.Optimizer = SoftmaxDnnOptimizer.Adagrad);
        Refused("training data", _ => { }, data: Data(3));
        Refused("validation data (none there", _ => { }, validation: Data(2));
        var fewer = Options();
        fewer.NumberOfIterations = 1;
        Assert.Contains("NumberOfIterations is 1", Assert.Throws<ArgumentException>(() => Fit(fewer)).Message);
        Assert.NotNull(Fit(Options()));
    }

    [Fact]
    public void Fit_MoreIterationsWhileTheLearningRateFallsWithThem_IsRefused()
    {
        SoftmaxDnnTrainer.Options Falling(int iterations)
        {
            var options = Options();
            (options.FinalLearningRate, options.NumberOfIterations) = (0, iterations);
            return options;
        }
        Interrupt(Falling(7), 3);
        Assert.Contains("NumberOfIterations (7 there, 9 here)", Assert.Throws<ArgumentException>(() => Fit(Falling(9))).Message);
        Assert.NotNull(Fit(Falling(7)));
    }

    [Fact]
    public void Fit_DamagedFile_SaysSoAndLeavesIt()
    {
        Interrupt(Options(), 3, Data(2));
        var bytes = File.ReadAllBytes(File0);
        void Refused(byte[] content)
        {
            File.WriteAllBytes(File0, content);
            var message = Assert.Throws<InvalidDataException>(() => Fit(Options(), validation: Data(2))).Message;
            Assert.Contains(File0, message);
            Assert.Contains("CheckpointPath", message);
            Assert.Equal(content, File.ReadAllBytes(File0));
        }
        var random = new Random(5);
        for (int trial = 0; trial < 100; trial++)
        {
            var changed = (byte[])bytes.Clone();
            // The head, then names and values, then anything.
            changed[trial < 20 ? 2 * trial : random.Next(trial < 40 ? 2000 : bytes.Length)] ^= (byte)(1 << random.Next(8));
            Refused(changed);
            Refused(bytes[..random.Next(bytes.Length)]);
        }
        Refused([]);
        Refused(Bytes(Fit(Options(checkpoint: false))));
        File.WriteAllBytes(File0, bytes);
        Assert.NotNull(Fit(Options(), validation: Data(2)));
    }

    [Fact]
    public void SoftmaxDnn_BlankPath_IsRefused()
    {
        var options = Options();
        options.CheckpointPath = " ";
        Assert.Equal("CheckpointPath", Assert.Throws<ArgumentException>(() => Fit(options)).ParamName);
    }

    private sealed class Feature
    {
        public int Id { get; set; }

        public string Group { get; set; } = "";

        public float Number { get; set; }
    }

    private sealed class Row
    {
        public int User { get; set; }

        public int Item { get; set; }
    }

    private sealed class Collect(List<TrainingProgress> reports) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => reports.Add(value);
    }

    /// <summary>The first epoch that is reported gets written, and some time later training ends: in the next epoch or, at the latest, after it.</summary>
    private sealed class CancelAfterFirst(CancellationTokenSource cancel, int milliseconds) : IProgress<TrainingProgress>
    {
        private bool _isFirst = true;

        public void Report(TrainingProgress value)
        {
            if (_isFirst)
                cancel.CancelAfter(milliseconds);
            else
                cancel.Cancel();
            _isFirst = false;
        }
    }

    private sealed class CancelAt(int epoch, CancellationTokenSource cancel) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Iteration == epoch)
                cancel.Cancel();
        }
    }
}
