namespace MLNetRecExt.Benchmarks;

/// <summary>
/// A generated data set of the size and shape of a large rating set, made straight into its compressed form:
/// 138,493 users × 26,744 items, 20 million entries, users' activity 20 + log-normal (median 68, at most 9,254),
/// items' popularity Zipf-Mandelbrot (s 2.1, q 323), labels 1…10, ids in no order.
/// </summary>
internal static class PowerLawData
{
    private const int AllUsers = 138_493;
    private const int AllItems = 26_744;
    private const double ZipfExponent = 2.1;
    private const double ZipfShift = 323;
    private const int MaxActivity = 9_254;

    /// <param name="users">So many of them, with the activity of all.</param>
    /// <param name="items">So many, with popularity that falls over all of them alike.</param>
    /// <param name="length">Entries of each user; null: as above.</param>
    public static Interactions Generate(int users = AllUsers, int items = AllItems, int? length = null)
    {
        var random = new Random(20);
        var offsets = new int[users + 1];
        for (int user = 0; user < users; user++)
        {
            // The standard deviation gives a mean of 144.4.
            var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            offsets[user + 1] = offsets[user] + (length ?? (int)Math.Min(MaxActivity, 20 + 48 * Math.Exp(1.39 * normal)));
        }

        var cumulative = new double[items];
        double total = 0, shift = ZipfShift * items / AllItems;
        for (int rank = 0; rank < items; rank++)
            cumulative[rank] = total += Math.Pow(rank + 1 + shift, -ZipfExponent);
        // guide[g]: the first rank that a draw in [g, g+1) / Length can give.
        var guide = new int[1 << 16];
        for (int g = 0, rank = 0; g < guide.Length; g++)
        {
            while (cumulative[rank] < total * g / guide.Length)
                rank++;
            guide[g] = rank;
        }
        var idOfRank = Enumerable.Range(0, items).ToArray();
        random.Shuffle(idOfRank);

        var indices = new int[offsets[users] + InteractionRows.Padding];
        var labels = new float[indices.Length];
        var takenBy = new int[items];
        for (int user = 0; user < users; user++)
        {
            for (int e = offsets[user]; e < offsets[user + 1];)
            {
                var draw = random.NextDouble();
                var rank = guide[(int)(draw * guide.Length)];
                while (cumulative[rank] < total * draw)
                    rank++;
                if (takenBy[rank] == user + 1)
                    continue;
                takenBy[rank] = user + 1;
                labels[e] = 1 + random.Next(10);
                indices[e++] = idOfRank[rank];
            }
            indices.AsSpan(offsets[user]..offsets[user + 1]).Sort();
        }
        return new Interactions(IdMap.FromKeys(users), IdMap.FromKeys(items), new InteractionRows(offsets, indices, labels, null, null), default);
    }
}
