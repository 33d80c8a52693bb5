using System.Globalization;
using MLNetRecExt;
using Spectre.Console;

namespace Compare;

/// <summary>Prints the data, the table and a few users' lists.</summary>
internal sealed class ConsoleReport(IAnsiConsole console, ComparisonData data, Arguments arguments)
{
    private const int ListLength = 8;

    public void WriteData()
    {
        console.Write(new Rule(Markup.Escape(data.Caption)) { Justification = Justify.Left });
        Line($"{data.Train.Count:N0} interactions to train on, by {Rows(data.Train.ByUser):N0} users with {Rows(data.Train.ByItem):N0} items; {data.Test.Count:N0} of {Rows(data.Test.ByUser):N0} users to test on.");
        if (data.Tuning is { } tuning)
            Line($"Options are chosen by {tuning.Validation.Count:N0} validation interactions, with {tuning.Train.Count:N0} to train on.");
        if (data.FoldIn is { } foldIn)
            Line($"Test users are unknown in training; each brings a history, {foldIn.Count:N0} interactions in all.");
        WriteSkipped(data.Train.Counts);
    }

    public void WriteLeftOut(IEnumerable<string> lines)
    {
        foreach (var line in lines)
            Line(line);
    }

    /// <summary>The tables, below them the failures, and what the results say of each other.</summary>
    public void WriteResults(IReadOnlyList<TrainerResult> results, IReadOnlyList<TrainerFailure> failures)
    {
        if (results.Count > 0)
            WriteTables(results);
        foreach (var failure in failures)
            console.MarkupLine($"[red]{Markup.Escape(failure.ToString())}[/]");
        if (results.Count > 0)
            WriteComparisons(results);
    }

    private void WriteTables(IReadOnlyList<TrainerResult> results)
    {
        if (arguments.Task == ComparisonTask.Ratings)
        {
            WriteMetrics(results, ["RMSE", "MAE", "PairCoverage", "AllPairsRMSE", "AllPairsMAE"]);
            console.MarkupLine("[dim]Errors over the test ratings, below them the 95 % bootstrap interval over users. RMSE and MAE leave out pairs of a user or item that training lacks; with AllPairs these get the biases of the other where the model has them, else its mean rating, or that of all.[/]");
        }
        else
        {
            WriteMetrics(results, [.. arguments.Cutoffs.SelectMany(k => new[] { $"NDCG@{k}", $"Recall@{k}" })]);
            WriteMetrics(results, [.. new[] { "ItemCoverage", "PopularityLift", "GroupPurity" }.Select(name => $"{name}@{arguments.Cutoffs[0]}")]);
            console.MarkupLine($"[dim]Mean over test users, below it the 95 % bootstrap interval. {Ranked()}[/]");
        }
        if (data.ColdItems is null)
            WriteCold(results[0].Report);

        var cost = NewTable("trainer", "train, s", "train, CPU s", "train, MB", "recommend, users/s", "model, MB");
        foreach (var result in results)
            cost.AddRow(
                result.Name, N($"{result.Training.WallSeconds:0.00}"), N($"{result.Training.CpuSeconds:0.00}"),
                result.EstimatedMemory is var memory and > 0 ? N($"{memory / 1e6:0.00}") : "–",
                N($"{result.UsersPerSecond:N0}"), result.ModelBytes is { } bytes ? N($"{bytes / 1e6:0.00}") : "–");
        console.Write(cost);
        console.MarkupLine($"[dim]One training, compilation included; MB beyond the interactions as estimated before; lists of {arguments.Cutoffs[0]}, warm, {arguments.Threads ?? Environment.ProcessorCount} threads.[/]");
    }

    private void WriteComparisons(IReadOnlyList<TrainerResult> results)
    {
        foreach (var result in results)
        {
            if (result.Search is not { } search)
                continue;
            var tried = search.Trials.Where(trial => !double.IsNaN(trial.Metric));
            var chosen = arguments.TuningMetric == TuneMetric.Rmse ? tried.MinBy(trial => trial.CautiousMetric)! : tried.MaxBy(trial => trial.CautiousMetric)!;
            var taken = FormattableString.Invariant($"{chosen.MetricName} {chosen.Metric:0.0000} on the validation part");
            Line(FormattableString.Invariant($"{result.Name}: {search.Trials.Count} trials in {search.Cost.WallSeconds:0.0} s ")
                + FormattableString.Invariant($"({search.Cost.CpuSeconds:0.0} CPU s); the one taken has {taken}, ")
                + FormattableString.Invariant($"the first (the options as given) {search.Trials[0].Metric:0.0000}."));
            foreach (var note in search.Notes)
                Line($"{result.Name}: {note.TrimEnd('.')}.");
        }
        foreach (var result in results.Where(result => result.Settings.Any(setting => !setting.IsDefault)))
            Line($"{result.Name}: {string.Join(", ", result.Settings.Where(s => !s.IsDefault).Select(s => FormattableString.Invariant($"{s.Name} {s.Value}")))}; other options at their defaults.");
        foreach (var result in results)
            foreach (var line in result.FromData)
                Line($"{result.Name}: {line}.");
        foreach (var found in results.Select(result => result.Auto).OfType<AutoResult>())
            console.WriteLine($"auto, on the validation part:{Environment.NewLine}{found}");

        var best = Best(results);
        foreach (var other in results.Where(result => result != best))
            Line($"{best.Name} against {other.Name}, {EvaluationReport.Compare(best.Report, other.Report, arguments.DecisiveMetric)}");
        if (arguments.Task == ComparisonTask.Ranking)
            WriteLists(best);
    }

    private string Ranked() => data.ColdItems is { Count: var cold }
        ? string.Join(" ", [$"The {cold:N0} items that training lacks are ranked alone.",
            .. arguments.Cutoffs.Select(k => FormattableString.Invariant($"In random order they have Recall@{k} {Math.Min(1, (double)k / cold):0.0000}."))])
        : "The whole catalogue is ranked, training items left out.";

    /// <summary>The trainer with the lowest RMSE, or the highest NDCG at the first cutoff.</summary>
    private TrainerResult Best(IReadOnlyList<TrainerResult> results) => arguments.Task == ComparisonTask.Ratings
        ? results.MinBy(result => result.Report[arguments.DecisiveMetric].Mean)!
        : results.MaxBy(result => result.Report[arguments.DecisiveMetric].Mean)!;

    /// <summary>A table of the metrics that were measured.</summary>
    private void WriteMetrics(IReadOnlyList<TrainerResult> results, string[] metrics)
    {
        metrics = [.. metrics.Where(metric => results[0].Report.Estimates.Any(estimate => estimate.Name == metric))];
        var table = NewTable("trainer", metrics);
        foreach (var result in results)
            table.AddRow([result.Name, .. metrics.Select(metric => Cell(result.Report[metric]))]);
        console.Write(table);
    }

    private void WriteLists(TrainerResult best)
    {
        var histories = (data.FoldIn ?? data.Train).ByUser;
        var users = Enumerable.Range(0, Math.Min(data.Test.ByUser.RowCount, histories.RowCount))
            .Where(user => data.Test.ByUser.Length(user) > 0 && histories.Length(user) >= 5).ToArray();
        if (users.Length == 0)
            return;
        console.Write(new Rule($"Lists by {best.Name}") { Justification = Justify.Left });
        foreach (var user in new[] { users[users.Length / 5], users[users.Length / 2], users[users.Length * 4 / 5] }.Distinct())
        {
            var query = data.FoldIn is null ? RecommenderQuery.ForUser(user) : RecommenderQuery.ForHistory(histories.Indices(user));
            var heldOut = data.Test.ByUser.Indices(user).ToArray();
            var list = best.Model.TopItems(query, ListLength);
            var taken = Latest(histories, user);
            var table = NewTable($"{data.UserName(user)} took", "is recommended").Border(TableBorder.Simple);
            for (int row = 0; row < Math.Max(list.Length, taken.Length); row++)
                table.AddRow(
                    row < taken.Length ? Markup.Escape(data.Title(taken[row])) : "",
                    row < list.Length ? $"{(heldOut.Contains(list[row].Item) ? "[green]✓[/] " : "  ")}{Markup.Escape(data.Title(list[row].Item))}" : "");
            table.Columns[1].LeftAligned();
            console.Write(table);
        }
        console.MarkupLine("[dim]✓ the user did take it: it is in the test part, which the trainer did not see.[/]");
    }

    /// <summary>The last items by time, or the most popular ones where there is no time.</summary>
    private int[] Latest(InteractionRows histories, int user)
    {
        var items = histories.Indices(user).ToArray();
        var keys = histories.HasTimestamps ? histories.Timestamps(user).ToArray() : [.. items.Select(item => (long)data.Train.ByItem.Length(item))];
        Array.Sort(keys, items);
        Array.Reverse(items);
        return items[..Math.Min(ListLength, items.Length)];
    }

    private void WriteSkipped(InteractionCounts counts)
    {
        var parts = new[]
        {
            (counts.BadLabels, "with a bad label"), (counts.BadWeights, "with a bad weight"), (counts.MissingIds, "without an id"), (counts.Duplicates, "of a pair that comes again"),
        }.Where(part => part.Item1 > 0).Select(part => $"{part.Item1:N0} {part.Item2}").ToArray();
        if (parts.Length > 0)
            Line($"Of {counts.Read:N0} rows, left out: {string.Join(", ", parts)}.");
    }

    private void WriteCold(EvaluationReport report)
    {
        if (report is RatingReport ratings && ratings.ScoredPairs < ratings.Pairs)
            Line($"Not scored: {ratings.ColdUserPairs:N0} of {ratings.Pairs:N0} test ratings, of users that training lacks; {ratings.ColdItemPairs:N0} of other users, with items that it lacks.");
        if (report is RankingReport ranking && ranking.ColdUsers + ranking.ColdPairs + ranking.SeenPairs > 0)
            Line($"Counted as misses: {ranking.ColdUsers:N0} test users without training interactions; {ranking.ColdPairs:N0} of {ranking.HeldOutPairs:N0} test interactions, with {ranking.ColdItems:N0} items that training lacks"
                + (ranking.SeenPairs > 0 ? $"; {ranking.SeenPairs:N0} that are in training too." : "."));
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

    private static int Rows(InteractionRows rows) => Enumerable.Range(0, rows.RowCount).Count(row => rows.Length(row) > 0);

    private static string N(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private void Line(string text) => console.MarkupLine(Markup.Escape(text));
}
