namespace MLNetRecExt;

/// <summary>One of the best settings, fitted again with further seeds.</summary>
/// <param name="Trial">The trial of that setting.</param>
/// <param name="Metrics">By seed its metric on the validation part, after the trial's number of iterations; NaN where training
/// failed.</param>
public sealed record TuneSeeds(TuneTrial Trial, IReadOnlyList<double> Metrics)
{
    /// <summary>What decides between settings: the mean of <see cref="Metrics"/>.</summary>
    public double Mean => Metrics.Average();

    /// <summary>How far one seed's metric lies from the mean: the standard deviation; NaN of a single one.</summary>
    public double StandardDeviation => Math.Sqrt(Metrics.Sum(metric => (metric - Mean) * (metric - Mean)) / (Metrics.Count - 1));

    /// <summary>One line: trial, mean, spread.</summary>
    public override string ToString() =>
        FormattableString.Invariant($"trial {Trial.Trial} with {Metrics.Count} further seeds: {Trial.MetricName} {Mean:0.0000}")
        + (Metrics.Count > 1 ? FormattableString.Invariant($", standard deviation {StandardDeviation:0.0000}") : "");
}
