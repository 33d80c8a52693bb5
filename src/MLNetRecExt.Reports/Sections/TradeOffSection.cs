namespace MLNetRecExt.Reports.Sections;

/// <summary>What quality costs: reach of the lists, time, size.</summary>
internal static class TradeOffSection
{
    private const int Height = 380;

    private static readonly string[] Reach = ["ItemCoverage", "PopularityLift", "Novelty", "Gini", "Folding"];

    public static void Write(HtmlWriter html, RunRecord record)
    {
        if (record.Trainers.Count == 0)
        {
            html.Note("No trainer succeeded.");
            return;
        }
        var sides = Sides(record).ToArray();
        new Chart($"{record.Metric} of each trainer against reach of its lists, time and size", Height,
            [.. sides.Select(side => View(record, side.Name, side.Of, side.IsWide))]).Write(html);
        html.Details("As a table", () => html.Table($"{record.Metric}, reach, time and size",
            ["Trainer", record.Metric, .. sides.Select(side => side.Name)],
            record.Trainers.Select(trainer => (string[])
            [
                trainer.Name, Figures.Metric(trainer[record.Metric].Mean), .. sides.Select(side => Figures.Short(side.Of(trainer))),
            ])));
    }

    /// <summary>Metrics besides quality, for lists of the length that counts, then costs. Wide ones need a logarithm.</summary>
    private static IEnumerable<(string Name, Func<RunTrainer, double> Of, bool IsWide)> Sides(RunRecord record)
    {
        var cutoff = record.Metric.IndexOf('@') is var at and >= 0 ? record.Metric[at..] : "";
        foreach (var name in Reach.Select(name => name + cutoff))
            if (record.Trainers.Any(trainer => Find(trainer, name) is { } value && double.IsFinite(value)))
                yield return (name, trainer => Find(trainer, name) ?? double.NaN, false);
        yield return ("Training, seconds", trainer => trainer.Cost.TrainSeconds, true);
        yield return ("Lists per second", trainer => trainer.Cost.ListsPerSecond, true);
        yield return ("Model, MB", trainer => trainer.Cost.ModelBytes / 1e6, true);
    }

    private static double? Find(RunTrainer trainer, string metric) =>
        trainer.Metrics.FirstOrDefault(estimate => estimate.Name == metric)?.Mean;

    private static ChartView View(RunRecord record, string name, Func<RunTrainer, double> of, bool isWide) => new(name,
    [
        new
        {
            type = "scatter",
            mode = "markers+text",
            x = record.Trainers.Select(of),
            y = record.Trainers.Select(trainer => trainer[record.Metric].Mean),
            text = record.Trainers.Select(trainer => Chart.Text(trainer.Name)),
            textposition = "top center",
            cliponaxis = false,
            textfont = new { color = "--ink" },
            hovertemplate = "%{text}: %{y:.4f}, %{x:.4~g}<extra></extra>",
            marker = new { size = 11, color = record.Trainers.Select((_, place) => place == 0 ? "--accent" : "--bar") },
        },
    ], new
    {
        xaxis = new { title = new { text = name }, type = isWide ? "log" : "linear" },
        yaxis = new { title = new { text = record.Metric }, type = "linear" },
    });
}
