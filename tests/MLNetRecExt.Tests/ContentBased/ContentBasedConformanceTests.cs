using Microsoft.ML;
using MLNetRecExt.Tests.Conformance;

namespace MLNetRecExt.Tests.ContentBased;

public class ContentBasedConformanceTests : RecommenderConformance<ContentBasedModel>
{
    private protected override RecommenderTrainerOptions Options() => new ContentBasedTrainer.Options { ItemFeatures = Checkerboard.ItemFeatures };

    private protected override RecommenderTrainer<ContentBasedModel> Trainer(MLContext ml, RecommenderTrainerOptions options) =>
        ml.Recommenders().Trainers.ContentBased((ContentBasedTrainer.Options)options);

    protected override bool KnowsUntakenItems => true;
}
