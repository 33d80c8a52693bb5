using Microsoft.Win32.SafeHandles;

namespace MLNetRecExt;

/// <summary>Opens files of text, and refuses by name what is none.</summary>
internal static class TextFile
{
    /// <summary>Opens a file whose length is known. Never waits for somebody to write, as opening a pipe does.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">How it is going to be read.</param>
    /// <exception cref="InvalidDataException">It is empty, or its length is not known.</exception>
    /// <exception cref="IOException">It is missing or cannot be read.</exception>
    public static SafeFileHandle Open(string path, FileOptions options = FileOptions.None)
    {
        var file = new FileInfo(path);
        // The length of a link is that of its own.
        var target = file.LinkTarget is null ? file : (FileInfo)file.ResolveLinkTarget(returnFinalTarget: true)!;
        // Pipes, devices and files of /proc have the length 0. Links to open pipes, as in /dev/fd, name no file.
        if (File.Exists(path) && (!target.Exists || target.Length == 0))
            throw new InvalidDataException($"{path} is empty; a header row with the columns' names, or a row of data, is needed. "
                + Remedy("If it is"));
        var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read, options);
        try
        {
            RandomAccess.GetLength(handle);
            return handle;
        }
        catch (NotSupportedException)
        {
            handle.Dispose();
            throw new InvalidDataException($"{path} cannot be read from any place, which is needed. " + Remedy("It is"));
        }
    }

    /// <summary>How many bytes of a file stand before its text.</summary>
    /// <param name="path">Its name, for messages.</param>
    /// <param name="head">Its first bytes.</param>
    /// <exception cref="InvalidDataException">It says that it is no UTF-8.</exception>
    public static int Start(string path, ReadOnlySpan<byte> head) => head switch
    {
        // UTF-32 first: it begins as UTF-16 does.
        [0xFF, 0xFE, 0, 0, ..] or [0, 0, 0xFE, 0xFF, ..] => throw Encoded(path, "UTF-32"),
        [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] => throw Encoded(path, "UTF-16"),
        [0xEF, 0xBB, 0xBF, ..] => 3,
        _ => 0,
    };

    /// <summary>What is said of a file that ends before the length that it had when it was opened.</summary>
    public static IOException Shrunk(string path) =>
        new($"{path} became shorter while it was read: somebody writes to it. Read it again when it is complete, or a copy of it.");

    private static string Remedy(string what) => $"{what} a pipe, a device or a file of /proc: copy it to a file on a disk first.";

    private static InvalidDataException Encoded(string path, string encoding) =>
        new($"{path} is {encoding}; UTF-8 is needed. Save it as UTF-8.");
}
