namespace MLNetRecExt;

/// <summary>A trainer in an automatic search.</summary>
/// <param name="name">As the catalog names it.</param>
/// <param name="tuner">The search for its options; null: it is not tried.</param>
/// <param name="note">Why not, where it is not tried.</param>
internal sealed class AutoContender(string name, ITuner? tuner, string? note = null)
{
    public string Name => name;

    public ITuner? Tuner => tuner;

    /// <summary>Why it was not tried, or not blended.</summary>
    public string? Note { get; set; } = note;

    /// <summary>Its share of the blend.</summary>
    public double Weight { get; set; }

    public MetricEstimate? Test { get; set; }

    /// <summary>NDCG@20 of the best options found; NaN before there are any.</summary>
    public double Ndcg => tuner?.Best?.Metric ?? double.NaN;

    /// <summary>Seconds that its trials took.</summary>
    public double Seconds => tuner?.Trials.Sum(trial => trial.Seconds) ?? 0;

    /// <summary>About how many seconds training with its best options takes.</summary>
    public double FitSeconds => tuner?.Best?.Seconds ?? 0;

    /// <summary>About how many seconds its next trial takes.</summary>
    public double TrialSeconds => tuner is { Trials.Count: > 0 } ? Seconds / tuner.Trials.Count : 0;

    public AutoCandidate ToCandidate() => new()
    {
        Trainer = name,
        Untuned = tuner is { Trials.Count: > 0 } ? tuner.Trials[0].Metric : double.NaN,
        Tuned = Ndcg,
        Weight = Weight,
        Test = Test,
        Trials = [.. tuner?.Trials ?? []],
        Options = tuner?.Best?.Values ?? new Dictionary<string, double>(),
        Seconds = Seconds,
        Note = Note,
    };
}
