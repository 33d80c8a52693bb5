using System.Reflection;
using Microsoft.ML;

namespace MLNetRecExt.Tests.Experiments;

/// <summary>Experiments as files, <c>recommender.json</c>.</summary>
public sealed class ExperimentConfigurationTests : IDisposable
{
    internal const string Whole = """
        {
          "$schema": "recommender.schema.json",
          "data": { "file": "orders.csv", "user": "customer_id", "item": "sku", "time": "ordered_at", "relevantFrom": 4 },
          "split": "leave-last:1",
          "metric": "NDCG@12",
          "cutoffs": [5, 50],
          "tune": { "minutes": 10, "trials": 40 },
          "trainers": {
            "wals": { "approximationRank": [32, 128], "unobservedWeight": 0.1, "regularization": [0.01, 1, "linear"] },
            "deep": { "trainer": "softmax-dnn", "hiddenLayers": [128, 64], "dropout": 0.5, "target": "nextItem" },
            "popularity": {}
          },
          "blend": ["wals", "deep"],
          "seeds": 3,
          "publish": { "to": "models/shop.model", "ifNotWorse": false }
        }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Load_WholeFile_IsWhatItSays()
    {
        var configuration = Load(Whole);

        var options = configuration.ToOptions();
        Assert.Equal(
            (SplitRule.LeaveLast(), "NDCG@12", TimeSpan.FromMinutes(10), 40, 3, 42),
            (options.Split, options.Metric, options.TimeLimit, options.Trials, options.Seeds, options.Seed));
        var wals = configuration.Trainers["wals"];
        Assert.Equal(0.1f, Assert.IsType<WalsTrainer.Options>(wals.Options).UnobservedWeight);
        Assert.Equal((32, 128), (wals.Ranges["ApproximationRank"]!.Min, wals.Ranges["ApproximationRank"]!.Max));
        Assert.False(wals.Ranges["Regularization"]!.Logarithmic);
        Assert.Null(wals.Ranges["UnobservedWeight"]);
        var deep = Assert.IsType<SoftmaxDnnTrainer.Options>(configuration.Trainers["deep"].Options);
        Assert.Equal([128, 64], deep.HiddenLayers);
        Assert.Equal(SoftmaxDnnTarget.NextItem, deep.Target);
    }

    [Fact]
    public void Save_WhatWasLoaded_IsTheSameFile()
    {
        var (first, second) = (Path.Combine(_folder, "a.json"), Path.Combine(_folder, "b.json"));

        Load(Whole).Save(first);
        ExperimentConfiguration.Load(first).Save(second);

        Assert.Equal(File.ReadAllText(first), File.ReadAllText(second));
        Assert.Contains("\"hiddenLayers\": [", File.ReadAllText(first));
        Assert.Contains("\"linear\"", File.ReadAllText(first));
    }

    /// <summary>Every option of every trainer, at another value than its default, comes back from a file as it was.</summary>
    [Fact]
    public void Save_EveryOptionOfEveryTrainer_ComesBack()
    {
        foreach (var (name, trainer) in ExperimentTrainer.Known())
        {
            var options = (RecommenderTrainerOptions)Activator.CreateInstance(ExperimentTrainer.ArgumentsOf(trainer)![1])!;
            var fields = TrainerConfiguration.Settable(options.GetType()).ToArray();
            foreach (var field in fields)
            {
                var changed = options.Clone();
                field.SetValue(changed, Other(field, field.GetValue(options)));
                if (Record.Exception(changed.Validate) is not null)
                    continue;
                var path = Path.Combine(_folder, "one.json");
                new ExperimentConfiguration
                {
                    Data = new() { File = "a.csv" },
                    Trainers = new Dictionary<string, TrainerConfiguration> { [name] = new(changed) },
                }.Save(path);

                var read = ExperimentConfiguration.Load(path).Trainers[name].Options;

                Assert.All(fields, other => Assert.Equal(other.GetValue(changed), other.GetValue(read)));
            }
        }
    }

    [Theory]
    [InlineData("\"metric\"", "\"metrik\"", "(5)", "'metric'")]
    [InlineData("\"user\"", "\"usr\"", "(3)", "'user'")]
    [InlineData("\"minutes\"", "\"minuts\"", "(7)", "'minutes'")]
    [InlineData("\"approximationRank\"", "\"aproximationRank\"", "(9)", "'approximationRank'")]
    [InlineData("\"softmax-dnn\"", "\"softmax-dn\"", "(10)", "'softmax-dnn'")]
    [InlineData("\"popularity\"", "\"popularty\"", "(11)", "'popularity'")]
    [InlineData("0.5", "1.5", "(10)", "Dropout")]
    [InlineData("\"nextItem\"", "\"next\"", "(10)", "NextItem")]
    [InlineData("[32, 128]", "[128, 32]", "(9)", "[least, most]")]
    [InlineData("\"split\": \"leave-last:1\"", "\"split\": 1", "(4)", "split")]
    [InlineData("\"seeds\": 3", "\"seeds\": 300", "", "Seeds")]
    [InlineData("leave-last:1", "leave-first:1", "", "leave-last:1")]
    [InlineData("NDCG@12", "NDCG", "", "NDCG@20")]
    [InlineData("[\"wals\", \"deep\"]", "[\"wals\", \"depp\"]", "", "'deep'")]
    [InlineData("\"trainers\": {", "\"trainers\": [", "(8)", "braces")]
    [InlineData("\"blend\"", "\"blend", "(13)", "")]
    public void Load_Mistake_IsOneLineWithPlaceAndNearestName(string right, string wrong, string line, string hint)
    {
        var path = Path.Combine(_folder, "recommender.json");
        File.WriteAllText(path, Whole.Replace(right, wrong));

        var error = Assert.Throws<InvalidDataException>(() => ExperimentConfiguration.Load(path));

        Assert.StartsWith(path + line, error.Message);
        Assert.Contains(hint, error.Message);
        Assert.Single(error.Message.Split('\n'));
    }

    [Fact]
    public void AddTrainersTo_Experiment_RunsThem()
    {
        var configuration = Load("""
            {
              "data": { "file": "made-up.csv" }, "split": "random-per-user:0.3", "metric": "Recall@5", "tune": { "trials": 2 },
              "trainers": { "small": { "trainer": "wals", "approximationRank": 3 }, "popularity": {} }
            }
            """);
        var random = new Random(1);
        int[] users = [.. Enumerable.Range(0, 300).Select(row => row % 30)];
        int[] items = [.. users.Select(_ => random.Next(20))];
        var data = Interactions.Create(IdMap.FromKeys(30), IdMap.FromKeys(20), users, items);

        var record = configuration.AddTrainersTo(new MLContext().Recommenders().Experiment(data, configuration.ToOptions())).Run();

        var small = record.Trainers.Single(trainer => trainer.Name == "small");
        Assert.Equal("3", small.Options["ApproximationRank"]);
        Assert.Equal(2, small.Trials.Count);
        Assert.DoesNotContain("ApproximationRank", small.Trials[1].Values.Keys);
        Assert.Equal("Recall@5", record.Metric);
    }

    private ExperimentConfiguration Load(string text)
    {
        var path = Path.Combine(_folder, "recommender.json");
        File.WriteAllText(path, text);
        return ExperimentConfiguration.Load(path);
    }

    private static object Other(FieldInfo field, object? value)
    {
        var type = Nullable.GetUnderlyingType(field.FieldType) ?? field.FieldType;
        if (type == typeof(bool))
            return value is not true;
        if (type.IsEnum)
            return Enum.GetValues(type).Cast<object>().Last(other => !other.Equals(value));
        if (type == typeof(int[]))
            return new[] { 16, 8 };
        var range = field.GetCustomAttribute<OptionRangeAttribute>();
        return Convert.ChangeType(range is { } known && known.Contains(3) && value is not 3 ? 3 : value is null ? 1 : 2, type);
    }
}
