using System.Text.Json.Serialization;

namespace MLNetRecExt;

/// <summary>One setting that the tuner tried.</summary>
/// <param name="Trial">Its number. Trial 0 is the base options.</param>
/// <param name="Values">The tuned options by name.</param>
/// <param name="Metrics"><see cref="MetricName"/> on the validation part after each iteration, or one value from a trainer that does not
/// iterate; empty when it failed.</param>
/// <param name="Halved">Whether halving stopped it before its last iteration.</param>
/// <param name="Seconds">Wall time.</param>
/// <param name="Error">Why it failed, or null.</param>
/// <param name="StandardErrors">
/// For each of <see cref="Metrics"/>, the standard error of its difference from that of the base options (trial 0 after its last
/// iteration). Users and items both count as drawn by chance. Null for RMSE, and when one of the two trials failed.
/// </param>
public sealed record TuneTrial(
    int Trial, IReadOnlyDictionary<string, double> Values, IReadOnlyList<double> Metrics, bool Halved, double Seconds, string? Error = null,
    IReadOnlyList<double>? StandardErrors = null)
{
    // The truth lies above it about 0.7 of the time.
    private const double StandardErrorsOff = 0.5;

    /// <summary>
    /// <see cref="MetricName"/> after <see cref="Iterations"/>, as the mean over that iteration and its two neighbors: the highest of many
    /// noisy values is mostly a lucky one. NaN when the trial failed.
    /// </summary>
    [JsonIgnore]
    public double Metric => BestOf(Metrics, LowerIsBetter, StandardErrors).Metric;

    /// <summary>The iteration with the best <see cref="CautiousMetric"/>, from 1; 0 when the trial failed.</summary>
    [JsonIgnore]
    public int Iterations => BestOf(Metrics, LowerIsBetter, StandardErrors).Iterations;

    /// <summary>The one of <see cref="StandardErrors"/> that belongs to <see cref="Iterations"/>; 0 when there is none.</summary>
    [JsonIgnore]
    public double StandardError => Iterations > 0 && StandardErrors is not null ? StandardErrors[Iterations - 1] : 0;

    /// <summary>
    /// What the best iteration and the best trial are chosen by: <see cref="Metric"/> less half of <see cref="StandardError"/>. So the
    /// base options and their number of iterations are given up only for a gain that is unlikely to be chance.
    /// </summary>
    [JsonIgnore]
    public double CautiousMetric => Metric - StandardErrorsOff * StandardError;

    /// <summary>What <see cref="Metric"/> is: NDCG@20, or RMSE, which is better the lower it is.</summary>
    public string MetricName { get; init; } = NameOf(TuneMetric.Ndcg);

    /// <summary>Whether its time was up before its last iteration. Such a trial is not written to the log, and a search that goes on runs
    /// it again.</summary>
    [JsonIgnore]
    public bool OutOfTime { get; init; }

    /// <summary>For trial 0, <see cref="ValidationMetric.Ranks"/> after its last iteration: what all is compared with.</summary>
    [JsonInclude, JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    internal byte[]? Ranks { get; init; }

    /// <summary>What is to be high: <see cref="Metric"/>, or the negative of one that is to be low.</summary>
    [JsonIgnore]
    internal double Merit => LowerIsBetter ? -Metric : Metric;

    /// <summary>What is to be high: <see cref="CautiousMetric"/>, or the negative of one that is to be low.</summary>
    [JsonIgnore]
    internal double CautiousMerit => LowerIsBetter ? -CautiousMetric : CautiousMetric;

    private bool LowerIsBetter => MetricName == NameOf(TuneMetric.Rmse);

    /// <summary><see cref="Merit"/> of a trial after the iterations so far.</summary>
    internal static double MeritOf(IReadOnlyList<double> metrics, bool lowerIsBetter)
    {
        var (metric, _) = BestOf(metrics, lowerIsBetter, standardErrors: null);
        return lowerIsBetter ? -metric : metric;
    }

    /// <summary>As <see cref="TrainingProgress.MetricName"/> has it.</summary>
    internal static string NameOf(TuneMetric metric) => metric == TuneMetric.Rmse ? "RMSE" : "NDCG@20";

    /// <summary>The metric of a trial after the iterations so far, and how many of them gave it.</summary>
    private static (
        double Metric, int Iterations) BestOf(IReadOnlyList<double> metrics, bool lowerIsBetter, IReadOnlyList<double>? standardErrors)
    {
        var best = (Metric: double.NaN, Iterations: 0);
        var most = double.NaN;
        for (int i = 0; i < metrics.Count; i++)
        {
            var (first, last) = (Math.Max(i - 1, 0), Math.Min(i + 1, metrics.Count - 1));
            double sum = 0;
            for (int j = first; j <= last; j++)
                sum += metrics[j];
            var mean = sum / (last - first + 1);
            var merit = (lowerIsBetter ? -mean : mean) - StandardErrorsOff * (standardErrors?[i] ?? 0);
            if (i == 0 || merit > most)
                (most, best) = (merit, (mean, i + 1));
        }
        return best;
    }

    /// <summary>One line: number, metric, iterations, values.</summary>
    public override string ToString()
    {
        var values = string.Join(", ", Values.Select(pair => FormattableString.Invariant($"{pair.Key} {pair.Value:G4}")));
        return Error is not null
            ? $"trial {Trial}: failed: {Error} ({values})"
            : FormattableString.Invariant($"trial {Trial}: {MetricName} {Metric:0.0000}{Spread()} after {Iterations} of {Metrics.Count} ")
                + FormattableString.Invariant($"iterations{End()}, {Seconds:0.0} s ({values})");

        string End() => Halved ? ", halved" : OutOfTime ? ", out of time" : "";

        string Spread() => StandardError > 0 ? FormattableString.Invariant($" ± {StandardError:0.0000} against the base options") : "";
    }
}
