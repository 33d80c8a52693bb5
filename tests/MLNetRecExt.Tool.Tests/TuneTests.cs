using System.Diagnostics;
using System.Text.Json.Nodes;

namespace MLNetRecExt.Tool.Tests;

public sealed class TuneTests : IDisposable
{
    /// <summary>What a clock, the number of cores, and who typed it decide.</summary>
    private static readonly HashSet<string> Times =
    [
        "started", "seconds", "tuneSeconds", "trainSeconds", "trainCpuSeconds", "estimatedMemory", "listsPerSecond", "machine", "command",
    ];

    private readonly ToolFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Tune_SameSeed_SameJsonButForTimes()
    {
        Configure("\"item-knn\": {}, \"popularity\": {}");

        var first = _folder.RunWell("tune", "--trials", "2", "--json");

        Assert.Equal("", _folder.RunWell("tune", "--trials", "2", "--quiet"));
        Assert.Equal(Timeless(first), Timeless(_folder.Read("run.json")));
        Assert.Equal("NDCG@20", JsonNode.Parse(first)!["metric"]!.GetValue<string>());
    }

    [Fact]
    public void Tune_NoBudget_SaysWhatToGive()
    {
        Configure("\"item-knn\": {}");

        Assert.Contains("--minutes or --trials", _folder.RunBadly("tune"));
        Assert.Contains("must be", _folder.RunBadly("tune", "--minutes", "-1"));
    }

    [Fact]
    public async Task Tune_Interrupted_EndsWith130AndGoesOnToTheSameRecord()
    {
        if (OperatingSystem.IsWindows())
            return;
        Configure("\"item-knn\": {}");
        string[] search = ["tune", "--trials", "12", "--json"];
        using var process = _folder.Start([.. search, "--log", "trials"]);
        var error = process.StandardError.ReadToEndAsync();
        while (!process.HasExited && !File.Exists(_folder.PathOf("trials/item-knn.jsonl")))
            await Task.Delay(10);

        using (var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]))
            await kill.WaitForExitAsync();

        await process.WaitForExitAsync();
        Assert.Equal((130, "Cancelled."), (process.ExitCode, (await error).Trim()));
        Assert.False(File.Exists(_folder.PathOf("run.json")));
        var resumed = _folder.RunWell([.. search, "--log", "trials"]);
        Assert.Equal(Timeless(_folder.RunWell(search)), Timeless(resumed));
    }

    /// <summary>A record without what time decides.</summary>
    private static string Timeless(string record)
    {
        var root = JsonNode.Parse(record)!;
        Strip(root);
        return root.ToJsonString();

        static void Strip(JsonNode? node)
        {
            if (node is JsonObject members)
            {
                foreach (var name in members.Select(member => member.Key).Where(Times.Contains).ToArray())
                    members.Remove(name);
                foreach (var (_, value) in members)
                    Strip(value);
            }
            else if (node is JsonArray values)
            {
                foreach (var value in values)
                    Strip(value);
            }
        }
    }

    private void Configure(string trainers) => _folder.Write(
        "recommender.json", $"{{ \"data\": {{ \"file\": \"ratings.csv\" }}, \"trainers\": {{ {trainers} }} }}");
}
