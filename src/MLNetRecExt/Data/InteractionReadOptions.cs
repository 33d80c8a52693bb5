namespace MLNetRecExt;

/// <summary>How interactions are read, wherever from: what repeated and bad rows get, and whose ids come first.</summary>
public sealed record InteractionReadOptions
{
    /// <summary>How rows of the same (user, item) become one.</summary>
    /// <value>Default <see cref="DuplicateHandling.Last"/>.</value>
    public DuplicateHandling Duplicates { get; init; }

    /// <summary>What rows get that lack an id, or whose label, weight or timestamp is missing or no finite number, or whose weight is
    /// negative.</summary>
    /// <value>Default <see cref="BadRowHandling.Skip"/>.</value>
    public BadRowHandling BadRows { get; init; }

    /// <summary>
    /// Interactions whose users and items keep their indices: the training part, when a held-out part is read. Raw ids that it lacks get
    /// indices behind its own; key columns must have the same keys. Short for its <see cref="Users"/> and <see cref="Items"/>.
    /// </summary>
    /// <value>Default null: none.</value>
    public Interactions? IdsOf { get; init; }

    /// <summary>Users that come first, whether they have interactions here or not: of a model that is to be judged, or of side
    /// features.</summary>
    /// <value>Default null: those of <see cref="IdsOf"/>, or none.</value>
    public IdMap? Users { get; init; }

    /// <summary>Items that come first, whether they have interactions here or not: of a model that is to be judged, or of side
    /// features.</summary>
    /// <value>Default null: those of <see cref="IdsOf"/>, or none.</value>
    public IdMap? Items { get; init; }

    /// <summary>A folder whose files hold the interactions, in place of memory: <see cref="InteractionStore"/>. Its order of users and items
    /// is its own, so none can come first.</summary>
    /// <value>Default null: in memory.</value>
    public InteractionStoreOptions? Store { get; init; }

    /// <summary>Threads that read a file; null: all cores. The result does not depend on it. A view is read by one.</summary>
    /// <value>Default null; range [1, 1024].</value>
    [OptionRange(1, 1024)]
    public int? NumberOfThreads { get; init; }

    /// <summary>Told the number of rows read, about every million and at the end.</summary>
    /// <value>Default null.</value>
    public IProgress<long>? Progress { get; init; }

    /// <summary>Cancels the reading.</summary>
    /// <value>Default none.</value>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>Writes <see cref="Store"/>; null: there is none.</summary>
    internal StoreWriter? Writer { get; init; }

    internal IdMap? FirstUsers => Users ?? IdsOf?.Users;

    internal IdMap? FirstItems => Items ?? IdsOf?.Items;

    internal void Validate() => OptionChecker.Check(this);
}
