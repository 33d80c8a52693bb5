namespace MLNetRecExt;

/// <summary>Writes interactions that need not fit in memory into the files of an <see cref="InteractionStore"/>.</summary>
/// <remarks>
/// Rows wait in a file. Then they are divided by user into parts that fit, each of which is sorted and merged as in memory: now it is known
/// how many interactions each user and item has. By that, then by id, both get their places. Entries are divided once more, by the users'
/// places, and written; and while they are, divided by the items', and written.
/// </remarks>
internal sealed class StoreWriter : IDisposable
{
    // Of an entry in a builder, when most are in use, and garbage.
    private const int BytesPerEntry = 120;

    private readonly string _target, _folder;
    private readonly long _mostEntries;
    private readonly FileStream _rows;
    private readonly List<int> _userLengths = [];
    private long _count;

    private StoreWriter(InteractionStoreOptions options)
    {
        options.Validate();
        _target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.Folder));
        if (Directory.Exists(_target) || File.Exists(_target))
            throw new IOException($"{_target} is there already. Delete it, or name another folder for the store.");
        _mostEntries = options.MostEntries ?? options.MemoryLimitMegabytes * 1_000_000L / BytesPerEntry;
        // What a killed process has left.
        _folder = $"{_target}.unfinished";
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
        Directory.CreateDirectory(_folder);
        _rows = EntryParts.Temporary(_folder);
    }

    /// <summary>What the options ask for; null: interactions stay in memory.</summary>
    /// <exception cref="ArgumentException">The options contradict each other.</exception>
    /// <exception cref="IOException">The store's folder is there already, or cannot be made.</exception>
    public static StoreWriter? For(InteractionReadOptions? options)
    {
        if (options?.Store is null)
            return null;
        if (options.FirstUsers is not null || options.FirstItems is not null)
            throw new ArgumentException(
                $"A store orders users and items by how many interactions they have, so none can come first: leave "
                + $"{nameof(options.IdsOf)}, {nameof(options.Users)} and {nameof(options.Items)} out, or {nameof(options.Store)}.",
                nameof(options));
        return new(options.Store);
    }

    /// <summary>Takes a row, whose user's index and item's are those in the ids that come in the end.</summary>
    public void Add(in StoredEntry row)
    {
        while (_userLengths.Count <= row.Row)
            _userLengths.Add(0);
        _userLengths[row.Row]++;
        EntryParts.Write(_rows, row);
        _count++;
    }

    /// <summary>Writes all that was taken, and maps it.</summary>
    /// <param name="users">Ids of the users.</param>
    /// <param name="items">Ids of the items.</param>
    /// <param name="duplicates">How rows of the same (user, item) become one.</param>
    /// <param name="counts">What became of the rows so far.</param>
    /// <param name="columns">Which columns entries have.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public Interactions Write(IdMap users, IdMap items, DuplicateHandling duplicates, InteractionCounts counts,
        EntryColumns columns, CancellationToken cancellationToken)
    {
        WriteFiles(users.AsRaw(), items.AsRaw(), duplicates, counts, columns, cancellationToken);
        // Whoever finds the folder finds all of it.
        _rows.Dispose();
        Directory.Move(_folder, _target);
        return InteractionStore.OpenWritten(_target).Interactions;
    }

    private void WriteFiles(IdMap users, IdMap items, DuplicateHandling duplicates, InteractionCounts counts,
        EntryColumns columns, CancellationToken cancellationToken)
    {
        using var merged = EntryParts.Temporary(_folder);
        var totals = Merge(users, items, duplicates, columns, merged, cancellationToken);
        var (userOrder, itemOrder) = (Order(totals.Users, users), Order(totals.Items, items));
        columns = new(totals.HasLabels, totals.HasWeights, columns.HasTimestamps);
        var files = new List<StoreManifest.FileEntry>();
        using (var byItem = new EntryParts(_folder, Array.ConvertAll(itemOrder, item => totals.Items[item]), _mostEntries))
        {
            using (var byUser = new EntryParts(_folder, Array.ConvertAll(userOrder, user => totals.Users[user]), _mostEntries))
            {
                var (userPlaces, itemPlaces) = (Inverse(userOrder), Inverse(itemOrder));
                foreach (var entry in EntryParts.Read(merged))
                    byUser.Add(entry with { Row = userPlaces[entry.Row], Column = itemPlaces[entry.Column] });
                files.AddRange(WriteSide(byUser, "users", columns, byItem, cancellationToken));
            }
            files.AddRange(WriteSide(byItem, "items", columns with { HasTimestamps = false }, null, cancellationToken));
        }
        files.AddRange(WriteIds(_folder, "users", users, userOrder));
        files.AddRange(WriteIds(_folder, "items", items, itemOrder));
        new StoreManifest(StoreManifest.CurrentVersion, users.Count, items.Count, totals.Entries, users.Kind!.Value, items.Kind!.Value,
            counts with { Duplicates = _count - totals.Entries }, files).Write(_folder);
    }

    /// <summary>Takes away what was not finished.</summary>
    public void Dispose()
    {
        _rows.Dispose();
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Sorts by user, and merges rows of the same pair.</summary>
    private Totals Merge(IdMap users, IdMap items, DuplicateHandling duplicates, EntryColumns columns, FileStream merged,
        CancellationToken cancellationToken)
    {
        // Some ids may have no row.
        int[] lengths = [.. _userLengths, .. new int[users.Count - _userLengths.Count]];
        using var parts = new EntryParts(_folder, lengths, _mostEntries);
        foreach (var row in EntryParts.Read(_rows))
            parts.Add(row);
        var totals = new Totals(new int[users.Count], new int[items.Count]);
        for (int part = 0; part < parts.Count; part++)
        {
            var (first, end) = parts.Rows(part);
            var own = users.Only([.. Enumerable.Range(first, end - first)]);
            var rows = Build(parts.Entries(part), first, columns, own, items, duplicates, cancellationToken);
            foreach (var entry in EntriesOf(rows, first))
            {
                totals.Add(entry);
                EntryParts.Write(merged, entry);
            }
        }
        return totals;
    }

    private IEnumerable<StoreManifest.FileEntry> WriteSide(
        EntryParts parts, string side, EntryColumns columns, EntryParts? transposed, CancellationToken cancellationToken)
    {
        using var files = new StoreSide(_folder, side, columns.HasLabels, columns.HasWeights, columns.HasTimestamps);
        for (int part = 0; part < parts.Count; part++)
        {
            var (first, end) = parts.Rows(part);
            var rows = Build(
                parts.Entries(part), first, columns, IdMap.FromKeys(end - first), IdMap.FromKeys(0), DuplicateHandling.Last,
                cancellationToken);
            files.Write(rows);
            if (transposed is null)
                continue;
            foreach (var entry in EntriesOf(rows, first))
                transposed.Add(entry with { Row = entry.Column, Column = entry.Row, Timestamp = 0 });
        }
        return files.Complete();
    }

    /// <summary>Writes ids in an order: SIDE.ids has 64 bits each, or of texts the UTF-8, and SIDE.ends where each of these ends.</summary>
    public static IEnumerable<StoreManifest.FileEntry> WriteIds(string folder, string side, IdMap ids, int[] order)
    {
        using var values = new StoreFile(folder, $"{side}.ids");
        if (ids.Text is not { } texts)
        {
            foreach (var index in order)
                values.Write([ids.BitsAt(index)]);
            return [values.Complete()];
        }
        using var ends = new StoreFile(folder, $"{side}.ends");
        long end = 0;
        foreach (var index in order)
        {
            values.Write(texts[index]);
            ends.Write([end += texts[index].Length]);
        }
        return [values.Complete(), ends.Complete()];
    }

    private static InteractionRows Build(IEnumerable<StoredEntry> entries, int first, EntryColumns columns, IdMap rows, IdMap items,
        DuplicateHandling duplicates, CancellationToken cancellationToken)
    {
        var builder = new InteractionsBuilder(columns.HasLabels, columns.HasWeights, columns.HasTimestamps);
        foreach (var entry in entries)
            builder.Add(entry.Row - first, entry.Column, entry.Label, entry.Weight, entry.Timestamp);
        return builder.Build(rows, items, duplicates, default, cancellationToken).ByUser;
    }

    private static IEnumerable<StoredEntry> EntriesOf(InteractionRows rows, int first)
    {
        for (int row = 0; row < rows.RowCount; row++)
            for (int e = rows.OffsetArray[row]; e < rows.OffsetArray[row + 1]; e++)
                yield return new(
                    rows.TimestampArray?[e] ?? 0, first + row, rows.IndexArray[e], rows.LabelArray?[e] ?? 1, rows.WeightArray?[e] ?? 1);
    }

    /// <summary>Those with most interactions first; of equally many, by id.</summary>
    private static int[] Order(int[] lengths, IdMap ids)
    {
        var order = new int[lengths.Length];
        for (int index = 0; index < order.Length; index++)
            order[index] = index;
        Array.Sort(order, (a, b) => lengths[a] != lengths[b] ? lengths[b].CompareTo(lengths[a]) : ids.Compare(a, b));
        return order;
    }

    private static int[] Inverse(int[] order)
    {
        var places = new int[order.Length];
        for (int place = 0; place < order.Length; place++)
            places[order[place]] = place;
        return places;
    }

    /// <summary>What there is once rows of the same pair are one.</summary>
    private sealed class Totals(int[] users, int[] items)
    {
        public int[] Users => users;

        public int[] Items => items;

        public long Entries { get; private set; }

        public bool HasLabels { get; private set; }

        public bool HasWeights { get; private set; }

        public void Add(in StoredEntry entry)
        {
            users[entry.Row]++;
            items[entry.Column]++;
            Entries++;
            HasLabels |= entry.Label != 1;
            HasWeights |= entry.Weight != 1;
        }
    }
}
