namespace MLNetRecExt.AspNetCore;

/// <summary>Where feedback is kept: a table, a log, a queue.</summary>
/// <remarks>Made in a scope of its own for each batch, unless the type is registered otherwise: it may use a <c>DbContext</c>.</remarks>
/// <typeparam name="TUser">Type of the user ids.</typeparam>
/// <typeparam name="TItem">Type of the item ids.</typeparam>
public interface IFeedbackSink<TUser, TItem>
    where TUser : notnull
    where TItem : notnull
{
    /// <summary>Writes a batch, whole or not at all: one that throws is tried again, later and later, while further events wait in the
    /// buffer. An event that can never be written must not throw; leave it out.</summary>
    /// <param name="batch">In order of arrival, 1 to <see cref="RecommenderServiceOptions.FeedbackBatch"/> events.</param>
    /// <param name="cancellationToken">Cancels: the application stops and waited long enough.</param>
    Task WriteAsync(IReadOnlyList<FeedbackEvent<TUser, TItem>> batch, CancellationToken cancellationToken);
}
