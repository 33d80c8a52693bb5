namespace MLNetRecExt;

/// <summary>How a WALS training goes about the objective that <see cref="WalsSettings"/> says.</summary>
/// <param name="Solver">How a row is solved.</param>
/// <param name="Rank">Factors, without biases.</param>
/// <param name="Seed">Of the start.</param>
/// <param name="Threads">They do not show in the bits.</param>
/// <param name="CancellationToken">Asked between groups of rows.</param>
internal sealed record WalsPlan(WalsSolver Solver, int Rank, int Seed, int Threads, CancellationToken CancellationToken = default)
{
    /// <summary>μ, where users and items have biases around it already; null: the mean label of the data.</summary>
    public float? Mean { get; init; }

    /// <summary>The interactions by item, of users who are ordered as they are solved; null: none are there.</summary>
    public InteractionRows? ByItem { get; init; }

    /// <summary>So much of a side may be in a cache at best.</summary>
    public const long CachedBytes = 96 * 1024 * 1024;

    /// <summary>A side of more bytes is in none.</summary>
    public long MostCachedBytes { get; init; } = CachedBytes;

    /// <summary>In which form rows of the other side are read.</summary>
    public WalsPrecision Precision { get; init; }

    /// <summary>What item factors are drawn to; null: to zero.</summary>
    public ContentVectors? ItemFeatures { get; init; }

    /// <summary>γ of <see cref="WalsTrainer.Options.FeatureRegularization"/>.</summary>
    public float FeatureRegularization { get; init; }

    /// <summary>What is solved here, where several train together.</summary>
    public WalsShare Share { get; init; } = WalsShare.All;

    /// <summary>By user the number of the stream that its start is drawn from; null: the user's index.</summary>
    public int[]? UserStreams { get; init; }

    /// <summary>Whose threads do the work; null: those of the runtime.</summary>
    public TaskScheduler? Scheduler { get; init; }
}
