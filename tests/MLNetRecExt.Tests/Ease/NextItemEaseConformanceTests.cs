using Microsoft.ML;
using MLNetRecExt.Tests.Conformance;

namespace MLNetRecExt.Tests.Ease;

public class NextItemEaseConformanceTests : ConformanceTests<ItemToItemModel, NextItemEaseTrainer.Options>
{
    protected override NextItemEaseTrainer.Options Options() => new NextItemEaseTrainer.Options { TimestampColumnName = "Time" };

    protected override RecommenderTrainer<ItemToItemModel, NextItemEaseTrainer.Options> Trainer(MLContext ml, NextItemEaseTrainer.Options options) =>
        ml.Recommenders().Trainers.NextItemEase(options);
}

public class NextItemEaseSparseConformanceTests : ConformanceTests<ItemToItemModel, NextItemEaseTrainer.Options>
{
    protected override NextItemEaseTrainer.Options Options() =>
        new NextItemEaseTrainer.Options { TimestampColumnName = "Time", TopWeightsPerItem = 6, RecencyHalfLife = 8 };

    protected override RecommenderTrainer<ItemToItemModel, NextItemEaseTrainer.Options> Trainer(MLContext ml, NextItemEaseTrainer.Options options) =>
        ml.Recommenders().Trainers.NextItemEase(options);
}
