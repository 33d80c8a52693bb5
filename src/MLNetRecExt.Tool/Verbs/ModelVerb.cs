using System.CommandLine;

namespace MLNetRecExt.Tool.Verbs;

/// <summary>A verb that asks a model.</summary>
internal abstract class ModelVerb : Verb
{
    protected ModelVerb(string name, string description, params string[] examples)
        : base(name, description, examples)
    {
        Add(Model);
    }

    protected Argument<string> Model { get; } = new("model") { Description = "The model's file." };

    /// <summary>For verbs that look at the data, or at titles of items.</summary>
    protected Option<string> Configuration { get; } = new("--config", "-c")
    {
        Description = "The configuration of the data.",
        DefaultValueFactory = _ => ConfiguredExperiment.UsualPath,
    };

    /// <summary>Reads a model.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="InvalidDataException">It is no model, or damaged; the message names the file.</exception>
    public static RecommenderModel Load(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no model {path}.");
        try
        {
            return RecommenderModel.Load(path);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{path}: {e.Message}", e);
        }
    }

    protected abstract Task<Answer> AnswerAsync(RecommenderModel model, ParseResult arguments, CancellationToken cancellation);

    protected override Task<Answer> AnswerAsync(ParseResult arguments, CancellationToken cancellation)
    {
        return AnswerAsync(Load(arguments.GetValue(Model)!), arguments, cancellation);
    }

    /// <summary>The index of an id.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    protected static int Find(IdMap ids, string id, string what)
    {
        var index = ids.IndexOf(id.AsSpan());
        if (index >= 0)
            return index;
        var some = ids.Count == 0 ? $"it holds no {what}s"
            : FormattableString.Invariant($"it has {ids.Count:N0} {what}s, the first of them '{ids.GetText(0)}'");
        throw new ArgumentException($"The model knows no {what} '{id}'; {some}.");
    }

    /// <summary>The configuration; null where none is named, and there is none of the usual name.</summary>
    protected ConfiguredExperiment? FindConfiguration(ParseResult arguments)
    {
        var path = arguments.GetValue(Configuration)!;
        return !File.Exists(path) && arguments.GetResult(Configuration) is { Implicit: true } ? null : ConfiguredExperiment.Load(path);
    }

    /// <summary>Titles of items by id; null where there is no configuration, or it names no file with titles.</summary>
    protected IReadOnlyDictionary<string, string>? Titles(ParseResult arguments) =>
        FindConfiguration(arguments)?.ReadTexts().Titles is { Count: > 0 } titles ? titles : null;

    /// <summary>Items with their scores, best first.</summary>
    protected Answer List(RecommenderModel model, IReadOnlyList<ItemScore> list, ParseResult arguments)
    {
        var titles = Titles(arguments);
        var rows = list.Select((entry, place) => (Id: model.Items.GetText(entry.Item), Place: place, entry.Score))
            .Select(row => new { Rank = row.Place + 1, Item = row.Id, Title = titles?.GetValueOrDefault(row.Id), row.Score }).ToArray();
        if (rows.Length == 0)
            return new("The list is empty.", rows);
        var table = titles is null ? Columns.Of(">#", ">score", "item") : Columns.Of(">#", ">score", "item", "title");
        foreach (var row in rows)
        {
            string[] cells = [$"{row.Rank}", FormattableString.Invariant($"{row.Score:0.0000}"), row.Item, row.Title ?? ""];
            table.Row(cells[..table.Columns.Count]);
        }
        return new(table, rows);
    }
}
