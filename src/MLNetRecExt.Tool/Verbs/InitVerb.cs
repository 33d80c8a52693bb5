using System.CommandLine;
using MLNetRecExt.Tool.Sources;
using Spectre.Console;

namespace MLNetRecExt.Tool.Verbs;

/// <summary>Looks at a file or query, and writes a configuration for it.</summary>
internal sealed class InitVerb : Verb
{
    private const string NextItem = "next-item-ease";

    /// <summary>The schema of configurations is written beside them, so that editors complete and check what is typed.</summary>
    private const string SchemaName = "recommender.schema.json";

    /// <summary>With so many items a matrix of all pairs is inverted in about a minute.</summary>
    private const int MostItemsOfAllPairs = 12_000;

    /// <summary>Trainers that hold a number for each pair of items.</summary>
    private static readonly string[] OfAllPairs = ["ease", NextItem];

    private static readonly string[] UsualItems = ["items.csv", "movies.csv", "products.csv"];

    private readonly Argument<string?> _file = new("file")
    {
        Description = "A delimited text file with a row per interaction.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> _connection = new("--connection") { Description = "A connection string or env:NAME, not a file." };
    private readonly Option<string?> _sql = new("--sql") { Description = "The query, one row per interaction." };
    private readonly Option<string?> _provider = new("--provider") { Description = "The database: sqlite, postgres or duckdb." };
    private readonly Option<string?> _user = new("--user") { Description = "Column of users; without a header its number from 0." };
    private readonly Option<string?> _item = new("--item") { Description = "Column of items." };
    private readonly Option<string?> _label = new("--label") { Description = "Column of labels, such as ratings." };
    private readonly Option<string?> _weight = new("--weight") { Description = "Column of weights: how much a row counts." };
    private readonly Option<string?> _time = new("--time") { Description = "Column of times." };
    private readonly Option<string?> _separator = new("--separator") { Description = "What stands between the values of a line." };
    private readonly Option<string?> _items = new("--items")
    {
        Description = "A file with a row per item: id, title, features; else items.csv beside the file, where it is there.",
    };

    private readonly Option<string> _output = new("--output", "-o")
    {
        Description = "The configuration that is written.",
        DefaultValueFactory = _ => ConfiguredExperiment.UsualPath,
    };

    private readonly Option<bool> _force = new("--force") { Description = "Replace a configuration that is there." };

    public InitVerb()
        : base("init", "Look at interactions, guess what is what, and write recommender.json.",
            "mlrec init ratings.csv",
            "mlrec init --connection \"Data Source=shop.db\" --sql \"SELECT customer_id, sku FROM order_lines\"")
    {
        Add(_file);
        _provider.AcceptOnlyFromAmong("sqlite", "postgres", "duckdb");
        Option[] columns = [_user, _item, _label, _weight, _time, _separator];
        foreach (var option in columns.Concat([_connection, _sql, _provider, _items, _output, _force]))
            Add(option);
    }

    protected override async Task<Answer> AnswerAsync(ParseResult arguments, CancellationToken cancellation)
    {
        var output = arguments.GetValue(_output)!;
        if (!arguments.GetValue(_force))
            InteractionFile.RefuseToReplace(output);
        var folder = Path.GetDirectoryName(Path.GetFullPath(output))!;
        var given = Given(arguments, folder);
        var source = InteractionSource.Of(given, folder);
        var (found, data) = await ProgressBars.ShowAsync(arguments.GetValue(Quiet), async bars =>
        {
            bars.Begin(source.Name);
            var columns = await source.InferAsync(cancellation);
            return (columns, await InteractionSource.Of(InteractionSource.Described(given, columns), folder).ReadAsync(null, cancellation));
        });
        given = given.Items is null && given.File is not null ? given with { Items = ItemsBeside(given, folder, data) } : given;
        var configuration = Configuration(InteractionSource.Described(given, found), data);
        configuration.Save(output);
        await File.WriteAllTextAsync(Path.Combine(folder, SchemaName), ExperimentConfiguration.JsonSchema, cancellation);
        var leftOut = OfAllPairs.Except(configuration.Trainers.Keys)
            .Where(name => name != NextItem || found.Columns.Timestamp is not null).ToArray();
        (string, string)[] pairs =
        [
            ("source", source.Name), ("columns", $"{found}"),
            .. source.NotRead(found) is { Length: > 0 } others ? [("not read", NotRead(others))] : Array.Empty<(string, string)>(),
            ("interactions", $"{data}"),
            .. given.Items is { } items ? [("titles", items)] : Array.Empty<(string, string)>(),
            ("trainers", $"{string.Join(", ", configuration.Trainers.Keys)}, by {configuration.Metric}; split {configuration.Split}"),
            .. leftOut.Length > 0 ? [("left out", Reason(leftOut, data))] : Array.Empty<(string, string)>(),
        ];
        var next = $"{output} is written; change in it what is wrong. Next: mlrec compare{Argument(output)}";
        return new(new Rows(Columns.Pairs(pairs), new Text(next)), configuration);
    }

    private static string Argument(string output) => output == ConfiguredExperiment.UsualPath ? "" : $" {output}";

    private static string NotRead(string[] columns) => $"{string.Join(", ", columns)}; --label, --weight or --time names one to read";

    private static string Reason(IEnumerable<string> trainers, Interactions data) => FormattableString.Invariant(
        $"{string.Join(", ", trainers)}: a number for each pair of {data.Items.Count:N0} items takes long; add them if you can wait");

    private DataConfiguration Given(ParseResult arguments, string folder)
    {
        var (file, connection, sql) = (arguments.GetValue(_file), arguments.GetValue(_connection), arguments.GetValue(_sql));
        if (file is null == (connection is null) || connection is null != (sql is null))
            throw new ArgumentException("init needs either a file, or --connection and --sql.");
        return new()
        {
            File = file is null ? null : Relative(folder, file),
            Connection = connection,
            Sql = sql,
            Provider = arguments.GetValue(_provider),
            User = arguments.GetValue(_user),
            Item = arguments.GetValue(_item),
            Label = arguments.GetValue(_label),
            Weight = arguments.GetValue(_weight),
            Time = arguments.GetValue(_time),
            Separator = arguments.GetValue(_separator),
            Items = arguments.GetValue(_items) is { } items ? Relative(folder, items) : null,
        };
    }

    private static string Relative(string folder, string path) => Path.GetRelativePath(folder, path).Replace('\\', '/');

    /// <summary>A file of items that lies beside the interactions, and has titles of half of the items at least; null where there is
    /// none.</summary>
    private static string? ItemsBeside(DataConfiguration given, string folder, Interactions data)
    {
        var beside = Path.GetDirectoryName(Path.GetFullPath(given.File!, folder))!;
        foreach (var path in UsualItems.Select(name => Path.Combine(beside, name)).Where(File.Exists))
            if (ItemTexts.Read(path, given).Titles is { } titles && 2 * Known(titles.Keys) >= data.Items.Count)
                return Relative(folder, path);
        return null;

        int Known(IEnumerable<string> ids) => ids.Count(id => data.Items.IndexOf(id.AsSpan()) >= 0);
    }

    private static ExperimentConfiguration Configuration(DataConfiguration data, Interactions read)
    {
        string[] trainers = ["popularity", "item-knn", .. read.Items.Count <= MostItemsOfAllPairs ? OfAllPairs : [], "wals"];
        return new()
        {
            Schema = SchemaName,
            Data = data,
            Split = $"{ConfiguredExperiment.UsualRule(read)}",
            Metric = new ExperimentOptions().Metric,
            Trainers = trainers.Where(name => name != NextItem || data.Time is not null)
                .ToDictionary(name => name, name => new TrainerConfiguration(OptionsOf(name))),
            Publish = new() { To = "best.model" },
        };
    }

    private static RecommenderTrainerOptions OptionsOf(string name) =>
        ExperimentTrainer.Of(name, ExperimentTrainer.Known().First(known => known.Name == name).Trainer).Options;
}
