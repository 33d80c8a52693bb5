namespace MLNetRecExt;

/// <summary>How options are searched.</summary>
public sealed class TunerOptions
{
    /// <summary>Settings to try, the base options among them.</summary>
    /// <value>Default 30; range [1, 100000].</value>
    public int Trials { get; init; } = 30;

    /// <summary>What a trial is judged by.</summary>
    /// <value>Default <see cref="TuneMetric.Ndcg"/>; <see cref="TuneMetric.Rmse"/> for trainers that predict labels.</value>
    public TuneMetric Metric { get; init; }

    /// <summary>
    /// Ranges by option name, in place of those that the trainer declares or besides them; null keeps the base value of one that it declares.
    /// Without an entry here, an option that is switched off, 0 where its range is logarithmic, stays off.
    /// <c>Ranges = new() { ["ApproximationRank"] = new(16, 256) { Logarithmic = true }, ["RegularizationExponent"] = new(0.5, 1) }</c>
    /// </summary>
    /// <value>Default empty.</value>
    public Dictionary<string, TuneRangeAttribute?> Ranges { get; init; } = [];

    /// <summary>Iterations that a trial may take; null: <c>NumberOfIterations</c> of the base options. The best number is part of the answer, so a trainer's <c>EarlyStoppingRounds</c> do not apply.</summary>
    /// <value>Default null; at least 1.</value>
    public int? NumberOfIterations { get; init; }

    /// <summary>η of successive halving: after 1/η² and 1/η of the iterations only the best 1/η of the trials so far go on. 1: all do. Null: 3 for NDCG, 1 for RMSE, where slow learning rates look worse at first.</summary>
    /// <value>Default null; range [1, 100].</value>
    public int? HalvingFactor { get; init; }

    /// <summary>Users of the validation part to judge on, a seeded sample of it, the same for every trial; null: all.</summary>
    /// <value>Default 50000; at least 1.</value>
    public int? ValidationUsers { get; init; } = 50_000;

    /// <summary>A validation item counts as relevant from this label on; null: every one. <see cref="TuneMetric.Rmse"/> does not look at it.</summary>
    /// <value>Default null.</value>
    public float? RelevanceThreshold { get; init; }

    /// <summary>
    /// A file that gets a line of JSON for each finished trial. Where it exists, its trials are not run again: the search goes on
    /// from there, also with more <see cref="Trials"/>. Null: none.
    /// </summary>
    /// <value>Default null.</value>
    public string? LogPath { get; init; }

    /// <summary>Seed of the search. The trainer keeps its own.</summary>
    /// <value>Default 42.</value>
    public int Seed { get; init; } = 42;

    /// <summary>Told after each trial.</summary>
    /// <value>Default null.</value>
    public IProgress<TuneTrial>? Progress { get; init; }

    /// <summary>Cancels with an <see cref="OperationCanceledException"/>; finished trials stay in <see cref="LogPath"/>.</summary>
    /// <value>Default none.</value>
    public CancellationToken CancellationToken { get; init; }

    internal void Validate()
    {
        Check(Trials, 1, 100_000, nameof(Trials));
        Check(HalvingFactor ?? 1, 1, 100, nameof(HalvingFactor));
        Check(NumberOfIterations ?? 1, 1, int.MaxValue, nameof(NumberOfIterations));
        Check(ValidationUsers ?? 1, 1, int.MaxValue, nameof(ValidationUsers));
        ArgumentNullException.ThrowIfNull(Ranges);
        if (!Enum.IsDefined(Metric))
            throw new ArgumentOutOfRangeException(nameof(Metric), Metric, $"{nameof(Metric)} must be one of {string.Join(", ", Enum.GetNames<TuneMetric>())}.");

        static void Check(int value, int min, int max, string option)
        {
            if (value < min || value > max)
                throw new ArgumentOutOfRangeException(option, value, $"{option} must be in [{min}, {max}].");
        }
    }
}
