namespace MLNetRecExt;

/// <summary>Where interactions are kept in files instead of in memory, and how much memory it may take to write them.</summary>
/// <param name="Folder">The store's folder. It must not be there yet.</param>
public sealed record InteractionStoreOptions(string Folder)
{
    /// <summary>Megabytes that writing takes, beside the ids, some 210 bytes for a text of 12 characters: rows beyond wait in files next to
    /// the folder, 24 bytes each, twice.</summary>
    /// <value>Default 1024; range [32, 1048576].</value>
    [OptionRange(32, 1 << 20)]
    public int MemoryLimitMegabytes { get; init; } = 1024;

    /// <summary>Entries that are in memory at a time; null: as many as the limit allows.</summary>
    internal long? MostEntries { get; init; }

    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(Folder);
        OptionChecker.Check(this);
    }
}
