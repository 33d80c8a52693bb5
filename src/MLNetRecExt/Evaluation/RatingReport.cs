namespace MLNetRecExt;

/// <summary>How well a model predicts labels: RMSE and MAE with their 95 % intervals, the errors of each user, and which pairs were
/// counted.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>metric</term><description>definition</description></listheader>
/// <item><term>RMSE, MAE</term><description>root of the mean squared error, and mean absolute error, over the held-out pairs that the
/// model scores</description></item>
/// <item><term>PairCoverage</term><description>the share of the held-out pairs that it does score: those of a known user and a known
/// item</description></item>
/// <item><term>AllPairsRMSE, AllPairsMAE</term><description>over all held-out pairs. A pair without a score falls back to the model's
/// biases where it has them, else to the mean label of its user, of its item, or of all</description></item>
/// </list>
/// <para>Scores are compared as they are, not clipped to the scale of the labels. Every pair counts the same; the intervals are over
/// users.</para>
/// </remarks>
public sealed class RatingReport : EvaluationReport
{
    internal RatingReport(IdMap userIds, int[] users, UserSample sample, IReadOnlyList<MetricEstimate> estimates)
        : base(userIds, users, sample, estimates)
    {
    }

    /// <summary>Root of the mean squared error over the pairs with a score, in the unit of the labels.</summary>
    public MetricEstimate Rmse => this["RMSE"];

    /// <summary>Mean absolute error over the pairs with a score, in the unit of the labels.</summary>
    public MetricEstimate Mae => this["MAE"];

    /// <summary>The share of the held-out pairs with a score, 0…1.</summary>
    public MetricEstimate PairCoverage => this["PairCoverage"];

    /// <summary>As <see cref="Rmse"/>, over all held-out pairs: one without a score counts with the fallback above.</summary>
    public MetricEstimate AllPairsRmse => this["AllPairsRMSE"];

    /// <summary>As <see cref="Mae"/>, over all held-out pairs: one without a score counts with the fallback above.</summary>
    public MetricEstimate AllPairsMae => this["AllPairsMAE"];

    /// <summary>Held-out (user, item) pairs.</summary>
    public int Pairs { get; internal init; }

    /// <summary>Pairs with a score; the others are <see cref="ColdUserPairs"/> and <see cref="ColdItemPairs"/>.</summary>
    public int ScoredPairs => Pairs - ColdUserPairs - ColdItemPairs;

    /// <summary>Pairs of a user that the model does not know.</summary>
    public int ColdUserPairs { get; internal init; }

    /// <summary>Pairs of a known user and an item that the model does not know.</summary>
    public int ColdItemPairs { get; internal init; }

    private protected override string Counted() => FormattableString.Invariant(
        $"{ScoredPairs:N0} of {Pairs:N0} pairs scored; {ColdUserPairs:N0} with an unknown user ")
        + FormattableString.Invariant($"and {ColdItemPairs:N0} with an unknown item have no score.");
}
