using MLNetRecExt;
#if STOCK_RECOMMENDER
using Microsoft.ML.Trainers;
#endif

namespace Compare;

/// <summary>Every trainer, on films that are made up.</summary>
internal static class EveryTrainer
{
    public static Experiment OnFilms(RecommendersCatalog recommenders, Func<ExperimentOptions, ExperimentOptions> with)
    {
        var films = SyntheticData.Generate(seed: 42);
        var data = recommenders.Data.ReadInteractions(
            films.Interactions, row => row.User, row => row.Item, new() { Timestamp = row => row.Timestamp });
        var ofUsers = recommenders.Data.ReadFeatures(films.Users, user => user.Id, user => new { user.Languages, user.Age });
        var ofItems = recommenders.Data.ReadFeatures(films.Items, item => item.Id, item => new { item.Language, item.Genres, item.Year });
        var options = with(new()
        {
            Split = SplitRule.RandomPerUser(),
            Blend = ["wals", "ease"],
            ItemFeatures = ofItems,
            ItemTitles = films.Items.ToDictionary(item => $"{item.Id}", item => item.Description),
            ItemGroups = films.Items.ToDictionary(item => $"{item.Id}", item => item.Language),
            Caption = "Synthetic data, made on the spot: no real users or films. Networks that are called short have settings for a quick "
                + "demonstration, not their best.",
        });
        var experiment = recommenders.Experiment(data, options)
            .Add("popularity", "wals", "item-knn", "user-knn", "ease", "next-item-ease", "content-based")
            .Add("softmax-dnn-short", Short())
            .Add("softmax-dnn-features-short", Short(ofUsers, ofItems))
            .Add("hybrid", new WalsTrainer.Options { ItemFeatures = ofItems })
            .Add("sgd", SgdMatrixFactorizationTrainer.Options.ForRanking())
            .Add("stages", new StagedTrainer.Options
            {
                Sources =
                [
                    new(recommenders.Trainers.Wals(new WalsTrainer.Options { CancellationToken = options.CancellationToken }), Count: 100),
                    new(recommenders.Trainers.ContentBased(ofItems), Count: 25, Weight: 0.3f),
                    new(recommenders.Trainers.Popularity(), Count: 25, Weight: 0.2f),
                ],
                Rules = new() { Diversity = 0.05f },
            });
#if STOCK_RECOMMENDER
        const MatrixFactorizationTrainer.LossFunctionType oneClass = MatrixFactorizationTrainer.LossFunctionType.SquareLossOneClass;
        experiment
            .Add("stock-one-class-by-hand", new StockMatrixFactorizationTrainer.Options
                { LossFunction = oneClass, ApproximationRank = 32, Regularization = 10, Alpha = 0.5 })
            .Add("stock-one-class-defaults", new StockMatrixFactorizationTrainer.Options { LossFunction = oneClass });
#else
        Console.WriteLine("ML.NET's own trainer is left out: Microsoft.ML.Recommender could not be restored for this build.");
#endif
        return experiment;
    }

    private static SoftmaxDnnTrainer.Options Short(SideFeatures? ofUsers = null, SideFeatures? ofItems = null) =>
        new() { ApproximationRank = 32, MaxExamplesPerUser = 10, NumberOfIterations = 3, UserFeatures = ofUsers, ItemFeatures = ofItems };
}
