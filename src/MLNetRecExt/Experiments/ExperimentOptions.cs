namespace MLNetRecExt;

/// <summary>How trainers are compared: what they are judged on and by, how long their options are searched, and what goes into the
/// record.</summary>
public sealed record ExperimentOptions
{
    /// <summary>How the part to test on is cut off the data, and the part that options are chosen by off the rest.</summary>
    /// <value>Default null: <c>leave-last:1</c> where there are timestamps, else <c>random-per-user:0.2</c>.</value>
    public SplitRule? Split { get; init; }

    /// <summary>What is tested on, in place of a part that <see cref="Split"/> cuts off. Its ids extend those of the data.</summary>
    /// <value>Default null.</value>
    public Interactions? Test { get; init; }

    /// <summary>What options are chosen by, where <see cref="Test"/> is given. What was chosen learns from it, too, before the test. Its ids
    /// extend those of the data.</summary>
    /// <value>Default null: nothing can be tuned where <see cref="Test"/> is given.</value>
    public Interactions? Validation { get; init; }

    /// <summary>What options are chosen by, and which trainer is called the best: <c>NDCG</c>, <c>Recall</c>, <c>CappedRecall</c>,
    /// <c>Precision</c>, <c>HitRate</c>, <c>MAP</c> or <c>MRR</c> with the length of the list, or <c>RMSE</c> or <c>MAE</c>, which are to be
    /// low.</summary>
    /// <value>Default <c>NDCG@20</c>.</value>
    public string Metric { get; init; } = "NDCG@20";

    /// <summary>Lengths of the lists that are measured besides that of <see cref="Metric"/>.</summary>
    /// <value>Default [20, 100]; each at least 1.</value>
    public IReadOnlyList<int> Cutoffs { get; init; } = [20, 100];

    /// <summary>A held-out item counts as relevant from this label on; null: every one.</summary>
    /// <value>Default null; any finite number.</value>
    public float? RelevanceThreshold { get; init; }

    /// <summary>How long options are searched, over all trainers together: each gets an equal part of what is left.</summary>
    /// <value>Default null: no limit, and no search where <see cref="Trials"/> is null, too. Above 0.</value>
    public TimeSpan? TimeLimit { get; init; }

    /// <summary>How many settings of each trainer are tried. Without a <see cref="TimeLimit"/> the record does not depend on the
    /// machine's speed.</summary>
    /// <value>Default null: as many as time allows; range [1, 100000].</value>
    [OptionRange(1, 100_000)]
    public int? Trials { get; init; }

    /// <summary>With how many seeds the chosen options are trained. The first gives the model and the intervals, the others the
    /// spread.</summary>
    /// <value>Default 1; range [1, 100].</value>
    [OptionRange(1, 100)]
    public int Seeds { get; init; } = 1;

    /// <summary>Names of trainers that are added up to one more, called <c>blend</c>, with weights found on the part that options are chosen
    /// by.</summary>
    /// <value>Default empty: no blend. Two at least.</value>
    public IReadOnlyList<string> Blend { get; init; } = [];

    /// <summary>What is known of users besides interactions, for trainers that ask for it.</summary>
    /// <value>Default null.</value>
    public SideFeatures? UserFeatures { get; init; }

    /// <summary>What is known of items besides interactions, for trainers that ask for it.</summary>
    /// <value>Default null.</value>
    public SideFeatures? ItemFeatures { get; init; }

    /// <summary>Titles of items by id, for people who read the record; ids stand where there is none.</summary>
    /// <value>Default null.</value>
    public IReadOnlyDictionary<string, string>? ItemTitles { get; init; }

    /// <summary>By item id, the group (language, category, …) that it belongs to: what lists and maps are looked at by.</summary>
    /// <value>Default null.</value>
    public IReadOnlyDictionary<string, string>? ItemGroups { get; init; }

    /// <summary>A folder that gets a file of trials for each trainer. Trials that are in it already, of the same data and options, are not
    /// run again: a search that was broken off goes on. Null: no files.</summary>
    /// <value>Default null.</value>
    public string? LogDirectory { get; init; }

    /// <summary>A sentence on where the data comes from, for people who read the record.</summary>
    /// <value>Default empty.</value>
    public string Caption { get; init; } = "";

    /// <summary>How many users the record shows with their histories and lists: drawn from those judged. 0: no id of a user stands in the
    /// record.</summary>
    /// <value>Default 30; range [0, 1000].</value>
    [OptionRange(0, 1000)]
    public int SampledUsers { get; init; } = 30;

    /// <summary>Seed of the split, of the search, and of each training.</summary>
    /// <value>Default 42; any integer.</value>
    public int Seed { get; init; } = 42;

    /// <summary>Threads to use; null: all cores. But for times the record does not depend on it, where <see cref="TimeLimit"/> is
    /// null.</summary>
    /// <value>Default null; range [1, 1024].</value>
    [OptionRange(1, 1024)]
    public int? NumberOfThreads { get; init; }

    /// <summary>How many megabytes (10⁶ bytes) a training may take beyond the interactions. Null: as for
    /// <see cref="RecommenderTrainerOptions.MemoryLimitMegabytes"/>.</summary>
    /// <value>Default null; range [1, 1e7].</value>
    [OptionRange(1, 1e7)]
    public int? MemoryLimitMegabytes { get; init; }

    /// <summary>Told at each step, and within those that can tell how far they are.</summary>
    /// <value>Default null.</value>
    public IProgress<ExperimentProgress>? Progress { get; init; }

    /// <summary>Cancels with an <see cref="OperationCanceledException"/>; finished trials stay in <see cref="LogDirectory"/>.</summary>
    /// <value>Default none.</value>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>Whether options are searched.</summary>
    internal bool Tunes => Trials is not null || TimeLimit is not null;

    internal void Validate()
    {
        OptionChecker.Check(this);
        _ = ExperimentMetric.Parse(Metric);
        if (TimeLimit <= TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(TimeLimit), TimeLimit, $"{nameof(TimeLimit)} is {TimeLimit}; it must be above 0.");
        if (Validation is not null && Test is null)
            throw new ArgumentException($"{nameof(Validation)} goes with {nameof(Test)}: give both, or leave both out.", nameof(Validation));
        if (Test is not null && Split is not null)
            throw new ArgumentException(
                $"{nameof(Split)} cuts a test part off the data, and {nameof(Test)} is one already: leave one out.", nameof(Split));
        if (Test is not null && Validation is null && (Tunes || Blend.Count > 0))
            throw new ArgumentException(
                $"Options and weights must not be chosen by {nameof(Test)}: give {nameof(Validation)} beside it.", nameof(Validation));
        if (Blend.Count == 1)
            throw new ArgumentException($"{nameof(Blend)} names {Blend[0]} alone; two trainers at least make a blend.", nameof(Blend));
    }
}
