using Microsoft.ML.Data;

namespace MLNetRecExt.Orleans.Tests;

public sealed class ClusterTrainerTests : IAsyncLifetime
{
    private static readonly WalsTrainer.Options Options = new() { ApproximationRank = 8, NumberOfIterations = 3 };

    private readonly Interactions _data = Shop.Orders();

    private TestCluster _cluster = null!;

    private WalsTrainer Trainer { get; } = Shop.Trainers.Wals(Options);

    public async Task InitializeAsync() => _cluster = await TestCluster.Of(2);

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public void Fit_Store_TheFileOfOneProcess()
    {
        var file = Path.Combine(_cluster.Root, "orders.csv");
        File.WriteAllLines(file, Rows().Prepend("User,Item,Label"));
        var store = Path.Combine(_cluster.Root, "orders.store");
        Shop.Ml.Recommenders().Data.ReadInteractions(file, options: new() { Store = new(store) });
        var opened = InteractionStore.Open(store);

        Assert.Equal(Shop.File(Trainer.Fit(opened.Interactions)), Shop.File(Trainer.On(_cluster.Client).Fit(opened)));
        Assert.True(Directory.Exists(store));
    }

    [Fact]
    public void Fit_View_TheScoresOfOneProcess()
    {
        var view = Shop.Ml.Data.LoadFromEnumerable(Rows().Select(row => row.Split(','))
            .Select(row => new Order { User = row[0], Item = row[1] }).ToArray());
        var trainer = Trainer.On(_cluster.Client);

        Assert.Equal(Scores(Trainer.Fit(view)), Scores(trainer.Fit(view)));

        float[] Scores(ITransformer transformer) => [.. transformer.Transform(view).GetColumn<float>("Score")];
    }

    [Fact]
    public async Task FitAsync_Progress_ComesToAllIterationsWithTheLossesOfOneProcess()
    {
        var (alone, seen, losses) = (new Losses(), new Losses(), new Losses());
        var options = new WalsTrainer.Options { ApproximationRank = 8, NumberOfIterations = 3, Progress = alone };
        Shop.Trainers.Wals(options).Fit(_data);
        options.Progress = seen;
        await Shop.Trainers.Wals(options).On(_cluster.Client, new() { CheckpointEvery = 2 }).FitAsync(_data, losses);

        Assert.Equal(3, alone.Values.Count);
        Assert.Equal(alone.Values, seen.Values);
        Assert.Equal(alone.Values, losses.Values);
        Assert.Equal(2, losses.Last!.Workers);
        // Either sends the users and items that it solves for to the other, at 64 bytes, and 16 parts of 2 Gramians a sweep.
        Assert.InRange(losses.Last.BytesSent, 3 * 64 * (Shop.Users + Shop.Items - 10), 3 * (64 * (Shop.Users + Shop.Items) + 2 * 16 * 16 * 64));
    }

    [Fact]
    public async Task FitAsync_RootThatSilosDoNotOpen_NamesIt()
    {
        var outside = Directory.CreateTempSubdirectory("mlnetrecext").FullName;
        try
        {
            var trainer = Trainer.On(_cluster.Client, new() { Root = outside });
            Assert.Contains(outside, (await Assert.ThrowsAsync<UnauthorizedAccessException>(() => trainer.FitAsync(_data))).Message);
            Assert.Empty(Directory.EnumerateFiles(outside, "*", SearchOption.AllDirectories));
        }
        finally
        {
            Directory.Delete(outside, recursive: true);
        }
    }

    [Fact]
    public async Task FitAsync_JobOfThatNameHasOtherOptions_Refuses()
    {
        using var stop = new CancellationTokenSource();
        var progress = new Losses { Told = stop.Cancel };
        var cluster = new ClusterTrainingOptions { JobId = "nightly" };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Trainer.On(_cluster.Client, cluster).FitAsync(_data, progress, stop.Token));

        var other = Shop.Trainers.Wals(new WalsTrainer.Options { ApproximationRank = 9 }).On(_cluster.Client, cluster);
        Assert.Contains("nightly", (await Assert.ThrowsAsync<ArgumentException>(() => other.FitAsync(_data))).Message);
        Assert.Equal(Shop.File(Trainer.Fit(_data)), Shop.File(await Trainer.On(_cluster.Client, cluster).FitAsync(_data)));
    }

    [Fact]
    public async Task FitAsync_LossIsNotFinite_SaysWhatOneProcessSays()
    {
        var trainer = Shop.Trainers.Wals(new WalsTrainer.Options
        {
            ApproximationRank = 8,
            Target = WalsTarget.Label,
            UnobservedWeight = 0,
            Solver = WalsSolver.Cholesky,
            Regularization = 0,
        });
        var data = Interactions.Create(IdMap.FromKeys(2), IdMap.FromKeys(2), [0, 1], [0, 1], [1e30f, -1e30f]);
        var alone = Assert.Throws<InvalidOperationException>(() => trainer.Fit(data));
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => trainer.On(_cluster.Client).FitAsync(data));

        Assert.Equal(alone.Message, error.Message);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_cluster.Root, "jobs")));
    }

    [Fact]
    public void On_BadOptions_NamesThem()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Trainer.On(_cluster.Client, new() { MinWorkers = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Trainer.On(_cluster.Client, new() { CheckpointEvery = 0 }));
        Assert.Throws<ArgumentException>(() => Trainer.On(_cluster.Client, new() { JobId = "../other" }));
        Assert.Throws<ArgumentException>(() => new WorkerOptions().Validate());
    }

    private IEnumerable<string> Rows()
    {
        for (int user = 0; user < _data.Users.Count; user++)
            for (int e = 0; e < _data.ByUser.Length(user); e++)
                yield return FormattableString.Invariant($"{user},{_data.ByUser.Indices(user)[e]},{_data.ByUser.Labels(user)[e]}");
    }

    private sealed class Order
    {
        public string User { get; set; } = "";

        public string Item { get; set; } = "";
    }

    private sealed class Losses : IProgress<TrainingProgress>, IProgress<ClusterProgress>
    {
        public List<double> Values { get; } = [];

        public ClusterProgress? Last { get; private set; }

        public Action? Told { get; init; }

        public void Report(TrainingProgress value) => Values.Add(value.Loss);

        public void Report(ClusterProgress value)
        {
            Last = value;
            if (value.Iteration > Values.Count)
                Values.Add(value.Loss!.Value);
            Told?.Invoke();
        }
    }
}
