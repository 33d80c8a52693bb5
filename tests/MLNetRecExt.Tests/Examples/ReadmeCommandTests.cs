using System.Text.Json.Nodes;
using Microsoft.ML;

namespace MLNetRecExt.Tests.Examples;

/// <summary>
/// Every command that a README shows is run: by <c>.ci</c>, by a test that is named here, or below on small files of the same names.
/// Those of the tool are run by its own tests, all that its README shows.
/// </summary>
public class ReadmeCommandTests
{
    private const string CompareCommand = "dotnet run -c Release --project examples/Compare -- ";
    private const string ToolCommand = "mlrec ", ToolReadme = "src/MLNetRecExt.Tool/README.md";
    private const string ClusterCommand = "dotnet run -c Release --project examples/Cluster -- ";
    private const string BenchmarksCommand = "dotnet run -c Release --project tests/MLNetRecExt.Benchmarks";

    private static readonly Dictionary<string, string> RunByTest = new()
    {
        [CompareCommand + "--help"] = nameof(CompareTests.Help_ListsWhatCanBeGiven),
        [CompareCommand + "recommender.json --report report.html"] = nameof(CompareTests.Run_Configuration_PrintsTablesAndWritesWhatIsAskedFor),
        ["dotnet run -c Release --project examples/Stages -- ratings.csv items.csv"] =
            nameof(StagesTests.Run_SmallFiles_JudgesEveryStageAndSavesTheLast),
        // In MLNetRecExt.Orleans.Tests, with a Redis server and folders of their own.
        [ClusterCommand + "worker --redis redis:6379 --address 10.0.0.7 --root /data --certificate cluster.pfx"] = "ClusterDemoTests.Train_",
        [ClusterCommand + "train /data/clicks.store --redis redis:6379 --address 10.0.0.2 --certificate cluster.pfx"] = "ClusterDemoTests.Train_",
        [BenchmarksCommand] = nameof(BenchmarkResultsTests.Usage_ListsTheBenchmarksOfTheResults),
        [BenchmarksCommand + " -- warm FOLDER"] = nameof(Warm_SmallFolder_ComparesStartsAndAppends),
        [BenchmarksCommand + " -- new-items ratings.csv items.csv"] = nameof(NewItems_SmallFiles_MeasuresBothWays),
        [BenchmarksCommand + " -- auto FOLDER 4"] = nameof(Auto_SmallFolder_IsJudgedOnTheTestPart),
        [BenchmarksCommand + " -- fetch ml-1m"] = nameof(GroupLensTests.Get_Ml1m_IsDownloadedOnceCheckedAndMadeCsv),
        [BenchmarksCommand + " -- folding examples/Compare/maps"] = nameof(Folding_FewUsers_DrawsBothPictures),
        [BenchmarksCommand + " -- pictures"] = nameof(BenchmarkResultsTests.Pictures_AreWhatTheCommandDraws),
    };

    public static TheoryData<string> OfCompare =>
        [.. Readmes.Commands.Where(command => IsOfCompare(command) && !RunByTest.ContainsKey(command))];

    [Fact]
    public void Commands_AreAllRunSomewhere()
    {
        var ci = string.Concat(Directory.EnumerateFiles(Path.Combine(Readmes.Root, ".ci")).Select(File.ReadAllText));

        foreach (var command in Readmes.Commands)
            Assert.True(RunByTest.ContainsKey(command) || IsOfCompare(command) || IsOfTool(command) || ci.Contains(command),
                $"'{command}' stands in a README, and neither .ci nor a test runs it.");
    }

    [Fact]
    public void RunByTest_NamesCommandsThatAreShown() => Assert.Subset(Readmes.Commands.ToHashSet(), RunByTest.Keys.ToHashSet());

    /// <summary>The configuration that a command names is read, on small files of the names that it has, and all its trainers run.</summary>
    [Theory]
    [MemberData(nameof(OfCompare))]
    public void Compare_SmallFilesInPlaceOfTheCommands_Runs(string command)
    {
        using var files = new TemporaryFiles();
        WriteFiles(files);
        var name = command[CompareCommand.Length..].Split(' ')[0];
        var json = JsonNode.Parse(File.ReadAllText(Assert.Single(Configurations, path => Path.GetFileName(path) == name)))!;
        // Two trials and two passes are enough to see that options are searched and a network is trained.
        if (json["tune"] is not null)
            json["tune"] = new JsonObject { ["trials"] = 2 };
        foreach (var (trainer, options) in json["trainers"]!.AsObject().Where(trainer => trainer.Key.StartsWith("softmax-dnn", StringComparison.Ordinal)))
            options!["numberOfIterations"] = 2;
        var configuration = ExperimentConfiguration.Load(files.Write(name, json.ToJsonString()));

        var record = new MLContext().Recommenders().Experiment(configuration, files.Folder).Run();

        Assert.Empty(record.LeftOut);
        Assert.Equal(configuration.Trainers.Keys.Order(), record.Trainers.Select(trainer => trainer.Name).Order());
    }

    /// <summary>The configurations that READMEs name.</summary>
    public static IEnumerable<string> Configurations => new[] { "examples/Compare", "tests/MLNetRecExt.Benchmarks/results" }
        .SelectMany(folder => Directory.EnumerateFiles(Readmes.PathOf(folder), "*.json"));

    [Fact]
    public void Auto_SmallFolder_IsJudgedOnTheTestPart()
    {
        using var files = new TemporaryFiles();
        WriteFiles(files);

        var (exitCode, output, error) = ExampleProgram.Run("MLNetRecExt.Benchmarks", files.Folder, "auto", ".", "0.02");

        Assert.True(exitCode == 0, error);
        Assert.Matches(@"(?m)^NDCG@20 .*, Recall@20 .* on the test part$", output);
    }

    [Fact]
    public void Folding_FewUsers_DrawsBothPictures()
    {
        using var files = new TemporaryFiles();

        var (exitCode, output, error) = ExampleProgram.Run("MLNetRecExt.Benchmarks", files.Folder, "folding", ".", "60");

        Assert.True(exitCode == 0, output + error);
        foreach (var name in new[] { "folded.svg", "apart.svg" })
        {
            var svg = File.ReadAllText(files.PathOf(name));
            Assert.InRange(svg.Split("h0").Length - 1, 500, 1000);
            Assert.Contains(">Hindi<", svg);
        }
    }

    [Fact]
    public void NewItems_SmallFiles_MeasuresBothWays()
    {
        using var files = new TemporaryFiles();
        WriteFiles(files);

        var (exitCode, output, error) = ExampleProgram.Run("MLNetRecExt.Benchmarks", files.Folder, "new-items", "ratings.csv", "items.csv");

        Assert.True(exitCode == 0, error);
        Assert.Matches(@"known in training by their features \| [01]\.\d{4} ", output);
        Assert.Matches(@"4 brought by WithItems \| [01]\.\d{4} ", output);
    }

    [Fact]
    public void Warm_SmallFolder_ComparesStartsAndAppends()
    {
        using var files = new TemporaryFiles();
        Directory.CreateDirectory(files.PathOf("FOLDER"));
        var random = new Random(1);
        var parts = Enumerable.Range(0, 4000).ToLookup(_ => random.Next(10) == 0, pair => $"{pair / 40},{pair % 40}\n");
        File.WriteAllText(files.PathOf("FOLDER/train.csv"), "user,item\n" + string.Concat(parts[false]));
        File.WriteAllText(files.PathOf("FOLDER/test.csv"), "user,item\n" + string.Concat(parts[true]));

        var (exitCode, output, error) = ExampleProgram.Run("MLNetRecExt.Benchmarks", files.Folder, "warm", "FOLDER");

        Assert.True(exitCode == 0, error);
        Assert.Matches(@"3 sweeps from last night's model \| [01]\.\d{4} ", output);
    }

    private static bool IsOfTool(string command) =>
        command.StartsWith(ToolCommand, StringComparison.Ordinal) && Readmes.Text(ToolReadme).Contains($"\n{command}\n");

    private static bool IsOfCompare(string command) => command.StartsWith(CompareCommand, StringComparison.Ordinal);

    /// <summary>60 users and 40 items in four groups; a user likes what is of their group.</summary>
    private static void WriteFiles(TemporaryFiles files)
    {
        var random = new Random(1);
        var rows = (from user in Enumerable.Range(1, 60)
                    from item in Enumerable.Range(1, 40)
                    where random.Next(3) == 0
                    let rating = item % 4 == user % 4 ? 9 : random.Next(1, 9)
                    select (Part: random.Next(5), Cells: $"{user},{item},{rating},{random.Next(1000)}\n")).ToArray();
        Write(["ratings.csv"], _ => true);
        Write(["train.csv", "u1.fit"], part => part > 1);
        Write(["validation.csv", "u1.val"], part => part == 1);
        Write(["u1.base"], part => part > 0);
        Write(["test.csv", "u1.test"], part => part == 0);
        files.Write("items.csv", Lines("item,title,genres\n", 40, item => $"{item},Film {item} ({1980 + item}),{"ABCD"[item % 4]}|All\n"));
        files.Write("users.csv", Lines("user,group\n", 60, user => $"{user},{"ABCD"[user % 4]}\n"));

        static string Lines(string head, int count, Func<int, string> line) =>
            head + string.Concat(Enumerable.Range(1, count).Select(line));

        void Write(string[] names, Func<int, bool> isIn)
        {
            var text = string.Concat(rows.Where(row => isIn(row.Part)).Select(row => row.Cells));
            foreach (var name in names)
                files.Write(name, Path.GetExtension(name) == ".csv" ? "user,item,rating,timestamp\n" + text : text.Replace(',', '\t'));
        }
    }
}
