using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace MLNetRecExt;

/// <summary>A file whose bytes are read as memory: the system brings them when they are looked at, and lets go of them when it needs the
/// room. It is unmapped when nothing refers to it any more.</summary>
internal sealed unsafe class MappedFile
{
    private readonly SafeMemoryMappedViewHandle _view;
    private readonly byte* _start;

    /// <param name="path">A file that is not empty.</param>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public MappedFile(string path)
    {
        Length = new FileInfo(path).Length;
        using var file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, mapName: null, capacity: 0, MemoryMappedFileAccess.Read);
        // The handle unmaps when it is finalized. It outlives the file's own.
        _view = file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read).SafeMemoryMappedViewHandle;
        _view.AcquirePointer(ref _start);
    }

    ~MappedFile()
    {
        if (_start is not null)
            _view.ReleasePointer();
        _view?.Dispose();
    }

    public long Length { get; }

    /// <summary>The first byte. Valid while this object is reachable.</summary>
    public byte* Start => _start;
}
