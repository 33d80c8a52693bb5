using Microsoft.ML;
using MLNetRecExt.Tests.Conformance;

namespace MLNetRecExt.Tests.Baselines;

public class PopularityTrainerTests : ConformanceTests<PopularityModel, PopularityTrainer.Options>
{
    protected override PopularityTrainer.Options Options() => new PopularityTrainer.Options();

    protected override RecommenderTrainer<PopularityModel, PopularityTrainer.Options> Trainer(MLContext ml, PopularityTrainer.Options options) =>
        ml.Recommenders().Trainers.Popularity(options);

    protected override bool Personalises => false;

    [Fact]
    public void Fit_SomeInteractions_ScoreIsTheShareOfUsers()
    {
        var data = Interactions.Create(IdMap.FromKeys(4), IdMap.FromKeys(3), [0, 1, 2, 0], [0, 0, 0, 2]);

        var model = Train(data);

        Assert.Equal([0.75f, float.NaN, 0.25f], Enumerable.Range(0, 3).Select(item => model.Score(1, item)));
        Assert.Equal([new ItemScore(2, 0.25f)], model.TopItems(RecommenderQuery.ForUser(1), 3));
    }

    [Fact]
    public void TopItems_History_LeavesOutWhatItHolds()
    {
        var model = Train(Interactions.Create(IdMap.FromKeys(4), IdMap.FromKeys(3), [0, 1, 2, 0, 3], [0, 0, 0, 2, 1]));

        Assert.Equal([1, 2], model.TopItems(RecommenderQuery.ForHistory(0), 3).Select(entry => entry.Item));
    }
}
