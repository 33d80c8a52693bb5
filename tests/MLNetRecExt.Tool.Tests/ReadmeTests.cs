using System.IO.Compression;
using System.Text.RegularExpressions;

namespace MLNetRecExt.Tool.Tests;

/// <summary>The commands of the tool's README, as a reader types them, one after the other.</summary>
[Collection(ModelCollection.Name)]
public sealed partial class ReadmeTests(ModelFolder trained) : IDisposable
{
    private readonly ToolFolder _folder = new(trained.Folder);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Readme_Commands_Succeed()
    {
        var blocks = Block().Matches(File.ReadAllText(ToolFolder.Metadata("Readme")).ReplaceLineEndings("\n"));
        string[] commands =
        [
            .. blocks.SelectMany(block => block.Groups["text"].Value.Split('\n'))
                .Where(line => line.StartsWith("mlrec ", StringComparison.Ordinal)),
        ];
        _folder.WriteDatabase("shop.db");
        WriteArchive();

        Assert.True(commands.Length > 20);
        foreach (var command in commands.Except(ModelFolder.Commands).Where(command => !Elsewhere(command)))
        {
            // A trial is enough to see that a search runs, and a configuration of few trainers that it is taken.
            var words = Word().Matches(command.Replace("--minutes 10", "--trials 1")).Select(word => word.Value.Trim('"'));
            _folder.RunWell([.. words.Skip(1)]);
            if (command.EndsWith("shop.json", StringComparison.Ordinal))
                _folder.Write("shop.json", _folder.Read("shop.json").Replace("\"ease\": {},", "").Replace("\"item-knn\": {},", ""));
        }
    }

    /// <summary>What serves has no end, and is run by <see cref="ServeTests"/>; what downloads finds an archive where it keeps
    /// them.</summary>
    private static bool Elsewhere(string command) => command.StartsWith("mlrec serve", StringComparison.Ordinal)
        || (OperatingSystem.IsMacOS() && command.StartsWith("mlrec data fetch", StringComparison.Ordinal));

    private void WriteArchive()
    {
        Directory.CreateDirectory(_folder.PathOf("cache/MLNetRecExt"));
        using var zip = ZipFile.Open(_folder.PathOf("cache/MLNetRecExt/ml-latest-small.zip"), ZipArchiveMode.Create);
        (string, string)[] files =
        [
            ("README.txt", "none"), ("ratings.csv", _folder.Read("ratings.csv")), ("movies.csv", _folder.Read("items.csv")),
        ];
        foreach (var (file, text) in files)
        {
            using var writer = new StreamWriter(zip.CreateEntry($"ml-latest-small/{file}").Open());
            writer.Write(text);
        }
    }

    [GeneratedRegex("^```sh\n(?<text>.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();

    [GeneratedRegex("\"[^\"]*\"|[^ ]+")]
    private static partial Regex Word();
}
