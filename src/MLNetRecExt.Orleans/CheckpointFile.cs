namespace MLNetRecExt;

/// <summary>A file of a checkpoint: rows of factors by position, or the map of features.</summary>
[GenerateSerializer, Immutable, Alias("MLNetRecExt.CheckpointFile")]
internal sealed record CheckpointFile(
    [property: Id(0)] string Name, [property: Id(1)] string Part, [property: Id(2)] int First, [property: Id(3)] int End,
    [property: Id(4)] long Length, [property: Id(5)] ulong XxHash3);
