namespace MLNetRecExt;

/// <summary>
/// A model that scores an item by what was taken: score = Σ_j taken A_uj W_ij, A being label times weight, or 1, and W what the model has
/// learned of pairs of items.
/// A history that comes with a query is folded in for free.
/// </summary>
public abstract class ItemToItemModel : RecommenderModel
{
    /// <inheritdoc/>
    protected ItemToItemModel(IdMap users, IdMap items, InteractionRows history)
        : base(users, items, history)
    {
    }

    /// <inheritdoc/>
    public override bool CanFoldIn => true;

    /// <summary>W_ij: what having taken item j adds to the score of item i. Negative: who took the one is less likely to take the
    /// other.</summary>
    /// <param name="taken">0-based index j of the item taken.</param>
    /// <param name="item">0-based index i of the item scored.</param>
    /// <returns>0 for an item itself, for unknown items, and for weights that were not kept.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An index is negative.</exception>
    public float ItemWeight(int taken, int item)
    {
        UnknownIndex.ThrowIfNegative(taken, "Item", nameof(taken));
        UnknownIndex.ThrowIfNegative(item, "Item", nameof(item));
        return IsKnownItem(taken) && IsKnownItem(item) ? Weight(item, taken) : 0;
    }

    /// <summary>
    /// True: by what each item taken adds. The parts sum up to the score, or where that is made around a mean label, to how far it is from
    /// that.
    /// </summary>
    public override bool CanExplain => true;

    /// <inheritdoc/>
    protected override IEnumerable<Contribution> ExplainKnown(RecommenderQuery query, int item)
    {
        var taken = new TakenItems(this, query);
        var contributions = new float[taken.Count];
        Contribute(taken, item, contributions);
        return taken.Items.ToArray().Zip(contributions, Contribution.OfItem).Where(entry => entry.Value != 0);
    }

    /// <summary>W_ij: how much an item taken speaks for another; 0 for nothing. Both are known.</summary>
    protected abstract float Weight(int item, int taken);

    /// <summary>The parts of the score of an item, one per item taken.</summary>
    private protected virtual void Contribute(TakenItems taken, int item, Span<float> contributions)
    {
        for (int e = 0; e < contributions.Length; e++)
            contributions[e] = Weight(item, taken.Items[e]) is var weight and not 0 ? taken.Value(e) * weight : 0;
    }

    /// <inheritdoc/>
    protected override float ScoreKnown(int user, int item)
    {
        var taken = new TakenItems(this, RecommenderQuery.ForUser(user));
        var sum = 0f;
        for (int e = 0; e < taken.Items.Length; e++)
            if (Weight(item, taken.Items[e]) is var weight and not 0)
                sum += taken.Value(e) * weight;
        return sum;
    }
}
