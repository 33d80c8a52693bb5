using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using MLNetRecExt;

namespace Compare;

/// <summary>
/// A recommender in three stages: candidates of WALS, features and popularity; a logistic regression over what these say that learns which candidates are taken;
/// and re-ranking for diversity.
/// </summary>
internal sealed class StagesRow(string name) : TrainerRow(name)
{
    private readonly StagesOptions _options = new();
    private SideFeatures? _itemFeatures;

    public override RecommenderTrainerOptions Options => _options;

    public override bool HasEmbeddings => false;

    public override string? Prepare(ComparisonData data)
    {
        _itemFeatures = data.ItemFeatures;
        return TrainerRows.LackOfItemFeatures(data);
    }

    public override void Check(MLContext ml) => Check(_options.Validate);

    public override IReadOnlyList<TuneTrial> Tune(MLContext ml, Interactions train, Interactions validation, TuneMetric metric, int trials, IProgress<double> progress) => [];

    public override RecommenderModel Fit(MLContext ml, Interactions data)
    {
        var stages = ml.Recommenders().Stages;
        var split = ml.Recommenders().Splits.RandomPerUser(data, _options.RankerShare, _options.Seed);
        IDataView table;
        try
        {
            table = stages.RankingTable(Candidates(ml, split.Train), split.Test, _options.NumberOfCandidates, new TopItemsOptions { NumberOfThreads = _options.NumberOfThreads, CancellationToken = _options.CancellationToken });
        }
        catch (ArgumentException e)
        {
            throw new UsageException($"{Name}: {e.Message.Split('\n', 2)[0]} Or leave it out of --trainers.");
        }
        var ranker = ml.Transforms.ReplaceMissingValues("SourceScores")
            .Append(ml.Transforms.Concatenate("Features", "SourceScores", "SourceRanks", "ItemPopularity"))
            .Append(ml.Transforms.NormalizeMeanVariance("Features"))
            .Append(ml.Transforms.Conversion.ConvertType("Label", outputKind: DataKind.Boolean))
            .Append(ml.BinaryClassification.Trainers.LbfgsLogisticRegression(new LbfgsLogisticRegressionBinaryTrainer.Options { NumberOfThreads = 1 }))
            .Fit(ml.Data.TakeRows(table, _options.RankerRows));

        var candidates = Candidates(ml, data);
        return stages.Rerank(stages.Rank(candidates, ranker, _options.NumberOfCandidates), new RerankOptions
        {
            NumberOfCandidates = _options.NumberOfCandidates,
            Diversity = _options.Diversity,
            SimilarityOf = (WalsModel)candidates.Sources[0].Model,
        });
    }

    private FusedModel Candidates(MLContext ml, Interactions train) => CandidateSources.Fit(ml.Recommenders(), train, _itemFeatures!, new WalsTrainer.Options
    {
        ApproximationRank = _options.ApproximationRank,
        Seed = _options.Seed,
        NumberOfThreads = _options.NumberOfThreads,
        CancellationToken = _options.CancellationToken,
    }, _options.NumberOfCandidates);
}
