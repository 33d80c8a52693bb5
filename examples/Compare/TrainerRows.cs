using MLNetRecExt;

namespace Compare;

/// <summary>The trainers that can be compared. A new one is a line here.</summary>
internal static class TrainerRows
{
    private static readonly (string Name, Func<string, TrainerRow> Create)[] All =
    [
        ("popularity", name => new TrainerRow<PopularityModel, PopularityTrainer.Options>(name, (trainers, options) => trainers.Popularity(options))),
        ("wals", name => new TrainerRow<WalsModel, WalsTrainer.Options>(name, (trainers, options) => trainers.Wals(options))),
    ];

    public static IReadOnlyList<string> Names { get; } = [.. All.Select(row => row.Name)];

    /// <exception cref="UsageException">There is no trainer of this name.</exception>
    public static void Check(string name)
    {
        if (!Names.Contains(name))
            throw new UsageException($"There is no trainer '{name}'; there are {string.Join(", ", Names)}.");
    }

    /// <summary>The rows that the arguments ask for, their options set.</summary>
    public static IReadOnlyList<TrainerRow> Create(Arguments arguments)
    {
        var rows = All.Where(row => arguments.Trainers.Contains(row.Name)).Select(row => row.Create(row.Name)).ToArray();
        foreach (var row in rows)
        {
            row.Options.Seed = arguments.Seed;
            row.Options.NumberOfThreads = arguments.Threads;
        }
        foreach (var setting in arguments.Settings)
        {
            var (name, option, value) = setting.Split('=', 2) is [var target, var text] && target.Split('.', 2) is [var trainer, var field]
                ? (trainer, field, text)
                : throw new UsageException($"--set: '{setting}' does not read TRAINER.OPTION=VALUE, like wals.ApproximationRank=64.");
            Check(name);
            (rows.FirstOrDefault(row => row.Name == name)
                ?? throw new UsageException($"--set: {name} is not among --trainers {string.Join(",", arguments.Trainers)}.")).Set(option, value);
        }
        return rows;
    }
}
