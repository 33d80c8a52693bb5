namespace MLNetRecExt.Persistence;

/// <summary>Files that are replaced when the new one is complete, and kept when writing fails.</summary>
internal static class CompleteFile
{
    // An end that no file of anybody else has: these are deleted.
    private const string Unfinished = ".unfinished";
    private const int Attempts = 8;

    private static readonly int RandomLength = Path.GetRandomFileName().Length;

    /// <summary>Writes a file beside the one of the path, then puts it in its place, with the same mode. Of a symbolic link, the file
    /// that it names is replaced. What a killed process has left of an earlier writing is deleted.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="write">Writes the contents.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        var link = new FileInfo(path);
        var target = link.LinkTarget is null ? link.FullName : link.ResolveLinkTarget(returnFinalTarget: true)!.FullName;
        DeleteLeftovers(target);
        var stream = Create(target);
        var (unfinished, complete) = (stream.Name, Path.ChangeExtension(stream.Name, ".complete"));
        try
        {
            using (stream)
            {
                write(stream);
                stream.Flush(flushToDisk: true);
                // While it is locked: from here on it must not be taken for a leftover.
                File.Move(unfinished, complete);
            }
            File.Move(complete, target, overwrite: true);
        }
        catch
        {
            File.Delete(unfinished);
            File.Delete(complete);
            throw;
        }
    }

    /// <summary>Creates the file to write to, with the mode of the one that it will replace. It stays locked until it is
    /// closed.</summary>
    private static FileStream Create(string target)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return Create(target, $"{target}.{Path.GetRandomFileName()}{Unfinished}");
            }
            catch (IOException) when (attempt < Attempts)
            {
                // Another writer may have taken it for a leftover, between its creation and its lock.
            }
        }
    }

    private static FileStream Create(string target, string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, BufferSize = 0 };
        if (OperatingSystem.IsWindows())
        {
            // Lets it be renamed while it is open.
            options.Share = FileShare.Delete;
            return new FileStream(path, options);
        }
        options.Share = FileShare.None;
        if (!File.Exists(target))
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
                // Opens no file that another process is writing.
                using var leftover = new FileStream(
                    path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It is being written, or gone, or not ours to delete; saving needs none of that.
            }
        }
    }
}
