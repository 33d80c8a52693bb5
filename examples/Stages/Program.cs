using System.Diagnostics;
using Compare;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.LightGbm;
using Microsoft.ML.Transforms.Text;
using MLNetRecExt;

// A recommender in three stages, judged after each: candidates, scoring, re-ranking.
// Without arguments on synthetic films; or: -- ratings.csv items.csv
// with the columns user, item, rating (those from 4 on count) and item, title, genres (Comedy|Drama).
if (args.Length is not (0 or 2))
{
    Console.Error.WriteLine("dotnet run -c Release --project examples/Stages [-- ratings.csv items.csv]");
    return 2;
}

var mlContext = new MLContext(seed: 42);
var recommenders = mlContext.Recommenders();
var (ratings, items) = args.Length == 2 ? ReadFiles(args[0], args[1]) : MakeUp();
items = mlContext.Transforms.Text.TokenizeIntoWords("Genres", separators: ['|']).Fit(items).Transform(items);
var itemFeatures = recommenders.Data.ReadFeatures(items, "Item", ["Genres"]);

// 70 % of each user's items to train the sources on, 10 % to train the ranker on, 20 % to judge.
var all = recommenders.Data.ReadInteractions(ratings);
var outer = recommenders.Splits.RandomPerUser(all, testFraction: 0.2);
var inner = recommenders.Splits.RandomPerUser(outer.Train, testFraction: 0.125);
Console.WriteLine($"{(args.Length == 2 ? args[0] : "Synthetic films")}: {all.Users.Count:N0} users, {all.Items.Count:N0} items, {all.Count:N0} interactions");
Console.WriteLine();

// The ranker learns which candidates of the inner training part are taken in the validation part …
var learnt = Candidates(inner.Train);
var table = recommenders.Stages.RankingTable(learnt, inner.Test, numberOfCandidates: 200);
var features = mlContext.Transforms.Text.ProduceWordBags("GenreBag", "Genres", ngramLength: 1, weighting: NgramExtractingEstimator.WeightingCriteria.Tf).Fit(items).Transform(items);
var ranker = mlContext.Transforms.Conversion.MapValue("ItemGenres", features, features.Schema["Item"], features.Schema["GenreBag"], "Item")
    .Append(mlContext.Transforms.Concatenate("Features", "SourceScores", "SourceRanks", "ItemPopularity", "UserActivity", "ItemGenres"))
    .Append(mlContext.Ranking.Trainers.LightGbm(new LightGbmRankingTrainer.Options
    {
        RowGroupColumnName = "GroupId",
        NumberOfIterations = 200,
        LearningRate = 0.05,
        NumberOfLeaves = 31,
        MinimumExampleCountPerLeaf = 100,
        Seed = 42,
    }))
    .Fit(table);

// … and ranks those of sources that are trained on both.
var candidates = Candidates(outer.Train);
var ranked = recommenders.Stages.Rank(candidates, ranker, numberOfCandidates: 200);
var final = recommenders.Stages.Rerank(ranked, new RerankOptions
{
    Diversity = 0.1f,
    Calibration = 0.1f,
    MaxPerCategory = 12,
    ItemFeatures = itemFeatures,
    CategoryColumnName = "Genres",
});

var embeddings = candidates.Sources.Select(source => source.Model).OfType<WalsModel>().Single();
var judging = new RankingEvaluationOptions { ItemFeatures = [.. Enumerable.Range(0, all.Items.Count).Select(item => embeddings.ItemFactors(item).ToArray())] };
Console.WriteLine($"{"",-36} {"NDCG@20",-24} {"Recall@20",-10} {"diversity",-10} {"coverage",-10} users/s");
var best = candidates.Sources.Select(source => Judge($"source: {source.Model.GetType().Name}", source.Model)).MaxBy(report => report.Ndcg(20).Mean)!;
Judge("candidates: reciprocal ranks", candidates);
Judge("candidates: blended scores", recommenders.Trainers.Blend([.. Sources().Select(source => source.Trainer)]).Fit(outer.Train));
var scored = Judge("scoring: LightGBM", ranked);
Judge("re-ranking: diverse, calibrated", final);
Console.WriteLine();
Console.WriteLine($"LightGBM against the best source: {EvaluationReport.Compare(scored, best, "NDCG@20")}");

// One model in one file, with all stages in it. The ranker is an ML.NET pipeline: load such files only from those you trust.
final.Save("stages.model");
var loaded = RecommenderModel.Load("stages.model", new LoadOptions { AllowPipelines = true });
Console.WriteLine($"stages.model: {new FileInfo("stages.model").Length / 1e6:N1} MB; its list for a user is the same: "
    + $"{loaded.TopItems(RecommenderQuery.ForUser(0), 10).SequenceEqual(final.TopItems(RecommenderQuery.ForUser(0), 10))}");
return 0;

CandidateTrainer[] Sources() =>
[
    new(recommenders.Trainers.Wals(), Count: 150),
    new(recommenders.Trainers.ContentBased(itemFeatures), Count: 37, Weight: 0.3f),
    new(recommenders.Trainers.Popularity(), Count: 37, Weight: 0.2f),
];

FusedModel Candidates(Interactions train) => recommenders.Stages.Fuse(
    [.. Sources().Select(source => new CandidateSource(source.Trainer.Fit(train), source.Count, source.Weight))]);

RankingReport Judge(string stage, RecommenderModel model)
{
    var watch = Stopwatch.StartNew();
    var report = recommenders.Evaluate(model, outer.Test, judging);
    var ndcg = report.Ndcg(20);
    Console.WriteLine($"{stage,-36} {$"{ndcg.Mean:F4} ({ndcg.Low:F4}…{ndcg.High:F4})",-24} {report.Recall(20).Mean,-10:F4} "
        + $"{report["IntraListDiversity@20"].Mean,-10:F4} {report.ItemCoverage(20).Mean,-10:F4} {report.EvaluatedUsers / watch.Elapsed.TotalSeconds:N0}");
    return report;
}

(IDataView Ratings, IDataView Items) ReadFiles(string ratingsPath, string itemsPath)
{
    var loader = mlContext.Data.CreateTextLoader<Rating>(separatorChar: ',', hasHeader: true, allowQuoting: true);
    return (mlContext.Data.FilterRowsByColumn(loader.Load(ratingsPath), "Stars", lowerBound: 4), mlContext.Data.LoadFromTextFile<Film>(itemsPath, separatorChar: ',', hasHeader: true, allowQuoting: true));
}

(IDataView Ratings, IDataView Items) MakeUp()
{
    var data = SyntheticData.Generate(seed: 42);
    return (mlContext.Data.LoadFromEnumerable(data.Interactions.Select(row => new Rating { User = $"{row.User}", Item = $"{row.Item}" })),
        mlContext.Data.LoadFromEnumerable(data.Items.Select(item => new Film { Item = $"{item.Id}", Title = item.Title, Genres = $"{item.Genre}|{item.SecondGenre}" })));
}

internal sealed class Rating
{
    [LoadColumn(0)] public string User { get; set; } = "";
    [LoadColumn(1)] public string Item { get; set; } = "";
    [LoadColumn(2)] public float Stars { get; set; } = 5;
}

internal sealed class Film
{
    [LoadColumn(0)] public string Item { get; set; } = "";
    [LoadColumn(1)] public string Title { get; set; } = "";
    [LoadColumn(2)] public string Genres { get; set; } = "";
}
