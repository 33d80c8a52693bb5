using Microsoft.ML;
using MLNetRecExt.Tests.Conformance;

namespace MLNetRecExt.Tests.ContentBased;

public class ContentBasedConformanceTests : ConformanceTests<ContentBasedModel, ContentBasedTrainer.Options>
{
    protected override ContentBasedTrainer.Options Options() => new ContentBasedTrainer.Options { ItemFeatures = Checkerboard.ItemFeatures };

    protected override RecommenderTrainer<ContentBasedModel, ContentBasedTrainer.Options> Trainer(MLContext ml, ContentBasedTrainer.Options options) =>
        ml.Recommenders().Trainers.ContentBased(options);

    protected override bool KnowsUntakenItems => true;
}
