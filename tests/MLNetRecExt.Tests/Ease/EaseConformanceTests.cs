using Microsoft.ML;
using MLNetRecExt.Tests.Conformance;

namespace MLNetRecExt.Tests.Ease;

public class EaseConformanceTests : RecommenderConformance<EaseModel>
{
    private protected override RecommenderTrainerOptions Options() => new EaseTrainer.Options { Regularization = 5 };

    private protected override RecommenderTrainer<EaseModel> Trainer(MLContext ml, RecommenderTrainerOptions options) =>
        ml.Recommenders().Trainers.Ease((EaseTrainer.Options)options);
}

public class EaseSparseConformanceTests : RecommenderConformance<EaseModel>
{
    private protected override RecommenderTrainerOptions Options() => new EaseTrainer.Options { Regularization = 5, TopWeightsPerItem = 6 };

    private protected override RecommenderTrainer<EaseModel> Trainer(MLContext ml, RecommenderTrainerOptions options) =>
        ml.Recommenders().Trainers.Ease((EaseTrainer.Options)options);
}
