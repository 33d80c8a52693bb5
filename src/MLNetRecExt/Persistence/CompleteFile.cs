namespace MLNetRecExt.Persistence;

/// <summary>Files that are replaced when the new one is complete, and kept when writing fails.</summary>
internal static class CompleteFile
{
    // An end that no file of anybody else has: these are deleted.
    private const string Unfinished = ".unfinished";
    private const int Attempts = 8;

    private static readonly int RandomLength = Path.GetRandomFileName().Length;

    // Opens a file that nobody else has open, and lets it be deleted while it is.
    private static FileShare Alone => OperatingSystem.IsWindows() ? FileShare.Delete : FileShare.None;

    /// <summary>Writes a file beside the one of the path, then puts it in its place, with the same mode. Of a symbolic link, the file
    /// that it names is replaced. What a killed process has left of an earlier writing is deleted.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="write">Writes the contents.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, Action<Stream> write) => WriteAsync(path, stream =>
    {
        write(stream);
        return Task.CompletedTask;
    }).GetAwaiter().GetResult();

    /// <inheritdoc cref="Write"/>
    public static async Task WriteAsync(string path, Func<Stream, Task> write)
    {
        var link = new FileInfo(path);
        var target = link.LinkTarget is null ? link.FullName : link.ResolveLinkTarget(returnFinalTarget: true)!.FullName;
        DeleteLeftovers(target);
        var (stream, claim) = Create(target);
        // Held until the file has its name: until then nobody takes it for a leftover, and afterwards anybody may read it.
        using (claim)
        {
            try
            {
                using (stream)
                {
                    await write(stream).ConfigureAwait(false);
                    stream.Flush(flushToDisk: true);
                }
                File.Move(claim.Name, target, overwrite: true);
            }
            catch (Exception cause)
            {
                File.Delete(claim.Name);
                if (cause is not ArgumentOutOfRangeException { ParamName: "value" })
                    throw;
                // By this .NET says that a file cannot grow further.
                throw new IOException($"{target} is longer than its file system, or the limit of this process, lets a file be.", cause);
            }
        }
    }

    /// <summary>Creates the file to write to, with the mode of the one that it will replace, and opens it once more, to read: while
    /// either is open, nobody can have it alone.</summary>
    private static (FileStream Stream, FileStream Claim) Create(string target)
    {
        for (int attempt = 1; ; attempt++)
        {
            FileStream? stream = null;
            try
            {
                stream = Create(target, $"{target}.{Path.GetRandomFileName()}{Unfinished}");
                return (stream, new FileStream(
                    stream.Name, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0));
            }
            catch (IOException)
            {
                stream?.Dispose();
                // Another writer may have taken it for a leftover, between its creation and its lock.
                if (attempt == Attempts)
                    throw;
            }
        }
    }

    private static FileStream Create(string target, string path)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.Read | FileShare.Delete,
            BufferSize = 0,
        };
        if (OperatingSystem.IsWindows() || !File.Exists(target))
            return new FileStream(path, options);
        // Nobody may read meanwhile what they cannot read later.
        options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var stream = new FileStream(path, options);
        File.SetUnixFileMode(stream.SafeFileHandle, File.GetUnixFileMode(target));
        return stream;
    }

    private static void DeleteLeftovers(string target)
    {
        var start = Path.GetFileName(target) + ".";
        // Without leave to list the folder, a file can be written there all the same.
        var options = new EnumerationOptions { IgnoreInaccessible = true, AttributesToSkip = 0 };
        foreach (var path in Directory.EnumerateFiles(Path.GetDirectoryName(target)!, "*" + Unfinished, options))
        {
            var name = Path.GetFileName(path);
            if (name.Length != start.Length + RandomLength + Unfinished.Length || !name.StartsWith(start, StringComparison.Ordinal))
                continue;
            try
            {
                // Opens no file that another process is writing. Deleted while it is locked: DeleteOnClose unlocks first.
                using var leftover = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, Alone, bufferSize: 0);
                File.Delete(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It is being written, or gone, or not ours to delete; saving needs none of that.
            }
        }
    }
}
