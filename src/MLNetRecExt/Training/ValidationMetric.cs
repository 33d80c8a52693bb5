namespace MLNetRecExt;

/// <summary>How good a model is on a validation part.</summary>
/// <param name="Value">NDCG@20, higher is better, or RMSE, lower is better; NaN when it is defined for no user.</param>
public readonly record struct ValidationMetric(double Value)
{
    internal ValidationMetric(double value, byte[]? ranks)
        : this(value) => Ranks = ranks;

    /// <summary>For NDCG@20, the rank from 1 of each held-out pair in its user's list, 0 outside of it; by user, then by item.</summary>
    internal byte[]? Ranks { get; }
}
