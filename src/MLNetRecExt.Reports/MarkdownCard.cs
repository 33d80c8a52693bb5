using System.Text;
using System.Text.RegularExpressions;

namespace MLNetRecExt.Reports;

/// <summary>A record as the card of its best model.</summary>
internal static partial class MarkdownCard
{
    public static string Of(RunRecord record)
    {
        var card = new StringBuilder();
        Title(card, record);
        foreach (var sentence in Verdict.Sentences(record))
            card.Append(Text(sentence)).Append("\n\n");
        Table(card, "Data", ["", "count"], Data(record.Data));
        if (record.Trainers.Count > 0)
        {
            Table(card, "Metrics", ["metric", "value", "95 % interval"], record.Best.Metrics.Select(metric =>
                (string[])[metric.Name, Figures.Metric(metric.Mean), Figures.Interval(metric.Low, metric.High)]));
            Table(card, "Compared with", ["trainer", record.Metric], record.Trainers.Select(trainer =>
                (string[])[trainer.Name, Figures.Metric(trainer[record.Metric].Mean)]));
            Table(card, "Options", ["option", "value"], record.Best.Options.Select(option => (string[])
                [option.Key, option.Value + (record.Best.FromData.Contains(option.Key) ? ", from the data" : "")]));
        }
        List(card, "To mind", [.. record.Warnings, .. record.LeftOut.Select(reason => "Left out: " + reason)]);
        List(card, "Repetition", [.. Repetition(record)]);
        return card.ToString();
    }

    private static void Title(StringBuilder card, RunRecord record)
    {
        var title = record.Trainers.Count > 0 ? $"{record.Best.Name} ({record.Best.Trainer})" : "No model";
        card.Append("# ").Append(Text(title)).Append("\n\n");
        if (record.Caption.Length > 0)
            card.Append(Text(record.Caption)).Append("\n\n");
    }

    private static IEnumerable<string[]> Data(RunData data)
    {
        yield return ["users", Figures.Count(data.Users)];
        yield return ["items", Figures.Count(data.Items)];
        yield return ["interactions to learn from", Figures.Count(data.TrainInteractions)];
        yield return ["held-out pairs", Figures.Count(data.TestInteractions)];
        yield return ["users judged", Figures.Count(data.TestUsers)];
        yield return ["rows read", Figures.Count(data.Rows.Read)];
        yield return ["rows skipped", Figures.Count(data.Rows.Skipped)];
    }

    private static IEnumerable<string> Repetition(RunRecord record)
    {
        yield return $"begun {Figures.Date(record.Started)}, {Figures.Short(record.Seconds)} seconds";
        yield return $"split {record.Split}, seed {Figures.Plain(record.Seed)}";
        yield return $"MLNetRecExt {record.Machine.LibraryVersion}, {record.Machine.Runtime}, {record.Machine.OperatingSystem}";
        if (record.Command is { } command)
            yield return command;
    }

    private static void Table(StringBuilder card, string heading, string[] header, IEnumerable<string[]> rows)
    {
        card.Append("## ").Append(heading).Append("\n\n");
        Row(card, header);
        Row(card, Array.ConvertAll(header, _ => "---"), isText: false);
        foreach (var row in rows)
            Row(card, row);
        card.Append('\n');
    }

    private static void Row(StringBuilder card, string[] cells, bool isText = true) =>
        card.Append("| ").AppendJoin(" | ", cells.Select(cell => isText ? Text(cell) : cell)).Append(" |\n");

    private static void List(StringBuilder card, string heading, string[] lines)
    {
        if (lines.Length == 0)
            return;
        card.Append("## ").Append(heading).Append("\n\n");
        foreach (var line in lines)
            card.Append("- ").Append(Text(line)).Append('\n');
        card.Append('\n');
    }

    /// <summary>On one line, and nothing of it formatting, link or HTML.</summary>
    private static string Text(string text) => Special().Replace(text.ReplaceLineEndings(" "), @"\$0");

    [GeneratedRegex(@"[\\`*_\[\]<>#|~&!]")]
    private static partial Regex Special();
}
