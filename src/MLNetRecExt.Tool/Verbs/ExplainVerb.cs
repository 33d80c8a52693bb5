using System.CommandLine;

namespace MLNetRecExt.Tool.Verbs;

/// <summary>Prints what a score is made of.</summary>
internal sealed class ExplainVerb : ModelVerb
{
    private readonly Option<string> _user = new("--user", "-u") { Description = "Id of a user.", Required = true };
    private readonly Option<string> _item = new("--item", "-i") { Description = "Id of an item.", Required = true };
    private readonly Option<int> _count = new("--count", "-n")
    {
        Description = "How many parts to print, the largest first.",
        DefaultValueFactory = _ => 20,
    };

    public ExplainVerb()
        : base("explain", "Print what a user's score of an item is made of.", "mlrec explain best.model --user 42 --item 50")
    {
        Add(_user);
        Add(_item);
        Add(_count);
        Add(Configuration);
    }

    protected override Task<Answer> AnswerAsync(RecommenderModel model, ParseResult arguments, CancellationToken cancellation)
    {
        var user = Find(model.Users, arguments.GetValue(_user)!, "user");
        var item = Find(model.Items, arguments.GetValue(_item)!, "item");
        var (score, titles) = (model.Score(user, item), Titles(arguments));
        var parts = model.Explain(user, item).Select(part => new { part.Of, Name = NameOf(model, part, titles), part.Value }).ToArray();
        var largest = parts.OrderByDescending(part => Math.Abs(part.Value)).Take(arguments.GetValue(_count)).ToArray();
        var table = Columns.Of(">value", "of", "");
        foreach (var part in largest)
            table.Row(Figure(part.Value), $"{part.Of}".ToLowerInvariant(), part.Name);
        if (largest.Length < parts.Length)
        {
            var others = parts.Sum(part => part.Value) - largest.Sum(part => part.Value);
            table.Row(Figure(others), $"{parts.Length - largest.Length} others", "");
        }
        table.Row(Figure(score), "score", "");
        return Task.FromResult(new Answer(table, new { Score = score, Parts = parts }));
    }

    private static string Figure(float value) => FormattableString.Invariant($"{value:0.0000}");

    private static string NameOf(RecommenderModel model, Contribution part, IReadOnlyDictionary<string, string>? titles) => part.Of switch
    {
        ContributionOf.Item => model.Items.GetText(part.Index) is var id && titles?.GetValueOrDefault(id) is { } title
            ? $"{id} {title}" : id,
        ContributionOf.User => model.Users.GetText(part.Index),
        _ => $"{part.Feature} {part.Category}",
    };
}
