namespace MLNetRecExt;

/// <summary>
/// The users or the items of a WALS problem: what the objective says about each, in the symbols of <see cref="WalsTrainer"/>.
/// "Known" are those with at least one entry; only they count in means and sums.
/// </summary>
internal sealed class WalsSide
{
    private readonly float _regularization;
    private readonly float _regularizationExponent;
    private readonly float _weightExponent;

    // unobservedScale: f of this side; unobservedTotal: w0·Σf over the known of the other side.
    private WalsSide(
        ReadOnlySpan<int> counts, WalsSettings settings, float weightExponent, float[]? unobservedScale, double unobservedTotal,
        RemovedUsers? removed = null)
    {
        _regularization = settings.Regularization;
        _regularizationExponent = settings.RegularizationExponent;
        _weightExponent = weightExponent;
        UnobservedTotal = unobservedTotal;
        UnobservedScale = unobservedScale;
        KnownCount = Known(counts) + (removed?.KnownUsers ?? 0);
        long total = removed?.Entries ?? 0;
        foreach (var count in counts)
            total += count;
        MeanCount = (double)total / Math.Max(1, KnownCount);

        Regularization = new float[counts.Length];
        for (int row = 0; row < counts.Length; row++)
            Regularization[row] = RegularizationOf(counts[row], UnobservedScale?[row] ?? 1);
        if (weightExponent == 0)
            return;
        Weight = new float[counts.Length];
        for (int row = 0; row < counts.Length; row++)
            Weight[row] = WeightOf(counts[row]);
    }

    public int KnownCount { get; }

    /// <summary>λ·s.</summary>
    public float[] Regularization { get; }

    /// <summary>R or C, or null for ones.</summary>
    public float[]? Weight { get; }

    /// <summary>w0·Σf over the known of the other side.</summary>
    public double UnobservedTotal { get; }

    /// <summary>Entries per known row.</summary>
    public double MeanCount { get; }

    /// <summary>f, or null for ones.</summary>
    public float[]? UnobservedScale { get; }

    /// <param name="userCounts">Entries by user.</param>
    /// <param name="itemCounts">Entries by item.</param>
    /// <param name="settings">The objective.</param>
    /// <param name="hasUntaken">Whether items without an entry have factors, which must not count as unobserved.</param>
    /// <param name="removed">Users who were taken out, and count; null: nobody.</param>
    public static (WalsSide Users, WalsSide Items) Create(
        ReadOnlySpan<int> userCounts, ReadOnlySpan<int> itemCounts, WalsSettings settings, bool hasUntaken = false,
        RemovedUsers? removed = null)
    {
        int knownUsers = Known(userCounts) + (removed?.KnownUsers ?? 0), knownItems = Known(itemCounts);
        float[]? scale = null;
        if (settings.UnobservedPopularityExponent != 0 || hasUntaken)
        {
            // f_i ∝ count^a with mean 1 over the known items.
            double total = 0;
            foreach (var count in itemCounts)
                total += count > 0 ? Math.Pow(count, settings.UnobservedPopularityExponent) : 0;
            scale = new float[itemCounts.Length];
            for (int item = 0; item < scale.Length; item++)
                if (itemCounts[item] > 0)
                    scale[item] = (float)(Math.Pow(itemCounts[item], settings.UnobservedPopularityExponent) * knownItems / total);
        }
        return (
            new WalsSide(userCounts, settings, settings.UserWeightExponent, null, settings.UnobservedWeight * (double)knownItems, removed),
            new WalsSide(itemCounts, settings, settings.ItemWeightExponent, scale, settings.UnobservedWeight * (double)knownUsers));
    }

    /// <summary>λ·s of a row with <paramref name="count"/> entries.</summary>
    public float RegularizationOf(int count, float unobservedScale = 1) =>
        (float)(_regularization * Power(count + unobservedScale * UnobservedTotal));

    /// <summary>R or C of a row with <paramref name="count"/> entries.</summary>
    public float WeightOf(int count) =>
        _weightExponent == 0 || count == 0 ? 1 : (float)Math.Pow(count / MeanCount, _weightExponent);

    // A power is dear where there are millions of rows; these two are what is mostly asked for.
    private double Power(double value) => _regularizationExponent switch
    {
        0 => 1,
        1 => value,
        _ => Math.Pow(value, _regularizationExponent),
    };

    private static int Known(ReadOnlySpan<int> counts) => counts.Length - counts.Count(0);
}
