using System.CommandLine;

namespace MLNetRecExt.Tool.Verbs;

/// <summary>A verb that asks a model.</summary>
internal abstract class ModelVerb : Verb
{
    private readonly Argument<string> _model = new("model") { Description = "The model's file." };

    protected ModelVerb(string name, string description, params string[] examples)
        : base(name, description, examples)
    {
        Add(_model);
    }

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
        return AnswerAsync(Load(arguments.GetValue(_model)!), arguments, cancellation);
    }

    /// <summary>The index of an id.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    protected static int Find(IdMap ids, string id, string what)
    {
        var index = ids.IndexOf(id.AsSpan());
        if (index >= 0)
            return index;
        var some = ids.Count == 0 ? $"it holds no {what}s" : $"it has {ids.Count:N0} {what}s, the first of them '{ids.GetText(0)}'";
        throw new ArgumentException($"The model knows no {what} '{id}'; {some}.");
    }

    /// <summary>Items with their scores, best first.</summary>
    protected static Answer List(RecommenderModel model, IReadOnlyList<ItemScore> list)
    {
        var rows = list.Select((entry, place) => new { Rank = place + 1, Item = model.Items.GetText(entry.Item), entry.Score }).ToArray();
        var lines = rows.Select(row => FormattableString.Invariant($"{row.Rank,4}  {row.Score,9:0.0000}  {row.Item}"));
        return new(rows.Length == 0 ? "The list is empty." : string.Join(Environment.NewLine, lines), rows);
    }
}
