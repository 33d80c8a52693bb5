using Microsoft.ML;
using MLNetRecExt.Tests.Conformance;

namespace MLNetRecExt.Tests.Stages;

public class BlendConformanceTests : ConformanceTests<FusedModel, BlendTrainer.Options>
{
    protected override bool RecommendsSeenItems => false;

    protected override BlendTrainer.Options Options() => new() { ValidationShare = 0.3f };

    protected override RecommenderTrainer<FusedModel, BlendTrainer.Options> Trainer(MLContext ml, BlendTrainer.Options options)
    {
        var trainers = ml.Recommenders().Trainers;
        options.Members = [trainers.Wals(new WalsTrainer.Options { ApproximationRank = 8 }), trainers.Popularity()];
        return trainers.Blend(options);
    }
}
