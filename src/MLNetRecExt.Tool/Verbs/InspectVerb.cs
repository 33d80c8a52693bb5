using System.CommandLine;
using System.Globalization;
using MLNetRecExt.Reports;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace MLNetRecExt.Tool.Verbs;

/// <summary>Prints the card of a model.</summary>
internal sealed class InspectVerb() : ModelVerb(
    "inspect", "Print the card of a model: trainer, options, data, metrics.", "mlrec inspect best.model", "mlrec inspect best.model --json")
{
    protected override Task<Answer> AnswerAsync(RecommenderModel model, ParseResult arguments, CancellationToken cancellation)
    {
        var kind = model.GetType().Name;
        var parts = new List<IRenderable> { Columns.Pairs([.. Pairs(model)]) };
        if (model.Info is { Metrics.Count: > 0 } judged)
            parts.Add(Metrics(judged));
        var (users, items) = (model.Users.Count, model.Items.Count);
        return Task.FromResult(new Answer(
            new Rows(parts), new { Model = kind, model.CanFoldIn, model.CanExplain, Users = users, Items = items, Card = model.Info }));
    }

    private static IEnumerable<(string, string)> Pairs(RecommenderModel model)
    {
        yield return ("model", $"{model.GetType().Name}, lists for {(model.CanFoldIn ? "any history" : "known users alone")}, "
            + $"{(model.CanExplain ? "with" : "without")} reasons");
        yield return ("holds", FormattableString.Invariant($"{model.Users.Count:N0} users, {model.Items.Count:N0} items"));
        if (model.Info is not { } card)
        {
            yield return ("card", "none");
            yield break;
        }
        var when = card.Trained is { } trained
            ? FormattableString.Invariant($", {trained:yyyy-MM-dd HH:mm} UTC in {card.TrainingTime?.TotalSeconds:0.0} s") : "";
        yield return ("trained", $"by {card.Trainer} of MLNetRecExt {card.LibraryVersion}{when}");
        var times = card.EarliestTimestamp is { } first && card.LatestTimestamp is { } last ? $", {new Period(first, last)}" : "";
        var since = card.Appended > 0 ? FormattableString.Invariant($"; {card.Appended:N0} taken in since training") : "";
        yield return ("data", FormattableString.Invariant(
            $"{card.Interactions:N0} interactions of {card.Users:N0} users and {card.Items:N0} items{times}{since}"));
        yield return ("options", string.Join(", ", card.Options.OrderBy(option => option.Key, StringComparer.Ordinal)
            .Select(option => $"{option.Key} {option.Value}{(card.FromData.Contains(option.Key) ? " (from the data)" : "")}")));
    }

    /// <summary>A row for each metric, a column for each length of lists.</summary>
    private static Table Metrics(ModelInfo card)
    {
        var named = card.Metrics.Select(metric => (Parts: metric.Key.Split('@'), metric.Value))
            .Select(metric => (Name: metric.Parts[0], Cutoff: metric.Parts.ElementAtOrDefault(1) ?? "", metric.Value)).ToArray();
        string[] cutoffs = [.. named.Select(metric => metric.Cutoff).Distinct()
            .OrderBy(cutoff => int.TryParse(cutoff, CultureInfo.InvariantCulture, out var length) ? length : 0)];
        var table = Columns.Of(["metric", .. cutoffs.Select(cutoff => cutoff.Length > 0 ? $">@{cutoff}" : ">value")]);
        foreach (var metric in named.GroupBy(metric => metric.Name))
            table.Row([metric.Key, .. cutoffs.Select(cutoff =>
                metric.Where(one => one.Cutoff == cutoff).Select(one => Figures.Metric(one.Value)).FirstOrDefault(""))]);
        return table;
    }
}
