using Microsoft.ML;
using MLNetRecExt.Tests.Conformance;

namespace MLNetRecExt.Tests.Ease;

public class EaseConformanceTests : ConformanceTests<ItemToItemModel, EaseTrainer.Options>
{
    protected override EaseTrainer.Options Options() => new EaseTrainer.Options { Regularization = 5 };

    protected override RecommenderTrainer<ItemToItemModel, EaseTrainer.Options> Trainer(MLContext ml, EaseTrainer.Options options) =>
        ml.Recommenders().Trainers.Ease(options);
}

public class EaseSparseConformanceTests : ConformanceTests<ItemToItemModel, EaseTrainer.Options>
{
    protected override EaseTrainer.Options Options() => new EaseTrainer.Options { Regularization = 5, TopWeightsPerItem = 6 };

    protected override RecommenderTrainer<ItemToItemModel, EaseTrainer.Options> Trainer(MLContext ml, EaseTrainer.Options options) =>
        ml.Recommenders().Trainers.Ease(options);
}

public class EaseDualConformanceTests : ConformanceTests<ItemToItemModel, EaseTrainer.Options>
{
    protected override EaseTrainer.Options Options() => new EaseTrainer.Options { IsDual = true };

    protected override RecommenderTrainer<ItemToItemModel, EaseTrainer.Options> Trainer(MLContext ml, EaseTrainer.Options options) =>
        ml.Recommenders().Trainers.Ease(options);
}

public class EaseDualRecencyConformanceTests : ConformanceTests<ItemToItemModel, EaseTrainer.Options>
{
    protected override EaseTrainer.Options Options() =>
        new EaseTrainer.Options { IsDual = true, RecencyHalfLife = 4, TimestampColumnName = "Time" };

    protected override RecommenderTrainer<ItemToItemModel, EaseTrainer.Options> Trainer(MLContext ml, EaseTrainer.Options options) =>
        ml.Recommenders().Trainers.Ease(options);
}

public class EaseDualSparseConformanceTests : ConformanceTests<ItemToItemModel, EaseTrainer.Options>
{
    protected override EaseTrainer.Options Options() => new EaseTrainer.Options { IsDual = true, TopWeightsPerItem = 6, Dropout = 0, DiagonalRelaxation = 0 };

    protected override RecommenderTrainer<ItemToItemModel, EaseTrainer.Options> Trainer(MLContext ml, EaseTrainer.Options options) =>
        ml.Recommenders().Trainers.Ease(options);
}
