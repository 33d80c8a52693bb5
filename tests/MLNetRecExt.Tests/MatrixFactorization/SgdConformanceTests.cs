using Microsoft.ML;
using MLNetRecExt.Tests.Conformance;

namespace MLNetRecExt.Tests.MatrixFactorization;

public class SgdPairwiseConformanceTests : RecommenderConformance<SgdMatrixFactorizationModel>
{
    private protected override RecommenderTrainerOptions Options()
    {
        var options = SgdMatrixFactorizationTrainer.Options.ForRanking();
        (options.ApproximationRank, options.NumberOfIterations) = (8, 40);
        return options;
    }

    private protected override RecommenderTrainer<SgdMatrixFactorizationModel> Trainer(MLContext ml, RecommenderTrainerOptions options) =>
        ml.Recommenders().Trainers.SgdMatrixFactorization((SgdMatrixFactorizationTrainer.Options)options);
}

public class SgdLogisticConformanceTests : RecommenderConformance<SgdMatrixFactorizationModel>
{
    private protected override RecommenderTrainerOptions Options()
    {
        var options = SgdMatrixFactorizationTrainer.Options.ForRanking();
        (options.Loss, options.UseBiases) = (SgdLoss.Logistic, false);
        (options.ApproximationRank, options.NumberOfIterations, options.Lambda) = (5, 40, 0.03f);
        return options;
    }

    private protected override RecommenderTrainer<SgdMatrixFactorizationModel> Trainer(MLContext ml, RecommenderTrainerOptions options) =>
        ml.Recommenders().Trainers.SgdMatrixFactorization((SgdMatrixFactorizationTrainer.Options)options);
}
