using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.ML;
using MLNetRecExt.Tests.Examples;

namespace MLNetRecExt.Tests.Experiments;

/// <summary>A record of every format, kept beside this test: what was saved once is read for good.</summary>
/// <remarks>With MLNETRECEXT_WRITE_FORMATS set, a record that is missing is written: set it once after <see cref="RunRecord.NewestFormat"/>
/// was raised, and never delete a file.</remarks>
public class RunFormatTests
{
    private static readonly string Folder = Readmes.PathOf("tests/MLNetRecExt.Tests/Experiments/Formats");

    public static TheoryData<int> Formats => [.. Enumerable.Range(1, RunRecord.NewestFormat)];

    [Theory]
    [MemberData(nameof(Formats))]
    public void Load_RecordOfAFormat_HasAllThatIsInTheFile(int format)
    {
        var path = PathOf(format);
        if (format == RunRecord.NewestFormat && !File.Exists(path) && Environment.GetEnvironmentVariable("MLNETRECEXT_WRITE_FORMATS") is not null)
            Write(path);

        var record = RunRecord.Load(path);

        using var files = new TemporaryFiles();
        (record with { Format = format }).Save(files.PathOf("again.json"));
        Assert.True(JsonNode.DeepEquals(Parse(path), Parse(files.PathOf("again.json"))), "Something of the file is lost.");
        Assert.Equal(["blend", "item-knn", "popularity", "wals"], record.Trainers.Select(trainer => trainer.Name).Order());
        Assert.Equal(6, record.Comparisons.Count);
        Assert.Contains(record.Trainers, trainer => trainer.Map is not null && trainer.Trials.Count == 3);
        Assert.Contains(record.Best["NDCG@5"].Mean.ToString("0.0000", CultureInfo.InvariantCulture), record.ToString());
    }

    [Fact]
    public void Load_RecordOfTheFutureFormat_IsRefusedWithASentence()
    {
        using var files = new TemporaryFiles();
        var future = RunRecord.NewestFormat + 1;
        var json = Parse(PathOf(RunRecord.NewestFormat));
        json["format"] = future;

        var error = Assert.Throws<InvalidDataException>(() => RunRecord.Load(files.Write("run.json", json.ToJsonString())));

        Assert.EndsWith($"run.json is a record of format {future}, and this version of MLNetRecExt reads up to {RunRecord.NewestFormat}: update it.", error.Message);
    }

    private static string PathOf(int format) => Path.Combine(Folder, $"{format}", "run.json");

    private static JsonNode Parse(string path) => JsonNode.Parse(File.ReadAllText(path))!;

    private static void Write(string path)
    {
        var random = new Random(1);
        int[] users = [.. Enumerable.Range(0, 400).Select(row => row % 40)];
        int[] items = [.. users.Select(user => (user % 2 * 10) + random.Next(12))];
        long[] times = [.. Enumerable.Range(0, 400).Select(row => 1_700_000_000L + row * 86_400)];
        var data = Interactions.Create(IdMap.FromKeys(40), IdMap.FromKeys(22), users, items, timestamps: times);
        var record = new MLContext().Recommenders().Experiment(data, new()
        {
            Split = SplitRule.RandomPerUser(),
            Metric = "NDCG@5",
            Cutoffs = [10],
            Trials = 3,
            Seeds = 2,
            Blend = ["wals", "item-knn"],
            SampledUsers = 3,
            Caption = "Made up.",
            ItemTitles = Enumerable.Range(1, 22).ToDictionary(item => $"{item}", item => $"Film {item}"),
            ItemGroups = Enumerable.Range(1, 22).ToDictionary(item => $"{item}", item => item < 11 ? "drama" : "comedy"),
        }).Add("popularity", "item-knn").Add("wals", new WalsTrainer.Options { ApproximationRank = 3 }).Run();
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        (record with
        {
            Started = new DateTimeOffset(2026, 11, 30, 12, 0, 0, TimeSpan.Zero),
            Command = "mlrec compare",
            Machine = new("0.2.0", ".NET 10", "Linux", 2, 2, 256),
        }).Save(path);
    }
}
