namespace MLNetRecExt.AspNetCore;

/// <summary>Judges models by what users did with their lists.</summary>
public static class ABTest
{
    /// <summary>The share of the items seen that were clicked, or bought, for each model that the events name, and how it differs from that
    /// of the first, with 95 % bootstrap intervals over users.</summary>
    /// <remarks>Users are what is drawn, not clicks: who clicks a hundred times is one user. An item of a list counts once, however often
    /// it was clicked; events without a <see cref="FeedbackEvent{TUser, TItem}.Model"/> do not count. Decide before the test how long it
    /// runs: to look every day and stop when it differs finds differences that there are not.</remarks>
    /// <typeparam name="TUser">Type of the user ids.</typeparam>
    /// <typeparam name="TItem">Type of the item ids.</typeparam>
    /// <param name="events">What the sink was given: at least what was seen, and what is judged by.</param>
    /// <param name="kind">What counts: clicked, or bought.</param>
    /// <param name="control">The model that the others are compared with; null for the first by name.</param>
    /// <param name="samples">Bootstrap samples, at least 100.</param>
    /// <param name="seed">Of the samples.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="samples"/> is too small.</exception>
    /// <exception cref="ArgumentException"><paramref name="kind"/> is seen, which everything is compared with; no event names
    /// <paramref name="control"/>; or no event names a model.</exception>
    public static ABTestReport Judge<TUser, TItem>(
        IEnumerable<FeedbackEvent<TUser, TItem>> events, FeedbackKind kind = FeedbackKind.Clicked, string? control = null,
        int samples = 2000, int seed = 0)
        where TUser : notnull
        where TItem : notnull
    {
        ArgumentNullException.ThrowIfNull(events);
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 100);
        if (kind == FeedbackKind.Seen)
            throw new ArgumentException("What was clicked or bought is judged by, as a share of what was seen.", nameof(kind));
        var counted = Distinct(events.Where(one => one.Model is not null && (one.Kind == FeedbackKind.Seen || one.Kind == kind))).ToArray();
        string[] models = [.. counted.Select(one => one.Model!).Distinct()
            .OrderBy(model => model != control).ThenBy(model => model, StringComparer.Ordinal)];
        if (models.Length == 0 || control is not null && models[0] != control)
            throw new ArgumentException($"No event names {(control is null ? "a model" : $"the model '{control}'")}: "
                + "set Model of events to that of the list they come from.", nameof(events));

        var sample = Count(counted, models, kind);
        var resampled = sample.Resample(samples, seed, Environment.ProcessorCount, default);
        var rates = sample.Estimate(resampled);
        return new(kind, [.. models.Select((model, place) => new ABTestVariant(
            model, Sum(sample, SeenColumn(place)), Sum(sample, ActedColumn(place)), rates[place],
            place == 0 ? null : Difference(rates, resampled, place)))]);
    }

    // Columns of a user: for each model what they acted on, and what they saw.
    private static int ActedColumn(int model) => 2 * model;

    private static int SeenColumn(int model) => 2 * model + 1;

    private static IEnumerable<FeedbackEvent<TUser, TItem>> Distinct<TUser, TItem>(IEnumerable<FeedbackEvent<TUser, TItem>> events)
    {
        var found = new HashSet<(TUser, TItem, string, FeedbackKind)>();
        return events.Where(one => one.ListId is null || found.Add((one.User, one.Item, one.ListId, one.Kind)));
    }

    private static UserSample Count<TUser, TItem>(FeedbackEvent<TUser, TItem>[] events, string[] models, FeedbackKind kind)
        where TUser : notnull
    {
        var place = models.Index().ToDictionary(model => model.Item, model => model.Index);
        var byUser = events.GroupBy(one => one.User).ToArray();
        var metrics = models.Select((model, m) => new UserSample.Metric($"{kind}/{FeedbackKind.Seen}", ActedColumn(m), SeenColumn(m)));
        var sample = new UserSample([.. metrics], 2 * models.Length, byUser.Length);
        for (int user = 0; user < byUser.Length; user++)
            foreach (var one in byUser[user])
                sample[user][one.Kind == kind ? ActedColumn(place[one.Model!]) : SeenColumn(place[one.Model!])]++;
        return sample;
    }

    private static long Sum(UserSample sample, int column) =>
        (long)Enumerable.Range(0, sample.Users).Sum(user => sample[user][column]);

    private static MetricEstimate Difference(MetricEstimate[] rates, double[,] resampled, int place)
    {
        var differences = new double[resampled.GetLength(0)];
        for (int draw = 0; draw < differences.Length; draw++)
            differences[draw] = resampled[draw, place] - resampled[draw, 0];
        var (low, high) = UserSample.Interval(differences);
        return new(rates[place].Name, rates[place].Mean - rates[0].Mean, low, high, rates[place].Users + rates[0].Users);
    }
}
