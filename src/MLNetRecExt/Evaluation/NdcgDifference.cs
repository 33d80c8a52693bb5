namespace MLNetRecExt;

/// <summary>How far two models' NDCG@20 on the same held-out pairs may lie apart by chance.</summary>
internal static class NdcgDifference
{
    /// <summary>
    /// The standard error of the mean difference, with users and items both drawn by chance: users who took the same item are no more
    /// independent than items that the same user took, and where few items make up most of the pairs, many users say little.
    /// <code>
    /// θ = 1/U Σ_e d_e          d_e: the pair's part of NDCG by one model less that by the other
    /// r_e = d_e − θ/|S_u|      S_u: the held-out items of the pair's user
    /// V = 1/U² (Σ_u (Σ_e∈u r_e)² + Σ_i (Σ_e∈i r_e)² − Σ_e r_e²)
    /// </code>
    /// Cameron, Gelbach, Miller: Robust Inference with Multiway Clustering, Journal of Business and Economic Statistics 29(2), 2011.
    /// </summary>
    /// <param name="heldOut">By user.</param>
    /// <param name="first"><see cref="ValidationMetric.Ranks"/> of one model.</param>
    /// <param name="second">Those of the other.</param>
    public static double StandardError(InteractionRows heldOut, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        var gains = new double[RankingEvaluator.NdcgCutoff + 1];
        var ideals = new double[gains.Length];
        for (int rank = 1; rank < gains.Length; rank++)
        {
            gains[rank] = 1 / Math.Log2(rank + 1);
            ideals[rank] = ideals[rank - 1] + gains[rank];
        }

        var differences = new double[heldOut.EntryCount];
        var users = 0;
        double mean = 0;
        for (int user = 0; user < heldOut.RowCount; user++)
        {
            var length = heldOut.Length(user);
            users += length > 0 ? 1 : 0;
            for (int e = heldOut.Offsets[user]; e < heldOut.Offsets[user + 1]; e++)
                mean += differences[e] = (gains[first[e]] - gains[second[e]]) / ideals[Math.Min(length, RankingEvaluator.NdcgCutoff)];
        }
        mean /= users;

        double byUser = 0, byPair = 0;
        var items = new Dictionary<int, double>();
        for (int user = 0; user < heldOut.RowCount; user++)
        {
            var indices = heldOut.Indices(user);
            double sum = 0;
            for (int e = 0; e < indices.Length; e++)
            {
                var residual = differences[heldOut.Offsets[user] + e] - mean / indices.Length;
                sum += residual;
                byPair += residual * residual;
                items[indices[e]] = items.GetValueOrDefault(indices[e]) + residual;
            }
            byUser += sum * sum;
        }
        var byItem = items.Values.Sum(sum => sum * sum);
        // The estimate may fall below what one of the two sides alone gives, which it cannot in truth.
        return Math.Sqrt(Math.Max(byUser + byItem - byPair, Math.Max(byUser, byItem))) / users;
    }
}
