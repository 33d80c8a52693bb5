namespace MLNetRecExt;

/// <summary>
/// The ranking metrics as plain functions of one user's list, or of all lists' exposure. <see cref="RankingReport"/> averages the former
/// over users.
/// </summary>
/// <remarks>
/// <para>The examples share one list: A B C D E is recommended, and the user's held-out items are B, D and X, of which X is not in the
/// list. So <c>hits</c> = 0 1 0 1 0, <c>heldOut</c> = 3.</para>
/// <para>A list may be shorter than the cutoff k: the places that are missing hold no hit.</para>
/// </remarks>
public static class RankingMeasures
{
    /// <summary>Recall@k: hits / held-out items. The example at k = 5: 2/3; at k = 2: 1/3.</summary>
    /// <param name="hits">By rank, whether the item is held out.</param>
    /// <param name="heldOut">Number of the user's held-out items, at least 1.</param>
    /// <param name="cutoff">k, at least 1.</param>
    /// <returns>0…1. Below 1 even for a perfect list when the user has more than k held-out items.</returns>
    public static double Recall(ReadOnlySpan<bool> hits, int heldOut, int cutoff) => (double)Hits(hits, cutoff) / heldOut;

    /// <summary>CappedRecall@k: hits / min(k, held-out items), as in the MultVAE and iALS papers. The example at k = 5: 2/3; at k = 2:
    /// 1/2.</summary>
    /// <inheritdoc cref="Recall"/>
    /// <returns>0…1.</returns>
    public static double CappedRecall(
        ReadOnlySpan<bool> hits, int heldOut, int cutoff) => (double)Hits(hits, cutoff) / Math.Min(cutoff, heldOut);

    /// <summary>Precision@k: hits / k. The example at k = 5: 2/5; at k = 10, the list being shorter: 2/10.</summary>
    /// <inheritdoc cref="Recall"/>
    /// <returns>0…1.</returns>
    public static double Precision(ReadOnlySpan<bool> hits, int cutoff) => (double)Hits(hits, cutoff) / cutoff;

    /// <summary>HitRate@k: 1 if there is a hit, else 0. The example at k = 5: 1; at k = 1: 0.</summary>
    /// <inheritdoc cref="Recall"/>
    /// <returns>0 or 1.</returns>
    public static double HitRate(ReadOnlySpan<bool> hits, int cutoff) => Hits(hits, cutoff) > 0 ? 1 : 0;

    /// <summary>
    /// NDCG@k: Σ over hits of 1/log2(rank + 1), over the same sum for an ideal list of min(k, held-out items) hits.
    /// The example at k = 5: (1/log2 3 + 1/log2 5) / (1/log2 2 + 1/log2 3 + 1/log2 4) = (0.6309 + 0.4307) / 2.1309 = 0.4982.
    /// </summary>
    /// <inheritdoc cref="Recall"/>
    /// <returns>0…1; 1 when the held-out items, or the k that fit, come first.</returns>
    public static double Ndcg(ReadOnlySpan<bool> hits, int heldOut, int cutoff)
    {
        double gain = 0, ideal = 0;
        var ranks = Math.Min(hits.Length, cutoff);
        for (int rank = 1; rank <= ranks; rank++)
            if (hits[rank - 1])
                gain += 1 / Math.Log2(rank + 1);
        for (int rank = 1; rank <= Math.Min(cutoff, heldOut); rank++)
            ideal += 1 / Math.Log2(rank + 1);
        return gain / ideal;
    }

    /// <summary>
    /// Average precision at k, whose mean over users is MAP@k: Σ over hits of the precision at their rank, over min(k, held-out items).
    /// The example at k = 5: (1/2 + 2/4) / 3 = 1/3.
    /// </summary>
    /// <inheritdoc cref="Recall"/>
    /// <returns>0…1.</returns>
    public static double AveragePrecision(ReadOnlySpan<bool> hits, int heldOut, int cutoff)
    {
        double sum = 0;
        int found = 0;
        var ranks = Math.Min(hits.Length, cutoff);
        for (int rank = 1; rank <= ranks; rank++)
            if (hits[rank - 1])
                sum += (double)++found / rank;
        return sum / Math.Min(cutoff, heldOut);
    }

    /// <summary>Reciprocal rank at k, whose mean over users is MRR@k: 1 / rank of the first hit, 0 without a hit. The example at k = 5:
    /// 1/2; at k = 1: 0.</summary>
    /// <inheritdoc cref="Recall"/>
    /// <returns>0…1.</returns>
    public static double ReciprocalRank(ReadOnlySpan<bool> hits, int cutoff)
    {
        var first = hits[..Math.Min(hits.Length, cutoff)].IndexOf(true);
        return first < 0 ? 0 : 1.0 / (first + 1);
    }

    /// <summary>
    /// PopularityLift@k: mean popularity of the recommended items over the mean popularity of the items that the user took in training.
    /// Recommended items taken by 30 and 10 users, own ones by 5, 10 and 15: 20/10 = 2. Above 1: the list is more popular than the user's
    /// taste.
    /// </summary>
    /// <param name="recommended">The list, best first.</param>
    /// <param name="own">What the user took in training.</param>
    /// <param name="popularity">By item, the number of users who took it in training.</param>
    /// <param name="cutoff">k, at least 1.</param>
    /// <returns>0 or more; NaN when the list or <paramref name="own"/> is empty.</returns>
    public static double PopularityLift(ReadOnlySpan<int> recommended, ReadOnlySpan<int> own, ReadOnlySpan<int> popularity, int cutoff) =>
        MeanPopularity(Top(recommended, cutoff), popularity) / MeanPopularity(own, popularity);

    /// <summary>
    /// Novelty@k: mean over the list of −log2(share of the training users who took the item).
    /// Items taken by 1/2 and 1/8 of the users: (1 + 3)/2 = 2 bits. An item that nobody took counts as taken by one user.
    /// </summary>
    /// <param name="recommended">The list, best first.</param>
    /// <param name="popularity">By item, the number of users who took it in training.</param>
    /// <param name="users">Number of users with a training interaction.</param>
    /// <param name="cutoff">k, at least 1.</param>
    /// <returns>0 or more, in bits; NaN when the list is empty.</returns>
    public static double Novelty(ReadOnlySpan<int> recommended, ReadOnlySpan<int> popularity, int users, int cutoff)
    {
        var list = Top(recommended, cutoff);
        double sum = 0;
        foreach (var item in list)
            sum += Math.Log2((double)users / Math.Max(1, popularity[item]));
        return sum / list.Length;
    }

    /// <summary>
    /// ItemCoverage@k: share of the catalogue that is in at least one list. Four items, in 5, 0, 1 and 0 lists: 2/4.
    /// </summary>
    /// <param name="exposure">By item of the catalogue, the number of lists that it is in.</param>
    /// <returns>0…1; NaN for an empty catalogue.</returns>
    public static double ItemCoverage(ReadOnlySpan<int> exposure)
    {
        int shown = 0;
        foreach (var count in exposure)
            shown += count > 0 ? 1 : 0;
        return (double)shown / exposure.Length;
    }

    /// <summary>
    /// Gini@k: how unevenly the lists are spread over the catalogue: Σ_j (2j − n − 1) x_j / (n Σ x), the n exposures x ascending, j from 1.
    /// Exposures 0, 0, 1, 5: (−3·0 − 1·0 + 1·1 + 3·5) / (4·6) = 16/24 = 2/3.
    /// </summary>
    /// <inheritdoc cref="ItemCoverage"/>
    /// <returns>0 when every item is shown equally often, 1 − 1/n when a single one is shown; NaN when nothing is.</returns>
    public static double Gini(ReadOnlySpan<int> exposure)
    {
        var sorted = exposure.ToArray();
        Array.Sort(sorted);
        double weighted = 0, total = 0;
        for (int j = 0; j < sorted.Length; j++)
        {
            weighted += (2.0 * (j + 1) - sorted.Length - 1) * sorted[j];
            total += sorted[j];
        }
        return weighted / (sorted.Length * total);
    }

    /// <summary>
    /// IntraListDiversity@k: 1 − mean cosine over the pairs of different places in the list.
    /// Three items, two alike (cosine 1) and one at a right angle to both (0, 0): 1 − 1/3 = 2/3.
    /// </summary>
    /// <param name="recommended">The list, best first.</param>
    /// <param name="features">An item's embedding or feature vector. A vector of zeros has cosine 0 with every other.</param>
    /// <param name="cutoff">k, at least 1.</param>
    /// <returns>0…2; NaN when the list has fewer than two items.</returns>
    public static double IntraListDiversity(ReadOnlySpan<int> recommended, Func<int, ReadOnlySpan<float>> features, int cutoff)
    {
        ArgumentNullException.ThrowIfNull(features);
        // Σ_{a≠b} ⟨â, b̂⟩ = ‖Σ â‖² − Σ ‖â‖²: one pass instead of a pass per pair.
        var list = Top(recommended, cutoff);
        double[] sum = [];
        double own = 0;
        foreach (var item in list)
        {
            var vector = features(item);
            if (sum.Length == 0)
                sum = new double[vector.Length];
            double square = 0;
            foreach (var x in vector)
                square += (double)x * x;
            if (square == 0)
                continue;
            own++;
            var scale = 1 / Math.Sqrt(square);
            for (int f = 0; f < sum.Length; f++)
                sum[f] += vector[f] * scale;
        }
        double all = 0;
        foreach (var x in sum)
            all += x * x;
        return list.Length < 2 ? double.NaN : 1 - (all - own) / ((double)list.Length * (list.Length - 1));
    }

    /// <summary>
    /// GroupPurity@k: share of the list whose group the user has taken from in training. Five items, of which four in the user's groups:
    /// 4/5. A model that folds puts groups into the list that the user never touched.
    /// </summary>
    /// <param name="recommended">The list, best first.</param>
    /// <param name="ownGroups">The groups of the items that the user took in training.</param>
    /// <param name="groups">By item, its group; negative: none, and the item is left out.</param>
    /// <param name="cutoff">k, at least 1.</param>
    /// <returns>0…1; NaN when no item in the list has a group, or the user took none that has.</returns>
    public static double GroupPurity(ReadOnlySpan<int> recommended, IReadOnlySet<int> ownGroups, IReadOnlyList<int> groups, int cutoff)
    {
        ArgumentNullException.ThrowIfNull(ownGroups);
        ArgumentNullException.ThrowIfNull(groups);
        int own = 0, all = 0;
        foreach (var item in Top(recommended, cutoff))
        {
            if (groups[item] < 0)
                continue;
            all++;
            own += ownGroups.Contains(groups[item]) ? 1 : 0;
        }
        return ownGroups.Count == 0 ? double.NaN : (double)own / all;
    }

    private static int Hits(ReadOnlySpan<bool> hits, int cutoff) => Top(hits, cutoff).Count(true);

    private static ReadOnlySpan<T> Top<T>(ReadOnlySpan<T> list, int cutoff) => list[..Math.Min(list.Length, cutoff)];

    private static double MeanPopularity(ReadOnlySpan<int> items, ReadOnlySpan<int> popularity)
    {
        double sum = 0;
        foreach (var item in items)
            sum += popularity[item];
        return sum / items.Length;
    }
}
