namespace MLNetRecExt.Orleans.Tests;

public sealed class ClusterCancelTests
{
    private static readonly Interactions Data = Shop.Orders();

    [Theory]
    [InlineData("Load 0")]
    [InlineData("ItemGramian 2")]
    [InlineData("Users 3")]
    [InlineData("Checkpoint 2")]
    public async Task FitAsync_CancelledInAStep_EndsSoonAndAnotherJobRuns(string step)
    {
        using var stop = new CancellationTokenSource();
        await using var cluster = await TestCluster.Of(2, calling: async (_, context) =>
        {
            if (Kills.StepOf(context) != step || stop.IsCancellationRequested)
                return;
            await stop.CancelAsync();
        });
        var trainer = Shop.Trainers.Wals(new WalsTrainer.Options { ApproximationRank = 8, NumberOfIterations = 1000 }).On(cluster.Client);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => trainer.FitAsync(Data, null, stop.Token));

        Assert.True(stop.IsCancellationRequested);
        Assert.All(cluster.Hosts, host => Assert.Equal(0, host.Count));
        var options = new WalsTrainer.Options { ApproximationRank = 8, NumberOfIterations = 2 };
        Assert.Equal(
            Shop.File(Shop.Trainers.Wals(options).Fit(Data)),
            Shop.File(await Shop.Trainers.Wals(options).On(cluster.Client).FitAsync(Data)));
        Assert.All(cluster.Hosts, host => Assert.Equal(0, host.Count));
    }

    [Fact]
    public async Task FitAsync_JobOfANameThatMadeMorePlans_EndsAsWell()
    {
        var options = new WalsTrainer.Options { ApproximationRank = 8, NumberOfIterations = 2 };
        using var stop = new CancellationTokenSource();
        await using var cluster = await TestCluster.Of(2, calling: async (_, context) =>
        {
            if (Kills.StepOf(context) == "Users 1")
                await stop.CancelAsync();
        });
        var trainer = Shop.Trainers.Wals(options).On(cluster.Client, new() { JobId = "again" });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => trainer.FitAsync(Data, null, stop.Token));
        await trainer.FitAsync(Data);

        Assert.Equal(Shop.File(Shop.Trainers.Wals(options).Fit(Data)), Shop.File(await trainer.FitAsync(Data)));
    }

    [Fact]
    public async Task FitAsync_SameJobAgainAndAgainWhileItIsCancelled_GoesOn()
    {
        var options = new WalsTrainer.Options { ApproximationRank = 8, NumberOfIterations = 3 };
        await using var cluster = await TestCluster.Of(2);
        var trainer = Shop.Trainers.Wals(options).On(cluster.Client, new() { JobId = "again" });
        var alone = Shop.File(Shop.Trainers.Wals(options).Fit(Data));
        for (int milliseconds = 0; milliseconds < 40; milliseconds++)
        {
            using var stop = new CancellationTokenSource(milliseconds);
            try
            {
                await trainer.FitAsync(Data, null, stop.Token);
            }
            catch (OperationCanceledException)
            {
            }
            if (milliseconds % 4 == 0)
                Assert.Equal(alone, Shop.File(await trainer.FitAsync(Data)));
        }
    }
}
