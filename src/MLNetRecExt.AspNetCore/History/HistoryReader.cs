using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MLNetRecExt.AspNetCore;

/// <summary>Asks the application what a user took since training, and does not let a page wait long, nor fail, for it.</summary>
internal sealed class HistoryReader<TUser, TItem>(
    string name, RecommenderServiceOptions options, Func<IServiceProvider, IUserHistory<TUser, TItem>> history, IServiceProvider services,
    ListLedger ledger)
    where TUser : notnull
    where TItem : notnull
{
    private readonly TimeProvider _time = services.GetRequiredService<TimeProvider>();
    private readonly ILogger _logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("MLNetRecExt.AspNetCore");

    /// <summary>A user with what happened since; without it where it could not be had.</summary>
    public async ValueTask<RecommenderQuery> QueryAsync(ServedModel<TUser, TItem> served, TUser user, CancellationToken cancellationToken)
    {
        try
        {
            return served.QueryOf(user, await ReadAsync(user, served.Model.Info, cancellationToken));
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            ledger.HistoryFailed();
            _logger.LogWarning(e, "Recommender {Name} answers without what happened since training: the history could not be read.", name);
            return served.QueryOf(user, []);
        }
    }

    /// <summary>What happened since training, as far as it counts.</summary>
    /// <exception cref="OperationCanceledException">Cancelled, or not told in time.</exception>
    public async Task<IReadOnlyCollection<HistoryEntry<TItem>>> ReadAsync(
        TUser user, ModelInfo? trained, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(options.HistoryTimeout, _time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        // Also one that does not look at its token is not waited for.
        var entries = await AskAsync(user, trained, stop.Token).WaitAsync(stop.Token);
        return entries.Count <= options.MaxHistoryLength ? entries : [.. entries.Skip(entries.Count - options.MaxHistoryLength)];
    }

    private async Task<IReadOnlyCollection<HistoryEntry<TItem>>> AskAsync(
        TUser user, ModelInfo? trained, CancellationToken cancellationToken)
    {
        await using var scope = services.CreateAsyncScope();
        return await history(scope.ServiceProvider).SinceAsync(user, trained, cancellationToken);
    }
}
