namespace MLNetRecExt.Tool.Tests;

public sealed class CompareTests : IDisposable
{
    private const string Data = "\"data\": { \"file\": \"ratings.csv\" }";

    private readonly ToolFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("u.data", "0", "1", "2", "3", "\t")]
    [InlineData("ratings.dat", "0", "1", "2", "3", "::")]
    [InlineData("user_artists.dat", "userID", "artistID", null, null, "\t")]
    [InlineData("semicolons.csv", "customer", "product", "stars", "date", ";")]
    public void Compare_FileNobodyDescribed_IsAReport(string file, string user, string item, string? label, string? time, string separator)
    {
        Assert.Contains($"{ToolFolder.Count:N0} interactions of 60 users and 60 items", _folder.RunWell("init", file));
        var configuration = ExperimentConfiguration.Load(_folder.PathOf("recommender.json"));
        Assert.Equal(
            new DataConfiguration
            {
                File = file,
                User = user,
                Item = item,
                Label = label,
                Time = time,
                Separator = separator,
                HasHeader = user != "0",
                // Beside it, with titles of these ids.
                Items = file is "semicolons.csv" or "ratings.dat" ? null : "items.csv",
            },
            configuration.Data);
        Assert.Equal(ExperimentConfiguration.JsonSchema, _folder.Read(configuration.Schema!));

        var output = _folder.RunWell("compare");

        var record = RunRecord.Load(_folder.PathOf("run.json"));
        Assert.Equal(time is null ? "random-per-user:0.2" : "leave-last:1", record.Split);
        Assert.Equal(time is null ? 4 : 5, record.Trainers.Count);
        Assert.Contains($"{record.Best.Name} is the best of {record.Trainers.Count} trainers", output);
        // Who likes what their group likes is found out.
        Assert.True(record.Best[record.Metric].Mean > record.Trainers.Single(trainer => trainer.Name == "popularity")[record.Metric].Mean);
        Assert.Contains("</html>", _folder.Read("report.html"));
    }

    [Fact]
    public void Compare_TestPartInAFile_IsJudgedByIt()
    {
        _folder.RunWell("data", "split", "ratings.csv", "--rule", "random-per-user:0.3");
        _folder.Write("recommender.json", """
            {
              "data": { "file": "train.csv", "test": "test.csv" },
              "trainers": { "item-knn": {} },
              "publish": { "to": "best.model" }
            }
            """);

        _folder.RunWell("compare");

        var record = RunRecord.Load(_folder.PathOf("run.json"));
        Assert.Equal(File.ReadLines(_folder.PathOf("test.csv")).Count() - 1, record.Data.TestInteractions);
        var mean = FormattableString.Invariant($"{record.Best[record.Metric].Mean:0.0000}");
        Assert.Contains(mean, _folder.RunWell("evaluate", "best.model"));
    }

    [Fact]
    public void Train_Sqlite_ReadsTheQuery()
    {
        const string sql = "SELECT customer_id, sku, ordered_at FROM order_lines";
        _folder.WriteDatabase("shop.db");
        _folder.RunWell("init", "--connection", "Data Source=shop.db", "--sql", sql, "--time", "ordered_at");

        _folder.RunWell("train", "--trainer", "popularity", "--to", "models/shop.model");

        Assert.Equal(ToolFolder.Count, RecommenderModel.Load(_folder.PathOf("models/shop.model")).Info!.Interactions);
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
    [InlineData(
        "{ " + Data + ",\n \"trainers\": { \"ease\": {\n \"regularisation\": 1 } } }",
        "json(3): trainers.ease has no option 'regularisation'; did you mean 'regularization'?")]
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
    public void Compare_PublishedModelIsBetter_LeavesTheFile()
    {
        Configure("\"item-knn\": {}", "\"publish\": { \"to\": \"shop.model\" }");
        _folder.RunWell("compare");
        var before = File.ReadAllBytes(_folder.PathOf("shop.model"));
        Configure("\"popularity\": {}", "\"publish\": { \"to\": \"shop.model\" }");

        Assert.Contains("shop.model stays as it is", _folder.RunWell("compare"));

        Assert.Equal(before, File.ReadAllBytes(_folder.PathOf("shop.model")));
        Configure("\"popularity\": {}", "\"publish\": { \"to\": \"shop.model\", \"ifNotWorse\": false }");
        Assert.Contains("popularity is saved as shop.model", _folder.RunWell("compare"));
        Assert.Equal("PopularityTrainer", RecommenderModel.Load(_folder.PathOf("shop.model")).Info!.Trainer);
    }

    private void Configure(string trainers, string more = "\"metric\": \"NDCG@20\"") =>
        _folder.Write("recommender.json", $"{{ {Data}, \"trainers\": {{ {trainers} }}, {more} }}");
}
