using System.Diagnostics;
using System.Text.Json;

namespace MLNetRecExt.Tool.Tests;

public sealed class CompareTests : IDisposable
{
    private const string Data = "\"data\": { \"file\": \"ratings.csv\" }";

    private readonly ToolFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("ratings.csv")]
    [InlineData("semicolons.csv")]
    [InlineData("u.data")]
    public void Compare_AfterInit_PrintsTheTableAndWritesRecordAndModel(string file)
    {
        _folder.RunWell("init", file);

        var output = _folder.RunWell("compare");

        var record = RunRecord.Load(_folder.PathOf("run.json"));
        Assert.Equal(5, record.Trainers.Count);
        Assert.StartsWith(record.ToString().ReplaceLineEndings("\n"), output.ReplaceLineEndings("\n"));
        Assert.Equal("mlrec compare recommender.json", record.Command);
        var card = RecommenderModel.Load(_folder.PathOf("best.model")).Info!;
        Assert.Equal(record.Best.Trainer, card.Trainer);
        Assert.Equal(record.Best[record.Metric].Mean, card.Metrics[record.Metric], 1e-9);
    }

    [Fact]
    public void Train_Sqlite_ReadsTheQuery()
    {
        const string sql = "SELECT customer_id, sku, ordered_at FROM order_lines";
        _folder.RunWell("init", "--connection", "Data Source=shop.db", "--sql", sql, "--time", "ordered_at");

        _folder.RunWell("train", "--trainer", "popularity", "--to", "shop.model");

        Assert.Equal(ToolFolder.Count, RecommenderModel.Load(_folder.PathOf("shop.model")).Info!.Interactions);
    }

    [Fact]
    public void Compare_JsonAndQuiet_PrintTheRecordAndNothing()
    {
        Configure("\"popularity\": {}");

        using var json = JsonDocument.Parse(_folder.RunWell("compare", "--json"));

        Assert.Equal("NDCG@20", json.RootElement.GetProperty("metric").GetString());
        Assert.Equal("", _folder.RunWell("compare", "--quiet"));
    }

    [Fact]
    public void Compare_PublishedModelIsBetter_LeavesTheFile()
    {
        Configure("\"ease\": {}", "\"publish\": { \"to\": \"shop.model\" }");
        _folder.RunWell("compare");
        var before = File.ReadAllBytes(_folder.PathOf("shop.model"));
        Assert.Contains("NDCG@20", _folder.RunWell("evaluate", "shop.model"));
        Configure("\"popularity\": {}", "\"publish\": { \"to\": \"shop.model\" }");

        Assert.Contains("shop.model stays as it is", _folder.RunWell("compare"));

        Assert.Equal(before, File.ReadAllBytes(_folder.PathOf("shop.model")));
        Configure("\"popularity\": {}", "\"publish\": { \"to\": \"shop.model\", \"ifNotWorse\": false }");
        Assert.Contains("popularity is saved as shop.model", _folder.RunWell("compare"));
        Assert.Equal("PopularityTrainer", RecommenderModel.Load(_folder.PathOf("shop.model")).Info!.Trainer);
    }

    [Fact]
    public void Compare_TrainerThatCannot_IsLeftOutWithExitCode3()
    {
        Configure("\"popularity\": {}, \"content-based\": {}");

        var (code, output, _) = _folder.Run("compare");

        Assert.Equal(3, code);
        Assert.Contains("content-based: there are no features of items", output);
        Assert.Equal("popularity", Assert.Single(RunRecord.Load(_folder.PathOf("run.json")).Trainers).Name);
    }

    [Theory]
    [InlineData("{\n  \"dta\": 1 }", "recommender.json(2): There is no 'dta'; did you mean 'data'?")]
    [InlineData("{ " + Data + ",\n \"trainers\": {\n \"walls\": {} } }", "json(3): There is no trainer 'walls'; did you mean 'wals'")]
    [InlineData("{ " + Data + ",\n \"trainers\": { \"ease\": {\n \"regularisation\": 1 } } }", "did you mean 'regularization'?")]
    [InlineData("{ \"data\": { \"file\": \"no.csv\" }, \"trainers\": { \"ease\": {} } }", "no.csv")]
    [InlineData("nothing", "recommender.json(1): ")]
    public void Compare_BadConfiguration_SaysLineNameAndNearest(string text, string expected)
    {
        _folder.Write("recommender.json", text);

        Assert.Contains(expected, _folder.RunBadly("compare"));

        Assert.False(File.Exists(_folder.PathOf("run.json")));
    }

    [Fact]
    public void Compare_NoConfiguration_NamesInit() => Assert.Contains("'mlrec init FILE'", _folder.RunBadly("compare"));

    [Fact]
    public void Tune_Trials_AreInTheRecord()
    {
        Configure("\"item-knn\": {}");

        _folder.RunWell("tune", "--trials", "3");

        Assert.Equal(3, RunRecord.Load(_folder.PathOf("run.json")).Best.Trials.Count);
    }

    [Fact]
    public void Tune_NoBudget_SaysWhatToGive()
    {
        Configure("\"item-knn\": {}");

        Assert.Contains("--minutes or --trials", _folder.RunBadly("tune"));
        Assert.Contains("must be above 0", _folder.RunBadly("tune", "--minutes", "-1"));
    }

    [Fact]
    public async Task Tune_Interrupted_EndsAtOnceWith130()
    {
        if (OperatingSystem.IsWindows())
            return;
        Configure("\"item-knn\": {}");
        using var process = _folder.Start("tune", "--minutes", "60", "--log", "trials");
        var error = process.StandardError.ReadToEndAsync();
        while (!process.HasExited && !File.Exists(_folder.PathOf("trials/item-knn.jsonl")))
            await Task.Delay(50);

        using (var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]))
            await kill.WaitForExitAsync();

        await process.WaitForExitAsync();
        Assert.Equal((130, "Cancelled."), (process.ExitCode, (await error).Trim()));
        Assert.False(File.Exists(_folder.PathOf("run.json")));
    }

    private void Configure(string trainers, string more = "\"metric\": \"NDCG@20\"") =>
        _folder.Write("recommender.json", $"{{ {Data}, \"trainers\": {{ {trainers} }}, {more} }}");
}
