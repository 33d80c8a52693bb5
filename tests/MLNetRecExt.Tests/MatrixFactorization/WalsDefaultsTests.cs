using Microsoft.ML;

namespace MLNetRecExt.Tests.MatrixFactorization;

public sealed class WalsDefaultsTests
{
    private static readonly RecommendersCatalog Recommenders = new MLContext(1).Recommenders();

    [Fact]
    public void From_TinyMatrix_IsTheRuleByHand()
    {
        // Users took 3, 1, 1 items and items were taken by 3, 1, 1 users; a fourth user and item have no entry and count nowhere.
        // n = 5/3, E = (9 + 1 + 1) / 5 = 2.2, so q = 2.2 / (5/3) = 1.32.
        var found = WalsDefaults.From(Data(4, 4, [(0, 0), (0, 1), (0, 2), (1, 0), (2, 0)]).ByUser, 4, new());

        Assert.Equal(1.32, found.Skew, 12);
        var r = 3 * Math.Pow(1.32, 1.25);
        Assert.Equal(r * 5 / 9, found.UnobservedWeight, 6);
        Assert.Equal(0.132 / r, found.Regularization, 6);
        Assert.Equal(0, found.UnobservedPopularityExponent);
        Assert.Equal(32, found.Rank);
    }

    [Fact]
    public void From_ManyUsersOfFewItems_TakesTheFirstBoundOfRegularization()
    {
        // 4,000 users take 1 of 1,000 items each, 4 per item: E_i / nnz = 1 / 1,000, q = 1.
        var found = WalsDefaults.From(Data(4000, 1000, Enumerable.Range(0, 4000).Select(u => (u, u % 1000))).ByUser, 1000, new());

        Assert.Equal(1, found.Skew, 12);
        Assert.Equal(3 * 4000 / 4e6, found.UnobservedWeight, 6);
        Assert.Equal(0.16 * Math.Pow(0.001, 0.4), found.Regularization, 6);
        Assert.Equal(128, found.Rank);
    }

    [Fact]
    public void From_TenThousandItems_WeighsPopularOnesMoreAndHasTwiceTheRank()
    {
        (int, int)[] rows = [.. Enumerable.Range(0, 10_000).Select(n => (n % 500, n))];
        var large = WalsDefaults.From(Data(500, 10_000, rows).ByUser, 10_000, new());
        var small = WalsDefaults.From(Data(500, 10_000, rows[..^1]).ByUser, 10_000, new());

        Assert.Equal((256, 0.25f), (large.Rank, large.UnobservedPopularityExponent));
        Assert.Equal((128, 0f), (small.Rank, small.UnobservedPopularityExponent));
        Assert.Equal(1.5 * 0.16 * Math.Pow(0.0001, 0.4), large.Regularization, 6);
        Assert.Equal(0.16 * Math.Pow(1.0 / 9999, 0.4), small.Regularization, 6);
    }

    [Fact]
    public void From_EveryUserTwice_IsTheSame()
    {
        foreach (var rows in RandomRows())
        {
            var once = WalsDefaults.From(Data(200, 120, rows).ByUser, 120, new());
            var twice = WalsDefaults.From(Data(400, 120, [.. rows, .. rows.Select(row => (row.User + 200, row.Item))]).ByUser, 120, new());

            AssertClose(once, twice);
        }
    }

    [Fact]
    public void From_UsersAndItemsInAnotherOrderWithSomeWithoutEntries_IsTheSame()
    {
        var random = new Random(2);
        foreach (var rows in RandomRows())
        {
            int[] users = [.. Enumerable.Range(0, 300)], items = [.. Enumerable.Range(0, 150)];
            random.Shuffle(users);
            random.Shuffle(items);

            AssertClose(
                WalsDefaults.From(Data(200, 120, rows).ByUser, 120, new()),
                WalsDefaults.From(Data(300, 150, rows.Select(row => (users[row.User], items[row.Item]))).ByUser, 150, new()));
        }
    }

    [Fact]
    public void From_UsersAndItemsSwapped_HasTheSameSkewAndUnobservedWeight()
    {
        foreach (var rows in RandomRows())
        {
            var found = WalsDefaults.From(Data(200, 120, rows).ByUser, 120, new());
            var swapped = WalsDefaults.From(Data(120, 200, rows.Select(row => (row.Item, row.User))).ByUser, 200, new());

            Assert.Equal(found.Skew, swapped.Skew, 10);
            Assert.Equal(found.UnobservedWeight, swapped.UnobservedWeight, 6);
        }
    }

    [Fact]
    public void From_ObservedPairsThatWeighMore_RaisesTheUnobservedWeightByTheirMeanAndNothingElse()
    {
        foreach (var rows in RandomRows())
        {
            var plain = WalsDefaults.From(Data(200, 120, rows).ByUser, 120, new());
            var expected = plain with { UnobservedWeight = 7 * plain.UnobservedWeight };

            AssertClose(expected, WalsDefaults.From(Data(200, 120, rows, weight: 7).ByUser, 120, new()));
            AssertClose(expected, WalsDefaults.From(Data(200, 120, rows, label: 3).ByUser, 120, new() { ConfidenceScale = 2 }));
            // What a label says counts only with a confidence scale.
            AssertClose(plain, WalsDefaults.From(Data(200, 120, rows, label: 3).ByUser, 120, new()));
        }
    }

    [Fact]
    public void From_WeightsByFrequency_CountAsTheObjectiveWeighsThem()
    {
        var rows = RandomRows().First();
        var data = Data(200, 120, rows);
        var found = WalsDefaults.From(data.ByUser, 120, new() { UserWeightExponent = -0.5f, ItemWeightExponent = 0.7f });

        double entries = data.Count;
        double[] users = [.. Enumerable.Range(0, 200).Select(u => (double)data.ByUser.Length(u))];
        double[] items = [.. Enumerable.Range(0, 120).Select(i => (double)data.ByItem.Length(i))];
        double meanUser = entries / users.Count(count => count > 0), meanItem = entries / items.Count(count => count > 0);
        var mean = rows.Average(row => Math.Pow(users[row.User] / meanUser, -0.5) * Math.Pow(items[row.Item] / meanItem, 0.7f));
        Assert.Equal(mean, found.UnobservedWeight / WalsDefaults.From(data.ByUser, 120, new()).UnobservedWeight, 1e-5);
    }

    [Fact]
    public void From_GivenNumber_StaysAndLeavesTheOthersToTheRule()
    {
        var data = Data(200, 120, RandomRows().First());
        var rule = WalsDefaults.From(data.ByUser, 120, new());

        Assert.Equal(rule with { Rank = 7 }, WalsDefaults.From(data.ByUser, 120, new() { ApproximationRank = 7 }));
        Assert.Equal(rule with { Regularization = 0 }, WalsDefaults.From(data.ByUser, 120, new() { Regularization = 0 }));
        // λ follows from the r that a given w0 stands for.
        AssertClose(rule, WalsDefaults.From(data.ByUser, 120, new() { UnobservedWeight = rule.UnobservedWeight }));
        AssertClose(
            rule with
            {
                UnobservedWeight = 10 * rule.UnobservedWeight,
                Regularization = (float)(0.1 * rule.Skew / (10 * 3 * Math.Pow(rule.Skew, 1.25))),
            },
            WalsDefaults.From(data.ByUser, 120, new() { UnobservedWeight = 10 * rule.UnobservedWeight }));
    }

    [Theory]
    [InlineData(float.MaxValue)]
    [InlineData(0)]
    public void From_ExtremeWeights_StaysInTheRangesOfTheOptions(float weight)
    {
        var data = Data(200, 120, RandomRows().First(), weight);
        var options = new WalsTrainer.Options();
        options.CompleteFrom(data);

        options.Validate();
        Assert.True(options.Regularization > 0 && options.UnobservedWeight > 0);
    }

    [Fact]
    public void CompleteFrom_WhatTheRuleIsNotFor_TakesTheFixedNumbers()
    {
        var data = Data(200, 120, RandomRows().First());
        foreach (var options in new WalsTrainer.Options[]
        {
            new() { Target = WalsTarget.Label },
            new() { ItemFeatures = Checkerboard.ItemFeatures },
            new() { UnobservedWeight = 0 },
        })
        {
            var given = options.UnobservedWeight;
            options.CompleteFrom(data);
            Assert.Equal((64, 0.015f, given ?? 0.05f, 0f, 0f),
                (options.ApproximationRank, options.Regularization, options.UnobservedWeight, options.UnobservedPopularityExponent,
                options.ItemSmoothing));
            Assert.Null(options.FromData);
        }
    }

    [Fact]
    public void Fit_NothingGiven_LogsTheValuesThatTheModelHasAndSaves()
    {
        var data = Data(200, 120, RandomRows().First());
        var rule = WalsDefaults.From(data.ByUser, 120, new());
        var ml = new MLContext(1);
        List<string> lines = [];
        ml.Log += (_, line) => lines.Add(line.RawMessage);
        var model = ml.Recommenders().Trainers.Wals().Fit(data);

        var line = Assert.Single(lines, line => line.StartsWith("From the data: ", StringComparison.Ordinal));
        Assert.Equal(
            FormattableString.Invariant($"From the data: ApproximationRank 128, Regularization {rule.Regularization:G4}, UnobservedWeight ")
                + FormattableString.Invariant($"{rule.UnobservedWeight:G4}, UnobservedPopularityExponent 0, ItemSmoothing 0.1 (skew {rule.Skew:F1})"),
            line);
        Assert.Equal(
            (128, rule.Regularization, rule.UnobservedWeight),
            (model.ApproximationRank, model.Settings.Regularization, model.Settings.UnobservedWeight));
        using var stream = new MemoryStream();
        model.Save(stream);
        stream.Position = 0;
        Assert.Equal(model.Settings, Assert.IsType<WalsModel>(RecommenderModel.Load(stream)).Settings);

        lines.Clear();
        ml.Recommenders().Trainers.Wals(new WalsTrainer.Options
        {
            ApproximationRank = 4,
            Regularization = 1,
            UnobservedWeight = 1,
            UnobservedPopularityExponent = 1,
            ItemSmoothing = 1,
        }).Fit(data);
        Assert.DoesNotContain(lines, line => line.Contains("From the data", StringComparison.Ordinal));
    }

    [Fact]
    public void Fit_LittleMemory_LowersTheRankUntilItFits()
    {
        var data = Data(20_000, 2_000, Enumerable.Range(0, 20_000).Select(user => (user, user % 2000)));
        WalsTrainer.Options Options(int? rank, int? megabytes) => new()
        {
            ApproximationRank = rank,
            MemoryLimitMegabytes = megabytes,
            NumberOfThreads = 1,
            NumberOfIterations = 1,
        };
        long Need(int rank) => Recommenders.Trainers.Wals(Options(rank, null)).EstimateMemory(data, data);
        int Rank(int? megabytes)
        {
            var options = Options(null, megabytes);
            options.CompleteFrom(data);
            return options.ApproximationRank!.Value;
        }

        Assert.Equal(128, Rank(null));
        foreach (var rank in (int[])[128, 64, 32])
            Assert.Equal(rank, Rank((int)Math.Ceiling(Need(rank) / 1e6)));
        var little = Options(null, (int)(Need(64) / 1e6));
        little.CompleteFrom(data);
        Assert.StartsWith("From the data: ApproximationRank 32 (128 would pass the memory limit), ", little.FromData);
        // Below there is no rank to take.
        var error = Assert.Throws<InsufficientMemoryException>(() => Recommenders.Trainers.Wals(Options(null, 2)).Fit(data));
        Assert.Contains("Lower ApproximationRank (now 32)", error.Message);
    }

    [Fact]
    public void Tune_NothingGiven_StartsFromTheRuleAndSearchesAroundIt()
    {
        var split = Recommenders.Splits.RandomPerUser(Data(200, 120, RandomRows().First()), 0.2);
        var rule = WalsDefaults.From(split.Train.ByUser, 120, new());
        WalsTrainer.Options Options() => new() { NumberOfIterations = 1, NumberOfThreads = 1 };
        var trials = Recommenders.Tune(Recommenders.Trainers.Wals, Options(), split.Train, split.Test, new() { Trials = 30 }).Trials;

        Assert.Equal(
            new Dictionary<string, double>
            {
                ["ApproximationRank"] = rule.Rank,
                ["ItemSmoothing"] = WalsDefaults.ItemSmoothing,
                ["Regularization"] = rule.Regularization,
                ["UnobservedPopularityExponent"] = 0,
                ["UnobservedWeight"] = rule.UnobservedWeight,
            },
            trials[0].Values);
        AssertFills("ApproximationRank", rule.Rank, 2);
        AssertFills("Regularization", rule.Regularization, 8);
        AssertFills("UnobservedWeight", rule.UnobservedWeight, 8);

        // What is given is searched as before, and a given rank is not.
        var given = Options();
        (given.ApproximationRank, given.Regularization) = (8, 1e-4f);
        var tuned = Recommenders.Tune(Recommenders.Trainers.Wals, given, split.Train, split.Test, new() { Trials = 20 }).Trials;
        Assert.Equal(["ItemSmoothing", "Regularization", "UnobservedPopularityExponent", "UnobservedWeight"], tuned[0].Values.Keys);
        Assert.True(tuned.Max(trial => trial.Values["Regularization"]) > 0.1);

        void AssertFills(string option, double middle, double factor)
        {
            double[] values = [.. trials.Select(trial => trial.Values[option])];
            Assert.InRange(values.Min(), middle / factor * 0.999, middle / Math.Pow(factor, 0.5));
            Assert.InRange(values.Max(), middle * Math.Pow(factor, 0.5), middle * factor * 1.001);
        }
    }

    private static Interactions Data(
        int users, int items, IEnumerable<(int User, int Item)> rows, float? weight = null, float? label = null)
    {
        (int User, int Item)[] all = [.. rows];
        return Interactions.Create(
            IdMap.FromKeys(users), IdMap.FromKeys(items), [.. all.Select(row => row.User)], [.. all.Select(row => row.Item)],
            label is { } l ? [.. all.Select(_ => l)] : null, weight is { } w ? [.. all.Select(_ => w)] : null);
    }

    /// <summary>Sets of 200 users and 120 items, all with an entry, more or less skewed.</summary>
    private static IEnumerable<(int User, int Item)[]> RandomRows()
    {
        var random = new Random(1);
        foreach (var power in (double[])[1, 2, 4])
            yield return [.. Enumerable.Range(0, 200).Select(user => (user, user % 120))
                .Concat(Enumerable.Range(0, 1500).Select(_ => (Draw(200, power), Draw(120, power))))
                .Distinct()];

        int Draw(int count, double power) => (int)(count * Math.Pow(random.NextDouble(), power));
    }

    private static void AssertClose(WalsDefaults expected, WalsDefaults actual)
    {
        Assert.Equal((expected.Rank, expected.UnobservedPopularityExponent), (actual.Rank, actual.UnobservedPopularityExponent));
        Assert.Equal(1, actual.Skew / expected.Skew, 1e-9);
        Assert.Equal(1, actual.Regularization / expected.Regularization, 1e-5);
        Assert.Equal(1, actual.UnobservedWeight / expected.UnobservedWeight, 1e-5);
    }
}
