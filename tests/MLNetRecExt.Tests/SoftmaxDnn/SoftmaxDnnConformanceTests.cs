using Microsoft.ML;
using MLNetRecExt.Tests.Conformance;

namespace MLNetRecExt.Tests.SoftmaxDnn;

public class SoftmaxDnnConformanceTests : ConformanceTests<SoftmaxDnnModel, SoftmaxDnnTrainer.Options>
{
    protected override SoftmaxDnnTrainer.Options Options() => Quick();

    private protected static SoftmaxDnnTrainer.Options Quick() => new()
    {
        ApproximationRank = 8,
        NumberOfIterations = 60,
        MaxExamplesPerUser = 20,
        BatchSize = 16,
        LearningRate = 0.02f,
        WarmUpSteps = 0,
    };

    protected override RecommenderTrainer<SoftmaxDnnModel, SoftmaxDnnTrainer.Options> Trainer(MLContext ml, SoftmaxDnnTrainer.Options options) =>
        ml.Recommenders().Trainers.SoftmaxDnn(options);
}

public class SoftmaxDnnSampledConformanceTests : SoftmaxDnnConformanceTests
{
    protected override SoftmaxDnnTrainer.Options Options()
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
    protected override SoftmaxDnnTrainer.Options Options() => WithItemFeatures();

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
    protected override SoftmaxDnnTrainer.Options Options()
    {
        var options = WithItemFeatures();
        options.UserFeatures = Checkerboard.UserFeatures;
        return options;
    }
}
