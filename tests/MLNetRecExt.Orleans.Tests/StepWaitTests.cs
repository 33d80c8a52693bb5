using Microsoft.Extensions.Time.Testing;

namespace MLNetRecExt.Orleans.Tests;

public sealed class StepWaitTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task WaitAsync_OfOneWorkerNothingIsHeard_Throws()
    {
        var wait = new StepWait(1, workers: 2, _time);
        var waiting = wait.WaitAsync();
        wait.Add(new() { Share = 0 });
        _time.Advance(StepWait.LongestSilence + TimeSpan.FromSeconds(1));

        await Assert.ThrowsAsync<TimeoutException>(() => waiting);
    }

    [Fact]
    public async Task WaitAsync_WorkersAreHeard_WaitsForTheirReports()
    {
        var wait = new StepWait(1, workers: 2, _time);
        var waiting = wait.WaitAsync();
        wait.Add(new() { Share = 0 });
        for (int beat = 0; beat < 10; beat++)
        {
            _time.Advance(StepWait.LongestSilence / 2);
            wait.Attend(1, beat / 10.0);
            // What waits looks whether it has waited for long.
            await Task.Yield();
            Assert.False(waiting.IsCompleted);
        }
        wait.Add(new() { Share = 1 });

        Assert.Equal([0, 1], (await waiting).Select(report => report.Share));
    }
}
