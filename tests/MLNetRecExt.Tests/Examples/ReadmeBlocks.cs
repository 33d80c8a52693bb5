using Microsoft.ML;

namespace MLNetRecExt.Tests.Examples;

/// <summary>
/// The READMEs' code blocks but the first, QuickStart, where they must compile. <see cref="ReadmeTests"/> sees to it that they are the same.
/// </summary>
internal static class ReadmeBlocks
{
    private sealed record Taken(string User, string Item);

    private sealed class Prediction
    {
        public float Score { get; set; }
    }

    public static void FileOfYourOwn(MLContext mlContext)
    {
        var recommenders = mlContext.Recommenders();
        var orders = recommenders.Data.ReadInteractions("orders.csv");
        var recommender = recommenders.Trainers.Wals().Fit(orders).For<string, string>();
        foreach (var product in recommender.Recommend("4711", 10))
            Console.WriteLine($"{product.Rank}. {product.Item}");
    }

    public static void Read(RecommendersCatalog recommenders)
    {
        var options = InteractionFileOptions.Infer("ratings.dat") with { RelevantFrom = 4 };
        var ratings = recommenders.Data.ReadInteractions("ratings.dat", options);
    }

    public static void Judge(RecommendersCatalog recommenders, Interactions ratings)
    {
        var split = recommenders.Splits.RandomPerUser(ratings);
        var report = recommenders.Evaluate(recommenders.Trainers.Wals().Fit(split.Train), split.Test);
        Console.WriteLine($"{report.Ndcg(20)} {report.Recall(20)}");
    }

    public static void Search(RecommendersCatalog recommenders, Interactions orders)
    {
        var found = recommenders.Auto(orders, TimeSpan.FromMinutes(5));
        Console.WriteLine(found);
        found.Model.Save("orders.model");
    }

    public static void GuideSearch(RecommendersCatalog recommenders)
    {
        var found = recommenders.Auto(recommenders.Data.ReadInteractions("orders.csv"), TimeSpan.FromMinutes(5));
        Console.WriteLine(found);
        found.Model.Save("shop.model");
    }

    public static void GuideExperiment(RecommendersCatalog recommenders, Interactions orders)
    {
        var options = new ExperimentOptions { Split = SplitRule.LeaveLast(), Metric = "NDCG@12", TimeLimit = TimeSpan.FromMinutes(5) };
        var record = recommenders.Experiment(orders, options).Add("popularity", "item-knn", "wals", "ease").Run();
        Console.WriteLine(record);
        record.Save("run.json");
        record.Best.Model!.Save("best.model");
    }

    public static void GuideExperimentFile(RecommendersCatalog recommenders)
    {
        var file = ExperimentConfiguration.Load("recommender.json");
        var record = recommenders.Experiment(file, folder: ".").Run();
    }

    public static void Stages(RecommendersCatalog recommenders, InteractionSplit split)
    {
        CandidateTrainer[] sources = [new(recommenders.Trainers.Wals(), 200), new(recommenders.Trainers.Popularity(), 50)];
        var staged = recommenders.Trainers.Staged(sources).Fit(split.Train);
    }

    public static void Serve()
    {
        var shop = RecommenderModel.Load("orders.model").For<string, string>();
        var inStock = shop.Only(["A-17", "B-03", "C-99"]);
        var list = shop.Recommend("4711", 10, inStock);
    }

    public static void Onnx(RecommendersCatalog recommenders, Interactions orders)
    {
        recommenders.Trainers.Wals().Fit(orders).SaveAsOnnx("top.onnx", OnnxForm.TopItemsForHistory);
    }

    public static void GuideRead(MLContext mlContext)
    {
        var ratings = mlContext.Recommenders().Data.ReadInteractions("ratings.dat", new InteractionFileOptions
        {
            Columns = new("0", "1", Label: "2", Timestamp: "3"),
            HasHeader = false,
            Separator = "::",
        });
    }

    public static void GuideStore(RecommendersCatalog recommenders)
    {
        var clicks = recommenders.Data.ReadInteractions("clicks.csv", options: new() { Store = new("clicks.store") { MemoryLimitMegabytes = 256 } });
        var sameClicks = InteractionStore.Open("clicks.store");    // another day, without reading the text again
        var model = recommenders.Trainers.Wals().Fit(sameClicks);
    }

    public static void GuideJudge(MLContext mlContext, IDataView data)
    {
        var recommenders = mlContext.Recommenders();
        var all = recommenders.Data.ReadInteractions(data, new InteractionColumns("User", "Item", Timestamp: "Time"));
        var whole = recommenders.Splits.LeaveLast(all);
        var model = recommenders.Trainers.Wals().Fit(whole.Train);
        Console.WriteLine(recommenders.Evaluate(model, whole.Test));
    }

    public static void GuideJudgeRatings(RecommendersCatalog recommenders, Interactions ratings)
    {
        var trainer = recommenders.Trainers.SgdMatrixFactorization();
        var validation = recommenders.CrossValidateRatings(trainer, recommenders.Splits.KFold(ratings));
        Console.WriteLine(validation);
    }

    public static void GuideTune(RecommendersCatalog recommenders, InteractionSplit whole)
    {
        var inner = recommenders.Splits.LeaveLast(whole.Train);
        var options = new WalsTrainer.Options { ApproximationRank = 128 };
        var tuned = recommenders.Tune(recommenders.Trainers.Wals, options, inner.Train, inner.Test);
        Console.WriteLine(tuned);
        var final = recommenders.Trainers.Wals(tuned.Options).Fit(whole.Train);
    }

    public static void GuideFromNightToNight(
        RecommendersCatalog recommenders, RecommenderModel lastNight, Interactions orders, Interactions clicks)
    {
        var options = new WalsTrainer.Options { NumberOfIterations = 3 };
        var tonight = recommenders.Trainers.Wals(options).Fit(orders, initial: lastNight);
        var now = tonight.Append(clicks);
        now.Save("shop.model");
    }

    public static void GuideServe(MLContext mlContext, ITransformer transformer)
    {
        var engine = mlContext.Model.CreatePredictionEngine<Taken, Prediction>(transformer);
        Console.WriteLine(engine.Predict(new Taken("Dee", "Before Sunrise")).Score);
    }

    public static void StagesAsATrainer(RecommendersCatalog recommenders, Interactions train, SideFeatures films)
    {
        var trainer = recommenders.Trainers.Staged(new StagedTrainer.Options
        {
            Sources = [new(recommenders.Trainers.Wals(), 200), new(recommenders.Trainers.Popularity(), 50)],
            Rules = new() { Diversity = 0.2f, MaxPerCategory = 5, ItemFeatures = films, CategoryColumnName = "Genres" },
        });
        var model = trainer.Fit(train);
    }

    public static void ThreeStages(
        MLContext mlContext, RecommendersCatalog recommenders, WalsModel wals, PopularityModel popularity,
        Interactions validation, SideFeatures films)
    {
        var candidates = recommenders.Stages.Fuse([new(wals, 200), new(popularity, 50)]);
        var table = recommenders.Stages.RankingTable(candidates, validation);
        var ranker = mlContext.Transforms.Concatenate("Features", "SourceScores", "SourceRanks", "ItemPopularity", "UserActivity")
            .Append(mlContext.Ranking.Trainers.LightGbm(rowGroupColumnName: "GroupId")).Fit(table);
        var ranked = recommenders.Stages.Rank(candidates, ranker);
        var rules = new RerankOptions { Diversity = 0.2f, MaxPerCategory = 5, ItemFeatures = films, CategoryColumnName = "Genres" };
        var final = recommenders.Stages.Rerank(ranked, rules);
    }

    public static void OnnxLists(MLContext mlContext, WalsModel model, IDataView histories)
    {
        model.SaveAsOnnx("top.onnx", OnnxForm.TopItemsForHistory, new OnnxExportOptions { NumberOfItems = 20 });
        var lists = mlContext.Recommenders().Transforms.ApplyOnnxRecommender("top.onnx").Fit(histories).Transform(histories);
    }

    public static void OnnxByMLNet(MLContext mlContext, IDataView histories)
    {
        var stock = mlContext.Transforms.ApplyOnnxModel(["Items", "Scores"], ["History"], "top.onnx").Fit(histories);
    }
}
