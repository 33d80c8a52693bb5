namespace MLNetRecExt;

/// <summary>
/// How well a model ranks: every metric with its 95 % interval, the values of each user, and who was counted. The most used have a method
/// each,
/// <c>report.Ndcg(20).Mean</c>; the others are read by name, <c>report["Novelty@20"].Mean</c>.
/// </summary>
/// <remarks>
/// <para>The full catalogue is ranked, without what the user took in training. Users without a held-out item are left out;
/// users and held-out items that the model does not know count as misses. Equal scores go by lower item index.</para>
/// <list type="table">
/// <listheader><term>metric</term><description>definition</description></listheader>
/// <item><term>NDCG@k, Recall@k, CappedRecall@k, Precision@k, HitRate@k, MAP@k, MRR@k</term><description>accuracy: see
/// <see cref="RankingMeasures"/></description></item>
/// <item><term>ItemCoverage@k, Gini@k</term><description>of all lists together: share of the catalogue shown, and how
/// unevenly</description></item>
/// <item><term>PopularityLift@k, Novelty@k, IntraListDiversity@k, GroupPurity@k</term><description>of each list: see
/// <see cref="RankingMeasures"/></description></item>
/// <item><term>Folding, Folding@k</term><description>mean of max(0, score − relatedness) over random pairs of judged user and catalogue
/// item, and over each user's list (Xin et al. 2017)</description></item>
/// <item><term>RMSE, MAE, PairCoverage, AllPairsRMSE, AllPairsMAE</term><description>errors of the labels: see
/// <see cref="RatingReport"/></description></item>
/// </list>
/// </remarks>
public sealed class RankingReport : EvaluationReport
{
    internal RankingReport(IdMap userIds, int[] users, UserSample sample, IReadOnlyList<MetricEstimate> estimates)
        : base(userIds, users, sample, estimates)
    {
    }

    /// <summary>The list lengths k that were measured, in the order of <see cref="RankingEvaluationOptions.Cutoffs"/>.</summary>
    public IReadOnlyList<int> Cutoffs { get; internal init; } = [];

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

    /// <summary>Relevant held-out pairs that the user has in training too: misses, since training items are not recommended. Above 0, the
    /// split leaks.</summary>
    public int SeenPairs { get; internal init; }

    /// <summary>NDCG@k: how many held-out items are in the list and how high they stand, 1 for a perfect list. See
    /// <see cref="RankingMeasures.Ndcg"/>.</summary>
    /// <param name="cutoff">k, one of <see cref="Cutoffs"/>.</param>
    /// <returns>The mean over users with its 95 % interval.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The report was not made with this cutoff; the message lists those it has and how to
    /// ask for others.</exception>
    public MetricEstimate Ndcg(int cutoff) => At("NDCG", cutoff);

    /// <summary>Recall@k: the share of the user's held-out items that is in the list. See <see cref="RankingMeasures.Recall"/>.</summary>
    /// <inheritdoc cref="Ndcg"/>
    public MetricEstimate Recall(int cutoff) => At("Recall", cutoff);

    /// <summary>CappedRecall@k: hits over those that a list of k could have. See <see cref="RankingMeasures.CappedRecall"/>.</summary>
    /// <inheritdoc cref="Ndcg"/>
    public MetricEstimate CappedRecall(int cutoff) => At("CappedRecall", cutoff);

    /// <summary>Precision@k: the share of the list that is held out. See <see cref="RankingMeasures.Precision"/>.</summary>
    /// <inheritdoc cref="Ndcg"/>
    public MetricEstimate Precision(int cutoff) => At("Precision", cutoff);

    /// <summary>HitRate@k: the share of users with at least one held-out item in their list. See
    /// <see cref="RankingMeasures.HitRate"/>.</summary>
    /// <inheritdoc cref="Ndcg"/>
    public MetricEstimate HitRate(int cutoff) => At("HitRate", cutoff);

    /// <summary>MAP@k: the mean over users of the average precision at the hits. See
    /// <see cref="RankingMeasures.AveragePrecision"/>.</summary>
    /// <inheritdoc cref="Ndcg"/>
    public MetricEstimate MeanAveragePrecision(int cutoff) => At("MAP", cutoff);

    /// <summary>MRR@k: the mean over users of 1 / rank of the first hit. See <see cref="RankingMeasures.ReciprocalRank"/>.</summary>
    /// <inheritdoc cref="Ndcg"/>
    public MetricEstimate MeanReciprocalRank(int cutoff) => At("MRR", cutoff);

    /// <summary>ItemCoverage@k: the share of the catalogue that is in at least one list. See
    /// <see cref="RankingMeasures.ItemCoverage"/>.</summary>
    /// <param name="cutoff">k, one of <see cref="Cutoffs"/>.</param>
    /// <returns>The share over all lists together; it has no interval.</returns>
    /// <inheritdoc cref="Ndcg" path="/exception"/>
    public MetricEstimate ItemCoverage(int cutoff) => At("ItemCoverage", cutoff);

    private MetricEstimate At(string metric, int cutoff) => Cutoffs.Contains(cutoff)
        ? this[$"{metric}@{cutoff}"]
        : throw new ArgumentOutOfRangeException(
            nameof(cutoff), cutoff,
            $"The report has no {metric}@{cutoff}; it was made with the cutoffs [{string.Join(", ", Cutoffs)}]. For another one "
            + $"evaluate with new {nameof(RankingEvaluationOptions)} {{ Cutoffs = [{string.Join(", ", Cutoffs.Append(cutoff))}] }}.");

    private protected override string Counted() =>
        FormattableString.Invariant($"{EvaluatedUsers:N0} users evaluated, {UsersWithoutHeldOut:N0} without a held-out item left out. ")
        + FormattableString.Invariant($"Misses: {ColdUsers:N0} cold users; {ColdPairs:N0} of {HeldOutPairs:N0} held-out pairs ")
        + FormattableString.Invariant($"with one of {ColdItems:N0} cold items")
        + (SeenPairs == 0 ? "." : FormattableString.Invariant($"; {SeenPairs:N0} pairs that are in training too."));
}
