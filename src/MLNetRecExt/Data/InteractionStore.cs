namespace MLNetRecExt;

/// <summary>
/// Interactions in files, which are read as memory: there may be more than fit into it. Users and items are ordered by how many
/// interactions they have, as training goes through them, and both directions are there.
/// </summary>
/// <remarks>
/// <para><see cref="InteractionReadOptions.Store"/> makes one of whatever is read. Ids that are keys become what they stand for, or their
/// numbers. <c>Wals</c> and <c>Popularity</c> train on it where it is, with the factors to the bit of the same interactions in memory, in
/// the same order; other trainers copy it into memory. Models keep its rows as histories, and with them its files.</para>
/// <para>Files are unmapped when neither interactions nor models refer to them.</para>
/// </remarks>
/// <example><code>
/// var orders = recommenders.Data.ReadInteractions("orders.csv", options: new() { Store = new("orders.store") });
/// // in another process, without reading again
/// var store = InteractionStore.Open("orders.store");
/// var model = recommenders.Trainers.Wals().Fit(store);
/// </code></example>
public sealed class InteractionStore
{
    private InteractionStore(string folder, Interactions interactions) => (Folder, Interactions) = (folder, interactions);

    /// <summary>Opens a store, and sees to it that every byte is as it was written.</summary>
    /// <param name="folder">The store's folder.</param>
    /// <exception cref="InvalidDataException">The folder holds no store, or not the whole of one, or a file is damaged; the message names
    /// the file.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static InteractionStore Open(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var manifest = StoreManifest.Read(folder);
        manifest.Check(folder);
        var reader = new StoreReader(folder, manifest);
        return Open(folder, manifest, reader, reader.Rows);
    }

    /// <summary>Opens a store that this process has written to its end: it is not read again, which would bring all of it into
    /// memory.</summary>
    internal static InteractionStore OpenWritten(string folder)
    {
        var manifest = StoreManifest.Read(folder);
        var reader = new StoreReader(folder, manifest);
        return Open(folder, manifest, reader, reader.Map);
    }

    private static InteractionStore Open(
        string folder, StoreManifest manifest, StoreReader reader, Func<string, int, int, InteractionRows> rows) => new(folder, new(
            reader.Ids("users", manifest.Users, manifest.UserKind), reader.Ids("items", manifest.Items, manifest.ItemKind),
            rows("users", manifest.Users, manifest.Items), manifest.Counts, rows("items", manifest.Items, manifest.Users)));

    /// <summary>Where the files are.</summary>
    public string Folder { get; }

    /// <summary>What they hold.</summary>
    public Interactions Interactions { get; }

    /// <summary>A store is taken wherever interactions are: by <c>Fit</c>, <c>Evaluate</c>, splits and experiments.</summary>
    /// <param name="store">The store.</param>
    public static implicit operator Interactions(InteractionStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return store.Interactions;
    }
}
