using Microsoft.ML;

namespace MLNetRecExt.Reports.Tests;

/// <summary>Records of small experiments.</summary>
internal static class Records
{
    /// <summary>A title, name or reason of somebody who means harm.</summary>
    public const string Hostile =
        "</script><script>window.hurt = 1</script><img src=x onerror='window.hurt = 1'> \u2028 | [a](javascript:1) `b` & \"c\"";

    private const int Users = 60, Items = 40;

    private static readonly Dictionary<string, Lazy<RunRecord>> All = new()
    {
        ["lists"] = new(Lists),
        ["labels"] = new(Labels),
        ["alone"] = new(() => Experiment(new() { SampledUsers = 0 }).Add("popularity").Run()),
        ["hostile"] = new(() => Named("lists") with
        {
            Caption = Hostile,
            Command = Hostile,
            Warnings = [Hostile],
            LeftOut = [Hostile],
            Trainers = [.. Named("lists").Trainers.Select((trainer, place) => place == 0 ? trainer with { Name = Hostile } : trainer)],
            Comparisons =
            [
                .. Named("lists").Comparisons.Select(pair => pair.First == Named("lists").Best.Name ? pair with { First = Hostile } : pair),
            ],
            Users = [.. Named("lists").Users.Select(user => user with { User = Hostile, History = [Hostile] })],
        }),
        ["failed"] = new(() => Named("alone") with { Trainers = [], Comparisons = [], LeftOut = ["wals: it needs more memory."] }),
    };

    /// <summary>For theories: every record by its name.</summary>
    public static TheoryData<string> Names => [.. All.Keys];

    public static RunRecord Named(string name) => All[name].Value;

    private static RunRecord Lists() => Experiment(new()
    {
        Trials = 6,
        Caption = "Made up.",
        ItemTitles = Enumerable.Range(0, Items).ToDictionary(Id, item => item % 7 == 0 ? $"{Hostile} {item}" : $"Film {item}"),
        ItemGroups = Enumerable.Range(0, Items).ToDictionary(Id, item => item < Items / 2 ? "drama" : "comedy"),
    }).Add("popularity", "item-knn", "wals").Run();

    private static string Id(int item) => $"{item + 1}";

    /// <summary>Even users like the first half of the items, odd ones the second; the first of each half most.</summary>
    private static Experiment Experiment(ExperimentOptions options)
    {
        var random = new Random(3);
        int[] users = [.. Enumerable.Range(0, 1200).Select(_ => random.Next(random.Next(Users) + 1))];
        int[] items = [.. users.Select(user => (user % 2 * Items / 2) + random.Next(random.Next(Items / 2) + 1))];
        long[] times = [.. Enumerable.Range(0, users.Length).Select(row => 1_700_000_000L + row * 86_400)];
        return new MLContext().Recommenders().Experiment(
            Interactions.Create(IdMap.FromKeys(Users), IdMap.FromKeys(Items), users, items, timestamps: times), options);
    }

    private static RunRecord Labels()
    {
        var random = new Random(1);
        int[] users = [.. Enumerable.Range(0, 800).Select(_ => random.Next(Users))];
        int[] items = [.. users.Select(_ => random.Next(Items))];
        float[] labels = [.. users.Zip(items, (user, item) => 1 + item % 5 + user % 2 * 0.5f)];
        var data = Interactions.Create(IdMap.FromKeys(Users), IdMap.FromKeys(Items), users, items, labels);
        return new MLContext().Recommenders().Experiment(data, new() { Metric = "RMSE", Trials = 5 })
            .Add("sgd", new SgdMatrixFactorizationTrainer.Options { NumberOfIterations = 8, ApproximationRank = 8 })
            .Add("item-mean", new MeanTrainer.Options { Of = MeanOf.Item }).Run();
    }
}
