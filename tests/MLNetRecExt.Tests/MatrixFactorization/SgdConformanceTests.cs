using Microsoft.ML;
using MLNetRecExt.Tests.Conformance;

namespace MLNetRecExt.Tests.MatrixFactorization;

public class SgdPairwiseConformanceTests : ConformanceTests<SgdMatrixFactorizationModel, SgdMatrixFactorizationTrainer.Options>
{
    protected override SgdMatrixFactorizationTrainer.Options Options()
    {
        var options = SgdMatrixFactorizationTrainer.Options.ForRanking();
        (options.ApproximationRank, options.NumberOfIterations) = (8, 40);
        return options;
    }

    protected override RecommenderTrainer<SgdMatrixFactorizationModel, SgdMatrixFactorizationTrainer.Options> Trainer(MLContext ml, SgdMatrixFactorizationTrainer.Options options) =>
        ml.Recommenders().Trainers.SgdMatrixFactorization(options);
}

public class SgdLogisticConformanceTests : ConformanceTests<SgdMatrixFactorizationModel, SgdMatrixFactorizationTrainer.Options>
{
    protected override SgdMatrixFactorizationTrainer.Options Options()
    {
        var options = SgdMatrixFactorizationTrainer.Options.ForRanking();
        (options.Loss, options.UseBiases) = (SgdLoss.Logistic, false);
        (options.ApproximationRank, options.NumberOfIterations, options.Regularization) = (5, 40, 0.03f);
        return options;
    }

    protected override RecommenderTrainer<SgdMatrixFactorizationModel, SgdMatrixFactorizationTrainer.Options> Trainer(MLContext ml, SgdMatrixFactorizationTrainer.Options options) =>
        ml.Recommenders().Trainers.SgdMatrixFactorization(options);
}

/// <summary>Predicting labels, the default, does not rank the checkerboard, whose labels are all 1: only what has to do with labels is
/// checked.</summary>
public class SgdSquaredErrorConformanceTests : RecommenderConformance<SgdMatrixFactorizationModel, SgdMatrixFactorizationTrainer.Options>
{
    [Fact]
    public void Fit_ExtremeLabelsAndWeights_Conforms() => Run(nameof(Fit_ExtremeLabelsAndWeights_GivesFiniteScoresOrRefuses));

    protected override SgdMatrixFactorizationTrainer.Options Options() => new() { ApproximationRank = 8 };

    protected override SgdMatrixFactorizationTrainer Trainer(MLContext ml, SgdMatrixFactorizationTrainer.Options options) =>
        ml.Recommenders().Trainers.SgdMatrixFactorization(options);
}
