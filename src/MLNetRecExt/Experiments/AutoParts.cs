namespace MLNetRecExt;

/// <summary>The parts of the data that an automatic search uses.</summary>
/// <param name="Train">What settings are trained on.</param>
/// <param name="Validation">What they are chosen by: relevant interactions alone.</param>
/// <param name="Chosen">What is trained on as chosen, before the test: <paramref name="Train"/> and the validation part.</param>
/// <param name="Test">What nothing has seen before; null: there is no such part.</param>
/// <param name="All">What the model learns from in the end.</param>
internal sealed record AutoParts(Interactions Train, Interactions Validation, Interactions Chosen, Interactions? Test, Interactions All)
{
    private const double HeldOutShare = 0.1;

    /// <summary>Takes the parts that the options bring, or cuts them off: a tenth of each user's interactions for the test and for the
    /// validation each, the latest where there are timestamps, else random ones.</summary>
    /// <exception cref="ArgumentException">There is nothing to cut off, or nothing relevant in a part.</exception>
    public static AutoParts Of(Interactions data, AutoOptions options)
    {
        if (options.Validation is { } given)
        {
            CheckIds(data, given, nameof(options.Validation));
            if (options.Test is { } givenTest)
                CheckIds(data, givenTest, nameof(options.Test));
            var both = Join(data, given);
            return Checked(new(data, given.Relevant(options.RelevanceThreshold), both, options.Test, both), options);
        }
        var outer = Cut(data, options.Seed, left: 2);
        var inner = Cut(outer.Train, options.Seed, left: 1);
        return Checked(new(inner.Train, inner.Test.Relevant(options.RelevanceThreshold), outer.Train, outer.Test, data), options);
    }

    private static AutoParts Checked(AutoParts parts, AutoOptions options)
    {
        if (parts.Train.Count == 0)
            throw new ArgumentException($"There is no interaction to train on: {parts.Train.Counts}.", "data");
        if (parts.Validation.Count > 0 && parts.Test is not { Count: 0 })
            return parts;
        throw new ArgumentException(
            (options.Validation is null
                ? "No user has enough interactions to hold some back; at least one user needs three. "
                : $"{nameof(options.Validation)} or {nameof(options.Test)} has no interaction to judge by. ")
            + $"{parts.Train.Count:N0} are there to train on"
            + (options.RelevanceThreshold is { } least ? $"; {nameof(options.RelevanceThreshold)} is {least}: lower it." : "."), "data");
    }

    private static InteractionSplit Cut(Interactions data, int seed, int left) => new(data, data.ByUser.HasTimestamps
        ? SplitRules.LeaveLast(data.ByUser, null, length => Math.Min(Math.Max(1, (int)Math.Round(length * HeldOutShare)), length - left))
        : SplitRules.RandomPerUser(data.ByUser, HeldOutShare, seed));

    private static void CheckIds(Interactions data, Interactions part, string parameter)
    {
        data.Users.CheckMeansTheSame(part.Users, "user", parameter);
        data.Items.CheckMeansTheSame(part.Items, "item", parameter);
    }

    /// <summary>Both parts in one; of a pair that both have the later part's row counts.</summary>
    public static Interactions Join(Interactions first, Interactions second)
    {
        var (a, b) = (first.ByUser, second.ByUser);
        var builder = new InteractionsBuilder(a.HasLabels || b.HasLabels, a.HasWeights || b.HasWeights, a.HasTimestamps && b.HasTimestamps);
        Add(builder, first);
        Add(builder, second);
        return builder.Build(second.Users, second.Items, DuplicateHandling.Last, new(first.Count + second.Count));
    }

    private static void Add(InteractionsBuilder builder, Interactions part)
    {
        var rows = part.ByUser;
        for (int user = 0; user < rows.RowCount; user++)
            for (int e = rows.Offsets[user]; e < rows.Offsets[user + 1]; e++)
                builder.Add(user, rows.IndexArray[e], rows.LabelArray?[e] ?? 1, rows.WeightArray?[e] ?? 1, rows.TimestampArray?[e] ?? 0);
    }
}
