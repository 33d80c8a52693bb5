namespace MLNetRecExt;

/// <summary>
/// Who took what: the user × item matrix of labels, sparse, in both directions, with the original ids. Immutable and thread-safe.
/// </summary>
public sealed class Interactions
{
    private readonly Lazy<InteractionRows> _byItem;

    internal Interactions(IdMap users, IdMap items, InteractionRows byUser, InteractionCounts counts)
    {
        Users = users;
        Items = items;
        ByUser = byUser;
        Counts = counts;
        _byItem = new(() => ByUser.Transpose(Items.Count));
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
    public int Count => ByUser.EntryCount;

    /// <summary>What became of the rows that were read.</summary>
    public InteractionCounts Counts { get; }
}
