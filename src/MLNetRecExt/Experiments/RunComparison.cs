namespace MLNetRecExt;

/// <summary>Two trainers of an experiment, compared user by user.</summary>
/// <param name="First">Name of the better one.</param>
/// <param name="Second">Name of the other.</param>
/// <param name="Comparison">Mean difference with its interval, p-value, and users won, tied and lost by the first.</param>
/// <param name="AdjustedPValue">The p-value corrected by Holm's method for all pairs of the experiment: below 0.05, the difference is
/// hardly chance, though many were looked at.</param>
public sealed record RunComparison(string First, string Second, MetricComparison Comparison, double AdjustedPValue)
{
    /// <summary>Holm's correction: the i-th smallest of m p-values times m − i + 1, at most 1, and no smaller than those before it.</summary>
    /// <remarks>Holm: A Simple Sequentially Rejective Multiple Test Procedure, Scandinavian Journal of Statistics 6, 1979.</remarks>
    internal static double[] Holm(IReadOnlyList<double> pValues)
    {
        var order = Enumerable.Range(0, pValues.Count).OrderBy(pair => pValues[pair]).ToArray();
        var adjusted = new double[pValues.Count];
        double least = 0;
        for (int place = 0; place < order.Length; place++)
            adjusted[order[place]] = least = Math.Max(least, Math.Min(1, pValues[order[place]] * (order.Length - place)));
        return adjusted;
    }
}
