using System.Text.RegularExpressions;
using MLNetRecExt.Orleans.Tests.Examples;

namespace MLNetRecExt.Orleans.Tests;

public sealed partial class QuickStartTests
{
    private const string Training = """
        var transformer = mlContext.Recommenders().Trainers.Wals("User", "Item", approximationRank: 8).Fit(data);
        """;

    private readonly string _program = File.ReadAllText(PathOf("examples/QuickStart/Program.cs"));

    [Fact]
    public async Task Fit_QuickStartOnACluster_GivesTheSameLists()
    {
        await using var cluster = await TestCluster.Of(2);
        var rows = TakenRows().Matches(_program).Select(row => new Taken(row.Groups[1].Value, row.Groups[2].Value)).ToArray();
        var data = Shop.Ml.Data.LoadFromEnumerable(rows);
        var alone = ReadmeBlocks.QuickStart(Shop.Ml, data);
        var onCluster = ReadmeBlocks.QuickStart(Shop.Ml, data, cluster.Client);

        Assert.Equal(15, rows.Length);
        Assert.Equal(Lists(alone), Lists(onCluster));

        IEnumerable<string> Lists(RecommenderTransformer<WalsModel> transformer) => rows.Select(row => row.User).Distinct()
            .Select(user => string.Join(", ", transformer.Model.For<string, string>().Recommend(user, 3)));
    }

    // That the README's blocks are those that the test runs, the core's tests see to for every README.
    [Fact]
    public void Readme_OnACluster_IsTheTrainingOfQuickStartAndOneCallMore()
    {
        var readme = File.ReadAllText(PathOf("src/MLNetRecExt.Orleans/README.md"));

        Assert.Contains(Training, _program);
        Assert.Contains(Training, readme);
        Assert.Contains(Training.Replace(".Fit(", ".On(cluster).Fit(", StringComparison.Ordinal), readme);
    }

    private static string PathOf(string file)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "MLNetRecExt.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException($"MLNetRecExt.sln is in no folder above {AppContext.BaseDirectory}.");
        return Path.Combine(folder.FullName, file);
    }

    [GeneratedRegex(@"new\(""(\w+)"", ""([\w ]+)""\)")]
    private static partial Regex TakenRows();

    private sealed record Taken(string User, string Item);
}
