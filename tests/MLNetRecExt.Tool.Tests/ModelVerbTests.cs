using System.Text.Json;

namespace MLNetRecExt.Tool.Tests;

[Collection(ModelCollection.Name)]
public sealed class ModelVerbTests(ModelFolder trained)
{
    private readonly ToolFolder _folder = trained.Folder;
    private readonly RecommenderModel _model = trained.Model;

    [Fact]
    public void Compare_AfterInit_PrintsEveryTrainerAndWritesRecordReportAndModel()
    {
        var (record, output) = (RunRecord.Load(_folder.PathOf("run.json")), trained.Outputs[1]);

        Assert.Equal(["ease", "item-knn", "next-item-ease", "popularity", "wals"], record.Trainers.Select(trainer => trainer.Name).Order());
        Assert.All(
            record.Trainers, trainer => Assert.Contains(FormattableString.Invariant($"{trainer[record.Metric].Mean:0.0000}"), output));
        Assert.Contains($"{record.Best.Name} is the best of 5 trainers", output);
        Assert.DoesNotContain('\u001b', output);
        Assert.Equal("mlrec compare", record.Command);
        // Titles were found beside the interactions.
        Assert.Contains("Film 50, the first", _folder.Read("report.html"));
        var card = RecommenderModel.Load(_folder.PathOf("best.model")).Info!;
        Assert.Equal(record.Best.Trainer, card.Trainer);
        Assert.Equal(record.Best[record.Metric].Mean, card.Metrics[record.Metric], 1e-9);
    }

    [Fact]
    public void Report_OfARecord_IsTheReportAndTheCard()
    {
        var record = RunRecord.Load(_folder.PathOf("run.json"));

        var answer = _folder.RunJson("report", "run.json", "--output", "again.html", "--card", "card.md");

        Assert.Equal(_folder.Read("report.html"), _folder.Read("again.html"));
        Assert.Contains(record.Best.Name, _folder.Read("card.md"));
        Assert.StartsWith(record.Best.Name, answer.GetProperty("verdict")[0].GetString());
    }

    [Fact]
    public void Inspect_Model_PrintsItsCard()
    {
        var card = _folder.RunJson("inspect", "shop.model").GetProperty("card");
        var text = _folder.RunWell("inspect", "best.model");

        Assert.Equal("ItemKnnTrainer", card.GetProperty("trainer").GetString());
        var best = RecommenderModel.Load(_folder.PathOf("best.model")).Info!;
        Assert.All(best.Options, option => Assert.Contains($"{option.Key} {option.Value}", text));
        Assert.Contains("NDCG", text);
    }

    [Fact]
    public void Train_Trainer_LearnsFromAllOfTheData() => Assert.Equal(ToolFolder.Count, _model.Info!.Interactions);

    [Fact]
    public void Train_OptionsOfARun_AreThoseThatWereFound()
    {
        _folder.Write("knn.json", """
            { "data": { "file": "ratings.csv" }, "trainers": { "item-knn": {} }, "publish": { "to": "found.model", "withoutUsers": true } }
            """);
        _folder.RunWell("tune", "knn.json", "--trials", "3", "--output", "tuned.json", "--report", "tuned.html");

        _folder.RunWell("train", "knn.json", "--run", "tuned.json", "--hold-out");

        var (best, model) = (RunRecord.Load(_folder.PathOf("tuned.json")).Best, RecommenderModel.Load(_folder.PathOf("found.model")));
        Assert.Equal(best.Options, model.Info!.Options);
        Assert.Equal(3, best.Trials.Count);
        Assert.Equal(ToolFolder.Count - best[RunRecord.Load(_folder.PathOf("tuned.json")).Metric].Users, model.Info.Interactions);
        Assert.Equal(0, model.Users.Count);
    }

    [Fact]
    public void Recommend_UserOrHistory_PrintsTheModelsListWithTitles()
    {
        var history = RecommenderQuery.ForHistory(_model.Items.IndexOf("4"), _model.Items.IndexOf("8"));

        var ofUser = _folder.RunJson("recommend", "shop.model", "--user", "42", "--count", "5");
        var ofHistory = _folder.RunJson("recommend", "shop.model", "--history", "4", "8", "--count", "5");

        Assert.Equal(Texts(_model.TopItems(Ann, 5)), Items(ofUser));
        Assert.Equal(Texts(_model.TopItems(history, 5)), Items(ofHistory));
        Assert.Equal($"Film {Items(ofUser)[0]}, the first", ofUser[0].GetProperty("title").GetString());
    }

    [Fact]
    public void Similar_Item_PrintsItemsOfItsGroupFirst() => Assert.All(
        Items(_folder.RunJson("similar", "shop.model", "--item", "50", "--count", "3")), item => Assert.Equal(50 % 4, int.Parse(item) % 4));

    [Fact]
    public void Explain_Pair_AddsUpToTheScore()
    {
        var answer = _folder.RunJson("explain", "shop.model", "--user", "42", "--item", "50");

        var parts = answer.GetProperty("parts").EnumerateArray().Sum(part => part.GetProperty("value").GetDouble());
        Assert.Equal(answer.GetProperty("score").GetDouble(), parts, 1e-4);
        Assert.Contains(" others", _folder.RunWell("explain", "shop.model", "--user", "42", "--item", "50", "--count", "2"));
    }

    [Fact]
    public void Evaluate_BestModel_ReachesWhatItsRecordSays()
    {
        var record = RunRecord.Load(_folder.PathOf("run.json"));

        var metrics = _folder.RunJson("evaluate", "best.model");

        var metric = metrics.EnumerateArray().Single(metric => metric.GetProperty("name").GetString() == record.Metric);
        Assert.Equal(record.Best[record.Metric].Mean, metric.GetProperty("mean").GetDouble(), 1e-6);
        Assert.Contains("has learned all", _folder.RunBadly("evaluate", "shop.model"));
    }

    [Fact]
    public void Publish_IfNotWorse_ReplacesAWorseModelAlone()
    {
        _folder.RunWell("train", "--trainer", "popularity", "--to", "popular.model", "--hold-out");
        _folder.RunWell("publish", "popular.model", "--to", "served.model");

        Assert.Contains("is saved", _folder.RunWell("publish", "best.model", "--to", "served.model", "--if-not-worse"));
        var best = File.ReadAllBytes(_folder.PathOf("served.model"));
        Assert.Contains("stays as it is", _folder.RunWell("publish", "popular.model", "--to", "served.model", "--if-not-worse"));
        // It has learned all of the data.
        var answer = _folder.RunJson("publish", "shop.model", "--to", "served.model", "--if-not-worse");
        Assert.False(answer.GetProperty("isSaved").GetBoolean());
        Assert.Equal(best, File.ReadAllBytes(_folder.PathOf("served.model")));
    }

    [Fact]
    public void ExportParquet_Model_HoldsTheListOfEachUser()
    {
        Assert.Contains("240 rows", _folder.RunWell("export", "parquet", "shop.model", "--to", "lists.tsv", "--count", "4"));
        _folder.RunWell("export", "parquet", "shop.model", "--count", "4");

        var lines = _folder.Read("lists.tsv").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t')).ToArray();
        Assert.Equal(["user", "rank", "item", "score"], lines[0]);
        Assert.Equal(Texts(_model.TopItems(Ann, 4)), lines.Where(line => line[0] == "42").Select(line => line[2]));
        Assert.StartsWith("PAR1", _folder.Read("lists.parquet"));
    }

    [Fact]
    public void ExportVectors_ModelOfEmbeddings_HoldsThem()
    {
        _folder.RunWell("export", "vectors", "wals.model", "--to", "items.jsonl");
        _folder.RunWell("export", "vectors", "wals.model", "--of", "users", "--to", "users.jsonl");

        var (items, users) = (Vectors("items.jsonl"), Vectors("users.jsonl"));
        Assert.Equal(trained.Wals.Items.Count, items.Count);
        Assert.Equal(trained.Wals.ItemFactors(trained.Wals.Items.IndexOf("7")), items["7"]);
        var score = trained.Wals.Score(trained.Wals.Users.IndexOf("42"), trained.Wals.Items.IndexOf("7"));
        Assert.Equal(score, items["7"].Zip(users["42"], (a, b) => a * b).Sum(), 1e-4);
    }

    [Fact]
    public void ExportOnnx_ModelOfEmbeddings_IsAGraph()
    {
        var answer = _folder.RunJson("export", "onnx", "wals.model", "--form", "ItemEmbedding");

        Assert.Equal(new FileInfo(_folder.PathOf("recommender.onnx")).Length, answer.GetProperty("bytes").GetInt64());
    }

    [Theory]
    [InlineData("There is no model no.model", "inspect", "no.model")]
    [InlineData("ratings.csv", "inspect", "ratings.csv")]
    [InlineData("knows no user '4711'; it has 60 users", "recommend", "shop.model", "--user", "4711")]
    [InlineData("knows no item '4711'; it has 60 items", "similar", "shop.model", "--item", "4711")]
    [InlineData("either --user or --history", "recommend", "shop.model")]
    [InlineData("There is no configuration no.json", "recommend", "shop.model", "--user", "42", "--config", "no.json")]
    [InlineData("has no trainer 'eese'; did you mean 'ease'?", "train", "--trainer", "eese", "--to", "x.model")]
    [InlineData("say which by --trainer", "train", "--to", "x.model")]
    [InlineData("which has no embeddings", "export", "onnx", "shop.model")]
    [InlineData("which has no embeddings", "export", "vectors", "shop.model")]
    [InlineData(".parquet", "export", "parquet", "shop.model", "--to", "lists.xlsx")]
    [InlineData("There is no record no.json", "report", "no.json")]
    [InlineData("is no record of an experiment", "report", "recommender.json")]
    public void Verb_WrongArguments_SaysInOneLineWhatIsWrong(string expected, params string[] arguments) =>
        Assert.Contains(expected, _folder.RunBadly(arguments));

    private RecommenderQuery Ann => RecommenderQuery.ForUser(_model.Users.IndexOf("42"));

    private IEnumerable<string> Texts(ItemScore[] list) => list.Select(entry => _model.Items.GetText(entry.Item));

    private static string[] Items(JsonElement list) => [.. list.EnumerateArray().Select(row => row.GetProperty("item").GetString()!)];

    private Dictionary<string, float[]> Vectors(string name) => _folder.Read(name).Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => JsonDocument.Parse(line).RootElement)
        .ToDictionary(
            row => row.GetProperty("id").GetString()!,
            row => row.GetProperty("vector").EnumerateArray().Select(value => value.GetSingle()).ToArray());
}
