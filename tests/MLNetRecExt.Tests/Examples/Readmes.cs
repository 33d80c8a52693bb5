using System.Text.RegularExpressions;

namespace MLNetRecExt.Tests.Examples;

/// <summary>What stands in the repository's READMEs: code, commands and links.</summary>
internal static partial class Readmes
{
    /// <summary>The folder of the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Every README, by its path from the root.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        .. Directory.EnumerateFiles(Root, "README.md", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
            .Where(path => !path.Split('/').Any(folder => folder is "bin" or "obj" or ".git" or "packages"))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>The path of a file that is named from the root.</summary>
    public static string PathOf(string file) => Path.Combine(Root, file);

    public static string Text(string readme) => File.ReadAllText(PathOf(readme)).ReplaceLineEndings("\n");

    /// <summary>The fenced blocks of a README with their language, in order.</summary>
    public static IReadOnlyList<(string Language, string Text)> Blocks(string readme) =>
        [.. Block().Matches(Text(readme)).Select(match => (match.Groups["language"].Value, match.Groups["text"].Value))];

    /// <summary>The commands of all READMEs: lines of sh blocks, and what begins with dotnet in a sentence.</summary>
    public static IReadOnlyList<string> Commands { get; } =
    [
        .. All.SelectMany(readme => Blocks(readme).Where(block => block.Language == "sh")
                .SelectMany(block => Continued().Replace(block.Text, " ").Split('\n', StringSplitOptions.RemoveEmptyEntries))
                .Concat(Sentence().Matches(Text(readme)).Select(match => match.Groups["command"].Value)))
            .Distinct(),
    ];

    /// <summary>The links and pictures of a text that do not lead to the web.</summary>
    public static IReadOnlyList<string> RelativeLinks(string text) =>
        [.. Link().Matches(text).Select(match => match.Groups["path"].Value)];

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "MLNetRecExt.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException($"MLNetRecExt.sln is in no folder above {AppContext.BaseDirectory}.");
        return folder.FullName;
    }

    [GeneratedRegex("^```(?<language>[a-z]*)\n(?<text>.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();

    [GeneratedRegex(@" *\\\n *")]
    private static partial Regex Continued();

    [GeneratedRegex("`(?<command>dotnet [^`]+)`")]
    private static partial Regex Sentence();

    [GeneratedRegex(@"\]\((?<path>(?!https?:)[^)]+)\)")]
    private static partial Regex Link();
}
