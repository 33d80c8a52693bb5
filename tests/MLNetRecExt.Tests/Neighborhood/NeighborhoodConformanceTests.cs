using Microsoft.ML;
using MLNetRecExt.Tests.Conformance;

namespace MLNetRecExt.Tests.Neighborhood;

public class ItemKnnConformanceTests : RecommenderConformance<ItemKnnModel>
{
    private protected override RecommenderTrainerOptions Options() => new ItemKnnTrainer.Options();

    private protected override RecommenderTrainer<ItemKnnModel> Trainer(MLContext ml, RecommenderTrainerOptions options) =>
        ml.Recommenders().Trainers.ItemKnn((ItemKnnTrainer.Options)options);
}

public class ItemKnnRatingsConformanceTests : RecommenderConformance<ItemKnnModel>
{
    private protected override RecommenderTrainerOptions Options() => ItemKnnTrainer.Options.ForRatings();

    private protected override RecommenderTrainer<ItemKnnModel> Trainer(MLContext ml, RecommenderTrainerOptions options) =>
        ml.Recommenders().Trainers.ItemKnn((ItemKnnTrainer.Options)options);

    // Every label of the board is 1.
    protected override bool Personalises => false;
}

public class UserKnnConformanceTests : RecommenderConformance<UserKnnModel>
{
    private protected override RecommenderTrainerOptions Options() => new UserKnnTrainer.Options { Similarity = NeighborSimilarity.Bm25, NumberOfNeighbors = 9 };

    private protected override RecommenderTrainer<UserKnnModel> Trainer(MLContext ml, RecommenderTrainerOptions options) =>
        ml.Recommenders().Trainers.UserKnn((UserKnnTrainer.Options)options);
}

public class UserKnnRatingsConformanceTests : RecommenderConformance<UserKnnModel>
{
    private protected override RecommenderTrainerOptions Options() => UserKnnTrainer.Options.ForRatings();

    private protected override RecommenderTrainer<UserKnnModel> Trainer(MLContext ml, RecommenderTrainerOptions options) =>
        ml.Recommenders().Trainers.UserKnn((UserKnnTrainer.Options)options);

    protected override bool Personalises => false;
}
