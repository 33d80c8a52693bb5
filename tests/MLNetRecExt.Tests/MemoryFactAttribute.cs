namespace MLNetRecExt.Tests;

/// <summary>A test of what is larger than an array: reported as skipped where the process may not use so much memory.</summary>
internal sealed class MemoryFactAttribute : FactAttribute
{
    public MemoryFactAttribute(long bytes)
    {
        if (GC.GetGCMemoryInfo().TotalAvailableMemoryBytes < bytes)
            Skip = FormattableString.Invariant($"The process may not use {bytes:N0} bytes.");
    }
}
