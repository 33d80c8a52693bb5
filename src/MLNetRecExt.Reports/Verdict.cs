namespace MLNetRecExt.Reports;

/// <summary>What a record says, in sentences: the winner, the margin, and the weak spot.</summary>
internal static class Verdict
{
    private const double Chance = 0.05;

    public static IEnumerable<string> Sentences(RunRecord record)
    {
        if (record.Trainers.Count == 0)
        {
            yield return "No trainer succeeded.";
            yield break;
        }
        yield return Winner(record);
        foreach (var other in Rivals(record))
            yield return Margin(record, other);
        if (WeakUsers(record) is { } users)
            yield return users;
        if (WeakItems(record.Best) is { } items)
            yield return items;
    }

    /// <summary>The next best, and popularity where it is another.</summary>
    public static IEnumerable<RunTrainer> Rivals(RunRecord record) =>
        record.Trainers.Skip(1).Where((trainer, place) => place == 0 || trainer.Trainer == nameof(PopularityTrainer));

    public static RunComparison? Between(RunRecord record, string first, string second) =>
        record.Comparisons.FirstOrDefault(pair => pair.First == first && pair.Second == second);

    public static bool IsHardlyChance(RunComparison comparison) => comparison.AdjustedPValue < Chance;

    /// <summary>By how much the best is better, as a share of the other's metric.</summary>
    public static double Gain(RunRecord record, RunTrainer other)
    {
        var difference = record.Best[record.Metric].Mean - other[record.Metric].Mean;
        return (record.LowerIsBetter ? -difference : difference) / Math.Abs(other[record.Metric].Mean);
    }

    private static string Winner(RunRecord record)
    {
        var (_, mean, low, high, users) = record.Best[record.Metric];
        var start = record.Trainers.Count == 1
            ? $"{record.Best.Name} was run alone"
            : $"{record.Best.Name} is the best of {record.Trainers.Count} trainers";
        var interval = double.IsNaN(low) ? "" : $" (95 % interval {Figures.Interval(low, high)})";
        return $"{start}: {record.Metric} {Figures.Metric(mean)}{interval}, the mean of {Figures.Count(users)} users"
            + (record.LowerIsBetter ? "; lower is better." : ".");
    }

    private static string Margin(RunRecord record, RunTrainer other)
    {
        var gain = Gain(record, other);
        var name = other == record.Trainers[1] ? $"{other.Name}, the next" : other.Name;
        var by = double.IsFinite(gain) ? $"{Figures.Percent(gain)} better" : "better";
        if (Between(record, record.Best.Name, other.Name) is not { } pair)
            return $"It is {by} than {name}.";
        var judgement = IsHardlyChance(pair) ? "hardly chance" : "that can be chance";
        return $"It is {by} than {name}: {Figures.Signed(pair.Comparison.Difference)}, 95 % interval "
            + $"{Figures.Signed(pair.Comparison.Low)} to {Figures.Signed(pair.Comparison.High)}, "
            + $"{Figures.PValue(pair.AdjustedPValue)} corrected for the number of pairs: {judgement}.";
    }

    private static string? WeakUsers(RunRecord record)
    {
        var groups = ActivityGroup.Of(record.Data).Select(group => (group.Range, Mean: group.Mean(record.Best)))
            .Where(group => double.IsFinite(group.Mean)).OrderBy(group => record.LowerIsBetter ? -group.Mean : group.Mean).ToArray();
        return groups.Length < 2 ? null
            : $"It does worst for users with {groups[0].Range} items ({record.Metric} {Figures.Metric(groups[0].Mean)}), "
                + $"best for those with {groups[^1].Range} items ({Figures.Metric(groups[^1].Mean)}).";
    }

    private static string Tenth(int decile) => decile switch
    {
        0 => "the most popular tenth of the items",
        9 => "the least popular tenth",
        _ => $"tenth {decile + 1}",
    };

    private static string? WeakItems(RunTrainer best)
    {
        var deciles = best.RecallByPopularity.Index().Where(decile => double.IsFinite(decile.Item)).ToArray();
        if (deciles.Length < 2)
            return null;
        var (most, least) = (deciles.MaxBy(decile => decile.Item), deciles.MinBy(decile => decile.Item));
        return $"Of what was held out its lists find {Figures.Percent(most.Item)} in {Tenth(most.Index)}, "
            + $"{Figures.Percent(least.Item)} in {Tenth(least.Index)}.";
    }
}
