using System.IO.Compression;
using Microsoft.ML;

namespace MLNetRecExt.Tool.Tests;

public sealed class DataVerbTests : IDisposable
{
    private readonly ToolFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Describe_SameRowsInFourFormats_CountsTheSame()
    {
        string[] files = ["ratings.csv", "semicolons.csv", "u.data", "ratings.dat"];

        var answers = Array.ConvertAll(files, file => _folder.RunJson("data", "describe", file));

        Assert.Single(answers.Select(answer => answer.GetRawText()).Distinct());
        Assert.Equal(ToolFolder.Count, answers[0].GetProperty("interactions").GetInt32());
        Assert.Contains("2023-11-1", _folder.RunWell("data", "describe", "ratings.csv"));
    }

    [Theory]
    [InlineData("train.csv", "test.csv")]
    [InlineData("train.tsv", "test.parquet")]
    public void Split_LeaveLast_PartsAreTheDataWithLabelsAndTimes(string train, string test)
    {
        _folder.RunWell("data", "split", "ratings.csv", "--train", train, "--test", test);

        var (all, parts) = (Rows("ratings.csv"), Rows(train).Concat(Rows(test)).ToArray());
        Assert.Equal(all.Order(), parts.Order());
        // The last of each user, by its time.
        Assert.Equal(
            all.GroupBy(row => row.User).Select(rows => rows.Max(row => row.Time)).Order(), Rows(test).Select(row => row.Time).Order());
    }

    [Fact]
    public void Split_Users_WritesWhatIsKnownOfThemToo()
    {
        var files = _folder.RunJson("data", "split", "ratings.csv", "--rule", "users:0.2").GetProperty("files").EnumerateArray().ToArray();

        Assert.Equal(["train.csv", "test.csv", "fold-in.csv"], files.Select(file => file.GetProperty("file").GetString()!));
        Assert.Equal(ToolFolder.Count, files.Sum(file => file.GetProperty("interactions").GetInt32()));
        Assert.Contains("--force", _folder.RunBadly("data", "split", "ratings.csv"));
    }

    [Fact]
    public void Split_Dates_StayDates()
    {
        var start = new DateTime(2024, 1, 1);
        _folder.Write("dates.csv", "user,item,date\n" + string.Concat(
            Enumerable.Range(0, 40).Select(row => $"{row / 10},{row % 10},{start.AddHours(row):yyyy-MM-dd HH:mm:ss}\n")));

        _folder.RunWell("data", "split", "dates.csv", "--test", "test.csv");

        Assert.Contains("0,9,2024-01-01 09:00:00", _folder.Read("test.csv"));
        Assert.Contains("2024-01-01 to 2024-01-02", _folder.RunWell("data", "describe", "test.csv"));
    }

    [Fact]
    public void Make_SameSeed_SameFilesThatCanBeCompared()
    {
        _folder.RunWell("data", "make", "--users", "20", "--to", "a");
        _folder.RunWell("data", "make", "--users", "20", "--to", "b");

        Assert.Equal(_folder.Read("a/ratings.csv"), _folder.Read("b/ratings.csv"));
        Assert.Equal(_folder.Read("a/items.csv"), _folder.Read("b/items.csv"));
        Assert.Contains("--force", _folder.RunBadly("data", "make", "--to", "a"));
        _folder.RunWell("init", "a/ratings.csv", "--user", "user");
        Assert.Equal("a/items.csv", ExperimentConfiguration.Load(_folder.PathOf("recommender.json")).Data.Items);
    }

    /// <summary>An archive that was brought by hand needs no network.</summary>
    [Fact]
    public void Fetch_ArchiveInTheCache_BecomesCsv()
    {
        Directory.CreateDirectory(_folder.PathOf("cache/MLNetRecExt"));
        using (var zip = ZipFile.Open(_folder.PathOf("cache/MLNetRecExt/ml-100k.zip"), ZipArchiveMode.Create))
        {
            Add(zip, "README", "USAGE LICENSE\n=====\n\nMade up by a test.\n");
            Add(zip, "u.data", "196\t242\t3\t881250949\n");
            Add(zip, "u.item", "242|Kolya (1996)|24-Jan-1997\n");
        }

        // On macOS the cache is elsewhere.
        if (OperatingSystem.IsMacOS())
            return;
        Assert.Contains("Made up by a test.", _folder.RunWell("data", "fetch", "ml-100k"));

        Assert.EndsWith("196,242,3,881250949", _folder.Read("ml-100k/ratings.csv").TrimEnd());
        Assert.EndsWith("242,\"Kolya (1996)\"", _folder.Read("ml-100k/items.csv").TrimEnd());
        Assert.Contains("--force", _folder.RunBadly("data", "fetch", "ml-100k"));

        static void Add(ZipArchive zip, string file, string text)
        {
            using var writer = new StreamWriter(zip.CreateEntry($"ml-100k/{file}").Open());
            writer.Write(text);
        }
    }

    [Theory]
    [InlineData("no.csv", "data", "describe", "no.csv")]
    [InlineData(".parquet", "data", "split", "ratings.csv", "--train", "train.txt")]
    [InlineData("leave-last", "data", "split", "ratings.csv", "--rule", "leave-lost:1")]
    [InlineData("--users must be 1 to 6000", "data", "make", "--users", "0")]
    public void Data_WrongArguments_SaysInOneLineWhatIsWrong(string expected, params string[] arguments) =>
        Assert.Contains(expected, _folder.RunBadly(arguments));

    /// <summary>What stands in a file, read through the library; Parquet as the tool turns it round.</summary>
    private (string User, string Item, float Label, long Time)[] Rows(string name)
    {
        if (name.EndsWith(".parquet", StringComparison.Ordinal))
        {
            _folder.Write("parquet.json", $$"""
                {
                  "data": {
                    "connection": "Data Source=:memory:", "sql": "FROM '{{name}}'",
                    "user": "user", "item": "item", "label": "label", "time": "timestamp"
                  },
                  "trainers": { "popularity": {} }
                }
                """);
            _folder.RunWell("data", "split", "parquet.json", "--rule", "time:0.5", "--train", "again.csv", "--test", "last.csv", "--force");
            return [.. Rows("again.csv"), .. Rows("last.csv")];
        }
        var path = _folder.PathOf(name);
        var file = InteractionFileOptions.Infer(path);
        var data = new MLContext().Recommenders().Data.ReadInteractions(path, file);
        return
        [
            .. from user in Enumerable.Range(0, data.Users.Count)
               from place in Enumerable.Range(0, data.ByUser.Length(user))
               select (data.Users.GetText(user), data.Items.GetText(data.ByUser.Indices(user)[place]), data.ByUser.Labels(user)[place],
                   data.ByUser.Timestamps(user)[place]),
        ];
    }
}
