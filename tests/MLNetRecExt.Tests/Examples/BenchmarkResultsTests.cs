namespace MLNetRecExt.Tests.Examples;

public class BenchmarkResultsTests
{
    private static readonly string Results = Readmes.PathOf("tests/MLNetRecExt.Benchmarks/results");

    [Fact]
    public void Pictures_AreWhatTheCommandDraws()
    {
        using var files = new TemporaryFiles();
        foreach (var name in new[] { "quality.csv", "speed.csv" })
            File.Copy(Path.Combine(Results, name), files.PathOf(name));

        var (exitCode, _, error) = ExampleProgram.Run("MLNetRecExt.Benchmarks", files.Folder, "pictures", ".");

        Assert.True(exitCode == 0, error);
        foreach (var name in new[] { "quality.svg", "speed.svg" })
            Assert.Equal(File.ReadAllText(Path.Combine(Results, name)).ReplaceLineEndings("\n"), File.ReadAllText(files.PathOf(name)));
    }

    [Fact]
    public void Pictures_FolderWithoutFigures_SaysSo()
    {
        using var files = new TemporaryFiles();

        var (exitCode, _, error) = ExampleProgram.Run("MLNetRecExt.Benchmarks", files.Folder, "pictures");

        Assert.Equal(2, exitCode);
        Assert.Contains("There is no quality.csv", error);
    }

    [Fact]
    public void Quality_OfThePicture_StandsInTheTable()
    {
        var table = Lines("README.md").Where(line => line.StartsWith('|')).ToArray();

        foreach (var row in Rows("quality.csv"))
        {
            var (untuned, tuned) = (row[2] is "" ? "–" : row[2], row[3] is "" ? "–" : $"{row[3]} ({row[4]}…{row[5]})");
            var start = $"| {row[0]} | {row[1]} | {untuned} | {tuned} |";
            Assert.Single(table, line => line.StartsWith(start, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Speed_OfThePicture_StandsInTheTables()
    {
        var tables = string.Concat(Lines("*.md").Where(line => line.StartsWith('|')));

        Assert.All(Rows("speed.csv"), row => Assert.Contains($" {row[2]} ", tables));
    }

    [Fact]
    public void Versus_FewUsers_WritesWhatPeersReadAndPrintsOurSide()
    {
        using var files = new TemporaryFiles();

        var (exitCode, output, error) = ExampleProgram.Run("MLNetRecExt.Benchmarks", files.Folder, "versus", "peers", "60");

        Assert.True(exitCode == 0, error);
        Assert.Contains("GB/s", output);
        Assert.Contains("| 64 | Cholesky |", output);
        Assert.Contains("| 64 | random |", output);
        var lines = File.ReadAllLines(files.PathOf("peers/interactions.mtx"));
        Assert.Equal("%%MatrixMarket matrix coordinate real general", lines[0]);
        int[] sizes = [.. lines[1].Split(' ').Select(int.Parse)];
        int[][] entries = [.. lines[2..].Select(line => line.Split(' ').Select(int.Parse).ToArray())];
        Assert.Equal([60, 26_744, entries.Length], sizes);
        Assert.Equal(entries.Length, entries.DistinctBy(entry => (entry[0], entry[1])).Count());
        Assert.All(entries, entry => Assert.True(entry[0] is >= 1 and <= 60 && entry[1] is >= 1 and <= 26_744 && entry[2] is >= 1 and <= 10));
    }

    [Fact]
    public void Usage_ListsTheBenchmarksOfTheResults()
    {
        using var files = new TemporaryFiles();

        var (exitCode, _, error) = ExampleProgram.Run("MLNetRecExt.Benchmarks", files.Folder);

        Assert.Equal(2, exitCode);
        var heads = Lines("amd-*.md").Where(line => line.StartsWith("## ", StringComparison.Ordinal));
        Assert.All(heads, head => Assert.Contains($"\n{head[3..].Split(',')[0]} ", error.ReplaceLineEndings("\n")));
    }

    private static IEnumerable<string> Lines(string pattern) => Directory.EnumerateFiles(Results, pattern).SelectMany(File.ReadLines);

    private static IEnumerable<string[]> Rows(string file) =>
        File.ReadLines(Path.Combine(Results, file)).Skip(1).Select(line => line.Split(','));
}
