using System.Text.RegularExpressions;

namespace MLNetRecExt.Tests.Examples;

public partial class ReadmeTests
{
    private static readonly string Root = FindRoot();

    [Fact]
    public void FirstCodeBlock_IsQuickStart_WordForWord()
    {
        var block = CodeBlock().Match(File.ReadAllText(Path.Combine(Root, "README.md")).ReplaceLineEndings("\n")).Groups["code"].Value;
        var program = File.ReadAllText(Path.Combine(Root, "examples", "QuickStart", "Program.cs")).ReplaceLineEndings("\n");

        Assert.Equal(program, block);
        Assert.InRange(program.Count(c => c == '\n'), 1, 40);
    }

    [Fact]
    public void OtherCodeBlocks_AreWhatReadmeBlocksCompiles()
    {
        var compiled = Unindented(File.ReadAllText(Path.Combine(Root, "tests", "MLNetRecExt.Tests", "Examples", "ReadmeBlocks.cs")));
        var blocks = CodeBlock().Matches(File.ReadAllText(Path.Combine(Root, "README.md")).ReplaceLineEndings("\n")).Skip(1).ToArray();

        Assert.NotEmpty(blocks);
        foreach (var block in blocks)
            Assert.Contains($"{{\n{Unindented(block.Groups["code"].Value)}}}\n", compiled);

        static string Unindented(string code) => string.Join('\n', code.ReplaceLineEndings("\n").Split('\n').Select(line => line.TrimStart()));
    }

    [Fact]
    public void QuickStart_Run_PrintsWhatTheReadmeShows()
    {
        using var files = new TemporaryFiles();

        var (exitCode, output, error) = ExampleProgram.Run("QuickStart", files.Folder);

        Assert.True(exitCode == 0, error);
        var lines = output.ReplaceLineEndings("\n").TrimEnd().Split('\n');
        // Scores may differ in the last digit between processors; names and order may not.
        var shown = OutputBlock().Match(File.ReadAllText(Path.Combine(Root, "README.md")).ReplaceLineEndings("\n")).Groups["text"].Value.TrimEnd().Split('\n');
        Assert.Equal(shown.Select(WithoutNumbers), lines.Select(WithoutNumbers));
    }

    [Fact]
    public void Readme_NamesBothCommands()
    {
        var readme = File.ReadAllText(Path.Combine(Root, "README.md"));

        Assert.Contains("\ndotnet run -c Release --project examples/Compare\n", readme.ReplaceLineEndings("\n"));
        Assert.Contains("\ndotnet test -c Release\n", readme.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Readme_RelativeLinks_LeadToFiles()
    {
        foreach (Match link in Link().Matches(File.ReadAllText(Path.Combine(Root, "README.md"))))
            Assert.True(Path.Exists(Path.Combine(Root, link.Groups["path"].Value)), link.Value);
    }

    private static string WithoutNumbers(string line) => Number().Replace(line, "#");

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "MLNetRecExt.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException($"MLNetRecExt.sln is in no folder above {AppContext.BaseDirectory}.");
        return folder.FullName;
    }

    [GeneratedRegex("```csharp\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex("```text\n(?<text>.*?)```", RegexOptions.Singleline)]
    private static partial Regex OutputBlock();

    [GeneratedRegex(@"\d+\.\d+")]
    private static partial Regex Number();

    [GeneratedRegex(@"\]\((?<path>(?!https?:)[^)#]+)\)")]
    private static partial Regex Link();
}
