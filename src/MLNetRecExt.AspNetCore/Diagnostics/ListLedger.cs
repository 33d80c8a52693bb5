using System.Diagnostics;

namespace MLNetRecExt.AspNetCore;

/// <summary>Counts the lists of one recommender since the application started, and tells meters and traces of each. Thread-safe.</summary>
internal sealed class ListLedger(string name, RecommenderInstruments instruments)
{
    private const int Remembered = 1000;

    // In ticks; a circle.
    private readonly long[] _durations = new long[Remembered];
    private long _lists, _empty, _fallbacks, _historyFailures;

    /// <summary>A list is begun.</summary>
    public Entry Start() => new(this, RecommenderInstruments.Activities.StartActivity("recommend"), Stopwatch.GetTimestamp());

    public void HistoryFailed() => Interlocked.Increment(ref _historyFailures);

    public RecommenderStatus AddTo(RecommenderStatus status)
    {
        var lists = Interlocked.Read(ref _lists);
        long[] sorted = [.. _durations.Take((int)Math.Min(lists, Remembered)).Order()];
        return status with
        {
            Lists = lists,
            Median = At(sorted, 0.5),
            Percentile99 = At(sorted, 0.99),
            EmptyLists = Interlocked.Read(ref _empty),
            Fallbacks = Interlocked.Read(ref _fallbacks),
            HistoryFailures = Interlocked.Read(ref _historyFailures),
        };
    }

    private static TimeSpan? At(long[] sorted, double share) =>
        sorted.Length == 0 ? null : TimeSpan.FromTicks(sorted[(int)Math.Ceiling(share * sorted.Length) - 1]);

    private void Count(RecommendationReason reason, bool isEmpty, TimeSpan duration)
    {
        var place = Interlocked.Increment(ref _lists) - 1;
        Interlocked.Exchange(ref _durations[place % Remembered], duration.Ticks);
        if (isEmpty)
            Interlocked.Increment(ref _empty);
        if (reason == RecommendationReason.Popularity)
            Interlocked.Increment(ref _fallbacks);
        instruments.Listed(name, reason, isEmpty, duration);
    }

    /// <summary>A list that is being made. One that fails is not counted, and its span ends without an id.</summary>
    public readonly struct Entry(ListLedger ledger, Activity? activity, long start) : IDisposable
    {
        /// <summary>The list is ready.</summary>
        public RecommendationList<TItem> Close<TItem>(RecommendationList<TItem> list)
        {
            ledger.Count(list.Reason, list.Items.Count == 0, Stopwatch.GetElapsedTime(start));
            activity?.SetTag("recommend.list_id", list.ListId).SetTag("recommend.model", list.Model)
                .SetTag("recommend.version", list.Version).SetTag("recommend.reason", list.Reason.ToString())
                .SetTag("recommend.items", list.Items.Count);
            return list;
        }

        public void Dispose() => activity?.Dispose();
    }
}
