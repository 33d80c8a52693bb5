using Microsoft.ML;
using MLNetRecExt.Tests.Conformance;

namespace MLNetRecExt.Tests.MatrixFactorization;

public class WalsConformanceTests : ConformanceTests<WalsModel, WalsTrainer.Options>
{
    protected override WalsTrainer.Options Options() => new WalsTrainer.Options { ApproximationRank = 8, NumberOfIterations = 10 };

    protected override RecommenderTrainer<WalsModel, WalsTrainer.Options> Trainer(MLContext ml, WalsTrainer.Options options) =>
        ml.Recommenders().Trainers.Wals(options);
}

public class WalsRecencyConformanceTests : WalsConformanceTests
{
    protected override WalsTrainer.Options Options() =>
        new WalsTrainer.Options { ApproximationRank = 8, NumberOfIterations = 10, RecencyHalfLife = 4, TimestampColumnName = "Time" };
}

public class WalsBiasesConformanceTests : ConformanceTests<WalsModel, WalsTrainer.Options>
{
    // Without labels every pair is as the mean, 1.
    protected override bool Personalises => false;

    protected override WalsTrainer.Options Options() =>
        new WalsTrainer.Options { ApproximationRank = 8, NumberOfIterations = 10, UnobservedWeight = 0, Target = WalsTarget.Label };

    protected override RecommenderTrainer<WalsModel, WalsTrainer.Options> Trainer(MLContext ml, WalsTrainer.Options options)
    {
        var wals = options;
        wals.UseBiases = wals.UnobservedWeight == 0;
        return ml.Recommenders().Trainers.Wals(wals);
    }
}

public class WalsItemFeaturesConformanceTests : ConformanceTests<WalsModel, WalsTrainer.Options>
{
    protected override WalsTrainer.Options Options() =>
        new WalsTrainer.Options { ApproximationRank = 8, NumberOfIterations = 10, FeatureRegularization = 1 };

    protected override RecommenderTrainer<WalsModel, WalsTrainer.Options> Trainer(MLContext ml, WalsTrainer.Options options)
    {
        var wals = options;
        wals.ItemFeatures = wals.Regularization == 0 ? null : Checkerboard.ItemFeatures;
        return ml.Recommenders().Trainers.Wals(wals);
    }

    protected override bool KnowsUntakenItems => true;
}

public class WalsCholeskyConformanceTests : WalsConformanceTests
{
    protected override WalsTrainer.Options Options() =>
        new WalsTrainer.Options { ApproximationRank = 5, NumberOfIterations = 10, Solver = WalsSolver.Cholesky, Target = WalsTarget.One, ConfidenceScale = 2 };
}
