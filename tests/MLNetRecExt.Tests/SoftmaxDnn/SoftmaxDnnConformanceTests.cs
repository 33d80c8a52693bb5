using Microsoft.ML;
using MLNetRecExt.Tests.Conformance;

namespace MLNetRecExt.Tests.SoftmaxDnn;

public class SoftmaxDnnConformanceTests : RecommenderConformance<SoftmaxDnnModel>
{
    private protected override RecommenderTrainerOptions Options() => new SoftmaxDnnTrainer.Options
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

public class SoftmaxDnnSampledConformanceTests : RecommenderConformance<SoftmaxDnnModel>
{
    private protected override RecommenderTrainerOptions Options() => new SoftmaxDnnTrainer.Options
    {
        ApproximationRank = 5,
        HiddenLayers = [24],
        SkipConnection = true,
        NumberOfIterations = 60,
        BatchSize = 16,
        LearningRate = 0.02f,
        Temperature = 0.2f,
        ShareItemEmbeddings = true,
        Dropout = 0.1f,
        GradientClipping = 5,
        NegativeSampling = NegativeSampling.Mixed,
        NumberOfNegatives = 20,
        WarmUpSteps = 0,
    };

    private protected override RecommenderTrainer<SoftmaxDnnModel> Trainer(MLContext ml, RecommenderTrainerOptions options) =>
        ml.Recommenders().Trainers.SoftmaxDnn((SoftmaxDnnTrainer.Options)options);
}

public class SoftmaxDnnItemFeaturesConformanceTests : RecommenderConformance<SoftmaxDnnModel>
{
    private protected override RecommenderTrainerOptions Options() => new SoftmaxDnnTrainer.Options
    {
        ApproximationRank = 8,
        NumberOfIterations = 60,
        BatchSize = 16,
        LearningRate = 0.02f,
        WarmUpSteps = 0,
        ShareItemEmbeddings = true,
        SkipConnection = true,
        ItemFeatures = Checkerboard.ItemFeatures,
        UntakenItemsCompete = true,
    };

    private protected override RecommenderTrainer<SoftmaxDnnModel> Trainer(MLContext ml, RecommenderTrainerOptions options) =>
        ml.Recommenders().Trainers.SoftmaxDnn((SoftmaxDnnTrainer.Options)options);

    protected override bool KnowsUntakenItems => true;
}

public class SoftmaxDnnUserFeaturesConformanceTests : RecommenderConformance<SoftmaxDnnModel>
{
    private protected override RecommenderTrainerOptions Options() => new SoftmaxDnnTrainer.Options
    {
        ApproximationRank = 8,
        NumberOfIterations = 60,
        BatchSize = 16,
        LearningRate = 0.02f,
        WarmUpSteps = 0,
        ShareItemEmbeddings = true,
        SkipConnection = true,
        UserFeatures = Checkerboard.UserFeatures,
        ItemFeatures = Checkerboard.ItemFeatures,
        UntakenItemsCompete = true,
    };

    private protected override RecommenderTrainer<SoftmaxDnnModel> Trainer(MLContext ml, RecommenderTrainerOptions options) =>
        ml.Recommenders().Trainers.SoftmaxDnn((SoftmaxDnnTrainer.Options)options);

    protected override bool KnowsUntakenItems => true;
}
