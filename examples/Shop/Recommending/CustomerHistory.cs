using System.Data.Common;
using Microsoft.Extensions.Caching.Memory;
using MLNetRecExt;
using MLNetRecExt.AspNetCore;

namespace Shop;

/// <summary>
/// What a customer bought and looked at in the last 30 days: read from the database once, then kept in memory while they are here, so that
/// a click counts in the next page before feedback has written it, and lists go on while the database is away.
/// </summary>
internal sealed class CustomerHistory(DbDataSource database, IMemoryCache cache) : IUserHistory<long, string>
{
    /// <summary>What a look says beside what a purchase says.</summary>
    private const float WeightOfLook = 0.4f;

    private const int MaxEntries = 200;

    private const string Sql = """
        SELECT sku, ordered_at, 1 FROM order_lines WHERE customer_id = @customer AND ordered_at > @since
        UNION ALL SELECT sku, at, 0 FROM events WHERE customer_id = @customer AND at > @since AND kind = 'Clicked'
        ORDER BY 2 DESC LIMIT @most
        """;

    /// <summary>For the recommender: the purchases that training has not seen, and all looks, which it never sees.</summary>
    public async ValueTask<IReadOnlyCollection<HistoryEntry<string>>> SinceAsync(
        long customer, ModelInfo? trained, CancellationToken cancellationToken)
    {
        var seen = trained?.LatestTimestamp ?? 0;
        return [.. (await ReadAsync(customer, cancellationToken)).Entries
            .Where(entry => !entry.Bought || entry.At > seen)
            .Select(entry => new HistoryEntry<string>(entry.Sku, Weight: entry.Bought ? 1 : WeightOfLook, Timestamp: entry.At))];
    }

    /// <summary>Whether they looked at a product without buying it: which of the two to give as a reason.</summary>
    public bool OnlyLookedAt(long customer, string sku) =>
        cache.Get<Visit>(Key(customer))?.Entries.LastOrDefault(entry => entry.Sku == sku) is { Bought: false };

    /// <summary>Counts from the next list on.</summary>
    public async Task AddAsync(long customer, string sku, bool bought, CancellationToken cancellationToken) =>
        (await ReadAsync(customer, cancellationToken)).Add(new(sku, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), bought));

    private async ValueTask<Visit> ReadAsync(long customer, CancellationToken cancellationToken)
    {
        if (cache.TryGetValue(Key(customer), out Visit? visit))
            return visit!;
        visit = new Visit();
        try
        {
            await using var command = database.CreateCommand(Sql).AddParameter("customer", customer).AddParameter("most", MaxEntries)
                .AddParameter("since", DateTimeOffset.UtcNow.AddDays(-30).ToUnixTimeMilliseconds());
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            var entries = new List<Entry>();
            while (await reader.ReadAsync(cancellationToken))
                entries.Add(new(reader.GetString(0), reader.GetInt64(1), reader.GetInt32(2) == 1));
            foreach (var entry in Enumerable.Reverse(entries))
                visit.Add(entry);
        }
        catch (Exception e) when (e is DbException or TimeoutException)
        {
            // The database is away: they start with what they do from now on.
        }
        return cache.Set(Key(customer), visit, new MemoryCacheEntryOptions { Size = 1, SlidingExpiration = TimeSpan.FromMinutes(30) });
    }

    private static (string, long) Key(long customer) => ("history", customer);

    private sealed record Entry(string Sku, long At, bool Bought);

    private sealed class Visit
    {
        private readonly Queue<Entry> _entries = new();

        /// <summary>Oldest first; of a product that was bought, looks before that do not count.</summary>
        public Entry[] Entries
        {
            get
            {
                lock (_entries)
                    return [.. _entries.GroupBy(entry => entry.Sku)
                        .Select(group => group.LastOrDefault(entry => entry.Bought) ?? group.Last())];
            }
        }

        public void Add(Entry entry)
        {
            lock (_entries)
            {
                _entries.Enqueue(entry);
                if (_entries.Count > MaxEntries)
                    _entries.Dequeue();
            }
        }
    }
}
