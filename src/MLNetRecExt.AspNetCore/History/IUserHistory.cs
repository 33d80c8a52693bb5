namespace MLNetRecExt.AspNetCore;

/// <summary>What users took since training.</summary>
/// <remarks>Made in a scope of its own for each list, unless the type is registered otherwise: it may use a <c>DbContext</c>. When it fails
/// or takes longer than <see cref="RecommenderServiceOptions.HistoryTimeout"/>, the list is made without it, and the failure is counted
/// and logged.</remarks>
/// <typeparam name="TUser">Type of the user ids.</typeparam>
/// <typeparam name="TItem">Type of the item ids.</typeparam>
public interface IUserHistory<TUser, TItem>
    where TUser : notnull
    where TItem : notnull
{
    /// <summary>What a user took since the model was trained, or all that is known of them: an entry replaces that of training on the same
    /// item.</summary>
    /// <param name="user">The user's id.</param>
    /// <param name="trained">The card of the model that will answer; <see cref="ModelInfo.LatestTimestamp"/> says what it has seen. Null
    /// where it has no card.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Oldest first; empty where there is nothing new.</returns>
    ValueTask<IReadOnlyCollection<HistoryEntry<TItem>>> SinceAsync(TUser user, ModelInfo? trained, CancellationToken cancellationToken);
}
