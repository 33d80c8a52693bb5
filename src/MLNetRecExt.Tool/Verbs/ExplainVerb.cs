using System.CommandLine;

namespace MLNetRecExt.Tool.Verbs;

/// <summary>Prints what a score is made of.</summary>
internal sealed class ExplainVerb : ModelVerb
{
    private readonly Option<string> _user = new("--user", "-u") { Description = "Id of a user.", Required = true };
    private readonly Option<string> _item = new("--item", "-i") { Description = "Id of an item.", Required = true };

    public ExplainVerb()
        : base("explain", "Print what a user's score of an item is made of.", "mlrec explain best.model --user 42 --item 50")
    {
        Add(_user);
        Add(_item);
    }

    protected override Task<Answer> AnswerAsync(RecommenderModel model, ParseResult arguments, CancellationToken cancellation)
    {
        var user = Find(model.Users, arguments.GetValue(_user)!, "user");
        var item = Find(model.Items, arguments.GetValue(_item)!, "item");
        var score = model.Score(user, item);
        var parts = model.Explain(user, item).Select(part => new { part.Of, Name = NameOf(model, part), part.Value }).ToArray();
        var lines = parts.Select(part => FormattableString.Invariant($"{part.Value,10:0.0000}  {part.Of} {part.Name}"));
        return Task.FromResult(new Answer(
            string.Join(Environment.NewLine, lines.Prepend(FormattableString.Invariant($"{score,10:0.0000}  score"))),
            new { Score = score, Parts = parts }));
    }

    private static string NameOf(RecommenderModel model, Contribution part) => part.Of switch
    {
        ContributionOf.Item => model.Items.GetText(part.Index),
        ContributionOf.User => model.Users.GetText(part.Index),
        _ => $"{part.Feature} {part.Category}",
    };
}
