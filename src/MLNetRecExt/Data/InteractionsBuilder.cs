using System.Buffers;

namespace MLNetRecExt;

/// <summary>Collects (user, item, label, weight, timestamp) entries and compresses them into <see cref="Interactions"/>.</summary>
/// <param name="hasLabels">Whether labels are kept.</param>
/// <param name="hasWeights">Whether weights are kept.</param>
/// <param name="hasTimestamps">Whether timestamps are kept.</param>
/// <param name="tracksRows">Whether <see cref="Build"/> also tells what entry each source row became.</param>
/// <param name="store">Takes the entries, where they need not fit in memory; null: they must.</param>
internal sealed class InteractionsBuilder(
    bool hasLabels, bool hasWeights, bool hasTimestamps, bool tracksRows = false, StoreWriter? store = null)
{
    private const int FirstChunk = 1 << 10, LargestChunk = 1 << 20;

    // Chunks, not one growing array: nothing is copied while reading, and each is let go as soon as it is sorted.
    private readonly List<Columns> _chunks = [];
    private Columns _chunk;
    private int _filled;

    public int Count { get; private set; }

    public void Add(int user, int item, float label = 1, float weight = 1, long timestamp = 0, int row = 0)
    {
        if (_filled == _chunk.Length)
        {
            SpillTo(store);
            if (Count >= Array.MaxLength - InteractionRows.Padding - LargestChunk)
                throw new InvalidOperationException($"More than {Count:N0} rows cannot be held in memory; read them into a store ({nameof(InteractionReadOptions)}.{nameof(InteractionReadOptions.Store)}), or sample the data.");
            _chunk = NewColumns(Math.Clamp(Count, FirstChunk, LargestChunk));
            _chunks.Add(_chunk);
            _filled = 0;
        }
        _chunk.Users[_filled] = user;
        _chunk.Items[_filled] = item;
        _chunk.SetRest(_filled, label, weight, timestamp, row);
        _filled++;
        Count++;
    }

    /// <summary>Sorts by user, then item, then order of arrival, and merges duplicates. The builder is spent afterwards.</summary>
    /// <remarks>A counting sort by user, then a sort within each: at most the collected entries and the result are alive at a
    /// time.</remarks>
    /// <exception cref="InvalidDataException">The labels or weights of a pair add up to what is not finite.</exception>
    public Interactions Build(IdMap users, IdMap items, DuplicateHandling duplicates, InteractionCounts counts, CancellationToken cancellationToken = default)
    {
        SpillTo(store);
        if (store is not null)
            return store.Write(users, items, duplicates, counts, new(hasLabels, hasWeights, hasTimestamps), cancellationToken);
        var offsets = new int[users.Count + 1];
        for (int c = 0; c < _chunks.Count; c++)
            foreach (var user in _chunks[c].Users.AsSpan(0, Filled(c)))
                offsets[user + 1]++;
        for (int user = 0; user < users.Count; user++)
            offsets[user + 1] += offsets[user];

        var byUser = NewColumns(Count + InteractionRows.Padding, users: false);
        var next = offsets.AsSpan(0, users.Count).ToArray();
        for (int c = 0; c < _chunks.Count; c++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (chunk, filled) = (_chunks[c], Filled(c));
            for (int e = 0; e < filled; e++)
            {
                var position = next[chunk.Users[e]]++;
                byUser.Items[position] = chunk.Items[e];
                byUser.CopyRest(position, chunk, e);
            }
            _chunks[c] = _chunk = default;
        }

        var sorter = new RowSorter();
        for (int user = 0; user < users.Count; user++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            sorter.Sort(byUser, offsets[user], offsets[user + 1]);
        }

        var count = Merge(byUser, offsets, duplicates, counts.Read);
        if (duplicates == DuplicateHandling.Sum && count < Count)
            CheckSums(byUser, offsets, users, items);
        byUser = byUser.EndAt(count);
        var rows = new InteractionRows(offsets, byUser.Items, UnlessAllOne(byUser.Labels, count), UnlessAllOne(byUser.Weights, count), byUser.Timestamps);
        return new Interactions(users, items, rows, counts with { Duplicates = Count - count });
    }

    /// <summary>Hands the entries so far on; none are left here.</summary>
    private void SpillTo(StoreWriter? store)
    {
        if (store is null || _chunks.Count == 0)
            return;
        var (users, items, labels, weights, timestamps, _) = _chunk;
        for (int e = 0; e < _filled; e++)
            store.Add(new(timestamps?[e] ?? 0, users[e], items[e], labels?[e] ?? 1, weights?[e] ?? 1));
        _chunks.Clear();
        (_chunk, _filled, Count) = (default, 0, 0);
    }

    /// <summary>By source row, the entry that it went into, or −1 for a row that was not added. Set by <see cref="Build"/> when rows are
    /// tracked.</summary>
    public int[]? EntryOfRow { get; private set; }

    /// <summary>By entry, the last source row that went into it. Set by <see cref="Build"/> when rows are tracked.</summary>
    public int[]? RowOfEntry { get; private set; }

    /// <summary>Merges neighbours of the same pair in place and gives the number of entries that remain.</summary>
    private int Merge(Columns entries, int[] offsets, DuplicateHandling duplicates, long rowsRead)
    {
        if (tracksRows)
        {
            EntryOfRow = new int[checked((int)rowsRead)];
            Array.Fill(EntryOfRow, -1);
        }
        var last = -1;
        for (int user = 0, e = 0; user + 1 < offsets.Length; user++)
        {
            var end = offsets[user + 1];
            for (int start = last + 1; e < end; e++)
            {
                if (last >= start && entries.Items[last] == entries.Items[e])
                    Combine(entries, last, e, duplicates);
                else if (++last < e)
                {
                    entries.Items[last] = entries.Items[e];
                    entries.CopyRest(last, entries, e);
                }
                if (entries.Rows is not null)
                {
                    EntryOfRow![entries.Rows[e]] = last;
                    entries.Rows[last] = entries.Rows[e];
                }
            }
            offsets[user + 1] = last + 1;
        }
        RowOfEntry = entries.Rows;
        return last + 1;
    }

    private static void Combine(Columns entries, int into, int from, DuplicateHandling duplicates)
    {
        var (_, _, labels, weights, timestamps, _) = entries;
        if (duplicates == DuplicateHandling.Sum)
        {
            if (labels is not null) labels[into] += labels[from];
            if (weights is not null) weights[into] += weights[from];
            if (timestamps is not null) timestamps[into] = Math.Max(timestamps[into], timestamps[from]);
        }
        else if (duplicates == DuplicateHandling.Last || labels is null || labels[from] >= labels[into])
            entries.CopyRest(into, entries, from);
    }

    private static void CheckSums(Columns entries, int[] offsets, IdMap users, IdMap items)
    {
        for (int user = 0; user + 1 < offsets.Length; user++)
            for (int e = offsets[user]; e < offsets[user + 1]; e++)
            {
                Check("labels", entries.Labels, user, e);
                Check("weights", entries.Weights, user, e);
            }

        void Check(string what, float[]? sums, int user, int e)
        {
            if (sums is not null && !float.IsFinite(sums[e]))
                throw new InvalidDataException(FormattableString.Invariant(
                    $"The {what} of user '{users.GetText(user)}' and item '{items.GetText(entries.Items[e])}' add up to more than {float.MaxValue:G2}, ")
                    + FormattableString.Invariant($"the most that single precision holds. Scale the {what} down, or choose another {nameof(DuplicateHandling)}."));
        }
    }

    private static float[]? UnlessAllOne(float[]? values, int count) =>
        values.AsSpan(0, values is null ? 0 : count).ContainsAnyExcept(1f) ? values : null;

    private int Filled(int c) => c == _chunks.Count - 1 ? _filled : _chunks[c].Length;

    private Columns NewColumns(int length, bool users = true) => new(
        users ? new int[length] : [],
        new int[length],
        hasLabels ? new float[length] : null,
        hasWeights ? new float[length] : null,
        hasTimestamps ? new long[length] : null,
        tracksRows ? new int[length] : null);

    /// <summary>Parallel arrays, one element per entry.</summary>
    private readonly record struct Columns(int[] Users, int[] Items, float[]? Labels, float[]? Weights, long[]? Timestamps, int[]? Rows)
    {
        public int Length => Users?.Length ?? 0;

        public void SetRest(int e, float label, float weight, long timestamp, int row)
        {
            if (Labels is not null) Labels[e] = label;
            if (Weights is not null) Weights[e] = weight;
            if (Timestamps is not null) Timestamps[e] = timestamp;
            if (Rows is not null) Rows[e] = row;
        }

        public void CopyRest(int to, in Columns source, int from)
        {
            if (Labels is not null) Labels[to] = source.Labels![from];
            if (Weights is not null) Weights[to] = source.Weights![from];
            if (Timestamps is not null) Timestamps[to] = source.Timestamps![from];
            if (Rows is not null) Rows[to] = source.Rows![from];
        }

        /// <summary>The first <paramref name="count"/> entries with padding behind them; in smaller arrays when a quarter or more would lie
        /// idle.</summary>
        public Columns EndAt(int count) => new(
            Users, EndAt(Items, count)!, EndAt(Labels, count), EndAt(Weights, count), EndAt(Timestamps, count), Rows);

        private static T[]? EndAt<T>(T[]? values, int count)
        {
            if (values is null)
                return null;
            var length = count + InteractionRows.Padding;
            if (values.Length - length >= values.Length / 4)
                Array.Resize(ref values, length);
            Array.Clear(values, count, InteractionRows.Padding);
            return values;
        }
    }

    /// <summary>Sorts the entries of one user by item, those of one item by order of arrival.</summary>
    private sealed class RowSorter
    {
        private long[] _keys = [];

        public void Sort(in Columns entries, int start, int end)
        {
            var items = entries.Items.AsSpan(start, end - start);
            if (!IsAscending(items))
            {
                if (_keys.Length < items.Length)
                    _keys = new long[Math.Max(items.Length, 2 * _keys.Length)];
                var keys = _keys.AsSpan(0, items.Length);
                for (int e = 0; e < keys.Length; e++)
                    keys[e] = (long)items[e] << 32 | (uint)e;
                keys.Sort();
                Permute(entries.Items, start, keys);
                Permute(entries.Labels, start, keys);
                Permute(entries.Weights, start, keys);
                Permute(entries.Timestamps, start, keys);
                Permute(entries.Rows, start, keys);
            }
        }

        private static bool IsAscending(ReadOnlySpan<int> items)
        {
            for (int e = 1; e < items.Length; e++)
                if (items[e - 1] > items[e])
                    return false;
            return true;
        }

        private static void Permute<T>(T[]? values, int start, ReadOnlySpan<long> keys)
        {
            if (values is null)
                return;
            var own = values.AsSpan(start, keys.Length);
            var old = ArrayPool<T>.Shared.Rent(keys.Length);
            own.CopyTo(old);
            for (int e = 0; e < keys.Length; e++)
                own[e] = old[(int)keys[e]];
            ArrayPool<T>.Shared.Return(old);
        }
    }
}
