using Microsoft.ML;

namespace MLNetRecExt.Tests.SoftmaxDnn;

public sealed class SoftmaxDnnTrainerTests
{
    private static SoftmaxDnnTrainer Trainer(SoftmaxDnnTrainer.Options options) => new MLContext().Recommenders().Trainers.SoftmaxDnn(options);

    /// <summary>Users of two groups, each taking a third of its group's 20 items.</summary>
    private static Interactions Groups(bool timestamps = false)
    {
        var random = new Random(2);
        List<(int User, int Item)> pairs = [];
        for (int user = 0; user < 80; user++)
            for (int item = user % 2; item < 40; item += 2)
                if (random.NextDouble() < 0.35)
                    pairs.Add((user, item));
        return Interactions.Create(IdMap.FromKeys(80), IdMap.FromKeys(40), [.. pairs.Select(p => p.User)], [.. pairs.Select(p => p.Item)],
            timestamps: timestamps ? [.. pairs.Select(p => (long)p.Item)] : default);
    }

    public static TheoryData<NegativeSampling, SoftmaxDnnOptimizer> Ways()
    {
        var ways = new TheoryData<NegativeSampling, SoftmaxDnnOptimizer>();
        foreach (var sampling in Enum.GetValues<NegativeSampling>().Where(sampling => sampling != NegativeSampling.None))
            foreach (var optimizer in Enum.GetValues<SoftmaxDnnOptimizer>())
                ways.Add(sampling, optimizer);
        return ways;
    }

    private static double GroupPurity(SoftmaxDnnModel model) => Enumerable.Range(0, 80)
        .Average(user => model.TopItems(RecommenderQuery.ForUser(user), 5, new TopItemsOptions { ExcludeSeen = false }).Average(entry => entry.Item % 2 == user % 2 ? 1.0 : 0.0));

    [Theory, MemberData(nameof(Ways))]
    public void Fit_TwoGroups_RecommendsFromTheUsersOwn(NegativeSampling sampling, SoftmaxDnnOptimizer optimizer)
    {
        var model = Trainer(new SoftmaxDnnTrainer.Options
        {
            ApproximationRank = 8,
            NumberOfIterations = 40,
            BatchSize = 64,
            LearningRate = optimizer == SoftmaxDnnOptimizer.Adam ? 0.02f : 0.1f,
            Optimizer = optimizer,
            NegativeSampling = sampling,
            NumberOfNegatives = 20,
            WarmUpSteps = 10,
        }).Fit(Groups());

        Assert.InRange(GroupPurity(model), 0.95, 1);
    }

    [Fact]
    public void Fit_TablesThatOverflowAfterTheLastLoss_Diverged()
    {
        // All took item 0 of 19.
        var data = Interactions.Create(IdMap.FromKeys(40), IdMap.FromKeys(19), [.. Enumerable.Range(0, 40)], new int[40]);

        var error = Assert.Throws<InvalidOperationException>(() => Trainer(new SoftmaxDnnTrainer.Options
        {
            ApproximationRank = 8,
            BatchSize = 2,
            Optimizer = SoftmaxDnnOptimizer.Adam,
            LearningRate = 3,
            WeightDecay = 1,
            NumberOfIterations = 20,
            WarmUpSteps = 0,
        }).Fit(data));

        Assert.Contains("Training diverged", error.Message);
        Assert.Contains(nameof(SoftmaxDnnTrainer.Options.LearningRate), error.Message);
    }

    [Fact]
    public void Fit_WithValidation_KeepsTheBestEpoch()
    {
        var split = new MLContext().Recommenders().Splits.RandomPerUser(Groups(), 0.3, seed: 1);
        var reports = new List<TrainingProgress>();
        var model = Trainer(new SoftmaxDnnTrainer.Options { NumberOfIterations = 60, LearningRate = 0.01f, Progress = new Collect(reports) }).Fit(split.Train, split.Test);

        var best = reports.Max(report => report.ValidationMetric!.Value);
        Assert.Equal(best, RankingEvaluator.Ndcg(model, split.Test).Value, 12);
        var rounds = reports.Count - 1 - reports.FindIndex(report => report.ValidationMetric == best);
        Assert.True(rounds == 3 || reports.Count == 60);
    }

    [Fact]
    public void Fit_OrderNeededButNoTimestamps_NamesTheOptions()
    {
        foreach (var options in new SoftmaxDnnTrainer.Options[] { new() { Target = SoftmaxDnnTarget.NextItem }, new() { RecencyHalfLife = 3 } })
            Assert.Contains("TimestampColumnName", Assert.Throws<ArgumentException>(() => Trainer(options).Fit(Groups())).Message);
        Assert.NotNull(Trainer(new SoftmaxDnnTrainer.Options { Target = SoftmaxDnnTarget.NextItem, RecencyHalfLife = 3, NumberOfIterations = 1 }).Fit(Groups(timestamps: true)));
    }

    [Fact]
    public void Fit_ScoresBeyondSinglePrecision_StopsWithTheIterationAndTheOptions()
    {
        var error = Assert.Throws<InvalidOperationException>(() => Trainer(new SoftmaxDnnTrainer.Options { Temperature = 1e-39f }).Fit(Groups()));
        Assert.Contains("iteration ", error.Message);
        Assert.Contains("LearningRate", error.Message);
        Assert.Contains("Temperature", error.Message);
    }

    [Theory]
    [InlineData(NegativeSampling.Auto, 10_000, "Info: 10,000 items: NegativeSampling.Full.")]
    [InlineData(NegativeSampling.Auto, 10_001, "Info: 10,001 items: NegativeSampling.Mixed.")]
    [InlineData(NegativeSampling.Auto, 100_001, "Info: 100,001 items: NegativeSampling.Mixed.")]
    [InlineData(NegativeSampling.Full, 40, null)]
    [InlineData(NegativeSampling.Mixed, 40, null)]
    [InlineData(NegativeSampling.None, 40, "Warning: NegativeSampling.None pushes nothing apart")]
    public void Fit_NegativeSampling_LogsTheChoiceOfAutoAndWarnsOfNone(NegativeSampling sampling, int items, string? expected)
    {
        var ml = new MLContext();
        List<string> log = [];
        ml.Log += (_, entry) => log.Add($"{entry.Kind}: {entry.RawMessage}");
        var options = new SoftmaxDnnTrainer.Options { ApproximationRank = 1, NumberOfIterations = 1, NumberOfNegatives = 10, NegativeSampling = sampling };

        ml.Recommenders().Trainers.SoftmaxDnn(options).Fit(Interactions.Create(IdMap.FromKeys(2), IdMap.FromKeys(items), [0, 0, 1], [0, 1, 1]));

        var lines = log.Where(line => line.Contains("NegativeSampling.", StringComparison.Ordinal));
        if (expected is null)
            Assert.Empty(lines);
        else
            Assert.StartsWith(expected, Assert.Single(lines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4097)]
    public void SoftmaxDnn_LayerOutOfRange_NamesOptionValueAndRange(int width)
    {
        var error = Assert.Throws<ArgumentException>(() => Trainer(new SoftmaxDnnTrainer.Options { HiddenLayers = [16, width] }));
        Assert.Equal("HiddenLayers", error.ParamName);
        Assert.Contains($"[16, {width}]", error.Message);
        Assert.Contains("[1, 4096]", error.Message);
    }

    private sealed class Collect(List<TrainingProgress> reports) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => reports.Add(value);
    }
}
