namespace MLNetRecExt;

/// <summary>What a history keeps of users who were taken out of it: sums over all of them, by which counts, means and the objective of a
/// fold-in stay what they were.</summary>
/// <param name="Users">How many ids there are less.</param>
/// <param name="KnownUsers">How many users who had an entry have none now.</param>
/// <param name="Counts">By item, how many of them took it.</param>
/// <param name="LabelSums">By item, the sum of their labels; empty where every label is 1.</param>
/// <param name="Moments">Over their entries the sums of weights, of weight times label, and of weight times label squared.</param>
/// <param name="Times">Their earliest and latest timestamp; empty where there are none.</param>
internal sealed record RemovedUsers(int Users, int KnownUsers, int[] Counts, double[] LabelSums, double[] Moments, long[] Times)
{
    public long Entries { get; } = Counts.Sum(count => (long)count);

    /// <summary>What is kept of the users whose rows go, and of those who went before.</summary>
    /// <param name="rows">The history.</param>
    /// <param name="isKept">By user whether the row stays.</param>
    /// <param name="users">How many ids there are less.</param>
    /// <param name="itemCount">Number of items.</param>
    public static RemovedUsers Of(InteractionRows rows, bool[] isKept, int users, int itemCount)
    {
        var before = rows.Removed;
        var (known, counts, labels) = (before?.KnownUsers ?? 0, new int[itemCount], new double[rows.HasLabels ? itemCount : 0]);
        before?.Counts.CopyTo(counts, 0);
        before?.LabelSums.CopyTo(labels, 0);
        double[] moments = [.. before?.Moments ?? [0, 0, 0]];
        for (int user = 0; user < isKept.Length; user++)
        {
            if (isKept[user] || rows.Length(user) == 0)
                continue;
            known++;
            var items = rows.Indices(user);
            var ownLabels = rows.Labels(user);
            var weights = rows.Weights(user);
            for (int e = 0; e < items.Length; e++)
            {
                var (item, label, weight) = (items[e], ownLabels.IsEmpty ? 1.0 : ownLabels[e], weights.IsEmpty ? 1.0 : weights[e]);
                counts[item]++;
                if (labels.Length > 0)
                    labels[item] += label;
                moments[0] += weight;
                moments[1] += weight * label;
                moments[2] += weight * label * label;
            }
        }
        long[] times = rows.Times is { } both ? [both.Earliest, both.Latest] : [];
        return new(users + (before?.Users ?? 0), known, counts, labels, moments, times);
    }

    public double LabelSum(int item) => item >= Counts.Length ? 0 : LabelSums.Length > 0 ? LabelSums[item] : Counts[item];
}
