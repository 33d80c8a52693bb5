namespace MLNetRecExt.Reports;

/// <summary>Judged users that have about as many items in training.</summary>
/// <param name="Fewest">Of the one with the fewest.</param>
/// <param name="Most">Of the one with the most.</param>
/// <param name="Users">Their places in <see cref="RunData.Activity"/> and <see cref="RunTrainer.UserValues"/>.</param>
internal sealed record ActivityGroup(int Fewest, int Most, IReadOnlyList<int> Users)
{
    private const int Groups = 4;

    public string Range => Fewest == Most ? Figures.Count(Most) : $"{Figures.Count(Fewest)} to {Figures.Count(Most)}";

    /// <summary>Quartiles. Users with as many items are in one group, so that there may be fewer.</summary>
    public static IReadOnlyList<ActivityGroup> Of(RunData data)
    {
        var sorted = data.Activity.Order().ToArray();
        if (sorted.Length == 0)
            return [];
        var ends = Enumerable.Range(1, Groups).Select(group => sorted[(int)((long)group * (sorted.Length - 1) / Groups)])
            .Distinct().ToArray();
        return
        [
            .. data.Activity.Index().GroupBy(user => Array.FindIndex(ends, end => user.Item <= end)).OrderBy(group => group.Key)
                .Select(group => new ActivityGroup(
                    group.Min(user => user.Item), group.Max(user => user.Item), [.. group.Select(user => user.Index)])),
        ];
    }

    /// <summary>The mean of the users for whom the metric is defined; NaN where there is none.</summary>
    public double Mean(RunTrainer trainer) =>
        Users.Where(user => user < trainer.UserValues.Count).Select(user => trainer.UserValues[user]).Where(double.IsFinite)
            .DefaultIfEmpty(double.NaN).Average();
}
