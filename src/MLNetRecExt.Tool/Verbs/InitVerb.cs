using System.CommandLine;
using MLNetRecExt.Tool.Sources;

namespace MLNetRecExt.Tool.Verbs;

/// <summary>Looks at a file or query, and writes a configuration for it.</summary>
internal sealed class InitVerb : Verb
{
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
    private readonly Option<string?> _time = new("--time") { Description = "Column of times." };
    private readonly Option<string?> _items = new("--items") { Description = "A file with a row per item: id, title, features." };
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
        foreach (var option in new Option[] { _connection, _sql, _provider, _user, _item, _label, _time, _items, _output, _force })
            Add(option);
    }

    protected override async Task<Answer> AnswerAsync(ParseResult arguments, CancellationToken cancellation)
    {
        var output = arguments.GetValue(_output)!;
        if (File.Exists(output) && !arguments.GetValue(_force))
            throw new IOException($"{output} is there already; --force replaces it.");
        var folder = Path.GetDirectoryName(Path.GetFullPath(output))!;
        var given = Given(arguments, folder);
        var source = InteractionSource.Of(given, folder);
        var found = await source.InferAsync(cancellation);
        var configuration = Configuration(given, found);
        var data = await InteractionSource.Of(configuration.Data, folder).ReadAsync(null, cancellation);
        configuration.Save(output);
        return new(
            $"{source.Name}: {found}{Environment.NewLine}{data}{Environment.NewLine}"
            + $"{output} is written: {string.Join(", ", configuration.Trainers.Keys)} by {configuration.Metric}, "
            + $"split {configuration.Split}. Next: mlrec compare", configuration);
    }

    private DataConfiguration Given(ParseResult arguments, string folder)
    {
        var (file, connection, sql) = (arguments.GetValue(_file), arguments.GetValue(_connection), arguments.GetValue(_sql));
        if (file is null == (connection is null) || connection is null != (sql is null))
            throw new ArgumentException("init needs either a file, or --connection and --sql.");
        return new()
        {
            File = file is null ? null : Relative(file),
            Connection = connection,
            Sql = sql,
            Provider = arguments.GetValue(_provider),
            User = arguments.GetValue(_user),
            Item = arguments.GetValue(_item),
            Label = arguments.GetValue(_label),
            Time = arguments.GetValue(_time),
            Items = arguments.GetValue(_items) is { } items ? Relative(items) : null,
        };

        string Relative(string path) => Path.GetRelativePath(folder, path).Replace('\\', '/');
    }

    private static ExperimentConfiguration Configuration(DataConfiguration given, InteractionFileOptions found)
    {
        var columns = found.Columns;
        var hasTime = columns.Timestamp is not null;
        string[] trainers = ["popularity", "item-knn", "ease", "wals", .. hasTime ? new[] { "next-item-ease" } : []];
        return new()
        {
            Data = given with
            {
                User = columns.User,
                Item = columns.Item,
                Label = columns.Label,
                Time = columns.Timestamp,
                Separator = given.File is null ? null : found.Separator,
                HasHeader = given.File is null ? null : found.HasHeader,
            },
            Split = (hasTime ? SplitRule.LeaveLast() : SplitRule.RandomPerUser()).ToString(),
            Metric = new ExperimentOptions().Metric,
            Trainers = trainers.ToDictionary(name => name, name => new TrainerConfiguration(OptionsOf(name))),
            Publish = new() { To = "best.model" },
        };
    }

    private static RecommenderTrainerOptions OptionsOf(string name) =>
        ExperimentTrainer.Of(name, ExperimentTrainer.Known().First(known => known.Name == name).Trainer).Options;
}
