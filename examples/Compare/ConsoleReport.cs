using System.Globalization;
using MLNetRecExt;
using Spectre.Console;

namespace Compare;

/// <summary>Prints a record: tables, how trainers compare, and a few users' lists.</summary>
internal static class ConsoleReport
{
    private const int ShownUsers = 3, ShownItems = 8;

    private static readonly IAnsiConsole Out = AnsiConsole.Console;

    public static void Write(RunRecord record)
    {
        if (Console.IsOutputRedirected)
            Out.Profile.Width = 160;
        var data = record.Data;
        Line($"{record.Caption} Split {record.Split}.");
        Line($"{data.TrainInteractions:N0} interactions to train on, of {data.Users:N0} users and {data.Items:N0} items;");
        Line($"{data.TestInteractions:N0} of {data.TestUsers:N0} users to test on. {data.Rows}.");
        if (record.Trainers.Count > 0)
            WriteTables(record);
        foreach (var line in record.LeftOut)
            Out.MarkupLine($"[red]{Markup.Escape($"Left out: {line}")}[/]");
        foreach (var trainer in record.Trainers)
            WriteOptions(trainer);
        foreach (var pair in record.Comparisons.Where(pair => pair.First == record.Best.Name))
            Line($"{pair.First} against {pair.Second}, {pair.Comparison}; of all pairs p = {pair.AdjustedPValue:0.####}");
        foreach (var warning in record.Warnings)
            Line($"{warning}");
        if (record.Users.Count > 0)
            WriteLists(record);
    }

    private static void WriteTables(RunRecord record)
    {
        string[] measured = [.. record.Best.Metrics.Select(metric => metric.Name)];
        var length = record.LowerIsBetter ? "" : record.Metric.Split('@')[1];
        string[] quality = [.. measured.Where(name => length == "" || name == record.Metric || name.Split('@')[0] is "NDCG" or "Recall")];
        string[] other = [$"ItemCoverage@{length}", $"PopularityLift@{length}", $"GroupPurity@{length}"];
        foreach (var metrics in new[] { quality, [.. other.Intersect(measured)] }.Where(metrics => metrics.Length > 0))
            WriteMetrics(record, metrics);
        Out.MarkupLine("[dim]Means over test users, below them 95 % bootstrap intervals.[/]");
        var cost = NewTable("trainer", "tune, s", "train, s", "train, CPU s", "train, MB", "lists/s", "model, MB");
        foreach (var (name, of) in record.Trainers.Select(trainer => (trainer.Name, trainer.Cost)))
            cost.AddRow(
                name, N($"{of.TuneSeconds:0.0}"), N($"{of.TrainSeconds:0.00}"), N($"{of.TrainCpuSeconds:0.00}"),
                N($"{of.EstimatedMemory / 1e6:0.00}"), N($"{of.ListsPerSecond:N0}"), N($"{of.ModelBytes / 1e6:0.00}"));
        Out.Write(cost);
        Out.MarkupLine($"[dim]One training, compilation included; MB as estimated before; {record.Machine.Threads} threads.[/]");
    }

    private static void WriteMetrics(RunRecord record, string[] metrics)
    {
        var table = NewTable("trainer", metrics);
        foreach (var trainer in record.Trainers)
            table.AddRow([trainer.Name, .. metrics.Select(metric => Cell(trainer[metric]))]);
        Out.Write(table);
    }

    private static void WriteOptions(RunTrainer trainer)
    {
        if (trainer.FromData.Count > 0)
            Line($"{trainer.Name}, from the data: {string.Join(", ", trainer.FromData.Select(name => $"{name} {trainer.Options[name]}"))}");
        if (trainer.Trainer == "Blend")
            Line($"{trainer.Name}: {string.Join(", ", trainer.Options.Select(member => $"{member.Value} of {member.Key}"))}");
        if (trainer.Trials is [var first, ..])
        {
            var taken = string.Join(", ", first.Values.Keys.Select(name => $"{name} {trainer.Options[name]}"));
            Line($"{trainer.Name}: {trainer.Trials.Count} trials; the first had {first.MetricName} {first.Metric:0.0000}. Taken: {taken}");
        }
        foreach (var note in trainer.TuneNotes)
            Line($"{trainer.Name}: {note}");
    }

    private static void WriteLists(RunRecord record)
    {
        Out.Write(new Rule($"Lists by {record.Best.Name}") { Justification = Justify.Left });
        foreach (var user in record.Users.Take(ShownUsers))
        {
            var list = user.Lists[record.Best.Name];
            var table = NewTable($"user {user.User} took", "is recommended").Border(TableBorder.Simple);
            for (int row = 0; row < Math.Min(ShownItems, Math.Max(list.Count, user.History.Count)); row++)
                table.AddRow(
                    row < user.History.Count ? Markup.Escape(user.History[row]) : "",
                    row < list.Count ? $"{(list[row].IsHit ? "[green]✓[/] " : "  ")}{Markup.Escape(list[row].Item)}" : "");
            table.Columns[1].LeftAligned();
            Out.Write(table);
        }
        Out.MarkupLine("[dim]✓ the user did take it: it is in the test part, which the trainer did not see.[/]");
    }

    private static Table NewTable(string first, params string[] others)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumn(Markup.Escape(first));
        foreach (var other in others)
            table.AddColumn(new TableColumn(Markup.Escape(other)).RightAligned());
        return table;
    }

    private static string Cell(MetricEstimate estimate) => double.IsNaN(estimate.Low)
        ? N($"{estimate.Mean:0.0000}")
        : N($"{estimate.Mean:0.0000}\n[dim]{estimate.Low:0.000}…{estimate.High:0.000}[/]");

    private static string N(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static void Line(FormattableString text) => Out.MarkupLine(Markup.Escape(N(text)));
}
