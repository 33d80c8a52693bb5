using Microsoft.ML;
using MLNetRecExt;

/// <summary>Trains on random ratings, the worst case for numbers that should repeat: there is nothing in them to agree on.</summary>
internal static class Trained
{
    private const int Users = 120, Items = 70;

    /// <summary>Prints the bits of the scores of every pair, a user's on a line.</summary>
    /// <param name="setting">Which trainer, and how it is set.</param>
    public static void PrintScores(string setting)
    {
        var ml = new MLContext();
        var trainers = ml.Recommenders().Trainers;
        var model = Train(setting, trainers, Ratings());
        for (int user = 0; user < Users; user++)
        {
            var scores = Enumerable.Range(0, Items).Select(item => model.Score(user, item));
            Console.WriteLine(string.Join(' ', scores.Select(BitConverter.SingleToInt32Bits)));
        }
    }

    private static RecommenderModel Train(string setting, RecommenderTrainersCatalog trainers, Interactions data) => setting switch
    {
        "ItemKnn" => trainers.ItemKnn(new ItemKnnTrainer.Options()).Fit(data),
        "UserKnn" => trainers.UserKnn(new UserKnnTrainer.Options()).Fit(data),
        "Ease" => trainers.Ease(new EaseTrainer.Options()).Fit(data),
        "SgdMatrixFactorization" => trainers.SgdMatrixFactorization(new SgdMatrixFactorizationTrainer.Options()).Fit(data),
        "SoftmaxDnn" => trainers.SoftmaxDnn(new SoftmaxDnnTrainer.Options { NumberOfIterations = 3 }).Fit(data),
        "Wals Cholesky" => trainers.Wals(new WalsTrainer.Options { Solver = WalsSolver.Cholesky }).Fit(data),
        "Wals" => trainers.Wals(new WalsTrainer.Options()).Fit(data),
        "Wals biases" => trainers.Wals(new WalsTrainer.Options
        {
            ApproximationRank = 24,
            UseBiases = true,
            Target = WalsTarget.Label,
            UnobservedWeight = 0,
        }).Fit(data),
        "Wals weights" => trainers.Wals(new WalsTrainer.Options
        {
            ApproximationRank = 24,
            NumberOfIterations = 2,
            ConfidenceScale = 2,
            UnobservedPopularityExponent = 0.5f,
        }).Fit(data),
        _ => throw new ArgumentException($"There is no setting '{setting}'."),
    };

    private static Interactions Ratings()
    {
        var random = new Random(1);
        var (users, items, labels) = (new List<int>(), new List<int>(), new List<float>());
        for (int user = 0; user < Users; user++)
        {
            for (int item = 0; item < Items; item++)
            {
                if (random.NextDouble() >= 0.4)
                    continue;
                users.Add(user);
                items.Add(item);
                labels.Add(random.Next(1, 6));
            }
        }
        return Interactions.Create(IdMap.FromKeys(Users), IdMap.FromKeys(Items), [.. users], [.. items], [.. labels]);
    }
}
