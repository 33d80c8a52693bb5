namespace MLNetRecExt;

/// <summary>How a cluster goes about a training.</summary>
public sealed record ClusterTrainingOptions
{
    /// <summary>The folder under which the job writes its checkpoints and, but for an <see cref="InteractionStore"/>, the interactions. It is
    /// under the <see cref="WorkerOptions.Roots"/> of all silos, and this process sees it under the same path.</summary>
    /// <value>Default null: the first root of the silos.</value>
    public string? Root { get; init; }

    /// <summary>The job's name, of letters, digits, - and _: training that was interrupted, be it by the loss of this process or of all
    /// silos, goes on from its last checkpoint where one of the same name is begun with the same options and data.</summary>
    /// <value>Default null: a new one.</value>
    public string? JobId { get; init; }

    /// <summary>Silos that must be there: training waits for so many, also after one is lost.</summary>
    /// <value>Default 1; range [1, 1024].</value>
    [OptionRange(1, 1024)]
    public int MinWorkers { get; init; } = 1;

    /// <summary>Iterations from one checkpoint to the next. What is lost with a worker is done again from the last one on.</summary>
    /// <value>Default 1; range [1, 10000].</value>
    [OptionRange(1, 10000)]
    public int CheckpointEvery { get; init; } = 1;

    internal void Validate()
    {
        OptionChecker.Check(this);
        if (JobId is not null)
            WalsJobGrain.CheckName(JobId);
    }
}
