using Microsoft.ML;

namespace MLNetRecExt.Tests.Experiments;

/// <summary>The search over trainers, by <c>Recommenders().Auto</c>.</summary>
public sealed class AutoTests : IDisposable
{
    private const int Users = 90, Items = 30, Groups = 3;

    private readonly string _folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
    private readonly RecommendersCatalog _recommenders = new MLContext().Recommenders();

    public void Dispose()
    {
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Auto_OnceMoreWithOtherThreads_FindsTheSame()
    {
        var data = World(1, hasTime: true);

        var one = _recommenders.Auto(data, new AutoOptions { Trials = 10, NumberOfThreads = 1 });
        var three = _recommenders.Auto(data, new AutoOptions { Trials = 10, NumberOfThreads = 3 });

        Assert.Equal(one.Candidates.Select(Shown), three.Candidates.Select(Shown));
        Assert.Equal(one.Test!.Estimates, three.Test!.Estimates);
        Assert.Equal(10, one.Candidates.Sum(candidate => candidate.Trials.Count));
        Assert.All(Enumerable.Range(0, Users), user =>
            Assert.Equal(one.Model.TopItems(RecommenderQuery.ForUser(user), 5), three.Model.TopItems(RecommenderQuery.ForUser(user), 5)));
    }

    [Fact]
    public void Auto_Result_HasLearnedFromEverythingAndIsWhatTheTableSays()
    {
        var data = World(2, hasTime: true);

        var found = _recommenders.Auto(data, new AutoOptions { Trials = 8 });

        Assert.Equal(Entries(data), Entries(found.Model.History));
        Assert.False(found.IsCancelled);
        Assert.Equal(
            ["Ease", "ItemKnn", "NextItemEase", "Popularity", "SoftmaxDnn", "Wals"], found.Candidates.Select(candidate => candidate.Trainer).Order());
        Assert.Equal(found.Candidates.OrderByDescending(candidate => candidate.Tuned), found.Candidates);
        Assert.Equal(1, found.Candidates.Sum(candidate => candidate.Weight), 1e-9);
        Assert.All(found.Candidates.Where(candidate => candidate.Weight == 0), candidate => Assert.NotNull(candidate.Note));
        Assert.All(found.Candidates, candidate => Assert.True(candidate.Tuned >= candidate.Untuned));
        var sources = found.Model is FusedModel fused ? fused.Sources.Count : 1;
        Assert.Equal(sources, found.Candidates.Count(candidate => candidate.Weight > 0));
        foreach (var candidate in found.Candidates)
            Assert.Contains(candidate.Trainer, found.ToString());
        Assert.Contains("seconds", found.ToString());
    }

    [Fact]
    public void Auto_OrderMatters_LooksForHalfLives()
    {
        // Most items are followed by the next one.
        var random = new Random(11);
        var builder = new InteractionsBuilder(hasLabels: false, hasWeights: false, hasTimestamps: true);
        for (int user = 0; user < 300; user++)
            for (int n = 0, item = random.Next(Items); n < 8; n++, item = random.Next(4) > 0 ? (item + 1) % Items : random.Next(Items))
                builder.Add(user, item, 1, 1, n);
        var steps = builder.Build(IdMap.FromKeys(300), IdMap.FromKeys(Items), DuplicateHandling.Last, default);

        var ordered = _recommenders.Auto(steps, new AutoOptions { Trials = 5 });
        var mixed = _recommenders.Auto(World(11, hasTime: true), new AutoOptions { Trials = 5 });

        Assert.True(ordered.Order!.Matters);
        Assert.Contains("it matters", ordered.ToString());
        Assert.False(mixed.Order!.Matters);
        foreach (var trainer in new[] { "ItemKnn", "Wals", "Ease" })
        {
            Assert.Contains("RecencyHalfLife", Of(ordered, trainer).Options.Keys);
            Assert.DoesNotContain("RecencyHalfLife", Of(mixed, trainer).Options.Keys);
        }
    }

    [Fact]
    public void Auto_GivenParts_JudgesOnTheTestPartAndLearnsFromTheOthers()
    {
        var split = _recommenders.Splits.RandomPerUser(World(3, hasTime: false), 0.2);
        var inner = _recommenders.Splits.RandomPerUser(split.Train, 0.2);

        var found = _recommenders.Auto(inner.Train, new AutoOptions { Trials = 6, Validation = inner.Test, Test = split.Test });

        Assert.Equal(Entries(split.Train), Entries(found.Model.History));
        Assert.Equal(_recommenders.Evaluate(found.Model, split.Test).Estimates, found.Test!.Estimates);
        Assert.True(found.Test.Ndcg(20).Mean > 1.5 * _recommenders.Evaluate(
            _recommenders.Trainers.Popularity().Fit(split.Train), split.Test).Ndcg(20).Mean);
    }

    [Fact]
    public void Auto_GivenValidationAlone_LearnsFromBothAndJudgesNothing()
    {
        var split = _recommenders.Splits.RandomPerUser(World(3, hasTime: false), 0.2);

        var found = _recommenders.Auto(split.Train, new AutoOptions { Trials = 3, Validation = split.Test });

        Assert.Null(found.Test);
        Assert.Equal(split.Train.Count + split.Test.Count, found.Model.History.EntryCount);
    }

    [Fact]
    public void Auto_NoTimestampsOrNoTrials_SaysWhatIsLeftOut()
    {
        var found = _recommenders.Auto(World(4, hasTime: false), new AutoOptions { Trials = 2 });

        Assert.Equal("needs timestamps", Of(found, "NextItemEase").Note);
        Assert.Contains("not tried: Trials is 2", Of(found, "SoftmaxDnn").Note);
        Assert.Contains(found.Next, line => line.StartsWith("NextItemEase", StringComparison.Ordinal));
        Assert.Empty(Of(found, "SoftmaxDnn").Trials);
    }

    [Fact]
    public void Auto_TooLittleMemoryForSome_LeavesThemOutAndSaysSo()
    {
        var data = Wide();
        Assert.InRange(_recommenders.Trainers.Ease().EstimateMemory(data), 1_000_001, long.MaxValue);

        var found = _recommenders.Auto(data, new AutoOptions { Trials = 4, MemoryLimitMegabytes = 1 });

        Assert.Contains("needs about", Of(found, "Ease").Note);
        Assert.Equal(0, Of(found, "Ease").Weight);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(9)]
    public void Auto_CancelledAfterSomeSteps_GivesTheBestSoFar(int steps)
    {
        using var cancellation = new CancellationTokenSource();
        var best = new List<AutoProgress>();
        var progress = new Told(step =>
        {
            best.Add(step);
            if (best.Count == steps)
                cancellation.Cancel();
        });

        var found = _recommenders.Auto(World(5, hasTime: true), new AutoOptions
        {
            Trials = 7,
            Progress = progress,
            CancellationToken = cancellation.Token,
        });

        Assert.True(found.IsCancelled);
        Assert.Equal(1, Of(found, best[^1].BestTrainer!).Weight);
        Assert.Equal(best[^1].BestNdcg, found.ValidationNdcg);
        Assert.NotEmpty(found.Model.TopItems(RecommenderQuery.ForUser(0), 5));
        Assert.Contains("Cancelled", found.ToString());
    }

    [Fact]
    public void Auto_CancelledBeforeThereIsAModel_Throws()
    {
        Assert.Throws<OperationCanceledException>(
            () => _recommenders.Auto(World(5, hasTime: true), new AutoOptions { Trials = 3, CancellationToken = new(canceled: true) }));
    }

    [Fact]
    public void Auto_TimeForNothing_IsStillAModel()
    {
        var found = _recommenders.Auto(World(6, hasTime: true), TimeSpan.FromTicks(1));

        Assert.IsType<PopularityModel>(found.Model);
        Assert.Contains(found.Candidates, candidate => candidate.Note == "not tried: no time was left");
    }

    [Fact]
    public void Auto_Resumed_GoesOnBehindTheTrialsOfItsFiles()
    {
        var data = World(7, hasTime: true);
        var whole = _recommenders.Auto(data, new AutoOptions { Trials = 12 });

        _recommenders.Auto(data, new AutoOptions { Trials = 8, LogDirectory = _folder });
        var lines = Directory.GetFiles(_folder).ToDictionary(file => file, file => File.ReadAllLines(file));
        var resumed = _recommenders.Auto(data, new AutoOptions { Trials = 12, LogDirectory = _folder });

        Assert.Equal(whole.Candidates.Select(Shown), resumed.Candidates.Select(Shown));
        Assert.All(lines, file => Assert.Equal(file.Value, File.ReadAllLines(file.Key).Take(file.Value.Length)));
        Assert.Throws<ArgumentException>(() => _recommenders.Auto(data, new AutoOptions { Trials = 8, LogDirectory = _folder, Seed = 1 }));
    }

    [Fact]
    public void Auto_RelevanceThreshold_IsThatOfTheTest()
    {
        var data = World(8, hasTime: false, hasLabels: true);

        var found = _recommenders.Auto(data, new AutoOptions { Trials = 2, RelevanceThreshold = 4 });

        Assert.InRange(found.Test!.HeldOutPairs, 1, Entries(data).Length / 10 * 2 / 3);
    }

    [Fact]
    public void Auto_BadOptionsOrData_SaysWhatIsNeeded()
    {
        var data = World(9, hasTime: false);

        Says<ArgumentOutOfRangeException>("must be above 0", () => _recommenders.Auto(data, TimeSpan.Zero));
        Says<ArgumentOutOfRangeException>("Trials", () => _recommenders.Auto(data, new AutoOptions { Trials = 0 }));
        Says<ArgumentException>("Give both", () => _recommenders.Auto(data, new AutoOptions { Test = data }));
        Says<ArgumentException>("user", () => _recommenders.Auto(data, new AutoOptions { Trials = 1, Validation = Named() }));
        Says<ArgumentException>("at least one user needs three", () => _recommenders.Auto(Evaluation.TestModel.Rows(3, [0], [1]), new AutoOptions()));
        Says<ArgumentException>("lower it", () => _recommenders.Auto(World(9, hasTime: false, hasLabels: true), new AutoOptions { RelevanceThreshold = 9 }));

        static void Says<TException>(string text, Action act)
            where TException : Exception => Assert.Contains(text, Assert.Throws<TException>(act).Message);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Parts_AnyData_ArePartitionAndTheLatestIsHeldOut(bool hasTime)
    {
        var data = World(10, hasTime);

        var parts = AutoParts.Of(data, new());

        Assert.Equal(Entries(data), Entries(parts.Train).Concat(Entries(parts.Validation)).Concat(Entries(parts.Test!)).Order());
        Assert.Equal(Entries(parts.Chosen), Entries(parts.Train).Concat(Entries(parts.Validation)).Order());
        Assert.Same(data, parts.All);
        for (int user = 0; user < Users && hasTime; user++)
        {
            var (train, validation, test) = (Times(parts.Train), Times(parts.Validation), Times(parts.Test!));
            Assert.NotEmpty(train);
            Assert.True(train.Max() < validation.DefaultIfEmpty(long.MaxValue).Min());
            Assert.True(validation.Concat(train).Max() < test.DefaultIfEmpty(long.MaxValue).Min());

            long[] Times(Interactions part) => part.ByUser.Timestamps(user).ToArray();
        }
    }

    private static AutoCandidate Of(AutoResult found, string trainer) => found.Candidates.Single(candidate => candidate.Trainer == trainer);

    private static string Shown(AutoCandidate candidate) =>
        $"{candidate.Trainer} {candidate.Untuned} {candidate.Tuned} {candidate.Weight} {candidate.Test} {candidate.Note} {candidate.Trials.Count} "
        + string.Join(' ', candidate.Options);

    private static (int User, int Item)[] Entries(Interactions data) => Entries(data.ByUser);

    private static (int User, int Item)[] Entries(InteractionRows rows) =>
        [.. Enumerable.Range(0, rows.RowCount).SelectMany(user => rows.Indices(user).ToArray().Select(item => (user, item)))];

    /// <summary>Users who like the items of one group, in a random order.</summary>
    private static Interactions World(int seed, bool hasTime, bool hasLabels = false)
    {
        var random = new Random(seed);
        var builder = new InteractionsBuilder(hasLabels, hasWeights: false, hasTime);
        for (int user = 0; user < Users; user++)
        {
            var items = Enumerable.Range(0, Items).Where(item => random.NextDouble() < (item % Groups == user % Groups ? 0.8 : 0.1)).ToArray();
            random.Shuffle(items);
            for (int n = 0; n < items.Length; n++)
                builder.Add(user, items[n], hasLabels ? 1 + random.Next(5) : 1, 1, 100L * n + random.Next(100));
        }
        return builder.Build(IdMap.FromKeys(Users), IdMap.FromKeys(Items), DuplicateHandling.Last, default);
    }

    /// <summary>Few users and 600 items: more than a matrix of a megabyte.</summary>
    private static Interactions Wide() =>
        Evaluation.TestModel.Rows(600, [.. Enumerable.Range(0, 700).Select(user => Enumerable.Range(0, 6).Select(n => (7 * user + 31 * n) % 600).ToArray())]);

    /// <summary>One user and one item with ids in text.</summary>
    private static Interactions Named() =>
        Interactions.Create(IdMap.Index(["Ann"], out var users), IdMap.Index(["Alien"], out var items), users, items);

    private sealed class Told(Action<AutoProgress> tell) : IProgress<AutoProgress>
    {
        public void Report(AutoProgress value) => tell(value);
    }
}
