namespace MLNetRecExt;

/// <summary>What a worker says of a step that is done, or failed.</summary>
[GenerateSerializer, Immutable, Alias("MLNetRecExt.StepReport")]
internal sealed record StepReport
{
    /// <summary>Which of the workers.</summary>
    [Id(0)] public int Share { get; init; }

    /// <summary>Bytes that were sent.</summary>
    [Id(1)] public long Bytes { get; init; }

    /// <summary>Time of the step.</summary>
    [Id(2)] public TimeSpan Elapsed { get; init; }

    /// <summary>Why it failed; null: it did not.</summary>
    [Id(3)] public string? Failure { get; init; }

    /// <summary>Whether a peer could not be reached, so that it may be well without it.</summary>
    [Id(4)] public bool IsPassing { get; init; }

    /// <summary>After <see cref="WalsStep.Checkpoint"/>: the files that were written.</summary>
    [Id(5)] public CheckpointFile[] Files { get; init; } = [];
}
