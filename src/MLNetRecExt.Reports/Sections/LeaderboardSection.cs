namespace MLNetRecExt.Reports.Sections;

/// <summary>Trainers by any metric, with intervals.</summary>
internal static class LeaderboardSection
{
    private const int FrameHeight = 90, RowHeight = 34;

    public static void Write(HtmlWriter html, RunRecord record)
    {
        if (record.Trainers.Count == 0)
        {
            html.Note("No trainer succeeded.");
            return;
        }
        new Chart($"{record.Metric} and other metrics of each trainer as dots, with 95 % intervals",
            FrameHeight + RowHeight * record.Trainers.Count, [.. Metrics(record).Select(metric => View(record, metric))]).Write(html);
        html.Table($"Trainers by {record.Metric}", [
            "Trainer", record.Metric, "95 % interval", "Behind the best", "Corrected for pairs", "Seeds",
            "Train s", "Tune s", "Lists/s", "MB",
        ], record.Trainers.Select(trainer => Row(record, trainer)));
        html.Details("Every metric", () => html.Table("Every metric, with 95 % intervals where they are defined",
            ["Metric", .. record.Trainers.Select(trainer => trainer.Name)],
            Metrics(record).Select(metric => (string[])[metric, .. record.Trainers.Select(trainer => Cell(trainer, metric))])));
    }

    /// <summary>Names of all metrics, the one that counts first.</summary>
    private static IEnumerable<string> Metrics(RunRecord record) =>
        record.Trainers.SelectMany(trainer => trainer.Metrics).Select(metric => metric.Name).Prepend(record.Metric).Distinct();

    private static MetricEstimate? Find(RunTrainer trainer, string metric) =>
        trainer.Metrics.FirstOrDefault(estimate => estimate.Name == metric);

    private static string Cell(RunTrainer trainer, string metric) => Find(trainer, metric) switch
    {
        null => Figures.None,
        var (_, mean, low, _, _) when double.IsNaN(low) => Figures.Metric(mean),
        var (_, mean, low, high, _) => $"{Figures.Metric(mean)} ({Figures.Interval(low, high)})",
    };

    private static string[] Row(RunRecord record, RunTrainer trainer)
    {
        var (_, mean, low, high, _) = trainer[record.Metric];
        var pair = Verdict.Between(record, record.Best.Name, trainer.Name);
        return
        [
            trainer.Name, Figures.Metric(mean), Figures.Interval(low, high),
            pair is null ? Figures.None : Figures.Signed(-pair.Comparison.Difference),
            pair is null ? Figures.None : Figures.PValue(pair.AdjustedPValue),
            Seeds(trainer.SeedValues),
            Figures.Short(trainer.Cost.TrainSeconds), Figures.Short(trainer.Cost.TuneSeconds),
            Figures.Count(trainer.Cost.ListsPerSecond), Figures.Short(trainer.Cost.ModelBytes / 1e6),
        ];
    }

    private static string Seeds(IReadOnlyList<double> values)
    {
        if (values.Count < 2)
            return Figures.None;
        var mean = values.Average();
        var spread = Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1));
        return $"{Figures.Metric(mean)} ± {Figures.Metric(spread)} of {values.Count}";
    }

    private static ChartView View(RunRecord record, string metric)
    {
        var found = record.Trainers.Select(trainer => (trainer.Name, Estimate: Find(trainer, metric)))
            .Where(trainer => trainer.Estimate is not null).ToArray();
        return new(metric,
        [
            new
            {
                type = "scatter",
                mode = "markers",
                x = found.Select(trainer => trainer.Estimate!.Mean),
                y = found.Select(trainer => Chart.Text(trainer.Name)),
                hovertemplate = "%{y}: %{x:.4f}<extra></extra>",
                marker = new { size = 11, color = found.Select(trainer => trainer.Name == record.Best.Name ? "--accent" : "--bar") },
                error_x = new
                {
                    type = "data",
                    symmetric = false,
                    array = found.Select(trainer => trainer.Estimate!.High - trainer.Estimate.Mean),
                    arrayminus = found.Select(trainer => trainer.Estimate!.Mean - trainer.Estimate.Low),
                    color = "--muted",
                    thickness = 2,
                    width = 5,
                },
            },
        ], new
        {
            xaxis = new { title = new { text = metric }, type = "linear" },
            yaxis = new { type = "category", autorange = "reversed" },
        });
    }
}
