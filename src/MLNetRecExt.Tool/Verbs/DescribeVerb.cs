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
        : base("describe", "Count users, items and interactions, and say how they spread.",
            "mlrec data describe ratings.csv", "mlrec data describe recommender.json --json") => Add(_source);

    protected override async Task<Answer> AnswerAsync(ParseResult arguments, CancellationToken cancellation)
    {
        var source = await InteractionSource.OpenAsync(arguments.GetValue(_source)!, cancellation);
        var (found, data) = await ProgressBars.ShowAsync(arguments.GetValue(Quiet), async bars =>
        {
            bars.Begin(source.Name);
            return (await source.InferAsync(cancellation), await source.ReadAsync(null, cancellation));
        });
        var (ofUsers, ofItems, times) = (Spread.Of(data.ByUser), Spread.Of(data.ByItem), Period.Of(data.ByUser));
        var (users, items) = (data.Users.Count, data.Items.Count);
        return new(
            Columns.Pairs(
                ("source", source.Name), ("columns", $"{found}"), ("interactions", $"{data}"), ("times", times?.ToString() ?? "none"),
                ("of a user", $"{ofUsers}"), ("of an item", $"{ofItems}")),
            new
            {
                Rows = data.Counts,
                Users = users,
                Items = items,
                Interactions = data.Count,
                OfUser = ofUsers,
                OfItem = ofItems,
                Times = times,
            });
    }
}
