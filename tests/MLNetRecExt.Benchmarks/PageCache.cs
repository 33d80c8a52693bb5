using System.Globalization;
using System.Runtime.InteropServices;

namespace MLNetRecExt.Benchmarks;

/// <summary>What Linux keeps of files in memory, and what it had to read from the disk.</summary>
internal static unsafe partial class PageCache
{
    // Of madvise and of posix_fadvise.
    private const int DontNeed = 4;

    /// <summary>Has every file of a folder forgotten, of other files nothing. The disk's own cache stays.</summary>
    public static void Drop(string folder)
    {
        // Pages that a process has mapped stay, so this one lets go of them first.
        foreach (var line in File.ReadAllLines("/proc/self/maps").Where(line => line.Contains($" {folder}/", StringComparison.Ordinal)))
        {
            var ends = line.Split(' ')[0].Split('-');
            var (start, end) = (Address(ends[0]), Address(ends[1]));
            _ = AdviseMemory((void*)start, end - start, DontNeed);
        }
        foreach (var path in Directory.GetFiles(folder))
        {
            using var file = File.OpenHandle(path);
            _ = AdviseFile((int)file.DangerousGetHandle(), 0, 0, DontNeed);
        }
    }

    /// <summary>Megabytes that this process has read from the disk so far.</summary>
    public static double MegabytesRead()
    {
        var line = File.ReadLines("/proc/self/io").First(line => line.StartsWith("read_bytes:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture) / 1e6;
    }

    private static nuint Address(string digits) => nuint.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int AdviseMemory(void* address, nuint length, int advice);

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int AdviseFile(int file, long offset, long length, int advice);
}
