namespace MLNetRecExt;

/// <summary>The numbers of a WALS training that follow from the data where the options leave them open: the rule that
/// <see cref="WalsTrainer"/> documents, in its symbols.</summary>
/// <param name="Rank">K, before memory is looked at.</param>
/// <param name="Regularization">λ.</param>
/// <param name="UnobservedWeight">w0.</param>
/// <param name="UnobservedPopularityExponent">a.</param>
/// <param name="Skew">q.</param>
internal sealed record WalsDefaults(int Rank, float Regularization, float UnobservedWeight, float UnobservedPopularityExponent, double Skew)
{
    /// <summary>c. On ten cuts of nine public sets NDCG@20 changed by −0.2 to +7 %, on the test part of MovieLens 1M by −0.5 %.</summary>
    public const float ItemSmoothing = 0.1f;

    /// <summary>No rank below is taken, however little memory there is.</summary>
    public const int LeastRank = 32;

    // From so many items on, sparse ones by all experience, ranks and popular items count for more.
    private const int LargeCatalogue = 10_000;

    /// <summary>The rule. What is given stays as it is, and the rest is found beside it.</summary>
    public static WalsDefaults From(InteractionRows rows, int itemCount, WalsTrainer.Options given)
    {
        var userCounts = new int[rows.RowCount];
        for (int user = 0; user < userCounts.Length; user++)
            userCounts[user] = rows.Length(user);
        // Kept with the interactions: this is asked for several times in a training, and models ask for the same.
        var itemCounts = rows.ColumnCounts(itemCount);
        var (users, items) = (Known(userCounts), Known(itemCounts));
        double entries = rows.LongEntryCount, pairs = (double)users * items;
        double userLength = MeanLength(userCounts), itemLength = MeanLength(itemCounts);

        // q = √(E_i·E_u / (n_i·n_u)), n_i·n_u being nnz² / (U·I)
        var skew = Math.Sqrt(itemLength * userLength * pairs) / entries;
        // r = w0·U·I / Σ w: a given w0 stands for an r, to which λ must fit as to the rule's own.
        var observed = SumOfWeights(rows, userCounts, itemCounts, given);
        var r = given.UnobservedWeight is { } weight ? weight * pairs / observed : 3 * Math.Pow(skew, 1.25);
        var exponent = given.UnobservedPopularityExponent ?? (items >= LargeCatalogue ? 0.25f : 0);
        var regularization = Math.Min(
            0.16 * Math.Pow(itemLength / entries, 0.4) * (exponent > 0 ? 1.5 : 1),
            0.1 * skew / r);
        return new(
            given.ApproximationRank ?? RankFor(users, items),
            given.Regularization ?? InRange(regularization),
            given.UnobservedWeight ?? InRange(r * observed / pairs),
            exponent,
            skew);
    }

    /// <summary>256 or 128, or the lowest half of it with which any scores of so few users or items can be had.</summary>
    private static int RankFor(int users, int items)
    {
        var rank = items >= LargeCatalogue ? 256 : 128;
        while (rank > LeastRank && rank / 2 >= Math.Min(users, items))
            rank /= 2;
        return rank;
    }

    /// <summary>Σ w over the observed pairs; their number where that is no weight to go by.</summary>
    private static double SumOfWeights(InteractionRows rows, int[] userCounts, int[] itemCounts, WalsTrainer.Options given)
    {
        var isScaled = given.UserWeightExponent != 0 || given.ItemWeightExponent != 0;
        if (!isScaled && !rows.HasWeights && (given.ConfidenceScale == 0 || !rows.HasLabels))
            return rows.LongEntryCount * (1.0 + given.ConfidenceScale);
        var ofUsers = Scales(userCounts, given.UserWeightExponent);
        var ofItems = Scales(itemCounts, given.ItemWeightExponent);
        double sum = 0;
        for (int user = 0; user < userCounts.Length; user++)
        {
            var items = rows.Indices(user);
            var labels = rows.Labels(user);
            var weights = rows.Weights(user);
            for (int e = 0; e < items.Length; e++)
                sum += (weights.IsEmpty ? 1 : (double)weights[e])
                    * (1 + given.ConfidenceScale * (labels.IsEmpty ? 1 : (double)labels[e]))
                    * ofUsers[user] * ofItems[items[e]];
        }
        return sum > 0 ? sum : rows.LongEntryCount;
    }

    /// <summary>R or C.</summary>
    private static double[] Scales(int[] counts, double exponent)
    {
        var mean = (double)counts.Sum() / Known(counts);
        return Array.ConvertAll(counts, count => exponent == 0 || count == 0 ? 1 : Math.Pow(count / mean, exponent));
    }

    private static int Known(ReadOnlySpan<int> counts) => counts.Length - counts.Count(0);

    /// <summary>E: Σ count² / Σ count.</summary>
    private static double MeanLength(int[] counts)
    {
        double sum = 0, squares = 0;
        foreach (var count in counts)
            (sum, squares) = (sum + count, squares + (double)count * count);
        return squares / sum;
    }

    /// <summary>Within the range of the option, also where weights are as large as single precision allows.</summary>
    private static float InRange(double value) => (float)Math.Min(value, 1e6);
}
