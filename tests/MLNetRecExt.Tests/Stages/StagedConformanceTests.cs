using Microsoft.ML;
using MLNetRecExt.Tests.Conformance;

namespace MLNetRecExt.Tests.Stages;

public class StagedConformanceTests : ConformanceTests<RerankedModel, StagedTrainer.Options>
{
    protected override bool RecommendsSeenItems => false;

    protected override StagedTrainer.Options Options() => new() { RankerShare = 0.3f };

    protected override RecommenderTrainer<RerankedModel, StagedTrainer.Options> Trainer(MLContext ml, StagedTrainer.Options options)
    {
        var trainers = ml.Recommenders().Trainers;
        options.Sources = [new(trainers.Wals(new WalsTrainer.Options { ApproximationRank = 8 })), new(trainers.Popularity(), Weight: 0.1f)];
        return trainers.Staged(options);
    }
}
