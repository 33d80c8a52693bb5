using MLNetRecExt.AspNetCore;

namespace MLNetRecExt.Benchmarks;

/// <summary>Counts rows, and throws while it is down: where there is no database.</summary>
internal sealed class FailingSink : ServedSink
{
    private volatile bool _isDown;
    private long _rows;

    public override async Task WriteAsync(IReadOnlyList<FeedbackEvent<int, int>> batch, CancellationToken cancellationToken)
    {
        // About as long as COPY takes.
        await Task.Delay(5, cancellationToken);
        if (_isDown)
            throw new IOException("The database is down.");
        Interlocked.Add(ref _rows, batch.Count);
    }

    public override Task SetDownAsync(bool isDown)
    {
        _isDown = isDown;
        return Task.CompletedTask;
    }

    public override Task<long> CountAsync() => Task.FromResult(Interlocked.Read(ref _rows));
}
