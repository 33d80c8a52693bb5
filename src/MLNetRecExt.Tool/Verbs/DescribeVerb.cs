using System.CommandLine;
using MLNetRecExt.Tool.Sources;

namespace MLNetRecExt.Tool.Verbs;

/// <summary>Says what interactions are like.</summary>
internal sealed class DescribeVerb : Verb
{
    private readonly Argument<string> _source = new("source")
    {
        Description = "A file of interactions, or a configuration (.json).",
        DefaultValueFactory = _ => ConfiguredExperiment.UsualPath,
    };

    public DescribeVerb()
        : base("describe", "Count users, items and interactions, and how they spread.",
            "mlrec data describe ratings.csv", "mlrec data describe recommender.json") => Add(_source);

    protected override async Task<Answer> AnswerAsync(ParseResult arguments, CancellationToken cancellation)
    {
        var path = arguments.GetValue(_source)!;
        var source = Path.GetExtension(path) == ".json"
            ? ConfiguredExperiment.Load(path).Source
            : InteractionSource.Of(new() { File = path }, Environment.CurrentDirectory);
        var found = await source.InferAsync(cancellation);
        var data = await source.ReadAsync(null, cancellation);
        var (users, items) = (Spread.Of(data.ByUser), Spread.Of(data.ByItem));
        string[] lines =
        [
            $"{source.Name}: {found}", $"{data}", $"interactions of a user: {users}", $"interactions of an item: {items}",
        ];
        var (userCount, itemCount) = (data.Users.Count, data.Items.Count);
        return new(
            string.Join(Environment.NewLine, lines),
            new { Rows = data.Counts, Users = userCount, Items = itemCount, Interactions = data.Count, OfUser = users, OfItem = items });
    }
}
