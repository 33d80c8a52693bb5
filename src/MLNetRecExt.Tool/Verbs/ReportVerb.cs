using System.CommandLine;
using MLNetRecExt.Reports;

namespace MLNetRecExt.Tool.Verbs;

/// <summary>Makes the report of a record.</summary>
internal sealed class ReportVerb : Verb
{
    private readonly Argument<string> _record = new("record")
    {
        Description = "The record of a run.",
        DefaultValueFactory = _ => "run.json",
    };

    private readonly Option<string> _output = new("--output", "-o")
    {
        Description = "The report that is written, one HTML file.",
        DefaultValueFactory = _ => "report.html",
    };

    private readonly Option<string?> _card = new("--card") { Description = "Write the card of the best model, too, as Markdown." };

    public ReportVerb()
        : base("report", "Make the report of a run, and the card of its best model, from its record.",
            "mlrec report run.json", "mlrec report run.json --output monday.html --card card.md")
    {
        Add(_record);
        Add(_output);
        Add(_card);
    }

    protected override async Task<Answer> AnswerAsync(ParseResult arguments, CancellationToken cancellation)
    {
        var path = arguments.GetValue(_record)!;
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no record {path}; 'mlrec compare' writes one.");
        var (record, output, card) = (RunRecord.Load(path), arguments.GetValue(_output)!, arguments.GetValue(_card));
        record.SaveHtml(output);
        if (card is not null)
            await File.WriteAllTextAsync(card, record.ToMarkdownCard(), cancellation);
        return new(
            RunView.Of(record, [$"The report is {output}{(card is null ? "" : $", the card {card}")}."]),
            new { Report = output, Card = card, Verdict = Verdict.Sentences(record) });
    }
}
