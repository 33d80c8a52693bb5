namespace MLNetRecExt.AspNetCore;

/// <summary>What users did with the lists of one model of a test.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Seen">Items that were seen.</param>
/// <param name="Acted">Those of them that were clicked, or bought.</param>
/// <param name="Rate">The share, with its 95 % interval over users.</param>
/// <param name="Difference">The share less that of the first model, with its interval; null for the first.</param>
public sealed record ABTestVariant(string Model, long Seen, long Acted, MetricEstimate Rate, MetricEstimate? Difference)
{
    /// <summary>Whether the interval of the difference leaves out 0: of two models that are as good, this happens in 5 % of
    /// tests.</summary>
    public bool Differs => Difference is { Low: > 0 } or { High: < 0 };
}
