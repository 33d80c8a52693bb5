namespace MLNetRecExt;

/// <summary>What rows on the wire are rows of.</summary>
internal enum FactorPart : byte
{
    Users,
    Items,

    /// <summary>Parts of the Gramian of the items, which the users' half needs.</summary>
    UserGramian,
    ItemGramian,
}
