using System.Globalization;

namespace MLNetRecExt;

/// <summary>How options are searched.</summary>
public sealed record TunerOptions
{
    /// <summary>The metrics of rankings that <see cref="RankingMetric"/> may name.</summary>
    internal static readonly string[] Rankings = ["NDCG", "Recall", "CappedRecall", "Precision", "HitRate", "MAP", "MRR"];

    // Timers take no more.
    internal static readonly TimeSpan LongestTime = TimeSpan.FromDays(49);

    private const int DefaultTrials = 30;
    private const int MostTrials = 100_000;

    /// <summary>How many settings to try at most. The base options are the first of them. Null: 30, or as many as
    /// <see cref="TimeLimit"/> leaves time for.</summary>
    /// <value>Default null; range [1, 100000].</value>
    [OptionRange(1, MostTrials)]
    public int? Trials { get; init; }

    /// <summary>
    /// How long to search; null: until <see cref="Trials"/> are done. No trial starts later. One that runs then is stopped, and counts with
    /// the iterations that it has finished (<see cref="TuneTrial.OutOfTime"/>), or not at all where it has none. The base options are tried
    /// to the end, however long that takes. The order of trials does not depend on time, only their number; those in <see cref="LogPath"/>
    /// take none.
    /// </summary>
    /// <value>Default null; above 0, up to 49 days.</value>
    public TimeSpan? TimeLimit { get; init; }

    /// <summary>What a trial is judged by.</summary>
    /// <value>Default <see cref="TuneMetric.Ndcg"/>; take <see cref="TuneMetric.Rmse"/> for trainers that predict labels.</value>
    public TuneMetric Metric { get; init; }

    /// <summary>A metric of rankings that stands in place of NDCG@20: <c>NDCG</c>, <c>Recall</c>, <c>CappedRecall</c>, <c>Precision</c>,
    /// <c>HitRate</c>, <c>MAP</c> or <c>MRR</c> with the length of the list, such as <c>NDCG@12</c>. A trial is judged by it once, after its
    /// last iteration: none is stopped early, none has standard errors, and the number of iterations is not searched.</summary>
    /// <value>Default null: <see cref="Metric"/>.</value>
    public string? RankingMetric { get; init; }

    /// <summary>
    /// Ranges by option name. They replace those that the trainer declares and add others; null as a range keeps an option at its base
    /// value. An option that is switched off in the base options (0 where its range is logarithmic) stays off unless it has an entry here.
    /// <c>Ranges = new() { ["ApproximationRank"] = new(16, 256) { Logarithmic = true }, ["RegularizationExponent"] = new(0.5, 1) }</c>
    /// </summary>
    /// <value>Default empty.</value>
    public Dictionary<string, TuneRangeAttribute?> Ranges { get; init; } = [];

    /// <summary>
    /// Iterations that a trial may take at most; null: <c>NumberOfIterations</c> of the base options. The tuner finds the best number of
    /// iterations itself, so a trainer's <c>EarlyStoppingRounds</c> are not looked at.
    /// </summary>
    /// <value>Default null; range [1, 1000000].</value>
    [OptionRange(1, 1_000_000)]
    public int? NumberOfIterations { get; init; }

    /// <summary>
    /// η of successive halving: after 1/η² and again after 1/η of the iterations, only a trial among the best 1/η of those so far goes
    /// on. 1: every trial runs to its end. Null: 3 for NDCG, and 1 for RMSE, where low learning rates look worse at first.
    /// </summary>
    /// <value>Default null; range [1, 100].</value>
    [OptionRange(1, 100)]
    public int? HalvingFactor { get; init; }

    /// <summary>How many users of the validation part to judge on: a random sample, the same for every trial. Null: all.</summary>
    /// <value>Default 50000; range [1, 1e9].</value>
    [OptionRange(1, 1e9)]
    public int? ValidationUsers { get; init; } = 50_000;

    /// <summary>A validation item counts as relevant from this label on; null: every one. <see cref="TuneMetric.Rmse"/> does not look at
    /// it.</summary>
    /// <value>Default null; any finite number.</value>
    public float? RelevanceThreshold { get; init; }

    /// <summary>
    /// A file that gets one line for each finished trial: JSON and a checksum. If it exists, its trials are not run again: the search goes
    /// on behind them, also with more <see cref="Trials"/> than before. Null: no file.
    /// </summary>
    /// <value>Default null.</value>
    public string? LogPath { get; init; }

    /// <summary>Seed of the search. The trainer keeps its own.</summary>
    /// <value>Default 42; any integer.</value>
    public int Seed { get; init; } = 42;

    /// <summary>
    /// With how many further seeds of the trainer the three best settings are fitted again before one is taken: the best of many trials is
    /// partly the luck of its seed. The mean metric decides, and the spread is told (<see cref="TuneResult{TOptions}.Seeds"/>). 0: the best
    /// trial is taken. For trainers that iterate; of the others the result does not depend on a seed, and nothing is fitted again. The fits
    /// come after the search, on top of <see cref="TimeLimit"/>, and are not in <see cref="LogPath"/>.
    /// </summary>
    /// <value>Default 0; range [0, 100].</value>
    [OptionRange(0, 100)]
    public int FurtherSeeds { get; init; }

    /// <summary>Told after each trial.</summary>
    /// <value>Default null.</value>
    public IProgress<TuneTrial>? Progress { get; init; }

    /// <summary>Cancels with an <see cref="OperationCanceledException"/>; finished trials stay in <see cref="LogPath"/>.</summary>
    /// <value>Default none.</value>
    public CancellationToken CancellationToken { get; init; }

    /// <summary><see cref="Trials"/>, or what null stands for.</summary>
    internal int MaxTrials => Trials ?? (TimeLimit is null ? DefaultTrials : MostTrials);

    internal void Validate()
    {
        OptionChecker.Check(this);
        if (TimeLimit is { } limit && (limit <= TimeSpan.Zero || limit > LongestTime))
            throw new ArgumentOutOfRangeException(
                nameof(TimeLimit), limit, $"TimeLimit must be above 0 and at most {LongestTime}, or null.");
        ArgumentNullException.ThrowIfNull(Ranges);
        if (RankingMetric is null)
            return;
        if (Metric != TuneMetric.Ndcg)
            throw new ArgumentException($"{nameof(RankingMetric)} is {RankingMetric}, and {nameof(Metric)} is {Metric}: leave one out.");
        if (CutoffOf(RankingMetric) is null)
            throw new ArgumentException(
                $"{nameof(RankingMetric)} is '{RankingMetric}'. Name one of {string.Join(", ", Rankings)} with the length of the list, such as "
                + "NDCG@12.");
    }

    /// <summary>The k of a metric of rankings such as NDCG@k; null where it is none that is the better the higher.</summary>
    internal static int? CutoffOf(string metric) =>
        metric.Split('@') is [var name, var number] && Rankings.Contains(name)
        && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var cutoff) && cutoff is >= 1 and <= 10_000
            ? cutoff : null;
}
