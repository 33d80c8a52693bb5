namespace MLNetRecExt.AspNetCore.Tests.Page;

/// <summary>User 2 and user 999, whom training did not see, took something since; that of user 4 cannot be read.</summary>
public sealed class LateHistory : IUserHistory<long, string>
{
    public ValueTask<IReadOnlyCollection<HistoryEntry<string>>> SinceAsync(
        long user, ModelInfo? trained, CancellationToken cancellationToken) => user switch
        {
            2 or 999 => new([new HistoryEntry<string>("item-07"), new HistoryEntry<string>("item-09")]),
            4 => throw new TimeoutException("The orders <do> not answer."),
            _ => new([]),
        };
}
