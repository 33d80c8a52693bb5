namespace MLNetRecExt;

/// <summary>
/// How well a model ranks: every metric with its 95 % interval, the values of each user, and who was counted.
/// </summary>
/// <remarks>
/// <para>The full catalogue is ranked, without what the user took in training. Users without a held-out item are left out;
/// users and held-out items that the model does not know count as misses. Equal scores go by lower item index.</para>
/// <list type="table">
/// <listheader><term>metric</term><description>definition</description></listheader>
/// <item><term>NDCG@k, Recall@k, CappedRecall@k, Precision@k, HitRate@k, MAP@k, MRR@k</term><description>accuracy: see <see cref="RankingMeasures"/></description></item>
/// <item><term>ItemCoverage@k, Gini@k</term><description>of all lists together: share of the catalogue shown, and how unevenly</description></item>
/// <item><term>PopularityLift@k, Novelty@k, IntraListDiversity@k, GroupPurity@k</term><description>of each list: see <see cref="RankingMeasures"/></description></item>
/// <item><term>Folding, Folding@k</term><description>mean of max(0, score − relatedness) over random pairs of judged user and catalogue item, and over each user's list (Xin et al. 2017)</description></item>
/// <item><term>RMSE, MAE, PairCoverage, AllPairsRMSE, AllPairsMAE</term><description>errors of the labels: see <see cref="RatingReport"/></description></item>
/// </list>
/// </remarks>
public sealed class RankingReport : EvaluationReport
{
    internal RankingReport(IdMap userIds, int[] users, UserSample sample, IReadOnlyList<MetricEstimate> estimates)
        : base(userIds, users, sample, estimates)
    {
    }

    /// <summary>Users with a relevant held-out item: those that the metrics are over.</summary>
    public int EvaluatedUsers { get; internal init; }

    /// <summary>Users with a training, fold-in or held-out interaction but no relevant held-out item: left out.</summary>
    public int UsersWithoutHeldOut { get; internal init; }

    /// <summary>Evaluated users that the model knows nothing about: misses in every metric of accuracy.</summary>
    public int ColdUsers { get; internal init; }

    /// <summary>Relevant held-out (user, item) pairs.</summary>
    public int HeldOutPairs { get; internal init; }

    /// <summary>Distinct relevant held-out items that the model does not know.</summary>
    public int ColdItems { get; internal init; }

    /// <summary>Relevant held-out pairs with such an item: misses.</summary>
    public int ColdPairs { get; internal init; }

    /// <summary>Relevant held-out pairs that the user has in training too: misses, since training items are not recommended. Above 0, the split leaks.</summary>
    public int SeenPairs { get; internal init; }

    private protected override string Counted() =>
        FormattableString.Invariant($"{EvaluatedUsers:N0} users evaluated, {UsersWithoutHeldOut:N0} without a held-out item left out. ")
        + FormattableString.Invariant($"Misses: {ColdUsers:N0} cold users; {ColdPairs:N0} of {HeldOutPairs:N0} held-out pairs with one of {ColdItems:N0} cold items")
        + (SeenPairs == 0 ? "." : FormattableString.Invariant($"; {SeenPairs:N0} pairs that are in training too."));
}
