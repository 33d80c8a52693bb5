using MLNetRecExt.AspNetCore;

namespace MLNetRecExt.Benchmarks;

/// <summary>Where <see cref="ServedShop"/> writes feedback, which can be taken down.</summary>
internal abstract class ServedSink : IFeedbackSink<int, int>
{
    public abstract Task WriteAsync(IReadOnlyList<FeedbackEvent<int, int>> batch, CancellationToken cancellationToken);

    public abstract Task SetDownAsync(bool isDown);

    /// <summary>The rows that are there.</summary>
    public abstract Task<long> CountAsync();
}
