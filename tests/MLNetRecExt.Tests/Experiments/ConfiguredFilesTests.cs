using Microsoft.ML;
using MLNetRecExt.Tests.Examples;

namespace MLNetRecExt.Tests.Experiments;

/// <summary>Experiments on the files that a configuration names.</summary>
public sealed class ConfiguredFilesTests : IDisposable
{
    private readonly TemporaryFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void Run_GivenParts_LearnsFromTwoAndCountsWhatIsCold()
    {
        _files.Write("train.csv", "user,item\na,1\na,2\nb,2\nb,3\nc,1\n");
        _files.Write("validation.csv", "user,item\na,3\nb,1\n");
        _files.Write("test.csv", "user,item\nc,2\nnobody,1\na,new\n");

        var record = Run("""
            "data": { "file": "train.csv", "validation": "validation.csv", "test": "test.csv" }, "metric": "Recall@5", "trainers": { "popularity": {} }
            """);

        Assert.Equal((7, 3, "given"), (record.Data.TrainInteractions, record.Data.TestInteractions, record.Split));
        Assert.Equal((3, 1, 1), (record.Data.TestUsers, record.Data.ColdUsers, record.Data.ColdItems));
        // Popularity ranks item 2 first for c; the other two have no chance.
        Assert.Equal(1.0 / 3, record.Best["Recall@5"].Mean, 9);
    }

    [Fact]
    public void Run_FeaturesOfItemsAndUsers_ReachTheTrainerAndItemsThatNobodyTook()
    {
        _files.Write("train.csv", "user,item\n" + string.Concat(
            from user in Enumerable.Range(0, 60) from n in Enumerable.Range(0, 8) select $"u{user},i{4 * ((user + 3 * n) % 10) + user % 4}\n"));
        _files.Write("test.csv", "user,item\nu0,new0\nu1,new1\nu2,new2\nu3,new3\n");
        _files.Write("users.csv", "user,group\n" + string.Concat(Enumerable.Range(0, 60).Select(user => $"u{user},g{user % 4}\n")));
        _files.Write("items.csv", "item,title,groups\n" + string.Concat(Enumerable.Range(0, 40).Select(item => $"i{item},\"Item, {item}\",g{item % 4}|all\n")
            .Concat(Enumerable.Range(0, 4).Select(item => $"new{item},New {item},g{item}|all\n"))));

        var record = Run("""
            "data": { "file": "train.csv", "test": "test.csv", "items": "items.csv", "users": "users.csv", "group": "groups" }, "metric": "Recall@5",
            "trainers": {
              "content-based": {}, "ease": {},
              "hybrid": { "trainer": "wals", "itemFeatures": true, "approximationRank": 8 },
              "network": { "trainer": "softmax-dnn", "itemFeatures": true, "userFeatures": true, "approximationRank": 8, "batchSize": 32,
                "warmUpSteps": 0, "learningRate": 0.03, "numberOfIterations": 8 }
            }
            """);

        Assert.Equal(0, record.Trainers.Single(trainer => trainer.Name == "ease")["Recall@5"].Mean);
        Assert.All(record.Trainers.Where(trainer => trainer.Name != "ease"), trainer => Assert.Equal(1, trainer["Recall@5"].Mean));
        Assert.Contains(record.Users[0].HeldOut, title => title.StartsWith("New "));
        Assert.Contains("g0|all", record.Trainers.Single(trainer => trainer.Name == "hybrid").Map!.Groups);
    }

    [Fact]
    public void Run_RelevantFrom_LeavesLowLabelsOutOfAllParts()
    {
        _files.Write("train.csv", "user;item;rating\na;1;5\na;2;4\nb;2;3.9\nb;3;4.5\nb;1;\n");
        _files.Write("test.csv", "user;item;rating\na;3;4\nb;2;1\n");

        var record = Run("""
            "data": { "file": "train.csv", "test": "test.csv", "separator": ";", "relevantFrom": 4 }, "trainers": { "popularity": {} }
            """);

        Assert.Equal((3, 1), (record.Data.TrainInteractions, record.Data.TestInteractions));
    }

    [Fact]
    public void Run_FilesWithoutHeader_PredictLabelsByColumnNumbers()
    {
        _files.Write("train.txt", "a\t1\t5\t7\na\t2\t3\t7\nb\t1\t2\t7\nb\t2\t3\t7\nb\t3\t1\t7\n");
        _files.Write("test.txt", "a\t3\t2\t7\nb\tnew\t4\t7\nnobody\t1\t4\t7\n");

        var record = Run("""
            "data": { "file": "train.txt", "test": "test.txt", "hasHeader": false, "user": "0", "item": "1", "label": "2" }, "metric": "RMSE",
            "trainers": { "user-mean": { "trainer": "mean", "of": "user" }, "item-mean": { "trainer": "mean", "of": "item" } }
            """);

        var means = record.Trainers.Single(trainer => trainer.Name == "user-mean");
        Assert.Equal(2.0, means["RMSE"].Mean, 1e-6);
        // User a's mean is 4, b's is 2; nobody gets the mean of all, 2.8.
        Assert.Equal((2 + 2 + 1.2) / 3, means["AllPairsMAE"].Mean, 1e-6);
    }

    [Theory]
    [InlineData("\"data\": { \"file\": \"nothing.csv\" }", "nothing.csv")]
    [InlineData("\"data\": { \"file\": \"clicks.csv\", \"user\": \"usr\" }", "has no column 'usr'")]
    [InlineData("\"data\": { \"file\": \"clicks.csv\", \"relevantFrom\": 3 }", "data.label")]
    [InlineData("\"data\": { \"file\": \"clicks.csv\", \"items\": \"clicks.csv\", \"title\": \"name\" }", "has no column 'name'; it has user, item")]
    [InlineData("\"data\": { \"file\": \"clicks.csv\" }, \"split\": \"time:0.8\"", "needs timestamps")]
    [InlineData("\"data\": { \"file\": \"clicks.csv\", \"test\": \"clicks.csv\" }, \"split\": \"time:0.8\"", "leave one out")]
    [InlineData("\"data\": { \"file\": \"clicks.csv\", \"test\": \"clicks.csv\" }, \"tune\": { \"trials\": 2 }", "data.validation")]
    [InlineData("\"data\": { \"file\": \"clicks.csv\", \"validation\": \"clicks.csv\" }", "'test'")]
    [InlineData("\"data\": { \"connection\": \"x\", \"sql\": \"y\", \"user\": \"u\", \"item\": \"i\" }", "database")]
    public void Experiment_Mistake_IsSaid(string data, string expected)
    {
        _files.Write("clicks.csv", "user,item\na,1\na,2\nb,1\n");

        var error = Assert.ThrowsAny<Exception>(() => Run(data + ", \"trainers\": { \"popularity\": {} }"));

        Assert.Contains(expected, error.Message);
        Assert.True(error is ArgumentException or IOException or InvalidDataException or NotSupportedException, error.ToString());
    }

    [Fact]
    public void Experiment_FeaturesThatAreNotThere_AreAskedFor()
    {
        _files.Write("clicks.csv", "user,item\na,1\na,2\nb,1\n");

        var error = Assert.Throws<ArgumentException>(() => Run("""
            "data": { "file": "clicks.csv" }, "trainers": { "hybrid": { "trainer": "wals", "itemFeatures": true } }
            """));

        Assert.Contains("data.items", error.Message);
    }

    private RunRecord Run(string configuration)
    {
        var path = _files.Write("recommender.json", "{" + configuration + "}");
        return new MLContext().Recommenders().Experiment(ExperimentConfiguration.Load(path), _files.Folder).Run();
    }
}
