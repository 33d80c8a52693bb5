using System.Data.Common;
using MLNetRecExt.AspNetCore;

namespace Shop;

/// <summary>Feedback goes into a table, a batch at once: what was shown, looked at and bought, of which list, by which model.</summary>
internal sealed class EventTable(DbDataSource database) : IFeedbackSink<long, string>
{
    public async Task WriteAsync(IReadOnlyList<FeedbackEvent<long, string>> batch, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await BulkCopy.WriteAsync(connection, "events", ["customer_id", "sku", "kind", "at", "list_id", "position", "model"],
            batch.Select(e => new object?[]
            {
                e.User, e.Item, e.Kind.ToString(), e.Time.ToUnixTimeMilliseconds(), e.ListId, e.Position, e.Model,
            }), cancellationToken);
    }
}
