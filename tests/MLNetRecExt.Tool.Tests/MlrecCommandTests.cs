using System.Diagnostics;

namespace MLNetRecExt.Tool.Tests;

public sealed class MlrecCommandTests : IDisposable
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
        var verbs = _folder.RunWell();
        Assert.All(
            ["init", "compare", "tune", "train", "evaluate", "publish", "inspect", "recommend", "similar", "explain", "report", "serve",
                "doctor", "data", "export", "completion"],
            verb => Assert.Contains($"\n  {verb} ", verbs));
    }

    [Fact]
    public void Doctor_WholeAndDamagedFiles_AreTold()
    {
        _folder.Write("damaged.model", "no model");
        _folder.RunWell("init", "u.data");

        var whole = _folder.RunJson("doctor");
        var (code, output, _) = _folder.Run("doctor", "--model", "damaged.model");

        Assert.True(whole.GetProperty("machine").GetProperty("vectorBits").GetInt32() >= 0);
        var checks = whole.GetProperty("checks").EnumerateArray().ToArray();
        Assert.Equal(["SQLite", "DuckDB", "recommender.json"], checks.Select(check => check.GetProperty("name").GetString()!));
        Assert.All(checks, check => Assert.True(check.GetProperty("isWhole").GetBoolean()));
        Assert.Equal(2, code);
        Assert.Matches("damaged.model .*damaged.model: ", output);
    }

    /// <summary>As a shell asks: with a function of the script, and the tool by its name.</summary>
    [Theory]
    [InlineData("mlrec rec", "recommend")]
    [InlineData("mlrec data sp", "split")]
    [InlineData("mlrec init --sep", "--separator")]
    public void Completion_Bash_CompletesWords(string line, string expected)
    {
        if (OperatingSystem.IsWindows())
            return;
        _folder.Write("completion.sh", _folder.RunWell("completion", "bash"));
        var words = line.Split(' ');
        _folder.Write("ask.sh", $$"""
            mlrec() { dotnet "{{ToolFolder.Metadata("Tool")}}" "$@"; }
            . ./completion.sh
            COMP_LINE="{{line}}" COMP_POINT={{line.Length}} COMP_WORDS=({{line}}) COMP_CWORD={{words.Length - 1}}
            _mlrec
            echo "${COMPREPLY[@]}"
            """);

        var asked = new ProcessStartInfo("bash", ["ask.sh"]) { WorkingDirectory = _folder.Path, RedirectStandardOutput = true };
        using var bash = Process.Start(asked)!;

        Assert.Equal(expected, bash.StandardOutput.ReadToEnd().Trim());
    }
}
