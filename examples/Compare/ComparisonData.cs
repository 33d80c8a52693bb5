using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetRecExt;

namespace Compare;

/// <summary>What is compared on: parts of one set of interactions, with the items' titles.</summary>
internal sealed class ComparisonData
{
    private ComparisonData(string caption) => Caption = caption;

    /// <summary>Where the data comes from and how it was divided.</summary>
    public string Caption { get; }

    /// <summary>What models are trained on before the test.</summary>
    public required Interactions Train { get; init; }

    /// <summary>What models are judged on, once.</summary>
    public required Interactions Test { get; init; }

    /// <summary>The histories of test users that training does not know, or null.</summary>
    public required Interactions? FoldIn { get; init; }

    /// <summary>The two parts that options are chosen with, or null when they are not tuned.</summary>
    public required (Interactions Train, Interactions Validation)? Tuning { get; init; }

    /// <summary>The items that training lacks, when they alone are ranked; null: all are.</summary>
    public IReadOnlyList<int>? ColdItems { get; private init; }

    /// <summary>By item index its planted group, or null where none is known.</summary>
    public IReadOnlyList<int>? ItemGroups { get; private init; }

    /// <summary>Names of the planted groups.</summary>
    public IReadOnlyList<string> GroupNames { get; private init; } = [];

    /// <summary>What is known of users beside interactions, where a trainer asks for it.</summary>
    public SideFeatures? UserFeatures { get; private init; }

    /// <summary>What is known of items beside interactions, where a trainer asks for it.</summary>
    public SideFeatures? ItemFeatures { get; private init; }

    private IReadOnlyDictionary<string, string> Titles { get; init; } = new Dictionary<string, string>();

    private IReadOnlyDictionary<string, string> UserNames { get; init; } = new Dictionary<string, string>();

    /// <summary>An item's title, or its id.</summary>
    public string Title(int item) => Train.Items.GetText(item) is var id && Titles.TryGetValue(id, out var title) ? title : $"item {id}";

    /// <summary>A user's id, with what is known about them.</summary>
    public string UserName(int user) => Test.Users.GetText(user) is var id && UserNames.TryGetValue(id, out var name) ? name : $"user {id}";

    /// <exception cref="UsageException">A file is not as it should be, or too little is left of it.</exception>
    public static ComparisonData Load(MLContext ml, Arguments arguments, Steps steps, CancellationToken cancellation)
    {
        if (arguments.Synthetic)
            return steps.Run("make data", _ => MakeUp(ml, arguments));
        if (arguments.Train is not null)
            return steps.Run("read data", _ => ReadParts(ml, arguments, cancellation));
        if (arguments.Dataset is not { } name)
            return steps.Run("read data", _ => ReadOne(ml, arguments, arguments.Data!, arguments.Items, Name(arguments.Data!), cancellation));

        using var http = new HttpClient();
        var (ratings, items, notice) = steps.Run($"get {name}", progress => new GroupLens(http, GroupLens.DefaultCacheFolder).GetAsync(name, progress, cancellation).GetAwaiter().GetResult());
        Console.WriteLine(notice);
        return steps.Run("read data", _ => ReadOne(ml, arguments, ratings, items, name, cancellation));
    }

    private static ComparisonData MakeUp(MLContext ml, Arguments arguments)
    {
        var madeUp = SyntheticData.Generate(arguments.Seed);
        var all = ml.Recommenders().Data.ReadInteractions(ml.Data.LoadFromEnumerable(madeUp.Interactions), new InteractionColumns("User", "Item", Timestamp: "Timestamp"));
        var split = Divide(ml, arguments, all, out var tuning);
        return new ComparisonData($"Synthetic data, made on the spot: no real users or films. Split {arguments.Split}")
        {
            Train = split.Train,
            Test = split.Test,
            FoldIn = split.FoldIn,
            Tuning = tuning,
            ColdItems = ColdItemsOf(split, arguments),
            Titles = madeUp.Items.ToDictionary(item => $"{item.Id}", item => item.Description),
            UserNames = madeUp.Users.ToDictionary(user => $"{user.Id}", user => user.Description),
            GroupNames = SyntheticData.Languages,
            UserFeatures = madeUp.UserFeatures(ml),
            ItemFeatures = madeUp.ItemFeatures(ml),
            ItemGroups = [.. Enumerable.Range(0, all.Items.Count).Select(item => Array.IndexOf(SyntheticData.Languages, madeUp.Items[int.Parse(all.Items.GetText(item)) - 1].Language))],
        };
    }

    private static ComparisonData ReadOne(MLContext ml, Arguments arguments, string path, string? items, string name, CancellationToken cancellation)
    {
        var (userFeatures, itemFeatures) = ReadFeatures(ml, arguments, items, cancellation);
        var split = Divide(ml, arguments, new DataFile(ml, path, arguments, userFeatures?.Ids, itemFeatures?.Ids, cancellation).Read([path]), out var tuning);
        return new ComparisonData($"{name}{Relevance(arguments)}, split {arguments.Split}")
        {
            Train = split.Train,
            Test = split.Test,
            FoldIn = split.FoldIn,
            Tuning = tuning,
            ColdItems = ColdItemsOf(split, arguments),
            Titles = ReadTitles(ml, arguments, items),
            UserFeatures = userFeatures,
            ItemFeatures = itemFeatures,
        };
    }

    private static ComparisonData ReadParts(MLContext ml, Arguments arguments, CancellationToken cancellation)
    {
        var (train, test, validation) = (arguments.Train!, arguments.Test!, arguments.Validation);
        var (userFeatures, itemFeatures) = ReadFeatures(ml, arguments, arguments.Items, cancellation);
        var file = new DataFile(ml, train, arguments, userFeatures?.Ids, itemFeatures?.Ids, cancellation);
        var fit = file.Read(validation is null ? [train] : [train, validation]);
        (Interactions, Interactions)? tuning = null;
        if (arguments.Chooses)
        {
            var part = file.Read([train]);
            tuning = (part, file.Read([validation!], part));
        }
        return new ComparisonData($"{Name(train)}{(validation is null ? "" : $" and {Name(validation)}")}, tested on {Name(test)}{Relevance(arguments)}")
        {
            Train = fit,
            Test = file.Read([test], fit),
            FoldIn = null,
            Tuning = tuning,
            Titles = ReadTitles(ml, arguments, arguments.Items),
            UserFeatures = userFeatures,
            ItemFeatures = itemFeatures,
        };
    }

    private static (SideFeatures? Users, SideFeatures? Items) ReadFeatures(MLContext ml, Arguments arguments, string? items, CancellationToken cancellation)
    {
        if (!arguments.Trainers.Intersect(TrainerRows.WithFeatures).Any())
            return default;
        return (Read(arguments.Users, arguments.User), Read(items, arguments.Item));

        SideFeatures? Read(string? path, string? id)
        {
            if (path is null)
                return null;
            try
            {
                // The column of ids may have another name there.
                var known = id is not null && Header(path, arguments, out _).Contains(id) ? id : null;
                var file = new FeatureFileOptions { Id = known, Separator = arguments.Separator };
                var features = ml.Recommenders().Data.ReadFeatures(path, file, cancellation);
                return features.Names.Count > 0 ? features : null;
            }
            catch (Exception e) when (e is ArgumentException or InvalidDataException)
            {
                throw new UsageException(e.Message);
            }
        }
    }

    private static InteractionSplit Divide(MLContext ml, Arguments arguments, Interactions all, out (Interactions Train, Interactions Validation)? tuning)
    {
        var split = arguments.Split.Apply(ml, all, arguments.Seed);
        tuning = null;
        if (arguments.Chooses)
        {
            // Users that training lacks need a fold-in part, which tuning has no place for: choose on the other users' own items.
            var rule = arguments.Split.HoldsOutUsers ? SplitRule.Parse("random-per-user:0.1") : arguments.Split;
            var inner = rule.Apply(ml, split.Train, arguments.Seed);
            tuning = (inner.Train, inner.Test);
        }
        return split;
    }

    private static int[]? ColdItemsOf(InteractionSplit split, Arguments arguments) => arguments.Split.HoldsOutItems
        ? [.. Enumerable.Range(0, split.Test.Items.Count).Where(item => split.Test.ByItem.Length(item) > 0)]
        : null;

    private static Dictionary<string, string> ReadTitles(MLContext ml, Arguments arguments, string? path)
    {
        var titles = new Dictionary<string, string>();
        if (path is null)
            return titles;
        var header = Header(path, arguments, out var separator);
        var id = arguments.Item is { } given && header.Contains(given) ? given : Find("item", "itemId", "item_id", "movieId");
        var title = Find("title", "name");
        var view = ml.Data.LoadFromTextFile(path, new TextLoader.Options
        {
            Columns = [new("Id", DataKind.String, Array.IndexOf(header, id)), new("Title", DataKind.String, Array.IndexOf(header, title))],
            Separators = [separator],
            HasHeader = true,
            AllowQuoting = true,
        });
        foreach (var row in ml.Data.CreateEnumerable<TitleRow>(view, reuseRowObject: true))
            titles[row.Id] = row.Title;
        return titles;

        string Find(params string[] usual) => header.FirstOrDefault(column => usual.Contains(column, StringComparer.OrdinalIgnoreCase))
            ?? throw new UsageException($"{path} has no column {string.Join(" or ", usual.Select(u => $"'{u}'"))}; it has {string.Join(", ", header)}. Rename one in its first line.");
    }

    /// <summary>The names in a file's first line.</summary>
    private static string[] Header(string path, Arguments arguments, out char separator)
    {
        var line = File.ReadLines(path).FirstOrDefault()
            ?? throw new UsageException($"{path} is empty; a header row with the columns' names is needed.");
        var between = arguments.Separator is [var given] ? given : ",\t;|".MaxBy(character => line.Count(other => other == character));
        separator = between;
        return [.. line.Split(between).Select(name => name.Trim().Trim('"'))];
    }

    /// <summary>A file with its folder: splits of several sets tend to have the same file names.</summary>
    private static string Name(string path) => Path.Combine(Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(path))) ?? "", Path.GetFileName(path));

    private static string Relevance(Arguments arguments) =>
        arguments.RelevantFrom is { } least ? FormattableString.Invariant($", labels from {least}") : "";

    private sealed class TitleRow
    {
        public string Id { get; set; } = "";
        public string Title { get; set; } = "";
    }
}
