namespace MLNetRecExt.Orleans.Tests;

public sealed class ClusterSameBitsTests
{
    private static readonly Dictionary<string, (WalsTrainer.Options Options, Interactions Data)> Trainings = new()
    {
        ["defaults"] = (new(), Shop.Orders()),
        ["cholesky"] = (new() { Solver = WalsSolver.Cholesky }, Shop.Orders(labels: false)),
        ["cholesky, short rows"] = (new() { Solver = WalsSolver.Cholesky, ApproximationRank = 96 }, Shop.Orders(labels: false)),
        ["half precision"] = (new() { Precision = WalsPrecision.BFloat16 }, Shop.Orders()),
        ["confidence"] = (
            new() { ConfidenceScale = 0.5f, UnobservedPopularityExponent = 0.5f, UserWeightExponent = -0.3f, ItemWeightExponent = -0.5f },
            Shop.Orders(weights: true)),
        ["ratings"] = (new() { Target = WalsTarget.Label, UnobservedWeight = 0, UseBiases = true }, Shop.Orders()),
        ["ratings, cholesky"] = (
            new() { Target = WalsTarget.Label, UnobservedWeight = 0, UseBiases = true, Solver = WalsSolver.Cholesky },
            Shop.Orders(weights: true)),
        ["features"] = (new() { ItemFeatures = Shop.Features() }, Shop.Orders()),
        ["features, ratings"] = (
            new() { ItemFeatures = Shop.Features(), Target = WalsTarget.Label, UnobservedWeight = 0, UseBiases = true },
            Shop.Orders()),
        ["stops early"] = (new() { EarlyStoppingTolerance = 0.02f, NumberOfIterations = 50 }, Shop.Orders()),
    };

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    [InlineData(5, 1)]
    public async Task Fit_OnSoManySilos_TheFileOfOneProcess(int silos, int threads)
    {
        await using var cluster = await TestCluster.Of(silos, threads);
        foreach (var (name, (options, data)) in Trainings)
        {
            options.ApproximationRank ??= 8;
            options.NumberOfThreads = 1;
            if (options.EarlyStoppingTolerance == 0)
                options.NumberOfIterations = 3;
            var trainer = Shop.Trainers.Wals(options);
            Assert.True(Shop.File(trainer.Fit(data)).AsSpan().SequenceEqual(Shop.File(trainer.On(cluster.Client).Fit(data))), name);
        }
    }
}
