using System.Globalization;
using System.Text;
using MLNetRecExt;

namespace Compare;

/// <summary>The command line, read and checked. One table gives both the parser and the help.</summary>
internal sealed class Arguments
{
    private static readonly Argument[] All =
    [
        new("--task", "TASK", "ranking: judge top lists | ratings: judge predicted labels (default: ranking)", (a, v) => a.Task = ParseTask(v)),
        new("--data", "FILE", "interactions in a delimited file; --split cuts off the test part", (a, v) => a.Data = Existing(v)),
        new("--dataset", "NAME", $"download a GroupLens set instead: {string.Join(" | ", GroupLens.Names)}", (a, v) => a.Dataset = v),
        new("--train", "FILE", "interactions to train on; goes with --test", (a, v) => a.Train = Existing(v)),
        new("--test", "FILE", "held-out interactions; goes with --train", (a, v) => a.Test = Existing(v)),
        new("--validation", "FILE", "interactions that --tune chooses by; trained on as well before the test", (a, v) => a.Validation = Existing(v)),
        new("--items", "FILE", "titles, and features for softmax-dnn-features, content, hybrid and stages: a file with the item column and a column 'title' or 'name'; of the others numbers are taken as they are, cells like Comedy|Drama as categories, and so the year where titles end in one, like Alien (1979)", (a, v) => a.Items = Existing(v)),
        new("--users", "FILE", "features of users for softmax-dnn-features: a file with the user column", (a, v) => a.Users = Existing(v)),
        new("--user", "COL", "user column (default: by its name, like user or userId; without a header the first)", (a, v) => a.User = v),
        new("--item", "COL", "item column (default: by its name, like item or movieId; without a header the second)", (a, v) => a.Item = v),
        new("--label", "COL", "label column for trainers that look at labels (default: none, every row counts as 1)", (a, v) => a.Label = v),
        new("--time", "COL", "timestamp column, a number (default: timestamp or time, where there is one)", (a, v) => a.Time = v),
        new("--weight", "COL", "weight column (default: none)", (a, v) => a.Weight = v),
        new("--separator", "CHAR", "separator of every file, like ';' or '::' or 'tab' (default: what divides the lines)", (a, v) => a.Separator = ParseSeparator(v)),
        new("--no-header", "", "the files begin with data, and columns go by number, from 0: --user 0 --item 1 --label 2 (default: found out)", (a, _) => a.HasHeader = false),
        new("--relevant-from", "X", "keep only rows with at least this label (--label, or a column rating), in training and test alike; they count as 1", (a, v) => a.RelevantFrom = ParseFloat(v)),
        new("--split", "RULE", $"{string.Join(" | ", SplitRule.Forms)} (default: random-per-user:0.2)", (a, v) => a.Split = SplitRule.Parse(v)),
        new("--seed", "N", "seed of every random choice (default: 42)", (a, v) => a.Seed = ParseInteger(v, int.MinValue)),
        new("--k", "N,N", "lengths of the lists that are judged; the first decides which trainer is best (default: 20,100)", (a, v) => a.Cutoffs = ParseCutoffs(v)),
        new("--trainers", "NAMES", $"which to compare, separated by commas (default: {string.Join(",", TrainerRows.Names(ComparisonTask.Ranking))}; for ratings {string.Join(",", TrainerRows.Names(ComparisonTask.Ratings))})", (a, v) => a._trainers = v.Split(',', StringSplitOptions.TrimEntries)),
        new("--trainer-assembly", "FILE", "compare the trainers of a .NET assembly of your own too: each public class that derives from RecommenderTrainer, by its name without 'Trainer' (MyWalkTrainer: my-walk)", (a, v) => a.TrainerAssembly = TrainerAssembly.Load(Existing(v))),
        new("--set", "T.OPTION=VALUE", "an option of a trainer, like wals.ApproximationRank=64; may be repeated", (a, v) => a.Settings.Add(v)),
        new("--tune", "TRIALS", "search the options: choose by validation, train on both parts, read the test part once", (a, v) => a.TuningTrials = ParseInteger(v, 1)),
        new("--tune-minutes", "M", "as --tune, for so long per trainer; with --tune whichever ends first", (a, v) => a.TuningTime = ParseMinutes(v)),
        new("--auto", "MINUTES", "add a row 'auto': the trainer, options and blend that are found in so many minutes, by validation as --tune", (a, v) => a.AutoTime = ParseMinutes(v)),
        new("--threads", "N", "threads to use (default: all cores)", (a, v) => a.Threads = ParseInteger(v, 1)),
        new("--json", "FILE", "write every number and setting to a JSON file", (a, v) => a.Json = v),
        new("--map", "FILE", $"draw the item embeddings of each trainer that has them, as SVG: two principal components of the {EmbeddingMap.MaxItems:N0} most popular items, coloured by planted group", (a, v) => a.Map = v),
        new("--save-models", "DIR", "save the trained models, one file each", (a, v) => a.ModelFolder = v),
    ];

    private string[]? _trainers;

    /// <summary>The command line as it was.</summary>
    public IReadOnlyList<string> Words { get; private set; } = [];
    public ComparisonTask Task { get; private set; }
    public string? Data { get; private set; }
    public string? Dataset { get; private set; }
    public string? Train { get; private set; }
    public string? Test { get; private set; }
    public string? Validation { get; private set; }
    public string? Items { get; private set; }
    public string? Users { get; private set; }
    public string? User { get; private set; }
    public string? Item { get; private set; }
    public string? Label { get; private set; }
    public string? Time { get; private set; }
    public string? Weight { get; private set; }
    public string? Separator { get; private set; }
    public bool? HasHeader { get; private set; }
    public float? RelevantFrom { get; private set; }
    public SplitRule Split { get; private set; } = SplitRule.Parse("random-per-user:0.2");
    public int Seed { get; private set; } = 42;
    public IReadOnlyList<int> Cutoffs { get; private set; } = [20, 100];
    public IReadOnlyList<string> Trainers => _trainers ?? [.. TrainerRows.Names(Task, TrainerAssembly).Where(name => !TrainerRows.WithFeatures.Contains(name) || MayHaveFeatures)];
    public TrainerAssembly? TrainerAssembly { get; private set; }
    public List<string> Settings { get; } = [];
    public int? TuningTrials { get; private set; }
    public TimeSpan? TuningTime { get; private set; }
    public TimeSpan? AutoTime { get; private set; }
    public int? Threads { get; private set; }
    public string? Json { get; private set; }
    public string? Map { get; private set; }
    public string? ModelFolder { get; private set; }

    /// <summary>The metric that decides which trainer is best.</summary>
    public string DecisiveMetric => Task == ComparisonTask.Ratings ? "RMSE" : $"NDCG@{Cutoffs[0]}";

    /// <summary>Whether a part is needed to choose by.</summary>
    public bool Chooses => Tunes || AutoTime is not null;

    /// <summary>The metric that --tune chooses by.</summary>
    public TuneMetric TuningMetric => Task == ComparisonTask.Ratings ? TuneMetric.Rmse : TuneMetric.Ndcg;

    /// <summary>Whether options are searched.</summary>
    public bool Tunes => TuningTrials is not null || TuningTime is not null;

    /// <summary>Whether nothing says where data comes from, so that it is made up.</summary>
    public bool Synthetic => Data is null && Dataset is null && Train is null;

    private bool MayHaveFeatures => Synthetic || Dataset is not null || Items is not null || Users is not null;

    /// <exception cref="UsageException">An argument is unknown, lacks its value, has a bad one, or contradicts another.</exception>
    public static Arguments Parse(IReadOnlyList<string> words)
    {
        var arguments = new Arguments { Words = words };
        var given = new HashSet<string>();
        for (int i = 0; i < words.Count; i++)
        {
            var argument = All.FirstOrDefault(a => a.Name == words[i])
                ?? throw new UsageException($"Unknown argument '{words[i]}'{Suggestion(words[i])}. --help lists them all.");
            if (!argument.IsFlag && i + 1 == words.Count)
                throw new UsageException($"{argument.Name} needs a value: {argument.Name} {argument.Value}.");
            if (!given.Add(argument.Name) && argument.Name != "--set")
                throw new UsageException($"{argument.Name} is given twice; leave one.");
            try
            {
                argument.Read(arguments, argument.IsFlag ? "" : words[++i]);
            }
            catch (UsageException e)
            {
                throw new UsageException($"{argument.Name}: {e.Message}");
            }
        }
        arguments.CheckTogether(given);
        return arguments;
    }

    public static string Help()
    {
        var text = new StringBuilder("""
            Trains recommenders on the same data and compares them on held-out interactions.
            Without arguments: on a synthetic data set that is made on the spot.

            dotnet run -c Release --project examples/Compare -- [arguments]


            """);
        foreach (var argument in All)
            text.AppendLine($"  {argument.Name + " " + argument.Value,-23} {argument.Description}");
        return text.AppendLine($"  {"--help",-23} this text").Append("""

            A trainer that fails becomes a line under the tables; the results of the others are printed and written all the same.
            Exit code: 0 all went well, 2 something in the arguments or files is wrong, 3 a trainer failed, 130 cancelled.

            """).ToString();
    }

    private void CheckTogether(HashSet<string> given)
    {
        var sources = new[] { "--data", "--dataset", "--train" }.Where(given.Contains).ToArray();
        if (sources.Length > 1)
            throw new UsageException($"{string.Join(" and ", sources)} exclude each other; leave one.");
        if (Train is null != Test is null)
            throw new UsageException("--train and --test go together; for one file use --data, which --split divides.");
        if (Validation is not null && Train is null)
            throw new UsageException("--validation goes with --train and --test.");
        if (Train is not null && given.Contains("--split"))
            throw new UsageException("--split divides one file; --train and --test are divided already. Leave it out.");
        if (Train is not null && Chooses && Validation is null)
            throw new UsageException($"{(AutoTime is null ? "--tune" : "--auto")} needs a part to choose by: give --validation FILE beside --train and --test.");
        if (Synthetic && given.FirstOrDefault(g => g is "--items" or "--users" or "--user" or "--item" or "--label" or "--time" or "--weight" or "--relevant-from" or "--separator" or "--no-header") is { } lone)
            throw new UsageException($"{lone} is about a file: name one with --data, --dataset, or --train and --test.");
        if (Dataset is not null && given.FirstOrDefault(g => g is "--items" or "--users" or "--separator" or "--no-header") is { } known)
            throw new UsageException($"{known} does not go with --dataset, whose files are known; leave it out.");
        if (Split.HoldsOutItems && Chooses)
            throw new UsageException($"{(AutoTime is null ? "--tune" : "--auto")} chooses by lists of the whole catalogue, and --split {Split} judges others; leave one out.");
        if (Task == ComparisonTask.Ratings)
            CheckRatings(given);
        foreach (var name in Trainers)
            TrainerRows.Check(name, this);
    }

    private void CheckRatings(HashSet<string> given)
    {
        if (Synthetic)
            throw new UsageException("--task ratings needs labels, and the made-up data has none: name a file with --data, --dataset, or --train and --test.");
        if (given.FirstOrDefault(g => g is "--items" or "--users" or "--relevant-from" or "--auto") is { } other)
            throw new UsageException($"{other} is about rankings; leave it out of --task ratings.");
        if (Split.HoldsOutUsers || Split.HoldsOutItems)
            throw new UsageException($"--split {Split} leaves no rating of a test {(Split.HoldsOutUsers ? "user" : "item")} to train on; take another for --task ratings.");
    }

    private static string Suggestion(string word)
    {
        var near = All.Select(a => a.Name).Append("--help").MinBy(name => EditDistance(name, word))!;
        return EditDistance(near, word) <= 3 ? $"; did you mean {near}?" : "";
    }

    private static int EditDistance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (int i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)));
        }
        return row[^1];
    }

    private static string Existing(string path) =>
        File.Exists(path) ? path : throw new UsageException($"there is no file '{path}' (looked in {Directory.GetCurrentDirectory()}).");

    private static ComparisonTask ParseTask(string text) => text switch
    {
        "ranking" => ComparisonTask.Ranking,
        "ratings" => ComparisonTask.Ratings,
        _ => throw new UsageException($"'{text}' is neither ranking nor ratings."),
    };

    private static string ParseSeparator(string text) => text switch
    {
        "tab" or "\\t" => "\t",
        "" => throw new UsageException("it is empty; for example ',' or ';' or 'tab'."),
        _ => text,
    };

    private static float ParseFloat(string text) =>
        float.TryParse(text, CultureInfo.InvariantCulture, out var value) && float.IsFinite(value) ? value : throw new UsageException($"'{text}' is not a number.");

    private static TimeSpan ParseMinutes(string text) => ParseFloat(text) is var minutes and > 0 and <= 70_000
        ? TimeSpan.FromMinutes(minutes)
        : throw new UsageException($"'{text}' is not above 0 and at most 70000 minutes.");

    private static int ParseInteger(string text, int min) =>
        int.TryParse(text, CultureInfo.InvariantCulture, out var value) && value >= min
            ? value
            : throw new UsageException($"'{text}' is not a whole number{(min > int.MinValue ? $" from {min}" : "")}.");

    private static int[] ParseCutoffs(string text) =>
        [.. text.Split(',').Select(part => ParseInteger(part, 1)).Distinct()];

    private sealed record Argument(string Name, string Value, string Description, Action<Arguments, string> Read)
    {
        public bool IsFlag => Value.Length == 0;
    }
}
