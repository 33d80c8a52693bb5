namespace MLNetRecExt;

/// <summary>What an experiment chooses by: a metric of rankings with its cutoff, or an error of predicted labels.</summary>
internal sealed record ExperimentMetric(string Name, int? Cutoff)
{
    private static readonly string[] Errors = ["RMSE", "MAE"];

    /// <summary>Whether labels are predicted, and lower is better.</summary>
    public bool IsError => Cutoff is null;

    /// <summary>What a search over options is told.</summary>
    public TuneMetric TuneMetric => IsError ? TuneMetric.Rmse : TuneMetric.Ndcg;

    /// <exception cref="ArgumentException">There is no such metric; the message says which there are.</exception>
    public static ExperimentMetric Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (Errors.Contains(text))
            return new(text, null);
        return TunerOptions.CutoffOf(text) is { } cutoff ? new(text, cutoff) : throw new ArgumentException(
            $"There is no metric '{text}'. Name one of {string.Join(", ", TunerOptions.Rankings)} with the length of the list, such as NDCG@20, "
            + $"or {string.Join(" or ", Errors)} for predicted labels.", nameof(text));
    }
}
