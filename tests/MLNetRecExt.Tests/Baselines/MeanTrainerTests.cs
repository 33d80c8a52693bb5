using Microsoft.ML;
using MLNetRecExt.Tests.Conformance;

namespace MLNetRecExt.Tests.Baselines;

public class MeanTrainerTests : ConformanceTests<MeanModel, MeanTrainer.Options>
{
    private static readonly RecommendersCatalog Recommenders = new MLContext().Recommenders();

    protected override MeanTrainer.Options Options() => new MeanTrainer.Options();

    protected override RecommenderTrainer<MeanModel, MeanTrainer.Options> Trainer(MLContext ml, MeanTrainer.Options options) =>
        ml.Recommenders().Trainers.Mean(options);

    protected override bool Personalises => false;

    [Theory]
    [InlineData(MeanOf.All, 3, 3, 3)]
    [InlineData(MeanOf.User, 4, 4, 2)]
    [InlineData(MeanOf.Item, 10f / 3, 1, 10f / 3)]
    public void Fit_SomeLabels_ScoreIsTheMean(MeanOf of, float user0Item0, float user0Item1, float user1Item0)
    {
        // Item 2 is unknown, and so is user 3.
        var data = Interactions.Create(IdMap.FromKeys(4), IdMap.FromKeys(4), [0, 0, 1, 1, 2, 2], [0, 3, 0, 1, 0, 3], [5, 3, 3, 1, 2, 4]);

        var model = Recommenders.Trainers.Mean(new MeanTrainer.Options { Of = of }).Fit(data);

        Assert.Equal([user0Item0, user0Item1, user1Item0], [model.Score(0, 0), model.Score(0, 1), model.Score(1, 0)]);
        Assert.Equal([float.NaN, float.NaN], [model.Score(0, 2), model.Score(3, 0)]);
    }

    [Theory]
    [InlineData(MeanOf.All, 3, 3)]
    [InlineData(MeanOf.User, 4, 3)]
    [InlineData(MeanOf.Item, 3, 2)]
    public void EvaluateRatings_UnknownItemOrUser_IsPredictedByTheMeanOrByThatOfAll(MeanOf of, float unknownItem, float unknownUser)
    {
        var train = Interactions.Create(IdMap.FromKeys(3), IdMap.FromKeys(3), [0, 1], [0, 1], [4, 2]);
        var heldOut = Interactions.Create(IdMap.FromKeys(3), IdMap.FromKeys(3), [0, 2], [2, 1], [0, 0]);

        var report = Recommenders.EvaluateRatings(Recommenders.Trainers.Mean(new MeanTrainer.Options { Of = of }).Fit(train), heldOut);

        Assert.Equal([unknownItem, unknownUser], report.UserValues("AllPairsMAE").Select(value => (float)value));
        Assert.Equal((0, 1, 1), (report.ScoredPairs, report.ColdUserPairs, report.ColdItemPairs));
    }

    [MovieLensTheory]
    [InlineData(MeanOf.All, 1.15368, 1.13066, 1.11158, 1.11329, 1.11868)]
    [InlineData(MeanOf.User, 1.06300, 1.04675, 1.03290, 1.03666, 1.03929)]
    [InlineData(MeanOf.Item, 1.03341, 1.03048, 1.01966, 1.01688, 1.02234)]
    public void CrossValidateRatings_MovieLens100KFolds_GivesThePublishedDigits(MeanOf of, params double[] expected)
    {
        var trainer = Recommenders.Trainers.Mean(new MeanTrainer.Options { Of = of });

        var validation = Recommenders.CrossValidateRatings(trainer, Enumerable.Range(1, 5).Select(MovieLens.Fold), new() { BootstrapSamples = 0 });

        Assert.Equal(expected, validation.Folds.Select(fold => Math.Round(fold.AllPairsRmse.Mean, 5)));
    }

    [MovieLensTheory]
    [InlineData(MeanOf.All, 1.126)]
    [InlineData(MeanOf.Item, 1.000)]
    [InlineData(MeanOf.User, 1.031)]
    public void EvaluateRatings_MovieLens100KOnItsOwnTraining_GivesThePublishedDigits(MeanOf of, double expected)
    {
        var all = MovieLens.Read("u.data");

        var report = Recommenders.EvaluateRatings(Recommenders.Trainers.Mean(new MeanTrainer.Options { Of = of }).Fit(all), all, new() { BootstrapSamples = 0 });

        Assert.Equal(expected, Math.Round(report.Rmse.Mean, 3));
    }
}
