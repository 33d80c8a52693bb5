using Microsoft.ML;

namespace MLNetRecExt;

/// <summary>Everything that recommends, by way of <c>mlContext.Recommenders()</c>.</summary>
public sealed class RecommendersCatalog
{
    internal RecommendersCatalog(MLContext mlContext)
    {
        Trainers = new RecommenderTrainersCatalog(mlContext);
        Data = new RecommenderDataCatalog(mlContext);
        Splits = new RecommenderSplitsCatalog(mlContext);
    }

    /// <summary>Trainers, to append to a pipeline.</summary>
    public RecommenderTrainersCatalog Trainers { get; }

    /// <summary>Reading interactions into memory.</summary>
    public RecommenderDataCatalog Data { get; }

    /// <summary>Partitions into training and test parts.</summary>
    public RecommenderSplitsCatalog Splits { get; }

    /// <summary>Ranks the full catalogue for every user with a held-out interaction, on all cores, and measures the lists.</summary>
    /// <param name="model">Any trained model.</param>
    /// <param name="heldOut">What the users took after, or apart from, training. Its ids extend the model's: split after reading, or read it with <c>idsOf</c> the training part.</param>
    /// <param name="options">What to measure; null for the defaults.</param>
    /// <returns>Every metric with its 95 % interval; print it, or compare two with <see cref="RankingReport.Compare"/>.</returns>
    /// <exception cref="ArgumentException">The ids are not the model's, an option is out of range, or no held-out interaction is relevant.</exception>
    /// <exception cref="NotSupportedException"><see cref="RankingEvaluatorOptions.FoldIn"/> is set and the model cannot fold in.</exception>
    /// <exception cref="OperationCanceledException">Cancelled through <see cref="RankingEvaluatorOptions.CancellationToken"/>.</exception>
    public RankingReport Evaluate(RecommenderModel model, Interactions heldOut, RankingEvaluatorOptions? options = null) =>
        RankingEvaluator.Evaluate(model, heldOut, options);
}
