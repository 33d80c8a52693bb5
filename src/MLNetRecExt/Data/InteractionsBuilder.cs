namespace MLNetRecExt;

/// <summary>Collects (user, item, label, weight, timestamp) entries and compresses them into <see cref="Interactions"/>.</summary>
/// <param name="hasLabels">Whether labels are kept.</param>
/// <param name="hasWeights">Whether weights are kept.</param>
/// <param name="hasTimestamps">Whether timestamps are kept.</param>
/// <param name="tracksRows">Whether <see cref="Build"/> also tells what entry each source row became.</param>
internal sealed class InteractionsBuilder(bool hasLabels, bool hasWeights, bool hasTimestamps, bool tracksRows = false)
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
            if (Count >= Array.MaxLength - InteractionRows.Padding - LargestChunk)
                throw new InvalidOperationException($"More than {Count:N0} rows cannot be held in memory; sample the data or sum it up first.");
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
    /// <remarks>Two stable counting sorts, O(nnz + U + I); at most the collected entries and one sorted copy are alive at a time.</remarks>
    public Interactions Build(IdMap users, IdMap items, DuplicateHandling duplicates, InteractionCounts counts, CancellationToken cancellationToken = default)
    {
        var nextOfItem = new int[items.Count + 1];
        var offsets = new int[users.Count + 1];
        foreach (var (chunk, length) in Chunks())
        {
            foreach (var item in chunk.Items.AsSpan(0, length))
                nextOfItem[item + 1]++;
            foreach (var user in chunk.Users.AsSpan(0, length))
                offsets[user + 1]++;
        }
        Accumulate(nextOfItem);
        Accumulate(offsets);

        var byItem = NewColumns(Count, items: false);
        for (int c = 0; c < _chunks.Count; c++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (chunk, length) = Chunk(c);
            for (int e = 0; e < length; e++)
            {
                var position = nextOfItem[chunk.Items[e]]++;
                byItem.Users[position] = chunk.Users[e];
                byItem.CopyRest(position, chunk, e);
            }
            _chunks[c] = _chunk = default;
        }

        var byUser = NewColumns(Count + InteractionRows.Padding, users: false);
        var nextOfUser = offsets.AsSpan(0, users.Count).ToArray();
        for (int item = 0, e = 0; item < items.Count; item++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            // The first pass moved each item's start to its end.
            for (; e < nextOfItem[item]; e++)
            {
                var position = nextOfUser[byItem.Users[e]]++;
                byUser.Items[position] = item;
                byUser.CopyRest(position, byItem, e);
            }
        }
        byItem = default;

        var merged = Merge(byUser, offsets, duplicates, counts.Read);
        if (merged > 0)
            byUser = byUser.Shrink(Count - merged);
        var rows = new InteractionRows(offsets, byUser.Items, UnlessAllOne(byUser.Labels, Count - merged), UnlessAllOne(byUser.Weights, Count - merged), byUser.Timestamps);
        return new Interactions(users, items, rows, counts with { Duplicates = merged });
    }

    /// <summary>By source row, the entry that it went into, or −1 for a row that was not added. Set by <see cref="Build"/> when rows are tracked.</summary>
    public int[]? EntryOfRow { get; private set; }

    /// <summary>By entry, the last source row that went into it. Set by <see cref="Build"/> when rows are tracked.</summary>
    public int[]? RowOfEntry { get; private set; }

    /// <summary>Merges neighbours of the same pair in place and gives the number of entries that went away.</summary>
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
        return Count - (last + 1);
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

    private static void Accumulate(int[] counts)
    {
        for (int i = 1; i < counts.Length; i++)
            counts[i] += counts[i - 1];
    }

    private static float[]? UnlessAllOne(float[]? values, int count) =>
        values.AsSpan(0, values is null ? 0 : count).ContainsAnyExcept(1f) ? values : null;

    private (Columns Chunk, int Length) Chunk(int c) => (_chunks[c], c == _chunks.Count - 1 ? _filled : _chunks[c].Length);

    private IEnumerable<(Columns Chunk, int Length)> Chunks()
    {
        for (int c = 0; c < _chunks.Count; c++)
            yield return Chunk(c);
    }

    private Columns NewColumns(int length, bool users = true, bool items = true) => new(
        users ? new int[length] : [],
        items ? new int[length] : [],
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

        /// <summary>The first <paramref name="count"/> entries and their padding.</summary>
        public Columns Shrink(int count) => new(
            Users, Cut(Items, count)!, Cut(Labels, count), Cut(Weights, count), Cut(Timestamps, count), Rows);

        private static T[]? Cut<T>(T[]? values, int count)
        {
            if (values is null)
                return null;
            Array.Resize(ref values, count + InteractionRows.Padding);
            Array.Clear(values, count, InteractionRows.Padding);
            return values;
        }
    }
}
