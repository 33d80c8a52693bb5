using Microsoft.ML;

namespace MLNetRecExt.Tests.Experiments;

/// <summary>Trainers compared on the same data, by <c>Recommenders().Experiment</c>.</summary>
public sealed class ExperimentTests : IDisposable
{
    private const int Users = 80, Items = 30, Groups = 3;

    private static readonly Dictionary<string, TuneRangeAttribute?> Neighbors = new() { ["NumberOfNeighbors"] = new(2, 30) };

    private readonly string _folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
    private readonly RecommendersCatalog _recommenders = new MLContext().Recommenders();

    public void Dispose()
    {
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Run_OnceMoreWithOtherThreads_GivesTheSameRecordButForTimes()
    {
        var one = Tuned(new() { Trials = 4, Blend = ["wals", "ease"], NumberOfThreads = 1 }).Run();
        var three = Tuned(new() { Trials = 4, Blend = ["wals", "ease"], NumberOfThreads = 3 }).Run();

        Assert.Equal(Saved(one), Saved(three));
        Assert.Equal(4, one.Trainers.Count);
        Assert.Empty(one.LeftOut);
    }

    [Fact]
    public void Run_Untuned_MeasuresWhatTheTrainerAndTheEvaluatorDoAlone()
    {
        var data = World(2, hasTime: false);
        var split = _recommenders.Splits.RandomPerUser(data, 0.3, seed: 5);
        var model = _recommenders.Trainers.Wals(new WalsTrainer.Options { ApproximationRank = 4, Seed = 5 }).Fit(split.Train);
        var expected = _recommenders.Evaluate(model, split.Test, new() { Cutoffs = [12, 5], Seed = 5 });

        var record = _recommenders.Experiment(
                data, new() { Split = SplitRule.RandomPerUser(0.3), Metric = "Recall@12", Cutoffs = [5], Seed = 5 })
            .Add("rank-4", new WalsTrainer.Options { ApproximationRank = 4 }).Run();

        Assert.Equal(expected.Estimates, record.Best.Metrics);
        Assert.Equal(expected.UserValues("Recall@12"), record.Best.UserValues);
        Assert.Equal("WalsTrainer", record.Best.Trainer);
        Assert.Equal("4", record.Best.Options["ApproximationRank"]);
        Assert.Equal(15, record.Best.Losses.Count);
        Assert.Equal(split.Train.Count, record.Data.TrainInteractions);
        Assert.Equal(split.Test.Count, record.Data.TestInteractions);
        Assert.Equal(model.TopItems(RecommenderQuery.ForUser(3), 5), record.Best.Model!.TopItems(RecommenderQuery.ForUser(3), 5));
    }

    [Fact]
    public void Run_MetricOfOwnLength_ChoosesBySuchLists()
    {
        var data = World(3, hasTime: false);
        var split = _recommenders.Splits.RandomPerUser(data, 0.2);
        var inner = _recommenders.Splits.RandomPerUser(split.Train, 0.2);

        var record = _recommenders.Experiment(data, new() { Split = SplitRule.RandomPerUser(0.2), Metric = "MRR@3", Trials = 5 })
            .Add("knn", OneNeighbor(), Neighbors).Run();

        var trials = record.Best.Trials;
        Assert.Equal(5, trials.Count);
        Assert.All(trials, trial => Assert.Equal("MRR@3", trial.MetricName));
        var untuned = _recommenders.Trainers.ItemKnn(OneNeighbor()).Fit(inner.Train);
        Assert.Equal(_recommenders.Evaluate(untuned, inner.Test, new() { Cutoffs = [3] })["MRR@3"].Mean, trials[0].Metric, 1e-12);
        Assert.Contains(trials, trial => trial.Metric > trials[0].Metric);
        var best = trials.MaxBy(trial => trial.Metric)!;
        Assert.Equal(best.Values["NumberOfNeighbors"], double.Parse(record.Best.Options["NumberOfNeighbors"]));
    }

    [Fact]
    public void Run_CancelledSearch_GoesOnToTheSameRecord()
    {
        var whole = Tuned(new() { Trials = 6 }).Run();
        using var cancellation = new CancellationTokenSource();
        var seen = 0;
        var broken = new ExperimentOptions
        {
            Trials = 6,
            LogDirectory = _folder,
            CancellationToken = cancellation.Token,
            Progress = new Progress(at =>
            {
                if (at.Trial is not null && ++seen == 8)
                    cancellation.Cancel();
            }),
        };

        Assert.ThrowsAny<OperationCanceledException>(() => Tuned(broken).Run());
        var resumed = Tuned(new() { Trials = 6, LogDirectory = _folder }).Run();

        Assert.True(File.ReadAllLines(Path.Combine(_folder, "wals.jsonl")).Length > 1);
        Assert.Equal(Saved(whole), Saved(resumed));
    }

    /// <summary>A process that is killed leaves its logs up to some byte: those of the trainers before it whole, the last one cut.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Run_SearchKilledAtAnyByte_GoesOnToTheSameRecord(int seed)
    {
        var whole = Tuned(new() { Trials = 4, LogDirectory = _folder }).Run();
        string[] logs = ["wals.jsonl", "ease.jsonl", "popularity.jsonl"];
        var left = new Random(seed).NextInt64(logs.Sum(log => new FileInfo(Path.Combine(_folder, log)).Length));
        foreach (var log in logs)
        {
            using var file = new FileStream(Path.Combine(_folder, log), FileMode.Open);
            file.SetLength(Math.Min(file.Length, left));
            left -= file.Length;
        }

        var resumed = Tuned(new() { Trials = 4, LogDirectory = _folder }).Run();

        Assert.Equal(Saved(whole), Saved(resumed));
    }

    [Fact]
    public void Run_SeveralSeeds_TellsTheSpread()
    {
        var record = _recommenders.Experiment(World(4, hasTime: false), new() { Seeds = 3 })
            .Add("wals", new WalsTrainer.Options { ApproximationRank = 3, NumberOfIterations = 1 }).Add("popularity").Run();

        var wals = record.Trainers.Single(trainer => trainer.Name == "wals");
        Assert.Equal(3, wals.SeedValues.Count);
        Assert.Equal(wals["NDCG@20"].Mean, wals.SeedValues[0]);
        Assert.True(wals.SeedValues.Distinct().Count() > 1);
        Assert.Empty(record.Trainers.Single(trainer => trainer.Name == "popularity").SeedValues);
    }

    [Fact]
    public void Run_TrainersThatCannot_AreLeftOutAndTheOthersGoOn()
    {
        var record = _recommenders.Experiment(World(5, hasTime: false))
            .Add("next-item-ease", "content-based", "popularity")
            .Add("too-large", new WalsTrainer.Options { MemoryLimitMegabytes = 1, ApproximationRank = 1024 }).Run();

        Assert.Equal(["popularity"], record.Trainers.Select(trainer => trainer.Name));
        Assert.Collection(
            record.LeftOut,
            line => Assert.StartsWith("next-item-ease: there are no timestamps", line),
            line => Assert.StartsWith("content-based: there are no features", line),
            line => Assert.Contains("MemoryLimitMegabytes", line));
        Assert.Contains("Left out: too-large", record.ToString());
    }

    [Theory]
    [InlineData("users:0.2")]
    [InlineData("items:0.2")]
    [InlineData("time:0.8")]
    public void Run_EverySplit_JudgesWhatTrainingLacks(string split)
    {
        var record = _recommenders.Experiment(World(6, hasTime: true), new() { Split = SplitRule.Parse(split) })
            .Add("wals", "popularity").Run();

        Assert.Equal(split, record.Split);
        Assert.Equal(2, record.Trainers.Count);
        Assert.Equal(record.Data.TestUsers, record.Best.UserValues.Count);
        Assert.Equal(Math.Min(30, record.Data.TestUsers), record.Users.Count);
        Assert.All(record.Users, user => Assert.NotEmpty(user.HeldOut));
    }

    [Fact]
    public void Run_PredictedLabels_PutsTheLowestErrorFirst()
    {
        var random = new Random(1);
        int[] users = [.. Enumerable.Range(0, 600).Select(row => row % 40)];
        int[] items = [.. users.Select(_ => random.Next(25))];
        float[] labels = [.. users.Zip(items, (user, item) => 1 + item % 5 + user % 2 * 0.5f)];
        var data = Interactions.Create(IdMap.FromKeys(40), IdMap.FromKeys(25), users, items, labels);

        var record = _recommenders.Experiment(data, new() { Metric = "RMSE", Trials = 2 })
            .Add("item-mean", new MeanTrainer.Options { Of = MeanOf.Item }).Add("mean", new MeanTrainer.Options { Of = MeanOf.All }).Run();

        Assert.True(record.LowerIsBetter);
        Assert.Equal(["item-mean", "mean"], record.Trainers.Select(trainer => trainer.Name));
        Assert.True(record.Best["RMSE"].Mean < record.Trainers[1]["RMSE"].Mean);
        Assert.Equal("RMSE", record.Comparisons.Single().Comparison.Name);
    }

    [Fact]
    public void Run_Lists_AreDescribedByPopularity()
    {
        var record = _recommenders.Experiment(World(7, hasTime: true), new() { Metric = "NDCG@5", Cutoffs = [] }).Add("popularity", "wals").Run();

        Assert.All(record.Trainers, trainer =>
        {
            Assert.Equal(1, trainer.ListPopularity.Sum(), 1e-9);
            Assert.All(trainer.RecallByPopularity.Where(share => !double.IsNaN(share)), share => Assert.InRange(share, 0, 1));
        });
        var popularity = record.Trainers.Single(trainer => trainer.Name == "popularity");
        Assert.True(popularity.ListPopularity[0] > record.Trainers.Single(trainer => trainer.Name == "wals").ListPopularity[0]);
        Assert.Equal(1, record.Data.PopularityShares[^1], 1e-9);
        Assert.Equal(record.Data.PopularityShares.Order(), record.Data.PopularityShares);
        Assert.Equal(record.Data.TrainInteractions, record.Data.Timeline.Sum());
        var map = record.Trainers.Single(trainer => trainer.Name == "wals").Map!;
        Assert.Equal((Items, Items, Items), (map.Items.Count, map.X.Count, map.Y.Count));
    }

    [Fact]
    public void Add_WhatIsThereOrUnknown_IsRefusedByName()
    {
        var experiment = _recommenders.Experiment(World(8, hasTime: false)).Add("wals");

        Assert.Contains("wals", Assert.Throws<ArgumentException>(() => experiment.Add("wals")).Message);
        Assert.Contains("item-knn", Assert.Throws<ArgumentException>(() => experiment.Add("item-kn")).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => experiment.Add("bad", new WalsTrainer.Options { Regularization = -1 }));
        Assert.Throws<InvalidOperationException>(() => _recommenders.Experiment(World(8, hasTime: false)).Run());
    }

    [Fact]
    public void Experiment_OptionsThatContradict_AreRefused()
    {
        var data = World(9, hasTime: false);
        ExperimentOptions[] bad =
        [
            new() { Metric = "NDCG" }, new() { Metric = "Novelty@20" }, new() { TimeLimit = TimeSpan.Zero }, new() { Validation = data },
            new() { Test = data, Split = SplitRule.RandomPerUser() }, new() { Test = data, Trials = 3 }, new() { Blend = ["wals"] },
        ];

        Assert.All(bad, options => Assert.ThrowsAny<ArgumentException>(() => _recommenders.Experiment(data, options)));
    }

    /// <summary>Every trainer of the catalog that is made of options alone has a name.</summary>
    [Fact]
    public void TrainerNames_Catalog_AreAllThere()
    {
        var catalog = typeof(RecommenderTrainersCatalog).GetMethods()
            .Where(method => method.GetParameters() is [var options] && options.ParameterType.IsAssignableTo(typeof(RecommenderTrainerOptions))
                && options.ParameterType.GetConstructor(Type.EmptyTypes) is not null)
            .Select(method => method.Name).ToArray();

        Assert.NotEmpty(catalog);
        Assert.All(catalog, name => Assert.Contains(
            name.ToLowerInvariant(), Experiment.TrainerNames.Select(known => known.Replace("-", ""))));
    }

    private static ItemKnnTrainer.Options OneNeighbor() => new() { NumberOfNeighbors = 1 };

    private Experiment Tuned(ExperimentOptions options) => _recommenders
        .Experiment(World(1, hasTime: false), options with { Split = SplitRule.RandomPerUser() })
        .Add("wals", new WalsTrainer.Options { ApproximationRank = 3, NumberOfIterations = 5 }).Add("ease", "popularity");

    /// <summary>The record as a file, without what time and threads decide.</summary>
    private string Saved(RunRecord record)
    {
        Directory.CreateDirectory(_folder);
        var path = Path.Combine(_folder, "run.json");
        (record with
        {
            Started = default,
            Seconds = 0,
            Machine = record.Machine with { Threads = 0 },
            Trainers =
            [
                .. record.Trainers.Select(trainer => trainer with
                {
                    Cost = trainer.Cost with { TuneSeconds = 0, TrainSeconds = 0, TrainCpuSeconds = 0, EstimatedMemory = 0, ListsPerSecond = 0 },
                    Trials = [.. trainer.Trials.Select(trial => trial with { Seconds = 0 })],
                }),
            ],
        }).Save(path);
        return File.ReadAllText(path);
    }

    /// <summary>Users take items of their own group, and of others now and then.</summary>
    private static Interactions World(int seed, bool hasTime)
    {
        var random = new Random(seed);
        var builder = new InteractionsBuilder(hasLabels: false, hasWeights: false, hasTime);
        for (int user = 0; user < Users; user++)
            for (int n = 0; n < 9; n++)
                builder.Add(user, random.Next(5) == 0 ? random.Next(Items) : random.Next(Items / Groups) * Groups + user % Groups, 1, 1, n + user);
        return builder.Build(IdMap.FromKeys(Users), IdMap.FromKeys(Items), DuplicateHandling.Last, default);
    }

    private sealed class Progress(Action<ExperimentProgress> report) : IProgress<ExperimentProgress>
    {
        public void Report(ExperimentProgress value) => report(value);
    }
}
