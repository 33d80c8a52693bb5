using System.Runtime.InteropServices;

namespace MLNetRecExt.Kernels;

/// <summary>
/// Pages of 2 MB instead of 4 KB under large tables. A processor knows the places of some thousand pages at once: of small ones no more
/// than 8 MB, and rows that are read in no order then cost a walk through the page tables each.
/// </summary>
internal static unsafe partial class LargePages
{
    private const int PageBytes = 2 * 1024 * 1024;
    private const int AdviseHugePage = 14;

    /// <summary>Asks Linux for them, where nothing has been written yet. Other systems, and tables of few such pages, stay as they
    /// are.</summary>
    public static void Advise(void* start, long bytes)
    {
        if (!OperatingSystem.IsLinux() || bytes < 2 * PageBytes)
            return;
        nuint mask = PageBytes - 1, first = ((nuint)start + mask) & ~mask, end = ((nuint)start + (nuint)bytes) & ~mask;
        try
        {
            // An advice: a kernel that does not know such pages refuses, and nothing changes.
            _ = Advise((void*)first, end - first, AdviseHugePage);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            // A system library by another name: tables stay on small pages.
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* address, nuint length, int advice);
}
