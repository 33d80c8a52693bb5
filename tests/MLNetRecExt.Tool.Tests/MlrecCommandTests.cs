using System.Text.Json;
using System.Text.RegularExpressions;

namespace MLNetRecExt.Tool.Tests;

public sealed partial class MlrecCommandTests : IDisposable
{
    private readonly ToolFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("compare", "comapre")]
    [InlineData("--output", "compare", "--outptu", "x.json")]
    public void Run_MisspelledName_SuggestsTheNearest(string nearest, params string[] arguments)
    {
        var (code, output, error) = _folder.Run(arguments);

        Assert.Equal((2, ""), (code, output));
        Assert.Contains(arguments.First(word => word != "compare"), error);
        Assert.Contains(nearest, error);
    }

    [Fact]
    public void Help_OfAVerb_ShowsExamples()
    {
        Assert.Contains("mlrec init ratings.csv", _folder.RunWell("init", "--help"));
        Assert.Contains("recommend", _folder.RunWell("--help"));
    }

    [Fact]
    public void Describe_SameRowsInThreeFormats_CountsTheSame()
    {
        string[] files = ["ratings.csv", "semicolons.csv", "u.data"];

        var answers = Array.ConvertAll(files, file => _folder.RunWell("data", "describe", file, "--json"));

        Assert.Single(answers.Distinct());
        using var json = JsonDocument.Parse(answers[0]);
        Assert.Equal(ToolFolder.Count, json.RootElement.GetProperty("interactions").GetInt32());
    }

    [Fact]
    public void Doctor_DamagedModel_IsRefused()
    {
        _folder.Write("damaged.model", "no model");

        Assert.Contains("bits", _folder.RunWell("doctor"));
        Assert.Contains("damaged.model", _folder.RunBadly("doctor", "--model", "damaged.model"));
    }

    /// <summary>As a reader types them, one after the other.</summary>
    [Fact]
    public void Readme_Commands_Succeed()
    {
        var blocks = Block().Matches(File.ReadAllText(ToolFolder.Metadata("Readme")).ReplaceLineEndings("\n"));
        string[] commands =
        [
            .. blocks.SelectMany(block => block.Groups["text"].Value.Split('\n'))
                .Where(line => line.StartsWith("mlrec ", StringComparison.Ordinal)),
        ];

        Assert.True(commands.Length > 10);
        foreach (var command in commands)
        {
            // A trial is enough to see that a search runs.
            var words = Word().Matches(command.Replace("--minutes 10", "--trials 1")).Select(word => word.Value.Trim('"'));
            _folder.RunWell([.. words.Skip(1)]);
        }
    }

    [GeneratedRegex("^```sh\n(?<text>.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();

    [GeneratedRegex("\"[^\"]*\"|[^ ]+")]
    private static partial Regex Word();
}
