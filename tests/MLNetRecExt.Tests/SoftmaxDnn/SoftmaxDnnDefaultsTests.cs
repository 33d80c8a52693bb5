using Microsoft.ML;

namespace MLNetRecExt.Tests.SoftmaxDnn;

public sealed class SoftmaxDnnDefaultsTests
{
    private static readonly RecommendersCatalog Recommenders = new MLContext(1).Recommenders();

    /// <summary>Users take one item each, in turn.</summary>
    private static Interactions Data(int users, int items, int taken) => Interactions.Create(
        IdMap.FromKeys(users), IdMap.FromKeys(items), [.. Enumerable.Range(0, users)],
        [.. Enumerable.Range(0, users).Select(user => user % taken)]);

    /// <summary>Users follow the same path, a step a day.</summary>
    private static Interactions Paths()
    {
        (int User, int Step)[] rows = [.. Enumerable.Range(0, 60).SelectMany(user => Enumerable.Range(0, 10).Select(step => (user, step)))];
        return Interactions.Create(IdMap.FromKeys(60), IdMap.FromKeys(30), [.. rows.Select(row => row.User)],
            [.. rows.Select(row => (row.User % 20) + row.Step)], timestamps: [.. rows.Select(row => (long)row.Step)]);
    }

    [Theory]
    [InlineData(30, 32, 0.15)]
    [InlineData(50, 64, 0.15)]
    [InlineData(3000, 128, 0.15)]
    [InlineData(9999, 128, 0.1193)]
    [InlineData(10_000, 256, 0.1193)]
    [InlineData(64_000, 256, 0.075)]
    public void From_Catalogue_IsTheRuleByHand(int items, int rank, double temperature)
    {
        // Items that nobody took do not count.
        var found = SoftmaxDnnDefaults.From(Data(items, items + 100_000, items), new());

        Assert.Equal(rank, found.Rank);
        Assert.Equal(temperature, found.Temperature, 4);
        Assert.Equal((SoftmaxDnnTarget.MultiHot, 0f), (found.Target, found.RecencyHalfLife));
    }

    [Fact]
    public void From_EndlessCatalogue_KeepsATemperature() =>
        Assert.Equal(0.05f, SoftmaxDnnDefaults.From(Data(400_000, 400_000, 400_000), new()).Temperature);

    [Fact]
    public void From_OrderThatSaysWhatComesNext_PredictsTheNextItemByTheLatest()
    {
        var found = SoftmaxDnnDefaults.From(Paths(), new());

        Assert.Equal((SoftmaxDnnTarget.NextItem, 3f), (found.Target, found.RecencyHalfLife));
        Assert.Equal(0, SoftmaxDnnDefaults.From(Paths(), new() { Target = SoftmaxDnnTarget.MultiHot }).RecencyHalfLife);
        Assert.Equal(found with { RecencyHalfLife = 0 }, SoftmaxDnnDefaults.From(Paths(), new() { RecencyHalfLifeDays = 7 }));
    }

    [Fact]
    public void From_GivenNumber_StaysAndLeavesTheOthersToTheRule()
    {
        var data = Paths();
        var rule = SoftmaxDnnDefaults.From(data, new());

        Assert.Equal(rule with { Rank = 7 }, SoftmaxDnnDefaults.From(data, new() { ApproximationRank = 7 }));
        Assert.Equal(rule with { Temperature = 0 }, SoftmaxDnnDefaults.From(data, new() { Temperature = 0 }));
        Assert.Equal(rule with { RecencyHalfLife = 0 }, SoftmaxDnnDefaults.From(data, new() { RecencyHalfLife = 0 }));
    }

    [Fact]
    public void Fit_NothingGiven_LogsTheValuesThatTheModelHas()
    {
        var ml = new MLContext(1);
        List<string> lines = [];
        ml.Log += (_, line) => lines.Add(line.RawMessage);
        var model = ml.Recommenders().Trainers.SoftmaxDnn(numberOfIterations: 1).Fit(Data(100, 50, 50));

        Assert.Equal(
            "From the data: Temperature 0.15, Target MultiHot, RecencyHalfLife 0, ApproximationRank 64",
            Assert.Single(lines, line => line.StartsWith("From the data: ", StringComparison.Ordinal)));
        Assert.Equal(64, model.ApproximationRank);
    }

    [Fact]
    public void Fit_EverythingGiven_SaysNothingAndGivesTheBitsOfTheRule()
    {
        var ml = new MLContext(1);
        List<string> lines = [];
        ml.Log += (_, line) => lines.Add(line.RawMessage);
        var data = Paths();
        var given = new SoftmaxDnnTrainer.Options { NumberOfIterations = 1, NumberOfThreads = 1 };
        given.CompleteFrom(data);
        byte[] Model(SoftmaxDnnTrainer.Options options)
        {
            using var stream = new MemoryStream();
            ml.Recommenders().Trainers.SoftmaxDnn(options).Fit(data).Save(stream);
            return stream.ToArray();
        }
        var model = RecommenderModel.Load(new MemoryStream(Model(given)));

        Assert.DoesNotContain(lines, line => line.Contains("From the data", StringComparison.Ordinal));
        var open = RecommenderModel.Load(new MemoryStream(Model(new() { NumberOfIterations = 1, NumberOfThreads = 1 })));
        Assert.Contains(lines, line => line.Contains("Target NextItem, RecencyHalfLife 3", StringComparison.Ordinal));
        for (int user = 0; user < 60; user++)
            for (int item = 0; item < 30; item++)
                Assert.Equal(model.Score(user, item), open.Score(user, item));
    }

    [Fact]
    public void CompleteFrom_LittleMemory_LowersTheRankUntilItFits()
    {
        var data = Data(20_000, 2_000, 2_000);
        SoftmaxDnnTrainer.Options Options(int? rank, int? megabytes) =>
            new() { ApproximationRank = rank, MemoryLimitMegabytes = megabytes, NumberOfThreads = 1 };
        long Need(int rank) => Recommenders.Trainers.SoftmaxDnn(Options(rank, null)).EstimateMemory(data, data);
        SoftmaxDnnTrainer.Options Completed(int? megabytes)
        {
            var options = Options(null, megabytes);
            options.CompleteFrom(data);
            return options;
        }

        Assert.Equal(128, Completed(null).ApproximationRank);
        foreach (var rank in (int[])[128, 64, 32])
            Assert.Equal(rank, Completed((int)Math.Ceiling(Need(rank) / 1e6)).ApproximationRank);
        Assert.EndsWith("ApproximationRank 32 (128 would pass the memory limit)", Completed((int)(Need(64) / 1e6)).FromData);
        var error = Assert.Throws<InsufficientMemoryException>(() => Recommenders.Trainers.SoftmaxDnn(Options(null, 2)).Fit(data));
        Assert.Contains("Lower ApproximationRank (now 32)", error.Message);
    }

    [Fact]
    public void Tune_NothingGiven_StartsFromTheRule()
    {
        var data = Paths();
        var trials = Recommenders.Tune(
            Recommenders.Trainers.SoftmaxDnn, new SoftmaxDnnTrainer.Options { NumberOfIterations = 1, NumberOfThreads = 1 }, data,
            Interactions.Create(data.Users, data.Items, [0], [20]), new() { Trials = 2 }).Trials;

        Assert.Equal(0.15, trials[0].Values["Temperature"], 6);
        // Where the next item is predicted there are no shares.
        Assert.DoesNotContain("LabelShare", trials[0].Values.Keys);
    }
}
