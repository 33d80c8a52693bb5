using Microsoft.ML;
using MLNetRecExt;

/// <summary>Trains on random ratings, the worst case for numbers that should repeat: there is nothing in them to agree on.</summary>
internal static class Trained
{
    private const int Users = 120, Items = 70;

    /// <summary>Prints for each setting of a trainer the bits of the scores of every pair, on a line behind the setting's name.</summary>
    public static void PrintScores()
    {
        var data = Ratings();
        foreach (var (setting, fit) in Settings(new MLContext().Recommenders().Trainers))
        {
            var model = fit(data);
            var scores = from user in Enumerable.Range(0, Users) from item in Enumerable.Range(0, Items) select model.Score(user, item);
            Console.WriteLine($"{setting}\t{string.Join(' ', scores.Select(BitConverter.SingleToInt32Bits))}");
        }
    }

    private static (string Name, Func<Interactions, RecommenderModel> Fit)[] Settings(RecommenderTrainersCatalog trainers) =>
    [
        ("ItemKnn", data => trainers.ItemKnn(new ItemKnnTrainer.Options()).Fit(data)),
        ("UserKnn", data => trainers.UserKnn(new UserKnnTrainer.Options()).Fit(data)),
        ("Ease", data => trainers.Ease(new EaseTrainer.Options()).Fit(data)),
        ("Ease recency", data => trainers.Ease(new EaseTrainer.Options { RecencyHalfLife = 5 }).Fit(data)),
        ("Wals recency", data => trainers.Wals(new WalsTrainer.Options { ApproximationRank = 16, RecencyHalfLife = 5 }).Fit(data)),
        ("SgdMatrixFactorization", data => trainers.SgdMatrixFactorization(new SgdMatrixFactorizationTrainer.Options()).Fit(data)),
        ("SoftmaxDnn", data => trainers.SoftmaxDnn(new SoftmaxDnnTrainer.Options { NumberOfIterations = 1 }).Fit(data)),
        ("Wals Cholesky", data => trainers.Wals(
            new WalsTrainer.Options { ApproximationRank = 16, Solver = WalsSolver.Cholesky }).Fit(data)),
        ("Wals", data => trainers.Wals(new WalsTrainer.Options()).Fit(data)),
        ("Wals biases", data => trainers.Wals(new WalsTrainer.Options
        {
            ApproximationRank = 24,
            UseBiases = true,
            Target = WalsTarget.Label,
            UnobservedWeight = 0,
        }).Fit(data)),
        ("Wals weights", data => trainers.Wals(new WalsTrainer.Options
        {
            ApproximationRank = 24,
            NumberOfIterations = 2,
            ConfidenceScale = 2,
            UnobservedPopularityExponent = 0.5f,
        }).Fit(data)),
    ];

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
        return Interactions.Create(IdMap.FromKeys(Users), IdMap.FromKeys(Items), [.. users], [.. items], [.. labels], timestamps: [.. users.Select((_, time) => (long)time * 7919 % 1000)]);
    }
}
