namespace MLNetRecExt.Tests;

/// <summary>A test of what only Unix has, such as pipes among files and their modes; reported as skipped elsewhere.</summary>
internal sealed class UnixFactAttribute : FactAttribute
{
    public UnixFactAttribute()
    {
        if (OperatingSystem.IsWindows())
            Skip = "Windows has no such files.";
    }
}
