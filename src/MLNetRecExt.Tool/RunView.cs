using System.Globalization;
using MLNetRecExt.Reports;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace MLNetRecExt.Tool;

/// <summary>A record as a terminal shows it: the verdict, who is how good, and what each cost.</summary>
internal static class RunView
{
    private static readonly Style Warning = new(Color.Yellow);

    /// <summary>The view.</summary>
    /// <param name="record">What was found.</param>
    /// <param name="sentences">What became of it: files that were written.</param>
    public static IRenderable Of(RunRecord record, IEnumerable<string> sentences)
    {
        var data = record.Data;
        var split = FormattableString.Invariant(
            $"Learned from {data.TrainInteractions:N0} interactions of {data.Users:N0} users and {data.Items:N0} items, ")
            + FormattableString.Invariant($"judged on {data.TestInteractions:N0} held out of {data.TestUsers:N0} users; ")
            + $"split {record.Split}.";
        var parts = new List<IRenderable> { new Text(split) };
        if (record.Trainers.Count > 0)
            parts.AddRange([Quality(record), Costs(record)]);
        parts.AddRange(Verdict.Sentences(record).Select(sentence => new Text(sentence)));
        parts.AddRange(record.Warnings.Concat(record.LeftOut.Select(line => $"Left out: {line}")).Select(line => new Text(line, Warning)));
        parts.AddRange(sentences.Select(sentence => new Text(sentence)));
        return new Rows(parts);
    }

    private static Table Quality(RunRecord record)
    {
        var table = Columns.Of("trainer", $">{record.Metric}", ">95 % interval", ">behind", ">95 % interval", ">p");
        foreach (var trainer in record.Trainers)
        {
            var (_, mean, low, high, _) = trainer[record.Metric];
            string[] behind = Verdict.Between(record, record.Best.Name, trainer.Name) is { } pair
                ?
                [
                    Figures.Metric(Math.Abs(pair.Comparison.Difference)), Behind(pair.Comparison, record.LowerIsBetter),
                    pair.AdjustedPValue.ToString("0.####", CultureInfo.InvariantCulture),
                ]
                : ["", "", ""];
            table.Row([trainer.Name, Figures.Metric(mean), Interval(low, high), .. behind]);
        }
        return table;
    }

    private static Table Costs(RunRecord record)
    {
        var table = Columns.Of("trainer", ">trials", ">tune, s", ">train, s", ">lists/s", ">model, MB");
        foreach (var trainer in record.Trainers)
            table.Row(
                trainer.Name, Figures.Count(trainer.Trials.Count), Seconds(trainer.Cost.TuneSeconds), Seconds(trainer.Cost.TrainSeconds),
                Figures.Count(trainer.Cost.ListsPerSecond), (trainer.Cost.ModelBytes / 1e6).ToString("0.0", CultureInfo.InvariantCulture));
        return table;
    }

    private static string Behind(MetricComparison comparison, bool lowerIsBetter) =>
        lowerIsBetter ? Interval(-comparison.High, -comparison.Low) : Interval(comparison.Low, comparison.High);

    private static string Interval(double low, double high) =>
        double.IsNaN(low) || double.IsNaN(high) ? "" : $"{Figures.Metric(low)}…{Figures.Metric(high)}";

    private static string Seconds(double seconds) => seconds.ToString("0.0", CultureInfo.InvariantCulture);
}
