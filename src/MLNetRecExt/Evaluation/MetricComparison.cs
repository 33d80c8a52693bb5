namespace MLNetRecExt;

/// <summary>Two models on one metric, compared user by user.</summary>
/// <param name="Name">The metric.</param>
/// <param name="Difference">Mean over users of the first model's value minus the second's.</param>
/// <param name="Low">Lower end of the 95 % bootstrap interval of the difference, over users.</param>
/// <param name="High">Upper end of the interval.</param>
/// <param name="PValue">
/// Two-sided p-value of the paired sign-flip randomisation test: the share of random sign flips of the users' differences
/// whose mean is at least as far from 0, the flip that was observed counted in.
/// </param>
/// <param name="Won">Users for whom the first model is better: a higher value, or a lower one for RMSE, MAE and Folding.</param>
/// <param name="Tied">Users with equal values.</param>
/// <param name="Lost">Users for whom the second model is better.</param>
public sealed record MetricComparison(string Name, double Difference, double Low, double High, double PValue, int Won, int Tied, int Lost)
{
    /// <summary>One line: <c>NDCG@20: +0.0123 (0.0101…0.0145), p = 0.0001, won 512, tied 301, lost 130</c>.</summary>
    public override string ToString() => FormattableString.Invariant(
        $"{Name}: {Difference:+0.0000;-0.0000} ({Low:0.0000}…{High:0.0000}), p = {PValue:0.####}, ")
        + FormattableString.Invariant($"won {Won:N0}, tied {Tied:N0}, lost {Lost:N0}");
}
