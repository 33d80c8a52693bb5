namespace MLNetRecExt;

/// <summary>How long <see cref="RecommendersCatalog.Auto(Interactions, AutoOptions)"/> looks for a model, and what it judges by.</summary>
public sealed record AutoOptions
{
    /// <summary>
    /// How long to search. No training starts that would probably pass it, and one that passes it is stopped. The last trainings, of what
    /// was chosen, are reckoned in, each as long as it took before; where they take longer the limit is passed.
    /// </summary>
    /// <value>Default null: none, or 5 minutes where <see cref="Trials"/> is null, too; above 0.</value>
    public TimeSpan? TimeLimit { get; init; }

    /// <summary>How many settings to try, over all trainers together. Without a <see cref="TimeLimit"/> the same number gives the same
    /// model on any machine.</summary>
    /// <value>Default null: as many as time allows; range [1, 100000].</value>
    [OptionRange(1, 100_000)]
    public int? Trials { get; init; }

    /// <summary>What settings are chosen by, in place of a part that is cut off the data. Its ids extend those of the data; in the end it
    /// is learned from, too.</summary>
    /// <value>Default null.</value>
    public Interactions? Validation { get; init; }

    /// <summary>What the table is judged on, in place of a part that is cut off the data. It goes with <see cref="Validation"/>, is looked
    /// at once, and is not learned from.</summary>
    /// <value>Default null.</value>
    public Interactions? Test { get; init; }

    /// <summary>A held-out item counts as relevant from this label on; null: every one.</summary>
    /// <value>Default null; any finite number.</value>
    public float? RelevanceThreshold { get; init; }

    /// <summary>A folder that gets a file of trials for each trainer. Trials that are in it already, of the same data and options, are not
    /// run again: a search that was broken off goes on. Null: no files.</summary>
    /// <value>Default null.</value>
    public string? LogDirectory { get; init; }

    /// <summary>How many megabytes (10⁶ bytes) a training, and in the end all models that are blended, may take beyond the interactions.
    /// Null: as for <see cref="RecommenderTrainerOptions.MemoryLimitMegabytes"/>.</summary>
    /// <value>Default null; range [1, 1e7].</value>
    [OptionRange(1, 1e7)]
    public int? MemoryLimitMegabytes { get; init; }

    /// <summary>Seed of the parts that are cut off, of the search, and of each training.</summary>
    /// <value>Default 42; any integer.</value>
    public int Seed { get; init; } = 42;

    /// <summary>Threads to use; null: all cores. Without a time limit the result does not depend on it.</summary>
    /// <value>Default null; range [1, 1024].</value>
    [OptionRange(1, 1024)]
    public int? NumberOfThreads { get; init; }

    /// <summary>Told after each trial, and before each training of what was chosen.</summary>
    /// <value>Default null.</value>
    public IProgress<AutoProgress>? Progress { get; init; }

    /// <summary>Ends the search at once with the best model so far (<see cref="AutoResult.IsCancelled"/>). Before there is one: an
    /// <see cref="OperationCanceledException"/>.</summary>
    /// <value>Default none.</value>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>The time limit that counts: null for none.</summary>
    internal TimeSpan? Limit => TimeLimit ?? (Trials is null ? TimeSpan.FromMinutes(5) : null);

    internal long MemoryLimit => new PopularityTrainer.Options { MemoryLimitMegabytes = MemoryLimitMegabytes }.MemoryLimit;

    internal void Validate()
    {
        OptionChecker.Check(this);
        if (TimeLimit <= TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(TimeLimit), TimeLimit, $"{nameof(TimeLimit)} is {TimeLimit}; it must be above 0.");
        if (Test is not null && Validation is null)
            throw new ArgumentException(
                $"{nameof(Test)} is given without {nameof(Validation)}: settings must not be chosen on it. Give both, or leave both out.",
                nameof(Test));
    }
}
