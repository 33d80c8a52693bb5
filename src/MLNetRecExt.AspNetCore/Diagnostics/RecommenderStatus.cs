namespace MLNetRecExt.AspNetCore;

/// <summary>What a recommender serves, since when, and what it did since the application started. A picture of one moment.</summary>
public sealed record RecommenderStatus
{
    /// <summary>The recommender's name.</summary>
    public required string Name { get; init; }

    /// <summary>The card of the model that answers; null where it has none, or none is loaded.</summary>
    public ModelInfo? Info { get; init; }

    /// <summary>The version of the model that answers: the first 12 hexadecimal digits of the SHA-256 of its file. Null until one is
    /// loaded.</summary>
    public string? Version { get; init; }

    /// <summary>When it was loaded.</summary>
    public DateTimeOffset? LoadedAt { get; init; }

    /// <summary>When it was trained, by its card; of a model without, when it was published: the time of its file.</summary>
    public DateTimeOffset? TrainedAt { get; init; }

    /// <summary>Whether something is wrong: the last model was refused, the source or the catalogue cannot be read, or nothing is loaded.
    /// What was loaded before goes on serving.</summary>
    public bool IsDegraded { get; init; }

    /// <summary>What is wrong, for those who run the service; null when nothing is. May name paths.</summary>
    public string? Reason { get; init; }

    /// <summary>The last 20 models that were looked at, latest first.</summary>
    public IReadOnlyList<ReloadRecord> Reloads { get; init; } = [];

    /// <summary>Items of the catalogue; null where there is none, or it was not read yet.</summary>
    public int? CatalogueItems { get; init; }

    /// <summary>When the catalogue was read.</summary>
    public DateTimeOffset? CatalogueReadAt { get; init; }

    /// <summary>Lists answered.</summary>
    public long Lists { get; init; }

    /// <summary>What half of the last 1,000 lists took at most; null before the first.</summary>
    public TimeSpan? Median { get; init; }

    /// <summary>What 99 of 100 of them took at most.</summary>
    public TimeSpan? Percentile99 { get; init; }

    /// <summary>Those that were empty.</summary>
    public long EmptyLists { get; init; }

    /// <summary>Those of what is popular, since nothing was known about the one who asked.</summary>
    public long Fallbacks { get; init; }

    /// <summary>Those made without what happened since training, since <see cref="IUserHistory{TUser, TItem}"/> failed or was too
    /// slow.</summary>
    public long HistoryFailures { get; init; }

    /// <summary>Events taken into the buffer.</summary>
    public long FeedbackAdded { get; init; }

    /// <summary>Events dropped.</summary>
    public long FeedbackDropped { get; init; }

    /// <summary>Events that the sink has written.</summary>
    public long FeedbackWritten { get; init; }

    /// <summary>What the sink failed by when it last did, while it fails; null while it takes what it gets.</summary>
    public string? FeedbackFailure { get; init; }
}
