using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Hosting;

namespace MLNetRecExt.Orleans.Tests.Examples;

/// <summary>The code blocks of the package's README, word for word.</summary>
internal static class ReadmeBlocks
{
    public static RecommenderTransformer<WalsModel> QuickStart(MLContext mlContext, IDataView data)
    {
        var transformer = mlContext.Recommenders().Trainers.Wals("User", "Item", approximationRank: 8).Fit(data);
        return transformer;
    }

    public static RecommenderTransformer<WalsModel> QuickStart(MLContext mlContext, IDataView data, IClusterClient cluster)
    {
        var transformer = mlContext.Recommenders().Trainers.Wals("User", "Item", approximationRank: 8).On(cluster).Fit(data);
        return transformer;
    }

    public static async Task Store(MLContext mlContext, WalsTrainer.Options options, IClusterClient cluster, CancellationToken cancellationToken)
    {
        var trainer = mlContext.Recommenders().Trainers.Wals(options).On(cluster, new ClusterTrainingOptions
        {
            JobId = "nightly",
            MinWorkers = 3,
            CheckpointEvery = 2,
        });
        var store = InteractionStore.Open("/data/clicks.store");
        var model = await trainer.FitAsync(
            store,
            new Progress<ClusterProgress>(now => Console.WriteLine($"{now.Iteration}: {now.Step} {now.StepShare:P0}, loss {now.Loss}")),
            cancellationToken);
    }

    public static void Worker(IHostApplicationBuilder builder, string redis, X509Certificate2 certificate, X509Certificate2 authority)
    {
        builder.UseOrleans(silo => silo
            .UseRedisClustering(redis)
            .UseMutualTls(certificate, authority)
            .AddMLNetRecExt(options =>
            {
                options.Roots.Add("/data");
                options.NumberOfThreads = 15;
            }));
    }
}
