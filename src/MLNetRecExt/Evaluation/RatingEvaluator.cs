namespace MLNetRecExt;

/// <summary>Scores every held-out pair, users side by side, and measures how far the scores are from the labels.</summary>
internal static class RatingEvaluator
{
    /// <summary>RMSE over all pairs alone: what early stopping and tuning watch.</summary>
    public static double Rmse(RecommenderModel model, Interactions heldOut, int? threads, CancellationToken cancellationToken)
    {
        RatingEvaluationOptions options = new() { BootstrapSamples = 0, NumberOfThreads = threads, CancellationToken = cancellationToken };
        return Evaluate(model, heldOut, options).AllPairsRmse.Mean;
    }

    public static RatingReport Evaluate(RecommenderModel model, Interactions heldOut, RatingEvaluationOptions? options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(heldOut);
        options ??= new RatingEvaluationOptions();
        options.Validate();
        model.Users.CheckMeansTheSame(heldOut.Users, "user", nameof(heldOut));
        model.Items.CheckMeansTheSame(heldOut.Items, "item", nameof(heldOut));
        if (heldOut.Count == 0)
            throw new ArgumentException("The held-out part has no interaction.", nameof(heldOut));

        var rows = heldOut.ByUser;
        int[] users = [.. Enumerable.Range(0, rows.RowCount).Where(user => rows.Length(user) > 0)];
        var sample = new UserSample([.. PairErrors.Metrics(first: 0)], PairErrors.Columns, users.Length);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Threads, CancellationToken = options.CancellationToken };
        Parallel.For(0, users.Length, parallel, u =>
        {
            var items = rows.Indices(users[u]);
            var scores = new float[items.Length];
            for (int e = 0; e < scores.Length; e++)
                scores[e] = model.Score(users[u], items[e]);
            PairErrors.Measure(sample[u], model, rows, users[u], scores);
        });

        int coldUserPairs = 0, coldItemPairs = 0;
        foreach (var user in users)
        {
            if (model.IsKnownUser(user))
                foreach (var item in rows.Indices(user))
                    coldItemPairs += model.IsKnownItem(item) ? 0 : 1;
            else
                coldUserPairs += rows.Length(user);
        }
        var estimates = sample.Estimate(options.BootstrapSamples, options.Seed, options.Threads, options.CancellationToken);
        return new RatingReport(heldOut.Users, users, sample, estimates)
        {
            Pairs = heldOut.Count,
            ColdUserPairs = coldUserPairs,
            ColdItemPairs = coldItemPairs,
        };
    }
}
