using Microsoft.ML;
using MLNetRecExt.Tests.Conformance;

namespace MLNetRecExt.Tests.SoftmaxDnn;

public class SoftmaxDnnConformanceTests : RecommenderConformance<SoftmaxDnnModel>
{
    private protected override RecommenderTrainerOptions Options() => Quick();

    private protected static SoftmaxDnnTrainer.Options Quick() => new()
    {
        ApproximationRank = 8,
        NumberOfIterations = 60,
        BatchSize = 16,
        LearningRate = 0.02f,
        WarmUpSteps = 0,
    };

    private protected override RecommenderTrainer<SoftmaxDnnModel> Trainer(MLContext ml, RecommenderTrainerOptions options) =>
        ml.Recommenders().Trainers.SoftmaxDnn((SoftmaxDnnTrainer.Options)options);
}

public class SoftmaxDnnSampledConformanceTests : SoftmaxDnnConformanceTests
{
    private protected override RecommenderTrainerOptions Options()
    {
        var options = Quick();
        (options.ApproximationRank, options.HiddenLayers, options.Dropout) = (5, [24], 0.1f);
        (options.SkipConnection, options.ShareItemEmbeddings, options.Temperature) = (true, true, 0.2f);
        (options.NegativeSampling, options.NumberOfNegatives, options.GradientClipping) = (NegativeSampling.Mixed, 20, 5);
        return options;
    }
}

public class SoftmaxDnnItemFeaturesConformanceTests : SoftmaxDnnConformanceTests
{
    private protected override RecommenderTrainerOptions Options() => WithItemFeatures();

    private protected static SoftmaxDnnTrainer.Options WithItemFeatures()
    {
        var options = Quick();
        (options.ShareItemEmbeddings, options.SkipConnection) = (true, true);
        (options.ItemFeatures, options.UntakenItemsCompete) = (Checkerboard.ItemFeatures, true);
        return options;
    }

    protected override bool KnowsUntakenItems => true;
}

public class SoftmaxDnnUserFeaturesConformanceTests : SoftmaxDnnItemFeaturesConformanceTests
{
    private protected override RecommenderTrainerOptions Options()
    {
        var options = WithItemFeatures();
        options.UserFeatures = Checkerboard.UserFeatures;
        return options;
    }
}
