namespace MLNetRecExt;

/// <summary>The parts of the data that an experiment uses.</summary>
/// <param name="Fit">What is learned from before the test.</param>
/// <param name="Test">What is judged on, once.</param>
/// <param name="FoldIn">Histories of test users whom training does not see; null: there are none.</param>
/// <param name="ColdItems">The items that alone are ranked; null: all are.</param>
/// <param name="Train">What settings are trained on; null: nothing is chosen.</param>
/// <param name="Validation">What settings are chosen by; null likewise.</param>
internal sealed record ExperimentParts(
    Interactions Fit, Interactions Test, Interactions? FoldIn, IReadOnlyList<int>? ColdItems, Interactions? Train, Interactions? Validation)
{
    // Users that training lacks bring a history, which a search has no place for: it looks at a share of the other users' own items.
    private static readonly SplitRule Inner = SplitRule.RandomPerUser(0.1);

    /// <summary>Takes the parts that the options bring, or cuts them off.</summary>
    /// <exception cref="ArgumentException">A part would be empty, or the ids of one do not extend those of the data.</exception>
    public static ExperimentParts Of(Interactions data, ExperimentOptions options, SplitRule rule)
    {
        var chooses = options.Tunes || options.Blend.Count > 0;
        if (options.Test is { } test)
        {
            CheckIds(data, test, nameof(options.Test));
            if (options.Validation is not { } given)
                return new(data, test, null, null, null, null);
            CheckIds(data, given, nameof(options.Validation));
            return new(AutoParts.Join(data, given), test, null, null, chooses ? data : null, chooses ? given : null);
        }
        if (rule.HoldsOutItems && chooses)
            throw new ArgumentException(
                $"Options are chosen by lists of the whole catalogue, and the split {rule} judges lists of its test items alone: "
                + "leave the search out, or take another split.", nameof(options));
        var outer = rule.Apply(data, options.Seed);
        var inner = chooses ? (rule.HoldsOutUsers ? Inner : rule).Apply(outer.Train, options.Seed) : null;
        return new(outer.Train, outer.Test, outer.FoldIn, rule.HoldsOutItems ? TakenItems(outer.Test) : null, inner?.Train, inner?.Test);
    }

    private static int[] TakenItems(Interactions part)
    {
        var counts = part.ByUser.CountColumns(part.Items.Count);
        return [.. Enumerable.Range(0, counts.Length).Where(item => counts[item] > 0)];
    }

    private static void CheckIds(Interactions data, Interactions part, string parameter)
    {
        data.Users.CheckMeansTheSame(part.Users, "user", parameter);
        data.Items.CheckMeansTheSame(part.Items, "item", parameter);
    }
}
