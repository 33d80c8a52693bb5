namespace MLNetRecExt;

/// <summary>Measures what the order of histories is worth to a model: the metric with it, less that without.</summary>
internal static class HistoryShuffle
{
    // Scores of a model that does not look at order may differ by rounding.
    private const float Rounding = 1e-4f;
    private const int UsersLookedAt = 100;

    public static OrderGain Measure(
        RecommenderModel model, Interactions heldOut, int seed, int? threads = null, CancellationToken cancellationToken = default)
    {
        var history = model.History;
        if (history.TimestampArray is not { } times)
            throw new ArgumentException(
                "The model's histories have no order: name a column in TimestampColumnName, or train on interactions with timestamps.",
                nameof(model));
        if (heldOut.Count == 0)
            throw new ArgumentException("The held-out part has no interaction.", nameof(heldOut));
        var asTheyAre = WithTimes(times);
        var shuffled = WithTimes(Shuffled(history, times, seed));
        if (!model.CanFoldIn || !LooksAtOrder(model, asTheyAre.ByUser, shuffled.ByUser))
            throw new NotSupportedException(
                $"Scores of this {model.GetType().Name} do not depend on the order of a history. "
                + "Take a model that counts recent items more, such as one of NextItemEase.");
        var (first, second) = (Judge(asTheyAre), Judge(shuffled));
        return new(first.Value - second.Value, NdcgDifference.StandardError(heldOut.ByUser, first.Ranks, second.Ranks));

        // A history that is folded in replaces that of training, entry by entry.
        Interactions WithTimes(long[] timestamps)
        {
            var rows = new InteractionRows(history.OffsetArray, history.IndexArray, history.LabelArray, history.WeightArray, timestamps);
            return new(heldOut.Users, model.Items, rows, default);
        }

        ValidationMetric Judge(Interactions histories) => RankingEvaluator.Ndcg(model, heldOut, threads, cancellationToken, histories);
    }

    /// <summary>The timestamps, those of each user in random order.</summary>
    private static long[] Shuffled(InteractionRows history, long[] times, int seed)
    {
        var shuffled = times.AsSpan().ToArray();
        for (int user = 0; user < history.RowCount; user++)
            new SeededRandom(seed, user).Shuffle(shuffled.AsSpan(history.OffsetArray[user], history.Length(user)));
        return shuffled;
    }

    /// <summary>Whether another order changes the scores of one of the first users for whom it is another.</summary>
    private static bool LooksAtOrder(RecommenderModel model, InteractionRows histories, InteractionRows shuffled)
    {
        var (one, other) = (new float[model.Items.Count], new float[model.Items.Count]);
        var reordered = Enumerable.Range(0, histories.RowCount)
            .Where(user => !InTime(histories, user).SequenceEqual(InTime(shuffled, user)));
        foreach (var user in reordered.Take(UsersLookedAt))
        {
            model.ScoreItems(Query(histories, user), one);
            model.ScoreItems(Query(shuffled, user), other);
            float largest = 0, difference = 0;
            foreach (var (score, otherScore) in one.Zip(other).Where(scores => !float.IsNaN(scores.First)))
            {
                largest = Math.Max(largest, Math.Abs(score));
                difference = Math.Max(difference, Math.Abs(score - otherScore));
            }
            if (difference > Rounding * largest)
                return true;
        }
        return false;

        static int[] InTime(InteractionRows rows, int user) => new TakenItems(rows, user).InTime();

        static RecommenderQuery Query(InteractionRows rows, int user)
        {
            var (items, times) = (rows.Indices(user).ToArray(), rows.Timestamps(user).ToArray());
            return RecommenderQuery.ForHistory(
                Array.ConvertAll(InTime(rows, user), entry => new ItemFeedback(items[entry], Timestamp: times[entry])));
        }
    }
}
