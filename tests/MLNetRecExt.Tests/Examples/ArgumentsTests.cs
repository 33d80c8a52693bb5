using Compare;

namespace MLNetRecExt.Tests.Examples;

public class ArgumentsTests
{
    [Fact]
    public void Parse_Nothing_SyntheticDataAndDocumentedDefaults()
    {
        var arguments = Arguments.Parse([]);

        Assert.True(arguments.Synthetic);
        Assert.Equal([20, 100], arguments.Cutoffs);
        Assert.Equal(42, arguments.Seed);
        Assert.Equal("random-per-user:0.2", arguments.Split.ToString());
        Assert.Equal(["popularity", "wals"], arguments.Trainers.Take(2));
        Assert.Contains("softmax-dnn-features", arguments.Trainers);
        Assert.Null(arguments.TuningTrials);
    }

    [Fact]
    public void Parse_EveryArgument_IsRead()
    {
        using var files = new TemporaryFiles();
        var (train, test, validation, items) = (files.Write("train.csv", "user,item"), files.Write("test.csv", "user,item"), files.Write("validation.csv", "user,item"), files.Write("items.csv", "item,title"));

        var arguments = Arguments.Parse(
        [
            "--train", train, "--test", test, "--validation", validation, "--items", items,
            "--task", "ranking", "--no-header", "--user", "u", "--item", "i", "--label", "l", "--time", "t", "--weight", "w", "--separator", "tab",
            "--relevant-from", "3.5", "--seed", "7", "--k", "5,10", "--trainers", "wals, popularity",
            "--set", "wals.ApproximationRank=8", "--set", "wals.NumberOfIterations=3",
            "--tune", "12", "--tune-minutes", "1.5", "--threads", "1", "--json", "out.json", "--map", "map.svg", "--save-models", "models",
        ]);

        Assert.Equal((train, test, validation, items), (arguments.Train, arguments.Test, arguments.Validation, arguments.Items));
        Assert.Equal(("u", "i", "l", "t", "w"), (arguments.User, arguments.Item, arguments.Label, arguments.Time, arguments.Weight));
        Assert.Equal("\t", arguments.Separator);
        Assert.Equal((ComparisonTask.Ranking, (bool?)false), (arguments.Task, arguments.HasHeader));
        Assert.Equal(3.5f, arguments.RelevantFrom);
        Assert.Equal(7, arguments.Seed);
        Assert.Equal([5, 10], arguments.Cutoffs);
        Assert.Equal(["wals", "popularity"], arguments.Trainers);
        Assert.Equal(["wals.ApproximationRank=8", "wals.NumberOfIterations=3"], arguments.Settings);
        Assert.Equal((12, TimeSpan.FromSeconds(90), 1), (arguments.TuningTrials, arguments.TuningTime, arguments.Threads));
        Assert.Equal(("out.json", "map.svg", "models"), (arguments.Json, arguments.Map, arguments.ModelFolder));
        Assert.False(arguments.Synthetic);
    }

    [Theory]
    [InlineData("--trian x", "did you mean --train?")]
    [InlineData("--nonsense-of-some-kind x", "--help lists them all")]
    [InlineData("--seed", "--seed needs a value")]
    [InlineData("--seed x", "'x' is not a whole number")]
    [InlineData("--k 0", "'0' is not a whole number from 1")]
    [InlineData("--k 20,", "'' is not a whole number")]
    [InlineData("--tune 0", "from 1")]
    [InlineData("--tune-minutes 0", "'0' is not above 0")]
    [InlineData("--tune-minutes 1e9", "at most 70000 minutes")]
    [InlineData("--train Compare.dll --test Compare.dll --tune-minutes 3", "--validation FILE")]
    [InlineData("--auto 0", "above 0")]
    [InlineData("--threads none", "'none'")]
    [InlineData("--relevant-from NaN", "'NaN' is not a number")]
    [InlineData("--data missing.csv", "there is no file 'missing.csv'")]
    [InlineData("--train Compare.dll", "--train and --test go together")]
    [InlineData("--test Compare.dll", "--train and --test go together")]
    [InlineData("--validation Compare.dll", "--validation goes with --train and --test")]
    [InlineData("--train Compare.dll --test Compare.dll --tune 3", "--validation FILE")]
    [InlineData("--train Compare.dll --test Compare.dll --split time:0.8", "Leave it out")]
    [InlineData("--data Compare.dll --dataset ml-1m", "exclude each other")]
    [InlineData("--dataset ml-1m --separator ;", "--separator does not go with --dataset")]
    [InlineData("--relevant-from 4", "--relevant-from is about a file")]
    [InlineData("--seed 1 --seed 2", "--seed is given twice")]
    [InlineData("--trainers popularity,svd", "There is no trainer 'svd'; there are popularity, wals")]
    [InlineData("--task stars", "'stars' is neither ranking nor ratings")]
    [InlineData("--task ratings", "--task ratings needs labels")]
    [InlineData("--task ratings --data Compare.dll --relevant-from 3", "--relevant-from is about rankings")]
    [InlineData("--data Compare.dll --split items:0.2 --tune 3", "--split items:0.2 judges others")]
    [InlineData("--task ratings --data Compare.dll --split items:0.2", "leaves no rating of a test item to train on")]
    [InlineData("--task ratings --data Compare.dll --split users:0.2", "leaves no rating of a test user to train on")]
    [InlineData("--task ratings --data Compare.dll --trainers popularity", "There is no trainer 'popularity' for --task ratings; there are global-mean")]
    [InlineData("--no-header", "--no-header is about a file")]
    [InlineData("--users Compare.dll", "--users is about a file")]
    [InlineData("--split monthly:2", "'monthly:2' is none of random-per-user:0.2, leave-last:1, time:0.8, users:0.1, items:0.1")]
    [InlineData("--split time:1.5", "a number between 0 and 1")]
    [InlineData("--split leave-last:0.5", "a whole number from 1")]
    public void Parse_Mistake_OneLineThatSaysWhatToDo(string line, string expected)
    {
        var error = Assert.Throws<UsageException>(() => Arguments.Parse(line.Split(' ')));

        Assert.Contains(expected, error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [InlineData("random-per-user", "random-per-user:0.2")]
    [InlineData("random-per-user:0.35", "random-per-user:0.35")]
    [InlineData("leave-last:3", "leave-last:3")]
    [InlineData("time", "time:0.8")]
    [InlineData("users:0.25", "users:0.25")]
    [InlineData("items", "items:0.1")]
    public void SplitRule_Parse_ReadsWhatItPrints(string text, string expected) =>
        Assert.Equal(expected, SplitRule.Parse(text).ToString());

    [Fact]
    public void Help_NamesEveryArgumentOfTheParser()
    {
        var help = Arguments.Help();

        foreach (var name in new[] { "--task", "--no-header", "--data", "--dataset", "--train", "--test", "--validation", "--items", "--user", "--item", "--label", "--time", "--weight", "--separator", "--relevant-from", "--split", "--seed", "--k", "--trainers", "--set", "--tune", "--tune-minutes", "--auto", "--threads", "--json", "--save-models", "--help" })
            Assert.Contains($"  {name} ", help);
    }
}
