using System.Runtime.CompilerServices;

namespace MLNetRecExt;

/// <summary>
/// Which items may be recommended. Immutable and thread-safe: make it once and use it for any number of calls, threads and models.
/// </summary>
/// <remarks>
/// What a filter means to a model is worked out at the first call and kept as long as both live: a bit per item, and where few items pass
/// an index of these, so that a filter costs next to nothing from then on. Indices that a model does not know are passed over. By ids or
/// features make filters with <see cref="Recommender{TUser, TItem}.Only"/>, <see cref="Recommender{TUser, TItem}.Except"/> and
/// <see cref="Recommender{TUser, TItem}.Where"/>.
/// </remarks>
public sealed class ItemFilter
{
    private readonly ConditionalWeakTable<RecommenderModel, CandidateItems> _compiled = [];

    private ItemFilter(bool isOnly, IEnumerable<int> items)
    {
        IsOnly = isOnly;
        Items = [.. items.Distinct().Order()];
        if (Items.Length > 0)
            UnknownIndex.ThrowIfNegative(Items[0], "Item", nameof(items));
    }

    /// <summary>Whether only <see cref="Items"/> pass; otherwise all others.</summary>
    internal bool IsOnly { get; }

    /// <summary>0-based item indices, ascending.</summary>
    internal int[] Items { get; }

    /// <summary>Only these items pass.</summary>
    /// <param name="items">0-based item indices.</param>
    /// <exception cref="ArgumentOutOfRangeException">An index is negative.</exception>
    public static ItemFilter Only(IEnumerable<int> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        return new(true, items);
    }

    /// <summary>All items pass but these.</summary>
    /// <param name="items">0-based item indices.</param>
    /// <exception cref="ArgumentOutOfRangeException">An index is negative.</exception>
    public static ItemFilter Except(IEnumerable<int> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        return new(false, items);
    }

    /// <summary>A filter that an item passes when it passes both.</summary>
    /// <param name="other">The other filter.</param>
    public ItemFilter And(ItemFilter other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return (IsOnly, other.IsOnly) switch
        {
            (true, true) => new(true, Items.Intersect(other.Items)),
            (true, false) => new(true, Items.Except(other.Items)),
            (false, true) => new(true, other.Items.Except(Items)),
            _ => new(false, Items.Union(other.Items)),
        };
    }

    /// <summary>What the filter means to a model.</summary>
    internal CandidateItems For(RecommenderModel model) => _compiled.GetValue(model, asked => new CandidateItems(asked, this));
}
