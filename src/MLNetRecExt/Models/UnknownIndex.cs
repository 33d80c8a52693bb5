namespace MLNetRecExt;

/// <summary>The one wording for an index of a user or item that is none, or that a model does not know.</summary>
internal static class UnknownIndex
{
    /// <summary>Refuses −1, which stands for an id that was not found, before it passes for somebody unknown.</summary>
    /// <param name="index">0-based index.</param>
    /// <param name="what">"User" or "Item".</param>
    /// <param name="parameter">The caller's name for it.</param>
    /// <exception cref="ArgumentOutOfRangeException">The index is negative.</exception>
    public static void ThrowIfNegative(int index, string what, string parameter)
    {
        if (index < 0)
            throw new ArgumentOutOfRangeException(parameter, index,
                $"{what} index {index} is none: −1 is what IdMap.IndexOf gives for an id that it does not hold. "
                + "Look at the index before, or ask by ids: model.For<TUser, TItem>()."
                + (what == "User" ? " RecommenderQuery.Nobody asks on purpose for somebody who is not known." : ""));
    }

    /// <summary>Refuses an index that no id of a map has.</summary>
    /// <inheritdoc cref="ThrowIfNegative"/>
    /// <exception cref="ArgumentOutOfRangeException">The index is not in 0…Count−1.</exception>
    public static void ThrowIfOutside(IdMap ids, int index, string what, string parameter)
    {
        ThrowIfNegative(index, what, parameter);
        if (index >= ids.Count)
            throw Error(ids, index, what, parameter);
    }

    /// <summary>What to throw where an answer needs a known user or item.</summary>
    public static ArgumentOutOfRangeException Error(IdMap ids, int index, string what, string parameter) => new(parameter, index,
        $"{what} index {index} is not known to the model: it needs to be in 0…{ids.Count - 1}, "
        + "and to occur in training or to have features that the model learned.");
}
