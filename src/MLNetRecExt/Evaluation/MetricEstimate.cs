namespace MLNetRecExt;

/// <summary>One metric, estimated over users.</summary>
/// <param name="Name">Its name with the cutoff: <c>NDCG@20</c>.</param>
/// <param name="Mean">The mean over users, or the statistic that the metric is; NaN when it is defined for no user.</param>
/// <param name="Low">Lower end of the 95 % bootstrap interval over users; NaN for metrics of all lists together (ItemCoverage, Gini) or
/// without bootstrap.</param>
/// <param name="High">Upper end of the interval.</param>
/// <param name="Users">Users that the metric is defined for.</param>
public sealed record MetricEstimate(string Name, double Mean, double Low, double High, int Users);
