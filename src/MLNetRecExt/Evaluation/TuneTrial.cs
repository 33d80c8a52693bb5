using System.Text.Json.Serialization;

namespace MLNetRecExt;

/// <summary>One setting that the tuner tried.</summary>
/// <param name="Trial">Number, from 0: the base options.</param>
/// <param name="Values">The tuned options by name.</param>
/// <param name="Metrics">NDCG@20 on the validation part after each iteration, or one value from a trainer that does not iterate; empty when it failed.</param>
/// <param name="Halved">Whether halving stopped it before its last iteration.</param>
/// <param name="Seconds">Wall time.</param>
/// <param name="Error">Why it failed, or null.</param>
public sealed record TuneTrial(
    int Trial, IReadOnlyDictionary<string, double> Values, IReadOnlyList<double> Metrics, bool Halved, double Seconds, string? Error = null)
{
    /// <summary>The best of <see cref="Metrics"/>; NaN when it failed.</summary>
    [JsonIgnore]
    public double Metric => Metrics.Count == 0 ? double.NaN : Metrics.Max();

    /// <summary>The iteration that gave <see cref="Metric"/>, from 1; 0 when it failed.</summary>
    [JsonIgnore]
    public int Iterations => Metrics.ToList().IndexOf(Metric) + 1;

    /// <summary>One line: number, metric, iterations, values.</summary>
    public override string ToString()
    {
        var values = string.Join(", ", Values.Select(pair => FormattableString.Invariant($"{pair.Key} {pair.Value:G4}")));
        return Error is not null
            ? $"trial {Trial}: failed: {Error} ({values})"
            : FormattableString.Invariant($"trial {Trial}: NDCG@20 {Metric:0.0000} after {Iterations} of {Metrics.Count} iterations{(Halved ? ", halved" : "")}, {Seconds:0.0} s ({values})");
    }
}
