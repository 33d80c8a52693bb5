namespace MLNetRecExt.Orleans.Tests;

public sealed class StepWaitTests
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task WaitAsync_OfOneWorkerNothingIsHeard_Throws()
    {
        var wait = new StepWait(1, workers: 2) { LongestSilence = Silence };
        var waiting = wait.WaitAsync();
        wait.Add(new() { Share = 0 });

        await Assert.ThrowsAsync<TimeoutException>(() => waiting);
    }

    [Fact]
    public async Task WaitAsync_WorkersAreHeard_WaitsForTheirReports()
    {
        var wait = new StepWait(1, workers: 2) { LongestSilence = Silence };
        var waiting = wait.WaitAsync();
        wait.Add(new() { Share = 0 });
        for (int beat = 0; beat < 15; beat++)
        {
            await Task.Delay(Silence / 5);
            wait.Attend(1, beat / 15.0);
        }
        wait.Add(new() { Share = 1 });

        Assert.Equal([0, 1], (await waiting).Select(report => report.Share));
    }
}
