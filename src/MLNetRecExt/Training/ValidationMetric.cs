namespace MLNetRecExt;

/// <summary>How good a model is on a validation part.</summary>
/// <param name="Value">The metric.</param>
/// <param name="Ranks">For NDCG@20, the rank from 1 of each held-out pair in its user's list, 0 outside of it; by user, then by item.</param>
internal readonly record struct ValidationMetric(double Value, byte[]? Ranks = null);
