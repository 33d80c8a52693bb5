using System.Diagnostics;
using System.Reflection;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace MLNetRecExt.Tool.Tests;

/// <summary>A folder with small files, in which the tool is run. 60 users take items of their group out of four, and some others.</summary>
public sealed class ToolFolder : IDisposable
{
    private const int Users = 60, Items = 60;

    private static readonly (int User, int Item, int Rating, int Time)[] Rows = [.. Draw()];

    public ToolFolder()
    {
        Write("ratings.csv", "userId,movieId,rating,timestamp\n", ",", row => [row.User, row.Item, row.Rating, row.Time]);
        Write("items.csv", "movieId,title,group\n" + string.Concat(
            Enumerable.Range(1, Items).Select(item => $"{item},\"Film {item}, the first\",group {item % 4}\n")));
        // As MovieLens 100K, Last.fm of HetRec 2011 and MovieTweetings have them; and as spreadsheets of many countries write.
        Write("u.data", "", "\t", row => [row.User, row.Item, row.Rating, row.Time]);
        Write("user_artists.dat", "userID\tartistID\tweight\n", "\t", row => [row.User, row.Item, row.Rating * row.Rating * 100]);
        Write("ratings.dat", "", "::", row => [row.User, $"{row.Item:0000000}", 2 * row.Rating, row.Time]);
        Write("semicolons.csv", "\"customer\";\"product\";\"stars\";\"date\"\n", ";",
            row => [$"\"{row.User}\"", $"\"Tea; no. {row.Item}\"", $"\"{row.Rating}\"", $"\"{row.Time}\""]);
    }

    /// <summary>A copy of a folder, so that nothing that happens in it is seen there.</summary>
    public ToolFolder(ToolFolder other)
    {
        foreach (var file in Directory.EnumerateFiles(other.Path))
            File.Copy(file, PathOf(System.IO.Path.GetFileName(file)));
    }

    public static int Count => Rows.Length;

    public string Path { get; } = Directory.CreateTempSubdirectory("mlrec").FullName;

    public string PathOf(string name) => System.IO.Path.Combine(Path, name);

    public string Read(string name) => File.ReadAllText(PathOf(name));

    public void Write(string name, string text) => File.WriteAllText(PathOf(name), text);

    /// <summary>Writes the same rows to a table of SQLite.</summary>
    public void WriteDatabase(string name)
    {
        using var connection = new SqliteConnection($"Data Source={PathOf(name)};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "CREATE TABLE order_lines (customer_id INTEGER, sku INTEGER, ordered_at INTEGER);"
            + "INSERT INTO order_lines VALUES " + string.Join(",", Rows.Select(row => $"({row.User},{row.Item},{row.Time})"));
        command.ExecuteNonQuery();
    }

    /// <summary>Runs the tool to its end.</summary>
    public (int ExitCode, string Output, string Error) Run(params string[] arguments)
    {
        using var process = Start(arguments);
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }

    public Process Start(params string[] arguments) => Process.Start(new ProcessStartInfo("dotnet", [Metadata("Tool"), .. arguments])
    {
        WorkingDirectory = Path,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        Environment =
        {
            // Nobody's downloads.
            ["XDG_CACHE_HOME"] = PathOf("cache"), ["LOCALAPPDATA"] = PathOf("cache"),
            // Runs are too short to gain by what the runtime learns of them.
            ["DOTNET_TieredPGO"] = "0",
        },
    })!;

    /// <summary>Runs the tool, which must succeed.</summary>
    public string RunWell(params string[] arguments)
    {
        var (code, output, error) = Run(arguments);
        Assert.True(code == 0, $"mlrec {string.Join(' ', arguments)}: {code}: {error}{output}");
        Assert.Empty(error);
        return output;
    }

    /// <summary>Runs the tool, which must succeed, and reads what it prints as JSON.</summary>
    public JsonElement RunJson(params string[] arguments)
    {
        using var json = JsonDocument.Parse(RunWell([.. arguments, "--json"]));
        return json.RootElement.Clone();
    }

    /// <summary>Runs the tool, which must refuse with one line.</summary>
    public string RunBadly(params string[] arguments)
    {
        var (code, output, error) = Run(arguments);
        Assert.Equal((2, ""), (code, output));
        return Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)).TrimEnd('\r');
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);

    internal static string Metadata(string key) => typeof(ToolFolder).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(metadata => metadata.Key == key).Value!;

    private static IEnumerable<(int User, int Item, int Rating, int Time)> Draw()
    {
        var random = new Random(1);
        for (int user = 1; user <= Users; user++)
            for (int item = 1; item <= Items; item++)
                if (random.NextDouble() < (user % 4 == item % 4 ? 0.7 : 0.05))
                    yield return (user, item, random.Next(1, 6), 1_700_000_000 + random.Next(10_000_000));
    }

    private void Write(string name, string head, string separator, Func<(int User, int Item, int Rating, int Time), object[]> values) =>
        Write(name, head + string.Concat(Rows.Select(row => string.Join(separator, values(row)) + "\n")));
}
