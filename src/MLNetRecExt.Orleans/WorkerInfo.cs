namespace MLNetRecExt;

/// <summary>What must be the same for all workers, or their bits differ; and what one of them cannot see.</summary>
/// <param name="Silo">The silo.</param>
/// <param name="Instructions">The vectors that it computes with.</param>
/// <param name="Version">The library's version.</param>
/// <param name="Marker">What it reads in the file that marks the job's folder; null: it sees none.</param>
[GenerateSerializer, Immutable, Alias("MLNetRecExt.WorkerInfo")]
internal sealed record WorkerInfo(
    [property: Id(0)] string Silo, [property: Id(1)] string Instructions, [property: Id(2)] string Version, [property: Id(3)] string? Marker);
