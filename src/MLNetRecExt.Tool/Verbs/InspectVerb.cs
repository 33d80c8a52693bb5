using System.CommandLine;

namespace MLNetRecExt.Tool.Verbs;

/// <summary>Prints the card of a model.</summary>
internal sealed class InspectVerb() : ModelVerb(
    "inspect", "Print the card of a model: trainer, options, data, metrics.", "mlrec inspect best.model", "mlrec inspect best.model --json")
{
    protected override Task<Answer> AnswerAsync(RecommenderModel model, ParseResult arguments, CancellationToken cancellation)
    {
        var kind = model.GetType().Name;
        var (foldIn, explain) = (model.CanFoldIn ? "any history" : "known users alone", model.CanExplain ? "with" : "without");
        var card = model.Info?.ToString()
            ?? FormattableString.Invariant($"no card; {model.Users.Count:N0} users and {model.Items.Count:N0} items");
        return Task.FromResult(new Answer(
            $"{card}{Environment.NewLine}{kind}: lists for {foldIn}, {explain} reasons",
            new { Model = kind, model.CanFoldIn, model.CanExplain, Card = model.Info }));
    }
}
