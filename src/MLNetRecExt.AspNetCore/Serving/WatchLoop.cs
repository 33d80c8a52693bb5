using Microsoft.Extensions.Primitives;

namespace MLNetRecExt.AspNetCore;

/// <summary>Looks at something when it starts, every so often, and a moment after somebody tells of a change.</summary>
/// <param name="look">Looks, and gives a token that tells of the next change, taken before looking so that none is missed; null where
/// nobody can tell. Does not throw but when cancelled.</param>
/// <param name="every">How often.</param>
/// <param name="time">The clock.</param>
internal sealed class WatchLoop(Func<CancellationToken, Task<IChangeToken?>> look, TimeSpan every, TimeProvider time)
{
    // A file is told of several times while it is written.
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    /// <summary>Looks once, and goes on looking in the background.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var token = await look(cancellationToken);
        _running = Task.Run(() => RunAsync(token), CancellationToken.None);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task RunAsync(IChangeToken? token)
    {
        while (!_stop.IsCancellationRequested)
        {
            if (await ChangedAsync(token))
                await Task.Delay(Settling, time, _stop.Token);
            token = await look(_stop.Token);
        }
    }

    /// <summary>Waits for a change, or as long as a look may wait; says whether it was a change.</summary>
    private async Task<bool> ChangedAsync(IChangeToken? token)
    {
        var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var callback = token?.RegisterChangeCallback(_ => changed.TrySetResult(), null);
        using var waited = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var first = await Task.WhenAny(changed.Task, Task.Delay(every, time, waited.Token));
        await waited.CancelAsync();
        return first == changed.Task;
    }
}
