using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace MLNetRecExt.AspNetCore;

/// <summary>A model's file. Relied upon is that it is looked at now and then: by length and time, of what a link names. The file system
/// tells earlier where it can.</summary>
internal sealed class FileModelSource(string path) : IModelSource, IDisposable
{
    private readonly string _path = Path.GetFullPath(path);
    private FileSystemWatcher? _watcher;
    private CancellationTokenSource _changed = new();

    public ValueTask<PublishedModel?> FindAsync(CancellationToken cancellationToken)
    {
        var file = new FileInfo(_path);
        if (file.LinkTarget is not null && file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target)
            file = target;
        if (!file.Exists)
            return default;
        var stamp = string.Create(CultureInfo.InvariantCulture, $"{file.Length} bytes of {file.LastWriteTimeUtc:O} at {file.FullName}");
        return new(new PublishedModel(stamp, _ => new(Open(file.FullName)), file.LastWriteTimeUtc));
    }

    public IChangeToken? Watch()
    {
        if (_watcher is null && !TryWatch())
            return null;
        if (_changed.IsCancellationRequested)
            Interlocked.Exchange(ref _changed, new());
        return new CancellationChangeToken(_changed.Token);
    }

    public void Dispose() => _watcher?.Dispose();

    // A file that is being read may be replaced, also where others cannot replace open files.
    private static FileStream Open(string path) => new(path, new FileStreamOptions
    {
        Share = FileShare.Read | FileShare.Delete,
        BufferSize = 0,
        Options = FileOptions.SequentialScan | FileOptions.Asynchronous,
    });

    private bool TryWatch()
    {
        FileSystemWatcher? watcher = null;
        try
        {
            watcher = new(Path.GetDirectoryName(_path)!, Path.GetFileName(_path));
            watcher.Changed += Tell;
            watcher.Created += Tell;
            watcher.Deleted += Tell;
            watcher.Renamed += Tell;
            watcher.EnableRaisingEvents = true;
            _watcher = watcher;
            return true;
        }
        // The folder is missing, or the system watches as much as it may: looking now and then does.
        catch (Exception e) when (e is ArgumentException or IOException or UnauthorizedAccessException)
        {
            watcher?.Dispose();
            return false;
        }
    }

    private void Tell(object sender, FileSystemEventArgs change) => Volatile.Read(ref _changed).Cancel();
}
