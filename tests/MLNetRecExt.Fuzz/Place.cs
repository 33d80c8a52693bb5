using System.IO.MemoryMappedFiles;

namespace MLNetRecExt.Fuzz;

/// <summary>Which input is being tried: written by a worker, read by the driver when the worker has died.</summary>
internal sealed class Place : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    public Place(string path)
    {
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.OpenOrCreate, mapName: null, capacity: sizeof(int));
        _view = _file.CreateViewAccessor(0, sizeof(int));
    }

    public int Index
    {
        get => _view.ReadInt32(0);
        set => _view.Write(0, value);
    }

    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }
}
