using System.Diagnostics;
using System.Reflection;
using System.Text.RegularExpressions;
using MLNetRecExt.Tests.Data;
using MLNetRecExt.Tests.Models;
using WalsConformance = MLNetRecExt.Tests.MatrixFactorization.WalsConformanceTests;

namespace MLNetRecExt.Tests.Examples;

public partial class ReadmeTests
{
    // By what the README calls bad input: the tests that show its answer. The conformance checks run for every trainer.
    private static readonly Dictionary<string, string[]> BadInput = new()
    {
        ["wrong column name or type"] = [nameof(BadInputTests.Fit_WrongColumn_NamesItFoundNeededAndRemedy)],
        ["missing id (NULL); NaN, infinite or negative weight; NaN or infinite label"] =
        [
            nameof(BadInputTests.ReadInteractions_BadRow_IsSkippedCountedLoggedOrNamed),
            nameof(DbInteractionReaderTests.ReadInteractionsAsync_NoId_IsSkippedCountedAndLoggedOrNamed),
        ],
        ["no usable row"] = [nameof(BadInputTests.Fit_NoUsableRow_Throws)],
        ["a pair twice"] = [nameof(BadInputTests.ReadInteractions_RepeatedPair_FollowsTheRuleAndIsLogged)],
        ["option out of range"] = [nameof(OptionCheckerTests.Validate_NumberOutsideItsRange_NamesOptionValueAndRange)],
        ["unknown user"] =
        [
            nameof(RecommenderTests.Recommend_UnknownUser_GetsThePopularItemsWithTheirReasonOrAnException),
            nameof(BadInputTests.TopItems_UnknownUser_IsEmptyOrPopularWithReason),
        ],
        ["unknown item"] =
        [
            nameof(RecommenderTests.ScoreExplainSimilar_UnknownIds_AreNamed),
            nameof(BadInputTests.Score_UnknownUserOrItem_IsNaNOrPopularityWithReason),
        ],
        ["training that diverges"] = [nameof(BadInputTests.Fit_LabelsTooLarge_StopsWithIterationAndOption)],
        ["labels, weights or a history too large"] =
        [
            nameof(WalsConformance.Fit_ExtremeLabelsAndWeights_GivesFiniteScoresOrRefuses),
            nameof(WalsConformance.TopItems_ExtremeHistory_GivesFiniteScoresOrRefuses),
        ],
        ["more than fits the memory"] = [nameof(WalsConformance.Fit_MoreThanTheMemoryLimit_IsRefusedBeforeItIsTaken)],
        ["damaged or hostile model file"] =
        [
            nameof(ModelFileTests.Load_EverySingleByteCorruption_IsFoundWithoutALargeAllocation),
            nameof(HostileFileTests.Load_SettingThatNoTrainingCanHave_IsDamaged),
        ],
        ["text file that is empty, packed, UTF-16, a pipe, or shrinks"] =
        [
            nameof(InteractionFileReaderTests.ReadInteractions_NoText_SaysWhatIsNeeded),
            nameof(InteractionFileReaderTests.Open_FileWithoutLength_IsRefusedAtOnce),
            nameof(InteractionFileReaderTests.ReadInteractions_FileCutWhileItIsRead_SaysSo),
        ],
    };

    public static TheoryData<string> All => [.. Readmes.All];

    [Fact]
    public void BadInput_EveryRow_HasTests()
    {
        var table = Readmes.Text("README.md").Split("## Bad input")[1].Split("\n##")[0];
        var rows = table.Split('\n').Where(line => line.StartsWith('|')).Skip(2).Select(line => line.Split('|')[1].Trim());

        Assert.Equal(rows, BadInput.Keys);
    }

    [Fact]
    public void FirstCodeBlock_IsQuickStart_WordForWord()
    {
        var program = File.ReadAllText(Readmes.PathOf("examples/QuickStart/Program.cs")).ReplaceLineEndings("\n");

        Assert.Equal(program, Readmes.Blocks("README.md").First(block => block.Language == "csharp").Text);
        Assert.InRange(program.Count(c => c == '\n'), 1, 25);
    }

    [Fact]
    public void QuickStart_Run_PrintsWhatTheReadmeShows()
    {
        using var files = new TemporaryFiles();

        var (exitCode, output, error) = ExampleProgram.Run("QuickStart", files.Folder);

        Assert.True(exitCode == 0, error);
        // Scores may differ in the last digit between processors; names and order may not.
        var shown = Readmes.Blocks("README.md").First(block => block.Language == "text").Text;
        Assert.Equal(Number().Replace(shown, "#"), Number().Replace(output.ReplaceLineEndings("\n"), "#"));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void CodeBlocks_AreWhatReadmeBlocksCompiles(string readme)
    {
        // Those of packages that the core does without stand with the tests of these.
        string[] files =
        [
            "tests/MLNetRecExt.Tests/Examples/ReadmeBlocks.cs", "tests/MLNetRecExt.Tests.Sources/GuideBlocks.cs",
            "tests/MLNetRecExt.AspNetCore.Tests/Examples/ReadmeBlocks.cs", "tests/MLNetRecExt.Reports.Tests/Examples/ReadmeBlocks.cs",
            "tests/MLNetRecExt.Vectors.Tests/Examples/ReadmeBlocks.cs", "tests/MLNetRecExt.Orleans.Tests/Examples/ReadmeBlocks.cs",
        ];
        var compiled = Unindented(string.Concat(files.Select(file => File.ReadAllText(Readmes.PathOf(file)))));
        var blocks = Readmes.Blocks(readme).Where(block => block.Language == "csharp").Skip(readme == "README.md" ? 1 : 0);

        // A test may look at what a block has made.
        Assert.All(blocks, block => Assert.Matches(
            new Regex($@"\{{\n{Regex.Escape(Unindented(block.Text))}(return \w+;\n)?\}}\n", RegexOptions.CultureInvariant), compiled));

        static string Unindented(string code) =>
            string.Join('\n', code.ReplaceLineEndings("\n").Split('\n').Select(line => line.TrimStart()));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Blocks_AreOfAKindThatIsChecked(string readme)
    {
        Assert.All(Readmes.Blocks(readme), block => Assert.Contains(block.Language, new[] { "csharp", "sh", "text" }));
        // As many fences as the blocks have: none is left that the pattern does not see.
        Assert.Equal(2 * Readmes.Blocks(readme).Count, Readmes.Text(readme).Split("```").Length - 1);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void RelativeLinks_LeadToFilesAndHeads(string readme)
    {
        var folder = Path.GetDirectoryName(Readmes.PathOf(readme))!;
        foreach (var link in Readmes.RelativeLinks(Readmes.Text(readme)))
        {
            var (file, head) = link.Split('#') is [var before, var after] ? (before, after) : (link, null);
            var path = Path.GetFullPath(Path.Combine(folder, file));
            Assert.True(Path.Exists(path), link);
            if (head is not null)
                Assert.Contains(head, File.ReadLines(path).Where(line => line.StartsWith('#')).Select(Anchor));
        }

        static string Anchor(string line) =>
            NotInAnchors().Replace(line.TrimStart('#').Trim().ToLowerInvariant(), "").Replace(' ', '-');
    }

    [Fact]
    public void Words_AreAtMost1250() =>
        Assert.InRange(Readmes.Text("README.md").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length, 500, 1250);

    [Fact]
    public void FirstCommands_AreTheTwoThatShowAndTest() =>
        Assert.Contains("```sh\ndotnet run -c Release --project examples/Compare\ndotnet test -c Release\n```\n", Readmes.Text("README.md"));

    [Fact]
    public void Trainers_HaveARowEach()
    {
        var lines = Readmes.Text("README.md").Split('\n');
        var rows = lines.Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(line => line.Split('`')[1]);
        var methods = typeof(RecommenderTrainersCatalog).GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly);

        Assert.Equal(methods.Where(method => !method.IsSpecialName).Select(method => method.Name).Distinct().Order(), rows.Order());
    }

    [Fact]
    public void PackedReadme_HasNoLinkIntoTheRepositoryAndNoPicture()
    {
        using var files = new TemporaryFiles();
        var project = Readmes.PathOf("src/MLNetRecExt/MLNetRecExt.csproj");
        var path = files.PathOf("README.md");

        using var process = Process.Start("dotnet", ["msbuild", project, "-nologo", "-t:WritePackageReadme", $"-p:PackageReadmePath={path}"]);
        process.WaitForExit();

        Assert.Equal(0, process.ExitCode);
        var packed = File.ReadAllText(path).ReplaceLineEndings("\n");
        Assert.Empty(Readmes.RelativeLinks(packed));
        Assert.DoesNotContain("![", packed);
        // Nothing else is lost on the way: code with its semicolons and empty lines, tables.
        Assert.All(Readmes.Blocks("README.md"), block => Assert.Contains(block.Text, packed));
        Assert.EndsWith("none is part of this repository.", packed.TrimEnd());
    }

    [GeneratedRegex(@"\d+\.\d+")]
    private static partial Regex Number();

    [GeneratedRegex(@"[^\p{L}\p{N} _-]")]
    private static partial Regex NotInAnchors();
}
