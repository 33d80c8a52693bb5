using System.Text.Json.Serialization;

namespace MLNetRecExt;

/// <summary>One setting that the tuner tried.</summary>
/// <param name="Trial">Number, from 0: the base options.</param>
/// <param name="Values">The tuned options by name.</param>
/// <param name="Metrics"><see cref="MetricName"/> on the validation part after each iteration, or one value from a trainer that does not iterate; empty when it failed.</param>
/// <param name="Halved">Whether halving stopped it before its last iteration.</param>
/// <param name="Seconds">Wall time.</param>
/// <param name="Error">Why it failed, or null.</param>
public sealed record TuneTrial(
    int Trial, IReadOnlyDictionary<string, double> Values, IReadOnlyList<double> Metrics, bool Halved, double Seconds, string? Error = null)
{
    /// <summary>
    /// What the trial is judged by: the best of <see cref="Metrics"/>, each averaged with that of the iteration before and after it,
    /// since the highest of many noisy values is mostly a lucky one; NaN when it failed.
    /// </summary>
    [JsonIgnore]
    public double Metric => BestOf(Metrics, LowerIsBetter).Metric;

    /// <summary>The iteration that gave <see cref="Metric"/>, from 1; 0 when it failed.</summary>
    [JsonIgnore]
    public int Iterations => BestOf(Metrics, LowerIsBetter).Iterations;

    /// <summary>What <see cref="Metric"/> is: NDCG@20, or RMSE, which is better the lower it is.</summary>
    public string MetricName { get; init; } = NameOf(TuneMetric.Ndcg);

    /// <summary>What is to be high: <see cref="Metric"/>, or the negative of one that is to be low.</summary>
    [JsonIgnore]
    internal double Merit => MeritOf(Metrics, LowerIsBetter);

    private bool LowerIsBetter => MetricName == NameOf(TuneMetric.Rmse);

    /// <summary><see cref="Merit"/> of a trial after the iterations so far.</summary>
    internal static double MeritOf(IReadOnlyList<double> metrics, bool lowerIsBetter)
    {
        var (metric, _) = BestOf(metrics, lowerIsBetter);
        return lowerIsBetter ? -metric : metric;
    }

    /// <summary>As <see cref="TrainingProgress.MetricName"/> has it.</summary>
    internal static string NameOf(TuneMetric metric) => metric == TuneMetric.Rmse ? "RMSE" : "NDCG@20";

    /// <summary>The best metric of a trial after the iterations so far, and how many of them gave it.</summary>
    private static (double Metric, int Iterations) BestOf(IReadOnlyList<double> metrics, bool lowerIsBetter)
    {
        var best = (Metric: double.NaN, Iterations: 0);
        for (int i = 0; i < metrics.Count; i++)
        {
            var (first, last) = (Math.Max(i - 1, 0), Math.Min(i + 1, metrics.Count - 1));
            double sum = 0;
            for (int j = first; j <= last; j++)
                sum += metrics[j];
            var mean = sum / (last - first + 1);
            if (i == 0 || (lowerIsBetter ? mean < best.Metric : mean > best.Metric))
                best = (mean, i + 1);
        }
        return best;
    }

    /// <summary>One line: number, metric, iterations, values.</summary>
    public override string ToString()
    {
        var values = string.Join(", ", Values.Select(pair => FormattableString.Invariant($"{pair.Key} {pair.Value:G4}")));
        return Error is not null
            ? $"trial {Trial}: failed: {Error} ({values})"
            : FormattableString.Invariant($"trial {Trial}: {MetricName} {Metric:0.0000} after {Iterations} of {Metrics.Count} iterations{(Halved ? ", halved" : "")}, {Seconds:0.0} s ({values})");
    }
}
