using System.Text.Json;
using Microsoft.ML.Data;

namespace MLNetRecExt;

/// <summary>What a store holds: its last file to be written. <see cref="XxHash3"/> is of the manifest itself, with 0 in its
/// place.</summary>
internal sealed record StoreManifest(
    int Version, int Users, int Items, long Entries, DataKind UserKind, DataKind ItemKind, InteractionCounts Counts,
    IReadOnlyList<StoreManifest.FileEntry> Files, ulong XxHash3 = 0)
{
    public const string FileName = "manifest.json";
    public const int CurrentVersion = 1;

    private const int BufferSize = 1 << 20;

    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, NewLine = "\n" };

    /// <summary>A file: where it is in the store, its bytes and their XxHash3.</summary>
    public sealed record FileEntry(string Name, long Length, ulong XxHash3);

    public void Write(string folder)
    {
        var path = Path.Combine(folder, FileName);
        File.WriteAllBytes($"{path}.unfinished", (this with { XxHash3 = OwnHash() }).ToBytes());
        File.Move($"{path}.unfinished", path, overwrite: true);
    }

    /// <exception cref="InvalidDataException">There is none, or it is damaged or of another version; or a file that it names is missing or
    /// not as it was written.</exception>
    public static StoreManifest Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            throw new InvalidDataException($"{path} is missing: {folder} is no store, or was not written to its end. Write it again.");
        try
        {
            var bytes = File.ReadAllBytes(path);
            var manifest = JsonSerializer.Deserialize<StoreManifest>(bytes) ?? throw Damaged(path);
            if (manifest.Version != CurrentVersion)
                throw new InvalidDataException(
                    $"{path} is of version {manifest.Version}, and version {CurrentVersion} can be read. Write the store again.");
            if (manifest is not { Users: >= 0, Items: >= 0, Entries: >= 0, Files: not null }
                || manifest.XxHash3 != manifest.OwnHash() || !manifest.ToBytes().AsSpan().SequenceEqual(bytes))
                throw Damaged(path);
            return manifest;
        }
        catch (JsonException cause)
        {
            throw Damaged(path, cause);
        }
    }

    /// <summary>Sees to it that all files are as they were written.</summary>
    public void Check(string folder)
    {
        foreach (var (name, length, expected) in Files)
        {
            var path = Path.Combine(folder, name);
            if (name != Path.GetFileName(name))
                throw Damaged(Path.Combine(folder, FileName));
            if (!File.Exists(path))
                throw new InvalidDataException($"{path} is missing. Copy the store again from its source, or write it again.");
            if (new FileInfo(path).Length != length || Hash(path) != expected)
                throw Damaged(path);
        }
    }

    public static InvalidDataException Damaged(string path, Exception? cause = null) =>
        new($"{path} is not as it was written. Copy the store again from its source, or write it again.", cause);

    private byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, Format);

    private ulong OwnHash() => System.IO.Hashing.XxHash3.HashToUInt64((this with { XxHash3 = 0 }).ToBytes());

    private static ulong Hash(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferSize, FileOptions.SequentialScan);
        var hash = new System.IO.Hashing.XxHash3();
        hash.Append(file);
        return hash.GetCurrentHashAsUInt64();
    }
}
