using Microsoft.ML;
using MLNetRecExt.Tests.Conformance;

namespace MLNetRecExt.Tests.Neighborhood;

public class ItemKnnConformanceTests : ConformanceTests<ItemKnnModel, ItemKnnTrainer.Options>
{
    protected override ItemKnnTrainer.Options Options() => new ItemKnnTrainer.Options();

    protected override RecommenderTrainer<ItemKnnModel, ItemKnnTrainer.Options> Trainer(MLContext ml, ItemKnnTrainer.Options options) =>
        ml.Recommenders().Trainers.ItemKnn(options);
}

public class ItemKnnRatingsConformanceTests : ConformanceTests<ItemKnnModel, ItemKnnTrainer.Options>
{
    protected override ItemKnnTrainer.Options Options() => ItemKnnTrainer.Options.ForRatings();

    protected override RecommenderTrainer<ItemKnnModel, ItemKnnTrainer.Options> Trainer(MLContext ml, ItemKnnTrainer.Options options) =>
        ml.Recommenders().Trainers.ItemKnn(options);

    // Every label of the board is 1.
    protected override bool Personalises => false;
}

public class UserKnnConformanceTests : ConformanceTests<UserKnnModel, UserKnnTrainer.Options>
{
    protected override UserKnnTrainer.Options Options() => new UserKnnTrainer.Options { Similarity = NeighborSimilarity.Bm25, NumberOfNeighbors = 9 };

    protected override RecommenderTrainer<UserKnnModel, UserKnnTrainer.Options> Trainer(MLContext ml, UserKnnTrainer.Options options) =>
        ml.Recommenders().Trainers.UserKnn(options);
}

public class UserKnnRatingsConformanceTests : ConformanceTests<UserKnnModel, UserKnnTrainer.Options>
{
    protected override UserKnnTrainer.Options Options() => UserKnnTrainer.Options.ForRatings();

    protected override RecommenderTrainer<UserKnnModel, UserKnnTrainer.Options> Trainer(MLContext ml, UserKnnTrainer.Options options) =>
        ml.Recommenders().Trainers.UserKnn(options);

    protected override bool Personalises => false;
}
