namespace MLNetRecExt;

/// <summary>The options of a Softmax DNN that follow from the data where they are left open: the rule that <see cref="SoftmaxDnnTrainer"/>
/// documents, in its symbols.</summary>
/// <param name="Rank">K, before memory is looked at.</param>
/// <param name="Temperature">τ.</param>
/// <param name="Target">What is predicted.</param>
/// <param name="RecencyHalfLife">How many later entries halve an entry's weight; 0: all count alike.</param>
internal sealed record SoftmaxDnnDefaults(int Rank, float Temperature, SoftmaxDnnTarget Target, float RecencyHalfLife)
{
    /// <summary>No rank below is taken, however little memory there is.</summary>
    public const int LeastRank = 32;

    // As where the rule of WALS takes longer embeddings.
    private const int LargeCatalogue = 10_000;

    /// <summary>The rule. What is given stays as it is, and the rest is found beside it.</summary>
    public static SoftmaxDnnDefaults From(Interactions data, SoftmaxDnnTrainer.Options given)
    {
        var rows = data.ByUser;
        var items = rows.CountColumns(data.Items.Count).Count(count => count > 0);
        var target = given.Target
            ?? (HistoryOrder.SaysWhatComesNext(rows) ? SoftmaxDnnTarget.NextItem : SoftmaxDnnTarget.MultiHot);
        return new(
            given.ApproximationRank ?? RankFor(data.Users.Count, items),
            given.Temperature ?? (float)Math.Max(0.05, 0.15 * Math.Min(1, Math.Pow(4000.0 / items, 0.25))),
            target,
            given.RecencyHalfLife ?? (target == SoftmaxDnnTarget.NextItem && given.RecencyHalfLifeDays == 0 ? 3 : 0));
    }

    /// <summary>256 or 128, or the lowest half of it with which any scores of so few users or items can be had.</summary>
    private static int RankFor(int users, int items)
    {
        var rank = items >= LargeCatalogue ? 256 : 128;
        while (rank > LeastRank && rank / 2 >= Math.Min(users, items))
            rank /= 2;
        return rank;
    }
}
