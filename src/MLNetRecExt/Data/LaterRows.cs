namespace MLNetRecExt;

/// <summary>Whether a split lets a model learn from what came after that which it is judged by.</summary>
internal static class LaterRows
{
    // A split by time has none. A few rows of odd times are no reason to warn.
    private const double Tolerated = 0.01;

    /// <summary>The share of the training rows that are later than the median held-out row; 0 where either part has no
    /// timestamps.</summary>
    public static double Share(Interactions train, Interactions heldOut)
    {
        if (!train.ByUser.HasTimestamps || heldOut.ByUser.TimestampArray is not { } held)
            return 0;
        if (train.LongCount == 0 || heldOut.Count == 0)
            return 0;
        var times = held[..heldOut.Count];
        Array.Sort(times);
        var median = times[times.Length / 2];
        long later = 0;
        for (int user = 0; user < train.ByUser.RowCount; user++)
            foreach (var time in train.ByUser.Timestamps(user))
                later += time > median ? 1 : 0;
        return (double)later / train.LongCount;
    }

    /// <summary>What to say of a split; null where there is nothing to say.</summary>
    public static string? Warning(Interactions train, Interactions heldOut) => Share(train, heldOut) is var share and > Tolerated
        ? FormattableString.Invariant($"{share:P0} of the training rows are later than half of the held-out ones, so what is learned is ")
            + "partly the future: judge by Splits.ByTime, too, where order or fashion counts."
        : null;
}
