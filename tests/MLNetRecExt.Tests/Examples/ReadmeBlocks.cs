using Microsoft.ML;

namespace MLNetRecExt.Tests.Examples;

/// <summary>The README's code blocks behind the first one, where they must compile. <see cref="ReadmeTests"/> sees to it that they are the same.</summary>
internal static class ReadmeBlocks
{
    public static void Read(MLContext mlContext)
    {
        var ratings = mlContext.Recommenders().Data.ReadInteractions("ratings.dat", new InteractionFileOptions
        {
            Columns = new("0", "1", Label: "2", Timestamp: "3"),
            HasHeader = false,
            Separator = "::",
        });
        var model = mlContext.Recommenders().Trainers.SgdMatrixFactorization(new SgdMatrixFactorizationTrainer.Options()).Fit(ratings);
    }

    public static void JudgeAndTune(MLContext mlContext, IDataView data)
    {
        var recommenders = mlContext.Recommenders();
        var all = recommenders.Data.ReadInteractions(data, new InteractionColumns("User", "Item", Timestamp: "Time"));
        var whole = recommenders.Splits.LeaveLast(all);
        var inner = recommenders.Splits.LeaveLast(whole.Train);

        var tuned = recommenders.Tune(recommenders.Trainers.Wals, new WalsTrainer.Options(), inner.Train, inner.Test);
        var model = recommenders.Trainers.Wals(tuned.Options).Fit(whole.Train);
        var report = recommenders.Evaluate(model, whole.Test);
        Console.WriteLine(report);
    }

    public static void Stages(MLContext mlContext, RecommendersCatalog recommenders, WalsModel wals, PopularityModel popularity, Interactions validation, SideFeatures films)
    {
        var candidates = recommenders.Stages.Fuse([new(wals, 200), new(popularity, 50)]);
        var table = recommenders.Stages.RankingTable(candidates, validation);
        var ranker = mlContext.Transforms.Concatenate("Features", "SourceScores", "SourceRanks", "ItemPopularity", "UserActivity")
            .Append(mlContext.Ranking.Trainers.LightGbm(rowGroupColumnName: "GroupId")).Fit(table);
        var ranked = recommenders.Stages.Rank(candidates, ranker);
        var final = recommenders.Stages.Rerank(ranked, new RerankOptions { Diversity = 0.2f, MaxPerCategory = 5, ItemFeatures = films, CategoryColumnName = "Genres" });
    }

    public static void Onnx(MLContext mlContext, WalsModel model, IDataView histories)
    {
        model.SaveAsOnnx("top.onnx", OnnxForm.TopItemsForHistory, new OnnxExportOptions { NumberOfItems = 20 });
        var lists = mlContext.Recommenders().Transforms.ApplyOnnxRecommender("top.onnx").Fit(histories).Transform(histories);
    }
}
