using Microsoft.ML;

namespace MLNetRecExt.Vectors.Tests;

/// <summary>Models of 300 films, some of which hardly anybody has seen, so that embeddings are of very different length.</summary>
internal static class TrainedModel
{
    private const int Users = 120, Films = 300, PerUser = 15;

    public static SgdMatrixFactorizationModel WithBiases { get; } = new MLContext(1).Recommenders().Trainers
        .SgdMatrixFactorization(new SgdMatrixFactorizationTrainer.Options { ApproximationRank = 6, NumberOfIterations = 10 })
        .Fit(Ratings());

    public static WalsModel WithoutBiases { get; } = new MLContext(1).Recommenders().Trainers
        .Wals(new WalsTrainer.Options { ApproximationRank = 8, NumberOfIterations = 5 }).Fit(Ratings());

    public static FactorModel Of(bool biases) => biases ? WithBiases : WithoutBiases;

    public static IEnumerable<RecommenderQuery> Everybody => Enumerable.Range(0, Users).Select(RecommenderQuery.ForUser);

    private static Interactions Ratings()
    {
        var random = new Random(5);
        var (users, films, labels) = (new List<int>(), new List<int>(), new List<float>());
        for (int user = 0; user < Users; user++)
            // The last film is seen by nobody.
            foreach (var film in Enumerable.Range(0, PerUser).Select(_ => (int)((Films - 1) * Math.Pow(random.NextDouble(), 3))).Distinct())
            {
                users.Add(user);
                films.Add(film);
                labels.Add(1 + random.Next(5));
            }
        return Interactions.Create(
            IdMap.FromIntegers([.. Enumerable.Range(0, Users).Select(user => 10L * user)], Microsoft.ML.Data.DataKind.Int64),
            IdMap.FromText([.. Enumerable.Range(0, Films).Select(film => $"film {film}")]),
            users.ToArray(), films.ToArray(), labels.ToArray());
    }
}
