namespace MLNetRecExt;

/// <summary>New interactions joined with those that a model has already: ids keep their indices, new ones come behind them.</summary>
/// <remarks>A new interaction replaces that of the same user and item. Where the model has no timestamps, those of new interactions are
/// left out.</remarks>
public sealed class AppendedInteractions
{
    /// <summary>Joins what a model has with what is new.</summary>
    /// <param name="users">The model's users.</param>
    /// <param name="items">Its items.</param>
    /// <param name="history">What its users took.</param>
    /// <param name="news">What is new.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ArgumentException">Ids are of another kind, or timestamps are missing.</exception>
    internal AppendedInteractions(IdMap users, IdMap items, InteractionRows history, Interactions news, CancellationToken cancellationToken)
    {
        users.CheckSameKind(news.Users, "users", "newInteractions");
        items.CheckSameKind(news.Items, "items", "newInteractions");
        if (history.HasTimestamps && !news.ByUser.HasTimestamps && history.EntryCount > 0 && news.Count > 0)
            throw new ArgumentException(
                "The model's interactions have timestamps, and the new ones have none. Read these with their column of timestamps.",
                "newInteractions");
        var allUsers = users.Join(news.Users, out var userOf);
        var allItems = items.Join(news.Items, out var itemOf);
        var builder = new InteractionsBuilder(
            history.HasLabels || news.ByUser.HasLabels, history.HasWeights || news.ByUser.HasWeights,
            history.EntryCount == 0 ? news.ByUser.HasTimestamps : history.HasTimestamps);
        Add(builder, history, user => user, item => item);
        Add(builder, news.ByUser, user => userOf[user], item => itemOf[item]);
        All = builder.Build(allUsers, allItems, DuplicateHandling.Last, new(history.EntryCount + (long)news.Count), cancellationToken);
        Count = news.Count;
        Users = [.. Enumerable.Range(0, userOf.Length).Where(user => news.ByUser.Length(user) > 0).Select(user => userOf[user]).Order()];
        var counts = news.ByUser.ColumnCounts(itemOf.Length);
        Items = [.. Enumerable.Range(0, itemOf.Length).Where(item => counts[item] > 0).Select(item => itemOf[item]).Order()];
    }

    /// <summary>Everything: what the model has, and what is new.</summary>
    public Interactions All { get; }

    /// <summary>Number of new interactions, those that replace an old one included.</summary>
    public int Count { get; }

    /// <summary>The users who have new interactions, by index in <see cref="All"/>, ascending.</summary>
    public IReadOnlyList<int> Users { get; }

    /// <summary>The items that have new interactions, likewise.</summary>
    public IReadOnlyList<int> Items { get; }

    private static void Add(InteractionsBuilder builder, InteractionRows rows, Func<int, int> userOf, Func<int, int> itemOf)
    {
        for (int user = 0; user < rows.RowCount; user++)
            for (int e = rows.Offsets[user]; e < rows.Offsets[user + 1]; e++)
                builder.Add(
                    userOf(user), itemOf(rows.IndexArray[e]),
                    rows.LabelArray?[e] ?? 1, rows.WeightArray?[e] ?? 1, rows.TimestampArray?[e] ?? 0);
    }
}
