using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace MLNetRecExt;

/// <summary>A file of a store while it is written: numbers one behind the other.</summary>
internal sealed class StoreFile : IDisposable
{
    private const int BufferSize = 1 << 20;

    private readonly string _name;
    private readonly FileStream _stream;
    private readonly XxHash3 _hash = new();
    private long _length;

    public StoreFile(string folder, string name) =>
        (_name, _stream) = (name, new(Path.Combine(folder, name), FileMode.CreateNew, FileAccess.Write, FileShare.None, BufferSize));

    public void Write<T>(ReadOnlySpan<T> values) where T : unmanaged
    {
        for (; values.Length > BufferSize; values = values[BufferSize..])
            WriteBytes(MemoryMarshal.AsBytes(values[..BufferSize]));
        WriteBytes(MemoryMarshal.AsBytes(values));
    }

    /// <summary>Sees to it that the file is on the disk.</summary>
    /// <returns>What the manifest says of it.</returns>
    public StoreManifest.FileEntry Complete()
    {
        _stream.Flush(flushToDisk: true);
        return new(_name, _length, _hash.GetCurrentHashAsUInt64());
    }

    public void Dispose() => _stream.Dispose();

    private void WriteBytes(ReadOnlySpan<byte> bytes)
    {
        _hash.Append(bytes);
        _length += bytes.Length;
        _stream.Write(bytes);
    }
}
