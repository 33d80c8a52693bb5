using System.Collections.Concurrent;

namespace MLNetRecExt.Orleans.Tests;

public sealed class ClusterLossTests
{
    private const int Iterations = 5;

    private static readonly WalsTrainer.Options Options = new() { ApproximationRank = 8, NumberOfIterations = Iterations };

    private static readonly Interactions Data = Shop.Orders();

    private static readonly Lazy<byte[]> Alone = new(() => Shop.File(Shop.Trainers.Wals(Options).Fit(Data)));

    [Theory]
    [InlineData("Users 3")]
    [InlineData("Load 0")]
    [InlineData("Checkpoint 2")]
    [InlineData("ItemGramian 1")]
    public async Task Fit_WorkerIsKilled_TheOthersEndWithTheSameBits(string step)
    {
        var kills = new Kills(step);
        await using var cluster = await TestCluster.Of(3, calling: kills.Calling);
        var model = await Shop.Trainers.Wals(Options).On(cluster.Client).FitAsync(Data, kills);

        Assert.Equal(1, kills.Count);
        Assert.Equal(2, kills.Workers);
        Assert.Equal(Alone.Value, Shop.File(model));
    }

    [Fact]
    public async Task Fit_TwoWorkersAreKilledInARow_TheLastEndsWithTheSameBits()
    {
        var kills = new Kills("Items 2", "Load 1");
        await using var cluster = await TestCluster.Of(3, calling: kills.Calling);
        var model = await Shop.Trainers.Wals(Options).On(cluster.Client).FitAsync(Data, kills);

        Assert.Equal(2, kills.Count);
        Assert.Equal(1, kills.Workers);
        Assert.Equal(Alone.Value, Shop.File(model));
    }

    [Fact]
    public async Task Fit_SiloOfTheJobIsKilled_TheJobGoesOnByItself()
    {
        var kills = new Kills("Job") { AfterIteration = 2 };
        await using var cluster = await TestCluster.Of(3, calling: kills.Calling);
        var model = await Shop.Trainers.Wals(Options).On(cluster.Client).FitAsync(Data, kills);

        Assert.Equal(1, kills.Count);
        Assert.Equal(Alone.Value, Shop.File(model));
    }

    [Fact]
    public async Task Fit_AllSilosWereKilled_TheJobOfThatNameGoesOnFromItsCheckpoint()
    {
        var options = new ClusterTrainingOptions { JobId = "nightly" };
        using var stop = new CancellationTokenSource();
        string root;
        await using (var first = await TestCluster.Of(2, calling: async (cluster, context) =>
        {
            if (Kills.StepOf(context) != "Users 3")
                return;
            var silos = cluster.Silos.Silos.Select(silo => silo.SiloAddress).ToArray();
            _ = Task.Run(async () =>
            {
                _ = Task.WhenAll(silos.Select(cluster.Kill));
                await Task.Delay(500);
                await stop.CancelAsync();
            });
            await Task.Delay(Timeout.Infinite);
        }))
        {
            (root, first.KeepsRoot) = (first.Root, true);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(
                () => Shop.Trainers.Wals(Options).On(first.Client, options).FitAsync(Data, null, stop.Token));
        }
        var seen = new ConcurrentQueue<int>();
        await using var second = await TestCluster.Of(3, root: root);
        var model = await Shop.Trainers.Wals(Options).On(second.Client, options).FitAsync(Data, new Seen(seen));

        Assert.Equal(3, seen.First(iteration => iteration > 0));
        Assert.Equal(Alone.Value, Shop.File(model));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(root, "jobs")));
    }

    private sealed class Seen(ConcurrentQueue<int> iterations) : IProgress<ClusterProgress>
    {
        public void Report(ClusterProgress value) => iterations.Enqueue(value.Iteration);
    }
}
