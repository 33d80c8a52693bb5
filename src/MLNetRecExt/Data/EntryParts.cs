using System.Runtime.InteropServices;

namespace MLNetRecExt;

/// <summary>Entries in files, each of which holds a range of rows: so many as fit in memory at a time.</summary>
internal sealed class EntryParts : IDisposable
{
    private const int BufferSize = 1 << 16, EntriesAtATime = 1 << 12;

    private readonly FileStream[] _files;

    // The row with which each part starts, and the number of rows.
    private readonly int[] _starts;

    /// <param name="folder">Where the files are; they are deleted when this is disposed of.</param>
    /// <param name="lengths">Entries by row.</param>
    /// <param name="most">Entries that a part may have; a row is never divided.</param>
    public EntryParts(string folder, ReadOnlySpan<int> lengths, long most)
    {
        List<int> starts = [0];
        long entries = 0;
        for (int row = 0; row < lengths.Length; row++)
        {
            if (entries > 0 && entries + lengths[row] > most)
            {
                starts.Add(row);
                entries = 0;
            }
            entries += lengths[row];
        }
        _starts = [.. starts, lengths.Length];
        _files = Array.ConvertAll(_starts[..^1], start => Temporary(folder));
    }

    public int Count => _files.Length;

    /// <summary>A file that is gone when it is closed.</summary>
    public static FileStream Temporary(string folder) => new(
        Path.Combine(folder, $"{Path.GetRandomFileName()}.entries"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, BufferSize,
        FileOptions.DeleteOnClose);

    /// <summary>All entries of a file that was written.</summary>
    public static IEnumerable<StoredEntry> Read(FileStream file)
    {
        file.Position = 0;
        var entries = new StoredEntry[EntriesAtATime];
        while (ReadSome(file, entries) is var count and > 0)
            for (int e = 0; e < count; e++)
                yield return entries[e];
    }

    public static void Write(FileStream file, in StoredEntry entry) =>
        file.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<StoredEntry>(in entry)));

    public void Add(in StoredEntry entry)
    {
        var part = Array.BinarySearch(_starts, entry.Row);
        Write(_files[part >= 0 ? part : ~part - 1], entry);
    }

    /// <summary>The rows of a part.</summary>
    public (int First, int End) Rows(int part) => (_starts[part], _starts[part + 1]);

    /// <summary>The entries of a part, in the order in which they were added.</summary>
    public IEnumerable<StoredEntry> Entries(int part) => Read(_files[part]);

    public void Dispose()
    {
        foreach (var file in _files)
            file.Dispose();
    }

    private static int ReadSome(FileStream file, StoredEntry[] entries)
    {
        var bytes = MemoryMarshal.AsBytes(entries.AsSpan());
        return file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) / (bytes.Length / entries.Length);
    }
}
