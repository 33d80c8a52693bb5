using System.Text.Json;

namespace MLNetRecExt.Tool.Tests;

public sealed class ModelVerbTests(ModelFolder trained) : IClassFixture<ModelFolder>
{
    private readonly ToolFolder _folder = trained.Folder;
    private readonly RecommenderModel _model = trained.Model;

    [Fact]
    public void Inspect_Model_PrintsItsCard()
    {
        Assert.Contains($"{_model.Info}".ReplaceLineEndings("\n"), _folder.RunWell("inspect", "shop.model").ReplaceLineEndings("\n"));
        Assert.Equal("ItemKnnTrainer", Json("inspect", "shop.model").GetProperty("card").GetProperty("trainer").GetString());
    }

    [Fact]
    public void Train_Trainer_LearnsFromAllOfTheData() => Assert.Equal(ToolFolder.Count, _model.Info!.Interactions);

    [Fact]
    public void Recommend_User_PrintsTheModelsList()
    {
        var user = _model.Users.IndexOf("42");

        var list = Json("recommend", "shop.model", "--user", "42", "--count", "5");

        Assert.Equal(
            _model.TopItems(RecommenderQuery.ForUser(user), 5).Select(entry => _model.Items.GetText(entry.Item)), Items(list));
    }

    [Fact]
    public void Recommend_History_PrintsTheModelsList()
    {
        var query = RecommenderQuery.ForHistory(_model.Items.IndexOf("4"), _model.Items.IndexOf("8"));

        var list = Json("recommend", "shop.model", "--history", "4", "8", "--count", "5");

        Assert.Equal(_model.TopItems(query, 5).Select(entry => _model.Items.GetText(entry.Item)), Items(list));
    }

    [Fact]
    public void Similar_Item_PrintsItemsOfItsGroupFirst() =>
        Assert.All(Items(Json("similar", "shop.model", "--item", "50", "--count", "3")), item => Assert.Equal(50 % 4, int.Parse(item) % 4));

    [Fact]
    public void Explain_Pair_AddsUpToTheScore()
    {
        var answer = Json("explain", "shop.model", "--user", "42", "--item", "50");

        var parts = answer.GetProperty("parts").EnumerateArray().Sum(part => part.GetProperty("value").GetDouble());
        Assert.Equal(answer.GetProperty("score").GetDouble(), parts, 1e-4);
        Assert.Contains("score", _folder.RunWell("explain", "shop.model", "--user", "42", "--item", "50"));
    }

    [Fact]
    public void Evaluate_ModelThatLearnedTheTestPart_IsRefused() =>
        Assert.Contains("has learned all", _folder.RunBadly("evaluate", "shop.model"));

    [Fact]
    public void Publish_IfNotWorse_ReplacesAWorseModelAlone()
    {
        Compare("popularity", "popular.model");
        Compare("item-knn", "knn.model");
        _folder.RunWell("publish", "popular.model", "--to", "served.model", "--if-not-worse");

        Assert.Contains("is saved", _folder.RunWell("publish", "knn.model", "--to", "served.model", "--if-not-worse"));
        Assert.Contains("stays as it is", _folder.RunWell("publish", "popular.model", "--to", "served.model", "--if-not-worse"));

        Assert.Equal("ItemKnnTrainer", RecommenderModel.Load(_folder.PathOf("served.model")).Info!.Trainer);
        Assert.Contains("is saved", _folder.RunWell("publish", "popular.model", "--to", "served.model"));
        // It has learned all of the data.
        Assert.Contains("cannot be judged", _folder.RunWell("publish", "shop.model", "--to", "served.model", "--if-not-worse"));

        void Compare(string trainer, string model)
        {
            _folder.Write("one.json", $$"""
                { "data": { "file": "ratings.csv" }, "trainers": { "{{trainer}}": {} }, "publish": { "to": "{{model}}" } }
                """);
            _folder.RunWell("compare", "one.json");
        }
    }

    [Theory]
    [InlineData("There is no model no.model", "inspect", "no.model")]
    [InlineData("ratings.csv", "inspect", "ratings.csv")]
    [InlineData("knows no user '4711'; it has 60 users", "recommend", "shop.model", "--user", "4711")]
    [InlineData("knows no item '4711'; it has 60 items", "similar", "shop.model", "--item", "4711")]
    [InlineData("either --user or --history", "recommend", "shop.model")]
    [InlineData("has no trainer 'eese'; did you mean 'ease'?", "train", "--trainer", "eese", "--to", "x.model")]
    public void Verb_WrongArguments_SaysInOneLineWhatIsWrong(string expected, params string[] arguments) =>
        Assert.Contains(expected, _folder.RunBadly(arguments));

    private static string[] Items(JsonElement list) => [.. list.EnumerateArray().Select(row => row.GetProperty("item").GetString()!)];

    private JsonElement Json(params string[] arguments)
    {
        using var json = JsonDocument.Parse(_folder.RunWell([.. arguments, "--json"]));
        return json.RootElement.Clone();
    }
}
