using Microsoft.ML;
using MLNetRecExt.Tests.Conformance;

namespace MLNetRecExt.Tests.MatrixFactorization;

public class WalsConformanceTests : RecommenderConformance<WalsModel>
{
    private protected override RecommenderTrainerOptions Options() => new WalsTrainer.Options { ApproximationRank = 8, NumberOfIterations = 10 };

    private protected override RecommenderTrainer<WalsModel> Trainer(MLContext ml, RecommenderTrainerOptions options) =>
        ml.Recommenders().Trainers.Wals((WalsTrainer.Options)options);
}

public class WalsBiasesConformanceTests : RecommenderConformance<WalsModel>
{
    // Without labels every pair is as the mean, 1.
    protected override bool Personalises => false;

    private protected override RecommenderTrainerOptions Options() =>
        new WalsTrainer.Options { ApproximationRank = 8, NumberOfIterations = 10, UnobservedWeight = 0, Target = WalsTarget.Label };

    private protected override RecommenderTrainer<WalsModel> Trainer(MLContext ml, RecommenderTrainerOptions options)
    {
        var wals = (WalsTrainer.Options)options;
        wals.UseBiases = wals.UnobservedWeight == 0;
        return ml.Recommenders().Trainers.Wals(wals);
    }
}

public class WalsItemFeaturesConformanceTests : RecommenderConformance<WalsModel>
{
    private protected override RecommenderTrainerOptions Options() =>
        new WalsTrainer.Options { ApproximationRank = 8, NumberOfIterations = 10, FeatureRegularization = 1 };

    private protected override RecommenderTrainer<WalsModel> Trainer(MLContext ml, RecommenderTrainerOptions options)
    {
        var wals = (WalsTrainer.Options)options;
        wals.ItemFeatures = wals.Regularization == 0 ? null : Checkerboard.ItemFeatures;
        return ml.Recommenders().Trainers.Wals(wals);
    }

    protected override bool KnowsUntakenItems => true;
}

public class WalsCholeskyConformanceTests : WalsConformanceTests
{
    private protected override RecommenderTrainerOptions Options() =>
        new WalsTrainer.Options { ApproximationRank = 5, NumberOfIterations = 10, Solver = WalsSolver.Cholesky, Target = WalsTarget.One, ConfidenceScale = 2 };
}
