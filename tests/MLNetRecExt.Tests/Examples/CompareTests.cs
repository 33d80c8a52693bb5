using Compare;
using Microsoft.ML;

namespace MLNetRecExt.Tests.Examples;

/// <summary>The program as its user runs it. What an experiment measures is tested with experiments.</summary>
public class CompareTests
{
    private const string Configuration = """
        {
          "data": { "file": "clicks.csv", "items": "items.csv" },
          "split": "leave-last:1", "metric": "NDCG@5", "cutoffs": [10], "tune": { "trials": 2 },
          "trainers": { "popularity": {}, "wals": { "approximationRank": 4, "numberOfIterations": 3 }, "ease": { "regularization": 5 } },
          "blend": ["wals", "ease"]
        }
        """;

    [Fact]
    public void Run_Configuration_PrintsTablesAndWritesWhatIsAskedFor()
    {
        using var files = Files(Configuration);

        var (exitCode, output, error) = ExampleProgram.Run("Compare", files.Folder,
            "recommender.json", "--json", "run.json", "--report", "report.html", "--save-models", "models");

        Assert.True(exitCode == 0, output + error);
        foreach (var part in new[] { "NDCG@5", "Recall@10", "ItemCoverage@5", "train, CPU s", " trials; the first", " of ease", "of all pairs p = ", "Taken: ", "is recommended", "Title, the " })
            Assert.Contains(part, output);
        var record = RunRecord.Load(files.PathOf("run.json"));
        Assert.Equal(["blend", "ease", "popularity", "wals"], record.Trainers.Select(trainer => trainer.Name).Order());
        Assert.EndsWith("-- recommender.json --json run.json --report report.html --save-models models", record.Command);
        Assert.Contains("</html>", File.ReadAllText(files.PathOf("report.html"))[^200..]);
        foreach (var trainer in record.Trainers)
            Assert.Equal(3, RecommenderModel.Load(files.PathOf($"models/{trainer.Name}.model")).TopItems(RecommenderQuery.ForUser(1), 3).Length);
    }

    [Fact]
    public void Run_Ratings_PrintsErrorsAndNoLists()
    {
        using var files = Files("""
            {
              "data": { "file": "ratings.csv" }, "metric": "RMSE",
              "trainers": { "item-mean": { "trainer": "mean", "of": "item" }, "user-mean": { "trainer": "mean", "of": "user" } }
            }
            """);
        files.Write("ratings.csv", "user,item,rating\n" + string.Concat(Enumerable.Range(0, 200).Select(i => $"u{i % 20},i{i / 20},{1 + i * 7 % 5}\n")));

        var (exitCode, output, error) = ExampleProgram.Run("Compare", files.Folder, "recommender.json");

        Assert.True(exitCode == 0, output + error);
        Assert.Contains("AllPairsRMSE", output);
        Assert.Contains(" against ", output);
        Assert.DoesNotContain("is recommended", output);
    }

    [Fact]
    public void Run_TrainerThatFails_IsALineAndTheOthersArePrinted()
    {
        using var files = Files(Configuration.Replace("\"approximationRank\": 4", "\"memoryLimitMegabytes\": 1").Replace("\"tune\": { \"trials\": 2 },", ""));

        var (exitCode, output, error) = ExampleProgram.Run("Compare", files.Folder, "recommender.json");

        Assert.True(exitCode == 3, output + error);
        Assert.Matches(@"(?m)^Left out: wals: WalsTrainer needs about \d+ MB for 120 users, 60 items and ", output);
        Assert.Contains("against popularity", output);
    }

    [Theory]
    [InlineData("--frobnicate", "'--frobnicate'")]
    [InlineData("nothing.json", "nothing.json")]
    [InlineData("wrong.json", "did you mean 'metric'?")]
    [InlineData("recommender.json --trainer-assembly nothing.dll", "nothing.dll")]
    public void Run_Mistake_IsOneLineOnTheErrorStream(string line, string expected)
    {
        using var files = Files(Configuration);
        files.Write("wrong.json", Configuration.Replace("metric", "metrik"));

        var (exitCode, output, error) = ExampleProgram.Run("Compare", files.Folder, line.Split(' '));

        Assert.True(exitCode == 2, output + error);
        Assert.Contains(expected, Assert.Single(error.TrimEnd().Split('\n')));
    }

    [Fact]
    public void Help_ListsWhatCanBeGiven()
    {
        using var files = new TemporaryFiles();

        var (exitCode, output, _) = ExampleProgram.Run("Compare", files.Folder, "--help");

        Assert.Equal(0, exitCode);
        Assert.Contains("recommender.json", output);
        Assert.Contains("--report", output);
    }

    [Fact]
    public void OnFilms_EveryTrainerOfTheCatalog_IsCompared()
    {
        var experiment = EveryTrainer.OnFilms(new MLContext().Recommenders(), options => options);

        // Labels, which films lack, are for means; of members the experiment itself makes a blend.
        var compared = experiment.Trainers.Select(trainer => trainer.Options.GetType().DeclaringType!)
            .Concat([typeof(MeanTrainer), typeof(BlendTrainer)]);
        var catalog = typeof(RecommenderTrainersCatalog).GetMethods()
            .Select(method => method.ReturnType).Where(type => type.IsAssignableTo(typeof(RecommenderTrainer))).Distinct();
        Assert.Empty(catalog.Except(compared));
    }

    [Fact]
    public void Sources_AreUnder400Lines() => Assert.InRange(
        Directory.EnumerateFiles(Readmes.PathOf("examples/Compare"), "*.cs").Sum(file => File.ReadLines(file).Count()), 100, 399);

    /// <summary>120 users and 60 items in four groups; each user takes 8 of the 15 items of their group, one after the other.</summary>
    private static TemporaryFiles Files(string configuration)
    {
        var files = new TemporaryFiles();
        var random = new Random(1);
        files.Write("clicks.csv", "user,item,timestamp\n" + string.Concat(
            from user in Enumerable.Range(0, 120)
            from click in Enumerable.Range(0, 15).OrderBy(_ => random.Next()).Take(8).Index()
            select $"u{user},i{4 * click.Item + user % 4},{1000 * click.Index + user}\n"));
        files.Write("items.csv", "item,title\n" + string.Concat(Enumerable.Range(0, 60).Select(i => $"i{i},\"Title, the {i}th [sic]\"\n")));
        files.Write("recommender.json", configuration);
        return files;
    }
}
