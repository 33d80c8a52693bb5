namespace MLNetRecExt;

/// <summary>What a client learns of a job.</summary>
[GenerateSerializer, Immutable, Alias("MLNetRecExt.JobStatus")]
internal sealed record JobStatus
{
    [Id(0)] public JobPhase Phase { get; init; }
    [Id(1)] public string? Failure { get; init; }
    [Id(2)] public string Step { get; init; } = "";
    [Id(3)] public double Share { get; init; }
    [Id(4)] public int Workers { get; init; }
    [Id(5)] public int Epoch { get; init; }
    [Id(6)] public long Bytes { get; init; }
    [Id(7)] public int Checkpoint { get; init; }

    /// <summary>The iteration of the first of <see cref="Losses"/>.</summary>
    [Id(8)] public int FirstIteration { get; init; }

    /// <summary>By iteration that the client has not seen yet the loss after it.</summary>
    [Id(9)] public double[] Losses { get; init; } = [];

    [Id(10)] public string? SlowestWorker { get; init; }
}
