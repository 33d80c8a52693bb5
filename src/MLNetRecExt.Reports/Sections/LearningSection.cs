namespace MLNetRecExt.Reports.Sections;

/// <summary>Loss by iteration of what was trained in the end, and the metric by iteration of what was tried.</summary>
internal static class LearningSection
{
    private const int Height = 340;

    public static void Write(HtmlWriter html, RunRecord record)
    {
        var views = record.Trainers.Where(trainer => trainer.Losses.Count > 1).Select(LossView)
            .Concat(record.Trainers.Where(trainer => trainer.Trials.Any(trial => trial.Metrics.Count > 1)).Select(TrialsView)).ToArray();
        if (views.Length == 0)
        {
            html.Note("No trainer here learns in iterations.");
            return;
        }
        new Chart("Learning curves: loss or metric by iteration", Height, views).Write(html);
        var learned = record.Trainers.Where(trainer => trainer.Losses.Count > 1).ToArray();
        if (learned.Length > 0)
            html.Table("Loss of the final training", ["Trainer", "Iterations", "First", "Lowest", "Last"],
                learned.Select(trainer => (string[])
                [
                    trainer.Name, Figures.Count(trainer.Losses.Count), Figures.Short(trainer.Losses[0]),
                    Figures.Short(trainer.Losses.Min()), Figures.Short(trainer.Losses[^1]),
                ]));
    }

    private static ChartView LossView(RunTrainer trainer) => new($"{trainer.Name}: loss",
        [Line(trainer.Losses, trainer.Name, "--accent", 2.5)], Axes("Loss"));

    private static ChartView TrialsView(RunTrainer trainer)
    {
        var best = Trials.Best(trainer);
        return new($"{trainer.Name}: trials", [
            .. trainer.Trials.Where(trial => trial.Metrics.Count > 0).OrderBy(trial => trial == best).Select(trial => Line(
                trial.Metrics, trial == best ? $"trial {trial.Trial}, the best" : $"trial {trial.Trial}",
                trial == best ? "--accent" : "--faint-ink", trial == best ? 3 : 1)),
        ], Axes($"{trainer.Trials[0].MetricName} of the validation part"));
    }

    private static object Axes(string y) => new
    {
        showlegend = false,
        xaxis = new { title = new { text = "Iteration" }, type = "linear" },
        yaxis = new { title = new { text = y }, type = "linear" },
    };

    private static object Line(IReadOnlyList<double> values, string name, string color, double width) => new
    {
        type = "scatter",
        mode = values.Count > 1 ? "lines" : "markers",
        name = Chart.Text(name),
        x = Enumerable.Range(1, values.Count),
        y = values,
        line = new { color, width },
        marker = new { color },
    };
}
