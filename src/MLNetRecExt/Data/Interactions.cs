namespace MLNetRecExt;

/// <summary>
/// Who took what: the user × item matrix of labels, sparse, in both directions, with the original ids. Immutable and thread-safe.
/// </summary>
public sealed class Interactions
{
    private readonly Lazy<InteractionRows> _byItem;

    internal Interactions(IdMap users, IdMap items, InteractionRows byUser, InteractionCounts counts, InteractionRows? byItem = null)
    {
        Users = users;
        Items = items;
        ByUser = byUser;
        Counts = counts;
        StoredByItem = byItem;
        _byItem = new(() => StoredByItem ?? ByUser.Transpose(Items.Count));
    }

    /// <summary>Makes interactions from arrays of indices, one element per row.</summary>
    /// <param name="users">Ids of the users: <see cref="IdMap.Index(ReadOnlySpan{string}, out int[])"/> makes them, with the indices, from
    /// ids; <see cref="IdMap.FromKeys"/> when there are no ids.</param>
    /// <param name="items">Ids of the items.</param>
    /// <param name="userIndices">The user of each row, 0…users.Count−1.</param>
    /// <param name="itemIndices">The item of each row, 0…items.Count−1.</param>
    /// <param name="labels">The label of each row, finite; empty: every label is 1.</param>
    /// <param name="weights">The weight of each row, finite and not negative; empty: every weight is 1.</param>
    /// <param name="timestamps">The timestamp of each row; empty: none.</param>
    /// <param name="duplicates">How rows of the same (user, item) become one.</param>
    /// <exception cref="ArgumentException">Lengths differ, or an index, label or weight is bad; the message names the position.</exception>
    /// <exception cref="InvalidDataException">The labels or weights of a (user, item) add up, by <see cref="DuplicateHandling.Sum"/>, to what
    /// is not finite; the message names both.</exception>
    public static Interactions Create(IdMap users, IdMap items, ReadOnlySpan<int> userIndices, ReadOnlySpan<int> itemIndices,
        ReadOnlySpan<float> labels = default, ReadOnlySpan<float> weights = default, ReadOnlySpan<long> timestamps = default,
        DuplicateHandling duplicates = DuplicateHandling.Last)
    {
        CheckLength(itemIndices.Length, nameof(itemIndices), userIndices.Length);
        CheckLength(labels.IsEmpty ? userIndices.Length : labels.Length, nameof(labels), userIndices.Length);
        CheckLength(weights.IsEmpty ? userIndices.Length : weights.Length, nameof(weights), userIndices.Length);
        CheckLength(timestamps.IsEmpty ? userIndices.Length : timestamps.Length, nameof(timestamps), userIndices.Length);

        var builder = new InteractionsBuilder(!labels.IsEmpty || duplicates == DuplicateHandling.Sum, !weights.IsEmpty, !timestamps.IsEmpty);
        for (int row = 0; row < userIndices.Length; row++)
        {
            var (user, item) = (userIndices[row], itemIndices[row]);
            var (label, weight) = (labels.IsEmpty ? 1 : labels[row], weights.IsEmpty ? 1 : weights[row]);
            if ((uint)user >= (uint)users.Count)
                throw Bad(nameof(userIndices), row, user, $"0…{users.Count - 1}");
            if ((uint)item >= (uint)items.Count)
                throw Bad(nameof(itemIndices), row, item, $"0…{items.Count - 1}");
            if (!float.IsFinite(label))
                throw Bad(nameof(labels), row, label, "a finite number");
            if (!(weight >= 0) || float.IsInfinity(weight))
                throw Bad(nameof(weights), row, weight, "a finite number that is not negative");
            builder.Add(user, item, label, weight, timestamps.IsEmpty ? 0 : timestamps[row]);
        }
        return builder.Build(users, items, duplicates, new InteractionCounts(userIndices.Length));

        static void CheckLength(int length, string name, int expected)
        {
            if (length != expected)
                throw new ArgumentException($"{name} has {length} elements; one per row, {expected}, is needed.", name);
        }

        static ArgumentException Bad(string name, int row, object value, string needed) =>
            new(FormattableString.Invariant($"{name}[{row}] is {value}; {needed} is needed."), name);
    }

    /// <summary>User ids by row index.</summary>
    public IdMap Users { get; }

    /// <summary>Item ids by column index.</summary>
    public IdMap Items { get; }

    /// <summary>For each user its items, with labels, weights and timestamps where there are any.</summary>
    public InteractionRows ByUser { get; }

    /// <summary>For each item its users (no timestamps). Made at first use.</summary>
    public InteractionRows ByItem => _byItem.Value;

    /// <summary>Number of distinct (user, item) pairs.</summary>
    /// <exception cref="NotSupportedException">There are more than 2³¹ − 1: ask for <see cref="LongCount"/>.</exception>
    public int Count => ByUser.EntryCount;

    /// <summary>Number of distinct (user, item) pairs, however many there are.</summary>
    public long LongCount => ByUser.LongEntryCount;

    /// <summary>For each item its users, where a store holds them beside the others; else null.</summary>
    internal InteractionRows? StoredByItem { get; }

    /// <summary>These interactions with all rows in memory: a copy of those that a store holds, with the same ids in the same order.</summary>
    /// <exception cref="NotSupportedException">There are more than an array holds, some 2³¹.</exception>
    public Interactions InMemory() => ByUser.IsInArrays ? this : new(Users, Items, ByUser.InArrays(), Counts);

    /// <summary>What became of the rows that were read.</summary>
    public InteractionCounts Counts { get; }

    /// <summary>
    /// What was read, in one line, like <c>1,000 rows: 957 interactions of 120 users and 80 items, density 9.97 %; 3 skipped: 3 without a
    /// user or item id; 40 merged</c>. Density is the share of all pairs of a user and an item that occur.
    /// </summary>
    public override string ToString()
    {
        var pairs = (double)Users.Count * Items.Count;
        return FormattableString.Invariant($"{Counts.Read:N0} rows: {LongCount:N0} interactions of {Users.Count:N0} users and {Items.Count:N0} items, ")
            + FormattableString.Invariant($"density {(pairs > 0 ? 100 * LongCount / pairs : 0):G3} %{Counts.Fate}");
    }

    /// <summary>The entries that belong to one part of a split.</summary>
    internal Interactions Where(ReadOnlySpan<SplitPart> parts, SplitPart part)
    {
        var rows = ByUser.Where(parts, part);
        return new Interactions(Users, Items, rows, new InteractionCounts(rows.EntryCount));
    }

    /// <summary>The entries with a label of at least <paramref name="threshold"/>; null: all.</summary>
    internal Interactions Relevant(float? threshold)
    {
        if (threshold is not { } least)
            return this;
        var parts = new SplitPart[Count];
        for (int e = 0; e < parts.Length; e++)
            parts[e] = (ByUser.LabelArray?[e] ?? 1) >= least ? SplitPart.Test : SplitPart.Train;
        return Where(parts, SplitPart.Test);
    }
}
