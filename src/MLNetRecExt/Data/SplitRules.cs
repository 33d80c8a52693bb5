namespace MLNetRecExt;

/// <summary>The split algorithms: for each entry of a user × item matrix, the part it belongs to.</summary>
/// <remarks>An entry is a distinct (user, item) pair, so that no repeated row can stand on both sides.</remarks>
internal static class SplitRules
{
    public static SplitPart[] RandomPerUser(InteractionRows byUser, double testFraction, int seed)
    {
        var random = new Random(seed);
        var parts = new SplitPart[byUser.EntryCount];
        for (int user = 0; user < byUser.RowCount; user++)
        {
            var own = Own(parts, byUser, user);
            Draw(own, Math.Min(RoundAtRandom(own.Length * testFraction, random), own.Length - 1), SplitPart.Test, random);
        }
        return parts;
    }

    /// <param name="byUser">The entries, with timestamps.</param>
    /// <param name="rowOfEntry">Which of two entries of one time came later; null: the one with the higher index.</param>
    /// <param name="count">By how many entries a user has, how many of them go to the test part; who has no more has none there.</param>
    public static SplitPart[] LeaveLast(InteractionRows byUser, int[]? rowOfEntry, Func<int, int> count)
    {
        var parts = new SplitPart[byUser.EntryCount];
        for (int user = 0; user < byUser.RowCount; user++)
        {
            var length = byUser.Length(user);
            var last = count(length);
            if (last <= 0 || length <= last)
                continue;
            var first = byUser.Offsets[user];
            var entries = new int[length];
            for (int e = 0; e < length; e++)
                entries[e] = first + e;
            Array.Sort(entries, (a, b) =>
            {
                var order = byUser.TimestampArray![a].CompareTo(byUser.TimestampArray[b]);
                return order != 0 ? order : rowOfEntry is null ? a.CompareTo(b) : rowOfEntry[a].CompareTo(rowOfEntry[b]);
            });
            foreach (var entry in entries.AsSpan(length - last))
                parts[entry] = SplitPart.Test;
        }
        return parts;
    }

    public static SplitPart[] ByTime(InteractionRows byUser, double trainFraction)
    {
        var times = byUser.TimestampArray.AsSpan(0, byUser.EntryCount);
        var parts = new SplitPart[times.Length];
        var sorted = times.ToArray();
        Array.Sort(sorted);
        if (sorted.Length == 0 || sorted[0] == sorted[^1])
            throw new ArgumentException(sorted.Length == 0 ? "There is no interaction to split." : $"All timestamps are {sorted[0]}; a split by time needs at least two different ones.");

        // Entries of one time stay together: the cut goes to that side of them which comes nearer to the fraction.
        var wanted = Math.Min((int)Math.Round(sorted.Length * trainFraction), sorted.Length - 1);
        var (before, behind) = (wanted, wanted);
        while (before > 0 && sorted[before - 1] == sorted[wanted])
            before--;
        while (behind < sorted.Length && sorted[behind] == sorted[wanted])
            behind++;
        var cut = before == 0 || (behind < sorted.Length && behind - wanted < wanted - before) ? sorted[behind] : sorted[before];
        for (int e = 0; e < parts.Length; e++)
            parts[e] = times[e] < cut ? SplitPart.Train : SplitPart.Test;
        return parts;
    }

    public static SplitPart[] ByUser(InteractionRows byUser, double testUserFraction, double foldInFraction, int seed)
    {
        var random = new Random(seed);
        var parts = new SplitPart[byUser.EntryCount];
        var able = Enumerable.Range(0, byUser.RowCount).Where(user => byUser.Length(user) >= 2).ToArray();
        var heldOut = new SplitPart[able.Length];
        Draw(heldOut, Math.Clamp((int)Math.Round(able.Length * testUserFraction), Math.Min(1, able.Length), Math.Max(0, able.Length - 1)), SplitPart.Test, random);
        for (int a = 0; a < able.Length; a++)
        {
            if (heldOut[a] == SplitPart.Train)
                continue;
            var own = Own(parts, byUser, able[a]);
            own.Fill(SplitPart.FoldIn);
            var foldIn = Math.Clamp(RoundAtRandom(own.Length * foldInFraction, random), 1, own.Length - 1);
            Draw(own, own.Length - foldIn, SplitPart.Test, random);
        }
        return parts;
    }

    public static SplitPart[] ByItem(InteractionRows byUser, double testItemFraction, int seed)
    {
        var items = byUser.IndexArray.AsSpan(0, byUser.EntryCount).ToArray();
        int[] taken = [.. items.Distinct().Order()];
        var heldOut = new SplitPart[taken.Length];
        Draw(heldOut, Math.Clamp((int)Math.Round(taken.Length * testItemFraction), Math.Min(1, taken.Length), Math.Max(0, taken.Length - 1)), SplitPart.Test, new Random(seed));
        var partOfItem = taken.Zip(heldOut).ToDictionary(pair => pair.First, pair => pair.Second);
        return Array.ConvertAll(items, item => partOfItem[item]);
    }

    /// <summary>The fold, 0…folds−1, in which each entry is tested. A user's entries are spread evenly, and so are all entries.</summary>
    public static int[] Folds(InteractionRows byUser, int folds, int seed)
    {
        var random = new Random(seed);
        var foldOfEntry = new int[byUser.EntryCount];
        for (int e = 0; e < foldOfEntry.Length; e++)
            foldOfEntry[e] = e % folds;
        for (int user = 0; user < byUser.RowCount; user++)
            random.Shuffle(foldOfEntry.AsSpan(byUser.Offsets[user], byUser.Length(user)));
        return foldOfEntry;
    }

    private static Span<SplitPart> Own(SplitPart[] parts, InteractionRows byUser, int user) =>
        parts.AsSpan(byUser.Offsets[user], byUser.Length(user));

    /// <summary>Down or up, so that the expectation is <paramref name="value"/>: users with few entries are not rounded out of a
    /// split.</summary>
    private static int RoundAtRandom(double value, Random random) => (int)(value + random.NextDouble());

    /// <summary>Puts <paramref name="count"/> entries, each set of them equally likely, into a part.</summary>
    private static void Draw(Span<SplitPart> parts, int count, SplitPart part, Random random)
    {
        for (int e = 0; count > 0; e++)
        {
            // Selection sampling (Knuth, TAOCP 2, 3.4.2, algorithm S).
            if (random.Next(parts.Length - e) < count)
            {
                parts[e] = part;
                count--;
            }
        }
    }
}
