namespace MLNetRecExt;

/// <summary>What a silo gives to trainings that clients of the cluster ask for.</summary>
public sealed class WorkerOptions
{
    /// <summary>Folders that all silos and clients see under the same path, such as a network share. Jobs open nothing outside of them,
    /// whatever links say. Under the first one they keep their state, and what they write where a client names no other.</summary>
    /// <value>None by default; at least one is needed.</value>
    public IList<string> Roots { get; } = [];

    /// <summary>Threads that compute; null: one less than there are cores, since a silo that answers no probe is taken for dead. The result
    /// does not depend on it.</summary>
    /// <value>Default null; range [1, 1024].</value>
    [OptionRange(1, 1024)]
    public int? NumberOfThreads { get; set; }

    /// <summary>How many megabytes (10⁶ bytes) a training may take in this process. What needs more is refused before the memory is taken.
    /// Null: three quarters of what the process may use.</summary>
    /// <value>Default null; range [1, 1e7].</value>
    [OptionRange(1, 1e7)]
    public int? MemoryLimitMegabytes { get; set; }

    internal int Threads => NumberOfThreads ?? Math.Max(1, Environment.ProcessorCount - 1);

    internal long MemoryLimit => MemoryLimitMegabytes * 1_000_000L ?? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4 * 3;

    /// <exception cref="ArgumentException">There is no root, or an option is out of its range.</exception>
    internal void Validate()
    {
        OptionChecker.Check(this);
        if (Roots.Count == 0 || Roots.Any(string.IsNullOrWhiteSpace))
            throw new ArgumentException(
                $"{nameof(Roots)} names no folder: add one that all silos and clients see under the same path.", nameof(Roots));
    }
}
