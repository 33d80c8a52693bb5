namespace MLNetRecExt;

/// <summary>What an evaluation measures, and how the work is done.</summary>
public sealed record RankingEvaluationOptions
{
    /// <summary>The list lengths k to measure at.</summary>
    /// <value>Default [20]; each at least 1.</value>
    public IReadOnlyList<int> Cutoffs { get; init; } = [20];

    /// <summary>A held-out item counts as relevant from this label on; null: every one.</summary>
    /// <value>Default null; any finite number.</value>
    public float? RelevanceThreshold { get; init; }

    /// <summary>
    /// Histories of users that training did not see (strong generalisation). Such a user's query embedding is made of the history here,
    /// in order of time, and the list is judged on the user's held-out items. For a user that training did see, the history is added to the
    /// one in training. The ids must be those of the held-out part.
    /// </summary>
    /// <value>Default null.</value>
    public Interactions? FoldIn { get; init; }

    /// <summary>The items to rank, by index; null: the whole catalogue. Give the test items of
    /// <see cref="RecommenderSplitsCatalog.ByItem(Interactions, double, int)"/> to see how a model ranks items that nobody took.</summary>
    /// <value>Default null.</value>
    public IReadOnlyCollection<int>? CandidateItems { get; init; }

    /// <summary>Also RMSE, MAE and PairCoverage over the held-out pairs. Right for models that predict labels.</summary>
    /// <value>Default false.</value>
    public bool PairErrors { get; init; }

    /// <summary>By item index, a vector for IntraListDiversity; null: the item embeddings where the model has them.</summary>
    /// <value>Default null.</value>
    public IReadOnlyList<float[]>? ItemFeatures { get; init; }

    /// <summary>By item index, the group (language, genre, …) for GroupPurity and Folding; negative: none. Null: not measured.</summary>
    /// <value>Default null.</value>
    public IReadOnlyList<int>? ItemGroups { get; init; }

    /// <summary>
    /// r(user, item) for Folding, on the scale of the scores: how related the two are, however good the match.
    /// Xin et al. use a WALS model with a high weight of the unobserved: <c>Relatedness = other.Score</c>.
    /// Null: 1 where the user took something of the item's group in training, else 0, when <see cref="ItemGroups"/> is set.
    /// </summary>
    /// <value>Default null.</value>
    public Func<int, int, float>? Relatedness { get; init; }

    /// <summary>Bootstrap samples for the 95 % intervals; 0: no intervals.</summary>
    /// <value>Default 1000; range [0, 1000000].</value>
    [OptionRange(0, 1_000_000)]
    public int BootstrapSamples { get; init; } = 1000;

    /// <summary>Seed of the bootstrap and of the random pairs of Folding. Same seed, same report, whatever the number of threads.</summary>
    /// <value>Default 42; any integer.</value>
    public int Seed { get; init; } = 42;

    /// <summary>Threads to use; null: all cores. The report does not depend on it.</summary>
    /// <value>Default null; range [1, 1024].</value>
    [OptionRange(1, 1024)]
    public int? NumberOfThreads { get; init; }

    /// <summary>Told the share of users done, 0…1, after each block of users.</summary>
    /// <value>Default null.</value>
    public IProgress<double>? Progress { get; init; }

    /// <summary>Cancels with an <see cref="OperationCanceledException"/>.</summary>
    /// <value>Default none.</value>
    public CancellationToken CancellationToken { get; init; }

    internal int Threads => NumberOfThreads ?? Environment.ProcessorCount;

    internal void Validate()
    {
        OptionChecker.Check(this);
        if (Cutoffs is null || Cutoffs.Count == 0 || Cutoffs.Any(k => k < 1) || Cutoffs.Distinct().Count() != Cutoffs.Count)
            throw new ArgumentException(
                $"Cutoffs must hold different numbers of at least 1, for example [20, 100]; they are [{string.Join(", ", Cutoffs ?? [])}].",
                nameof(Cutoffs));
    }

    /// <summary>Checks that a model can be evaluated so.</summary>
    internal void CheckSuits(RecommenderModel model)
    {
        CheckPerItem(ItemFeatures?.Count, nameof(ItemFeatures));
        CheckPerItem(ItemGroups?.Count, nameof(ItemGroups));
        if (FoldIn is not null && !model.CanFoldIn)
            throw new NotSupportedException(
                $"{model.GetType().Name} cannot fold in a history: leave FoldIn null, or evaluate users that were in training.");

        void CheckPerItem(int? count, string option)
        {
            if (count is { } n && n < model.Items.Count)
                throw new ArgumentException(
                    $"{option} has {n} entries; one for each of the model's {model.Items.Count} items is needed.", option);
        }
    }
}
