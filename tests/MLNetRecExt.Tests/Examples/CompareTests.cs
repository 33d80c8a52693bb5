using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Compare;
using Microsoft.ML;

namespace MLNetRecExt.Tests.Examples;

public class CompareTests
{
    private static readonly string[] Small = ["--k", "5,10", "--set", "wals.ApproximationRank=8", "--set", "wals.NumberOfIterations=5"];

    // Only where every trainer of the task runs.
    private static readonly string[] SmallNetwork = ["--set", "softmax-dnn.NumberOfIterations=2", "--set", "softmax-dnn.ApproximationRank=8", "--set", "softmax-dnn.HiddenLayers=16,8"];

    // Every trainer, once for all tests that look at it.
    private static readonly Lazy<JsonNode> OfAllTrainers = new(() =>
    {
        using var files = new TemporaryFiles();
        files.Write("clicks.csv", Groups());
        return Run(files, "--data", "clicks.csv", "--seed", "7");
    });

    [Fact]
    public void Run_OneFile_JsonHoldsEveryNumberOfTheTable()
    {
        var json = OfAllTrainers.Value;

        Assert.Equal(["popularity", "wals"], json["trainers"]!.AsArray().Select(row => (string)row!["name"]!).Take(2));
        foreach (var row in json["trainers"]!.AsArray())
        {
            foreach (var metric in new[] { "NDCG@5", "Recall@5", "NDCG@10", "Recall@10", "ItemCoverage@5" })
                Assert.InRange((double)row!["metrics"]![metric]!["mean"]!, 0, 1);
            var (low, mean, high) = ((double)row!["metrics"]!["NDCG@5"]!["low"]!, (double)row["metrics"]!["NDCG@5"]!["mean"]!, (double)row["metrics"]!["NDCG@5"]!["high"]!);
            Assert.True(low <= mean && mean <= high, $"{low} {mean} {high}");
            Assert.All(["trainWallSeconds", "usersPerSecond", "modelBytes", "evaluatedUsers"], name => Assert.True((double)row[name]! > 0, name));
            Assert.All(["trainCpuSeconds", "coldUsers", "coldItems", "coldPairs"], name => Assert.True((double)row[name]! >= 0, name));
        }
        Assert.Equal(8, (int)json["trainers"]![1]!["settings"]!["ApproximationRank"]!);
        Assert.Equal(5, (int)json["trainers"]![1]!["settings"]!["NumberOfIterations"]!);
        Assert.Empty(json["trainers"]![0]!["fromData"]!.AsArray());
        Assert.StartsWith("From the data: Regularization ", (string)Assert.Single(json["trainers"]![1]!["fromData"]!.AsArray())!);
        Assert.Equal(7, (int)json["seed"]!);
        Assert.True((long)json["peakMemoryBytes"]! > 1_000_000);
        Assert.Equal(("wals", "popularity"), ((string)json["comparisons"]![0]!["first"]!, (string)json["comparisons"]![0]!["second"]!));
    }

    [Fact]
    public void Run_TwoGroups_WalsBeatsPopularity()
    {
        using var files = new TemporaryFiles();
        files.Write("clicks.csv", Groups());

        var comparison = Run(files, "--data", "clicks.csv", "--trainers", "popularity,wals")["comparisons"]![0]!;

        Assert.True((double)comparison["difference"]! > 0.1, comparison.ToJsonString());
        Assert.True((double)comparison["pValue"]! < 0.01, comparison.ToJsonString());
    }

    [Fact]
    public void Run_SameSeed_SameNumbersWithOneThreadAndTwo()
    {
        using var files = new TemporaryFiles();
        files.Write("clicks.csv", Groups());

        string Metrics(string threads)
        {
            var json = Run(files, "--data", "clicks.csv", "--trainers", "popularity,wals,item-knn,sgd", "--threads", threads);
            return string.Join("\n", json["trainers"]!.AsArray().Select(row => row!["metrics"]!.ToJsonString()));
        }

        Assert.Equal(Metrics("1"), Metrics("2"));
    }

    [Fact]
    public void Run_TimestampColumnWithValuesInNoRow_IsNotLookedAt()
    {
        using var files = new TemporaryFiles();
        files.Write("clicks.csv", Groups());
        var lines = Groups().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        files.Write("empty.csv", string.Join("\n", lines.Select((line, i) => i == 0 ? "user,item,timestamp" : $"{string.Join(",", line.Split(',').Take(2))},")));

        string Metrics(string file) =>
            Run(files, "--data", file, "--trainers", "popularity,wals")["trainers"]![0]!["metrics"]!.ToJsonString();

        Assert.Equal(Metrics("clicks.csv"), Metrics("empty.csv"));
    }

    [Fact]
    public void Run_Auto_IsARowWithItsTrainers()
    {
        using var files = new TemporaryFiles();
        files.Write("clicks.csv", Groups());

        var json = Run(files, "--data", "clicks.csv", "--trainers", "popularity,wals", "--auto", "0.02");

        var auto = json["trainers"]![2]!;
        Assert.Equal("auto", (string)auto["name"]!);
        Assert.Equal(
            ["Ease", "ItemKnn", "NextItemEase", "Popularity", "SoftmaxDnn", "Wals"],
            auto["auto"]!.AsArray().Select(candidate => (string)candidate!["trainer"]!).Order());
        Assert.True((double)auto["metrics"]!["Recall@10"]!["mean"]! >= (double)json["trainers"]![0]!["metrics"]!["Recall@10"]!["mean"]!);
    }

    [Theory]
    [InlineData("leave-last:1")]
    [InlineData("time:0.8")]
    [InlineData("users:0.2")]
    public void Run_EverySplit_EvaluatesUsers(string split)
    {
        using var files = new TemporaryFiles();
        files.Write("clicks.csv", Groups());

        var json = Run(files, "--data", "clicks.csv", "--split", split, "--trainers", "popularity,wals");

        Assert.True((int)json["trainers"]![1]!["evaluatedUsers"]! > 5);
        Assert.Equal(split.StartsWith("users", StringComparison.Ordinal), json["data"]!["foldInInteractions"] is not null);
    }

    [Theory]
    [InlineData("item,title,groups", "i{0},Item {0},g{1}|all")]
    [InlineData("item,title", "i{0},Item {0} (198{1})")]
    public void Run_SplitByItem_RanksTheHeldOutItemsAlone(string header, string row)
    {
        using var files = new TemporaryFiles();
        files.Write("clicks.csv", Groups());
        files.Write("items.csv", header + "\n" + string.Concat(Enumerable.Range(0, 60).Select(item => string.Format(CultureInfo.InvariantCulture, row, item, item % 4) + "\n")));

        var json = Run(files, "--data", "clicks.csv", "--items", "items.csv", "--split", "items:0.4", "--trainers", "wals,content");

        Assert.Equal(24, (int)json["data"]!["coldItemsRanked"]!);
        Assert.Equal((24, 0), ((int)json["trainers"]![0]!["coldItems"]!, (int)json["trainers"]![1]!["coldItems"]!));
        Assert.Equal(0, (double)json["trainers"]![0]!["metrics"]!["Recall@10"]!["mean"]!);
        // At random 10 / 24.
        Assert.True((double)json["trainers"]![1]!["metrics"]!["Recall@10"]!["mean"]! > 0.7);
    }

    [Fact]
    public void Run_Features_ReachTheTrainerAndAColdItem()
    {
        using var files = new TemporaryFiles();
        files.Write("train.csv", Groups());
        files.Write("test.csv", "user,item,timestamp\nu0,new0,1\nu1,new1,1\nu2,new2,1\nu3,new3,1\n");
        files.Write("users.csv", "user,group,address\n" + string.Concat(Enumerable.Range(0, 120).Select(user => $"u{user},g{user % 4},street {user}\n")));
        files.Write("items.csv", "item,title,groups,number\n" + string.Concat(Enumerable.Range(0, 60).Select(item => $"i{item},Item {item},g{item % 4}|all,{item % 4}\n")
            .Concat(Enumerable.Range(0, 4).Select(item => $"new{item},New {item},g{item}|all,{item}\n"))));

        var json = Run(files, "--train", "train.csv", "--test", "test.csv", "--users", "users.csv", "--items", "items.csv", "--trainers", "wals,softmax-dnn-features,hybrid,content", "--set", "hybrid.ApproximationRank=8",
            "--set", "softmax-dnn-features.LearningRate=0.03", "--set", "softmax-dnn-features.ApproximationRank=8", "--set", "softmax-dnn-features.BatchSize=32", "--set", "softmax-dnn-features.WarmUpSteps=0");

        var (without, with) = (json["trainers"]![0]!, json["trainers"]![1]!);
        Assert.Equal((4, 4), ((int)without["coldItems"]!, (int)with["evaluatedUsers"]!));
        Assert.Equal(0, (double)without["metrics"]!["Recall@10"]!["mean"]!);
        foreach (var row in json["trainers"]!.AsArray().Skip(1))
        {
            Assert.Equal(1, (double)row!["metrics"]!["Recall@10"]!["mean"]!);
            Assert.Equal(0, (int)row["coldItems"]!);
        }
    }

    [Fact]
    public void Run_NoFeatures_LeavesTheRowOutAndSaysSo()
    {
        using var files = new TemporaryFiles();
        files.Write("clicks.csv", Groups());
        files.Write("items.csv", "item,title\ni1,Title\n");

        var json = Run(files, "--data", "clicks.csv", "--items", "items.csv", "--trainers", "wals,softmax-dnn-features");

        Assert.Single(json["trainers"]!.AsArray());
        Assert.Contains("--users or --items", json["leftOut"]!.AsArray().Select(line => (string)line!).Single(line => line!.StartsWith("softmax-dnn-features")));
    }

    [Fact]
    public void Run_GivenParts_TrainsOnBothAndCountsColdUsersAndItems()
    {
        using var files = new TemporaryFiles();
        files.Write("train.csv", "user,item\na,1\na,2\nb,2\nb,3\nc,1\n");
        files.Write("validation.csv", "user,item\na,3\nb,1\n");
        files.Write("test.csv", "user,item\nc,2\nnobody,1\na,new\n");

        var json = Run(
            files, "--train", "train.csv", "--validation", "validation.csv", "--test", "test.csv", "--trainers", "popularity,wals");

        Assert.Equal(7, (int)json["data"]!["trainInteractions"]!);
        Assert.Equal(3, (int)json["data"]!["testInteractions"]!);
        var row = json["trainers"]![0]!;
        Assert.Equal((3, 1, 1), ((int)row["evaluatedUsers"]!, (int)row["coldUsers"]!, (int)row["coldItems"]!));
        // Popularity ranks item 2 first for c; the other two have no chance.
        Assert.Equal(1.0 / 3, (double)row["metrics"]!["Recall@5"]!["mean"]!, 9);
    }

    [Fact]
    public void Run_RelevantFrom_DropsLowLabelsInTrainingAndTest()
    {
        using var files = new TemporaryFiles();
        files.Write("train.csv", "user;item;rating\na;1;5\na;2;4\nb;2;3.9\nb;3;4.5\nb;1;\n");
        files.Write("test.csv", "user;item;rating\na;3;4\nb;2;1\n");

        var json = Run(files, "--train", "train.csv", "--test", "test.csv", "--separator", ";", "--relevant-from", "4",
            "--trainers", "popularity,wals");

        Assert.Equal((3, 1), ((int)json["data"]!["trainInteractions"]!, (int)json["data"]!["testInteractions"]!));
    }

    [Fact]
    public void Run_SaveModels_FilesLoadAndRecommend()
    {
        using var files = new TemporaryFiles();
        files.Write("clicks.csv", Groups());

        Run(files, "--data", "clicks.csv", "--save-models", files.PathOf("models"), "--trainers", "popularity,wals");

        foreach (var name in new[] { "popularity", "wals" })
        {
            var model = RecommenderModel.Load(files.PathOf($"models/{name}.model"));
            Assert.Equal(3, model.TopItems(RecommenderQuery.ForUser(model.Users.IndexOf("u1")), 3).Length);
        }
    }

    [Fact]
    public void Run_Tune_ChoosesOnValidationAndKeepsWhatIsSet()
    {
        using var files = new TemporaryFiles();
        files.Write("clicks.csv", Groups());

        var json = Run(files, "--data", "clicks.csv", "--tune", "5", "--set", "wals.Regularization=0.05", "--trainers", "popularity,wals");

        var (popularity, wals) = (json["trainers"]![0]!, json["trainers"]![1]!);
        Assert.Empty(popularity["trials"]!.AsArray());
        var trials = wals["trials"]!.AsArray();
        Assert.Equal(5, trials.Count);
        var chosen = Assert.Single(trials, trial => trial!["values"]!.AsObject().All(pair => Math.Abs((double)pair.Value! - (double)wals["settings"]![pair.Key]!) < 1e-6))!;
        Assert.True(chosen["validationMetrics"]!.AsArray().Max(value => (double)value!) >= (double)trials[0]!["validationMetrics"]!.AsArray()[^1]!);
        Assert.Equal(["UnobservedPopularityExponent", "UnobservedWeight"], chosen["values"]!.AsObject().Select(pair => pair.Key).Order());
        Assert.Equal(0.05f, (float)wals["settings"]!["Regularization"]!);
        Assert.True((int)json["data"]!["tuningTrainInteractions"]! + (int)json["data"]!["tuningValidationInteractions"]! == (int)json["data"]!["trainInteractions"]!);
    }

    [Fact]
    public void Run_TuneMinutesTooFew_TriesTheOptionsAsGivenAndSaysWhatIsInDoubt()
    {
        using var files = new TemporaryFiles();
        files.Write("clicks.csv", Groups());

        var json = Run(files, "--data", "clicks.csv", "--tune-minutes", "1e-6", "--trainers", "popularity,wals");

        var wals = json["trainers"]![1]!;
        Assert.Single(wals["trials"]!.AsArray());
        Assert.Contains(wals["tuneNotes"]!.AsArray(), note => ((string)note!).Contains("users of the validation part"));
    }

    [Fact]
    public void Run_TuneRowsWithFeatures_SearchesWhatTheyAddToo()
    {
        using var files = new TemporaryFiles();
        files.Write("clicks.csv", Groups());
        files.Write("items.csv", "item,title,groups\n" + string.Concat(Enumerable.Range(0, 60).Select(item => $"i{item},Item {item},g{item % 4}|all\n")));

        var json = Run(files, "--data", "clicks.csv", "--items", "items.csv", "--trainers", "wals,hybrid", "--tune", "3", "--set", "hybrid.ApproximationRank=8", "--set", "hybrid.NumberOfIterations=5");

        var trials = json["trainers"]![1]!["trials"]!.AsArray();
        Assert.Equal(3, trials.Count);
        Assert.All(trials, trial => Assert.Contains("FeatureRegularization", trial!["values"]!.AsObject().Select(entry => entry.Key)));
    }

    [Fact]
    public void Run_Stages_RanksSavesAndFoldsIn()
    {
        using var files = new TemporaryFiles();
        files.Write("clicks.csv", Groups());
        files.Write("items.csv", "item,title,groups\n" + string.Concat(Enumerable.Range(0, 60).Select(item => $"i{item},Item {item},g{item % 4}|all\n")));

        foreach (var split in new[] { "random-per-user:0.25", "users" })
        {
            var json = Run(files, "--data", "clicks.csv", "--items", "items.csv", "--trainers", "wals,stages", "--split", split,
                "--set", "stages.NumberOfCandidates=20", "--save-models", files.PathOf("models"));

            // Everybody stays in their group of 15.
            Assert.InRange((double)json["trainers"]![1]!["metrics"]!["Recall@10"]!["mean"]!, 0.6, 1);
            var model = Assert.IsType<RerankedModel>(RecommenderModel.Load(files.PathOf("models/stages.model"), new() { AllowPipelines = true }));
            Assert.Equal(3, ((FusedModel)((RankedModel)model.Candidates).Candidates).Sources.Count);
        }
    }

    [Fact]
    public void Run_TuneOnGivenParts_RefitsOnTrainAndValidation()
    {
        using var files = new TemporaryFiles();
        var rows = Groups().TrimEnd().Split('\n');
        string Part(int from, int to) => string.Join('\n', [rows[0], .. rows.Skip(1).Where((_, i) => i % 8 >= from && i % 8 < to)]);
        files.Write("train.csv", Part(0, 5));
        files.Write("validation.csv", Part(5, 6));
        files.Write("test.csv", Part(6, 8));

        var json = Run(files, "--train", "train.csv", "--validation", "validation.csv", "--test", "test.csv", "--tune", "3", "--trainers", "wals");

        Assert.Equal((600, 120), ((int)json["data"]!["tuningTrainInteractions"]!, (int)json["data"]!["tuningValidationInteractions"]!));
        Assert.Equal((720, 240), ((int)json["data"]!["trainInteractions"]!, (int)json["data"]!["testInteractions"]!));
        Assert.Equal(3, json["trainers"]![0]!["trials"]!.AsArray().Count);
    }

    [Fact]
    public void Run_Items_TitlesAreShownBesideWhatTheUserTook()
    {
        using var files = new TemporaryFiles();
        files.Write("clicks.csv", Groups());
        files.Write("items.csv", "item,title\n" + string.Concat(Enumerable.Range(0, 60).Select(i => $"i{i},\"Title, the {i}th [sic]\"\n")));

        var (exitCode, output, error) = ExampleProgram.Run(
            "Compare", files.Folder, ["--data", "clicks.csv", "--items", "items.csv", "--trainers", "popularity,wals", .. Small]);

        Assert.True(exitCode == 0, error);
        Assert.Contains("Title, the 12th [sic]", output);
        Assert.Contains("is recommended", output);
        Assert.Contains("NDCG@5", output);
    }

    [Fact]
    public void Run_RatingsOfFilesWithoutHeader_JsonHoldsErrorsAndCoverage()
    {
        using var files = new TemporaryFiles();
        files.Write("train.csv", "a\t1\t5\t7\na\t2\t3\t7\nb\t1\t2\t7\nb\t2\t3\t7\nb\t3\t1\t7\n");
        files.Write("test.csv", "a\t3\t2\t7\nb\tnew\t4\t7\nnobody\t1\t4\t7\n");

        var json = Run(files, "--task", "ratings", "--train", "train.csv", "--test", "test.csv", "--separator", "tab", "--no-header", "--user", "0", "--item", "1", "--label", "2");

        Assert.Equal("ratings", (string)json["task"]!);
        Assert.Equal((5, 3), ((int)json["data"]!["trainInteractions"]!, (int)json["data"]!["testInteractions"]!));
        var rows = json["trainers"]!.AsArray().ToDictionary(row => (string)row!["name"]!, row => row!);
        Assert.Superset(new HashSet<string> { "global-mean", "user-mean", "item-mean", "wals" }, rows.Keys.ToHashSet());
        Assert.Equal(2.0, (double)rows["user-mean"]["metrics"]!["RMSE"]!["mean"]!, 1e-6);
        // User a's mean is 4, b's is 2; nobody gets the mean of all, 2.8.
        Assert.Equal((2 + 2 + 1.2) / 3, (double)rows["user-mean"]["metrics"]!["AllPairsMAE"]!["mean"]!, 1e-6);
        Assert.Equal(1.0, (double)rows["item-mean"]["metrics"]!["MAE"]!["mean"]!, 1e-6);
        Assert.All(rows.Values, row => Assert.Equal((3, 1, 1), ((int)row["heldOutPairs"]!, (int)row["coldUserPairs"]!, (int)row["coldItemPairs"]!)));
        Assert.Equal("RMSE", (string)json["comparisons"]![0]!["metric"]!);
    }

    [Fact]
    public void Run_StockTrainers_AreRowsOrTheirAbsenceIsSaid()
    {
        using var files = new TemporaryFiles();
        files.Write("clicks.csv", Groups());

        var json = OfAllTrainers.Value;

        string[] stock = [.. json["trainers"]!.AsArray().Select(row => (string)row!["name"]!).Where(name => name.StartsWith("stock"))];
#if STOCK_RECOMMENDER
        Assert.Equal(["stock-one-class-by-hand", "stock-one-class-defaults"], stock);
        Assert.Empty(json["leftOut"]!.AsArray());
        Assert.Contains("cannot fold in", Assert.Throws<UsageException>(() => Comparison.Run(new MLContext(), Arguments.Parse(["--data", files.PathOf("clicks.csv"), "--split", "users", "--trainers", "stock-one-class-by-hand"]), default)).Message);
#else
        Assert.Empty(stock);
        Assert.Contains("built without Microsoft.ML.Recommender", (string)json["leftOut"]![0]!);
        Assert.Contains("built without Microsoft.ML.Recommender", Assert.Throws<UsageException>(() => Run(files, "--data", "clicks.csv", "--trainers", "stock")).Message);
#endif
    }

    [Fact]
    public void Main_Ratings_PrintsErrorsAndNoLists()
    {
        using var files = new TemporaryFiles();
        files.Write("ratings.csv", Ratings());

        var (exitCode, output, error) = ExampleProgram.Run("Compare", files.Folder,
            "--task", "ratings", "--data", "ratings.csv", "--trainers", "item-mean,wals", "--set", "wals.ApproximationRank=4", "--tune", "2");

        Assert.True(exitCode == 0, error);
        Assert.Contains("AllPairsRMSE", output);
        Assert.Contains("wals: 2 trials", output);
        Assert.Contains("the one taken has RMSE", output);
        Assert.Contains("against", output);
        Assert.DoesNotContain("is recommended", output);
    }

    [Theory]
    [InlineData("--data clicks.csv --task ratings", "has no column of numbers that is called 'rating' or 'label'")]
    [InlineData("--data clicks.csv --no-header --user user", "has no column 'user'; it has 0 ('user', …), 1 ('item', …), 2 ('timestamp', …) (comma-separated, no header)")]
    [InlineData("--data empty.csv --no-header", "empty.csv is empty; a header row with the columns' names, or a row of data, is needed")]
    [InlineData("--data wrong.csv", "wrong.csv: which column holds users cannot be told. It has a, item (comma-separated, header)")]
    [InlineData("--data clicks.csv --label stars", "clicks.csv has no column 'stars'; it has user, item, timestamp")]
    [InlineData("--data clicks.csv --separator ;", "Here these are --user, --item, --label, --weight, --time, --separator and --no-header")]
    [InlineData("--data clicks.csv --label item", "column 'item' holds 'i")]
    [InlineData("--data clicks.csv --time item", "a number or a date is needed")]
    [InlineData("--data timeless.csv --split time:0.8", "has no column of times that is called 'timestamp' or 'time'")]
    [InlineData("--data clicks.csv --label timestamp --relevant-from 1e9", "no usable row among")]
    [InlineData("--data clicks.csv --relevant-from 4", "has no column of numbers that is called 'rating' or 'label'")]
    [InlineData("--train clicks.csv --test timeless.csv", "timeless.csv has no column 'timestamp' to read timestamps from")]
    [InlineData("--data empty.csv", "empty.csv is empty")]
    [InlineData("--data clicks.csv --items timeless.csv", "timeless.csv has no column 'title' or 'name'")]
    [InlineData("--data timeless.csv", "--split random-per-user:0.2: The split leaves nothing to test on")]
    [InlineData("--data clicks.csv --set wals.Rank=3", "wals has no option 'Rank'; it has ApproximationRank")]
    [InlineData("--data clicks.csv --set wals.ApproximationRank=many", "'many' does not fit; a value of type Int32 is needed")]
    [InlineData("--data clicks.csv --set wals.Solver=LU", "one of ConjugateGradient, Cholesky is needed")]
    [InlineData("--data clicks.csv --set wals.ApproximationRank=0", "ApproximationRank must be in [1, 1024]")]
    [InlineData("--data clicks.csv --trainers stages --set stages.RankerShare=1", "stages: RankerShare must be in (0, 0.9]")]
    [InlineData("--data clicks.csv --set ApproximationRank", "TRAINER.OPTION=VALUE")]
    [InlineData("--data clicks.csv --trainers popularity --set wals.Solver=Cholesky", "wals is not among --trainers popularity")]
    public void Run_Mistake_OneLineThatSaysWhatToDo(string line, string expected)
    {
        using var files = new TemporaryFiles();
        files.Write("clicks.csv", Groups());
        files.Write("wrong.csv", "a,item\n1,2\n");
        files.Write("timeless.csv", "user,item\n1,2\n");
        files.Write("empty.csv", "");
        var words = line.Split(' ').Select(word => word.EndsWith(".csv", StringComparison.Ordinal) ? files.PathOf(word) : word).ToArray();

        var error = Assert.Throws<UsageException>(() => Comparison.Run(new MLContext(), Arguments.Parse(words), default));

        Assert.Contains(expected, error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Main_TrainersThatFail_AreLinesAndTheOthersAreWritten()
    {
        using var files = new TemporaryFiles();
        files.Write("ratings.csv", Ratings());
        // A file cannot take the place of a folder.
        Directory.CreateDirectory(files.PathOf("models/wals.model"));

        var (exitCode, output, error) = ExampleProgram.Run("Compare", files.Folder, "--task", "ratings", "--data", "ratings.csv",
            "--trainers", "item-mean,sgd,wals", "--set", "wals.ApproximationRank=4", "--set", "sgd.LearningRate=100",
            "--save-models", "models", "--json", "out.json", "--map", "out.svg");

        Assert.True(exitCode == 3, output + error);
        var lines = output.Split('\n').ToList();
        var table = lines.FindIndex(line => line.Contains("train, CPU s"));
        var failed = lines.FindIndex(line => line.StartsWith("sgd failed: "));
        var unsaved = lines.FindIndex(line => line.StartsWith("wals could not be saved: "));
        Assert.True(0 < table && table < failed && table < unsaved, output);
        Assert.Contains("against item-mean", output.Replace("item-mean against wals", "wals against item-mean"));
        var json = JsonNode.Parse(File.ReadAllText(files.PathOf("out.json")))!;
        Assert.Equal(["sgd", "wals"], json["failures"]!.AsArray().Select(failure => (string)failure!["name"]!).Order());
        var reasons = json["failures"]!.AsArray().ToDictionary(failure => (string)failure!["name"]!, failure => (string)failure!["reason"]!);
        Assert.Matches("^Training diverged in iteration .*Options are set by --set.$", reasons["sgd"]);
        Assert.Contains("wals.model", reasons["wals"]);
        var rows = json["trainers"]!.AsArray().ToDictionary(row => (string)row!["name"]!, row => row!);
        Assert.Equal(["item-mean", "wals"], rows.Keys.Order());
        Assert.True((double)rows["wals"]["metrics"]!["RMSE"]!["mean"]! > 0);
        Assert.Null(rows["wals"]["modelBytes"]);
        Assert.True((long)rows["item-mean"]["modelBytes"]! > 0);
        Assert.True(File.Exists(files.PathOf("models/item-mean.model")));
        Assert.Contains("wals", File.ReadAllText(files.PathOf("out.svg")));
    }

    [Fact]
    public void Run_EveryTrainerFails_JsonSaysSo()
    {
        using var files = new TemporaryFiles();
        files.Write("ratings.csv", Ratings());

        string[] words =
        [
            "--task", "ratings", "--data", files.PathOf("ratings.csv"), "--trainers", "sgd", "--set", "sgd.LearningRate=100",
            "--json", files.PathOf("out.json"), "--map", files.PathOf("out.svg"),
        ];

        Assert.Equal(1, Comparison.Run(new MLContext(), Arguments.Parse(words), default));
        var json = JsonNode.Parse(File.ReadAllText(files.PathOf("out.json")))!;
        Assert.Equal("sgd", (string)Assert.Single(json["failures"]!.AsArray())!["name"]!);
        Assert.Empty(json["trainers"]!.AsArray());
        Assert.False(File.Exists(files.PathOf("out.svg")));
    }

    [Fact]
    public void Main_TrainerThatDoesNotFit_IsALineAndEstimatesAreShown()
    {
        using var files = new TemporaryFiles();
        files.Write("clicks.csv", Groups());

        var (exitCode, output, error) = ExampleProgram.Run("Compare", files.Folder, "--data", "clicks.csv",
            "--trainers", "popularity,item-knn,wals", "--set", "wals.MemoryLimitMegabytes=1", "--json", "out.json");

        Assert.True(exitCode == 3, output + error);
        Assert.Matches(@"(?m)^wals failed: WalsTrainer needs about \d+ MB for 120 users, 60 items and ", output);
        Assert.Matches(@"item-knn: train, about \d+ MB: ", error);
        Assert.Contains("train, MB", output);
        var json = JsonNode.Parse(File.ReadAllText(files.PathOf("out.json")))!;
        var reason = (string)Assert.Single(json["failures"]!.AsArray())!["reason"]!;
        Assert.Matches(@"but may take 1 MB\. .*raise MemoryLimitMegabytes\. Options are set by --set\.$", reason);
        Assert.Equal(4 * 60, (long)json["trainers"]![0]!["estimatedMemoryBytes"]!);
        Assert.True((long)json["trainers"]![1]!["estimatedMemoryBytes"]! > 4 * 60);
    }

    [Fact]
    public void Failure_OfSeveralThreads_IsWhatOneOfThemMet()
    {
        var met = new InsufficientMemoryException("It needs 9 GB.\nMore.");

        var failure = TrainerFailure.Of("ease", "failed", new AggregateException(new AggregateException(met)));

        Assert.Equal("ease failed: It needs 9 GB. Options are set by --set.", failure.ToString());
    }

    [Theory]
    [InlineData("--frobnicate 1", "Unknown argument '--frobnicate'")]
    [InlineData("--data nothing.csv", "there is no file 'nothing.csv'")]
    public void Main_Mistake_OneLineOnTheErrorStreamAndExitCode2(string line, string expected)
    {
        using var files = new TemporaryFiles();

        var (exitCode, output, error) = ExampleProgram.Run("Compare", files.Folder, line.Split(' '));

        Assert.Equal(2, exitCode);
        Assert.Empty(output);
        Assert.Contains(expected, Assert.Single(error.TrimEnd().Split('\n')));
    }

    [Fact]
    public void Main_Help_ListsArgumentsAndSucceeds()
    {
        using var files = new TemporaryFiles();

        var (exitCode, output, _) = ExampleProgram.Run("Compare", files.Folder, "--help");

        Assert.Equal(0, exitCode);
        Assert.Contains("--relevant-from X", output);
        Assert.Contains("3 a trainer failed", output);
    }

    private static string Ratings() =>
        "user,item,rating\n" + string.Concat(Enumerable.Range(0, 200).Select(i => $"u{i % 20},i{i / 20},{1 + i * 7 % 5}\n"));

    private static JsonNode Run(TemporaryFiles files, params string[] arguments)
    {
        var words = arguments.Select(word => word.EndsWith(".csv", StringComparison.Ordinal) ? files.PathOf(word) : word);
        Comparison.Run(new MLContext(), Arguments.Parse([.. words, .. Small, .. words.Contains("--trainers") || words.Contains("--task") ? [] : SmallNetwork, "--json", files.PathOf("out.json")]), default);
        return JsonNode.Parse(File.ReadAllText(files.PathOf("out.json")))!;
    }

    /// <summary>120 users and 60 items in four groups; each user takes 8 of the 15 items of their group, one after the other.</summary>
    private static string Groups()
    {
        var random = new Random(1);
        var text = new StringBuilder("user,item,timestamp\n");
        for (int user = 0; user < 120; user++)
            foreach (var (time, item) in Enumerable.Range(0, 15).OrderBy(_ => random.Next()).Take(8).Index())
                text.Append(CultureInfo.InvariantCulture, $"u{user},i{4 * item + user % 4},{1000 * time + user}\n");
        return text.ToString();
    }
}
