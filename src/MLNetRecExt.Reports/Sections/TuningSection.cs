namespace MLNetRecExt.Reports.Sections;

/// <summary>How the search over options went, and which options mattered.</summary>
internal static class TuningSection
{
    private const int Height = 340;

    public static void Write(HtmlWriter html, RunRecord record)
    {
        var tuned = record.Trainers.Where(trainer => Trials.Finished(trainer).Count > 0).ToArray();
        if (tuned.Length == 0)
        {
            html.Note("Options were not searched.");
            return;
        }
        new Chart("Best so far of each trainer by trial", Height, BestSoFar(tuned)).Write(html);
        html.Table("The search of each trainer", ["Trainer", "Trials", "Stopped early", "Failed", "First", "Best", "Best trial", "Seconds"],
            tuned.Select(Row));
        var parallel = tuned.Where(trainer => Options(trainer).Count > 1 && Trials.Finished(trainer).Count > 1).ToArray();
        if (parallel.Length > 0)
        {
            html.Element("p", "A line is a trial: each option from the lowest that was tried to the highest, and the metric at the end. "
                + "The best quarter is colored.");
            new Chart("Trials as lines over their options", Height, [.. parallel.Select(Parallel)]).Write(html);
        }
        foreach (var trainer in tuned)
            Details(html, trainer);
    }

    private static ChartView BestSoFar(RunTrainer[] tuned) => new("", [.. tuned.Select((trainer, place) => new
    {
        type = "scatter",
        mode = "lines+markers",
        name = Chart.Text(trainer.Name),
        x = Trials.Finished(trainer).Select(trial => trial.Trial),
        y = Trials.BestSoFar(Trials.Finished(trainer)),
        line = new { color = Chart.Color(place), shape = "hv", width = place == 0 ? 3 : 1.5 },
        marker = new { color = Chart.Color(place), symbol = place, size = 5 },
    })], new
    {
        xaxis = new { title = new { text = "Trial" }, type = "linear" },
        yaxis = new { title = new { text = $"{tuned[0].Trials[0].MetricName}, best so far" }, type = "linear" },
    });

    private static string[] Row(RunTrainer trainer)
    {
        var finished = Trials.Finished(trainer);
        var best = Trials.Best(trainer)!;
        return
        [
            trainer.Name, Figures.Count(trainer.Trials.Count), Figures.Count(trainer.Trials.Count(trial => trial.Halved)),
            Figures.Count(trainer.Trials.Count(trial => trial.Error is not null)),
            Figures.Metric(finished[0].Metric), Figures.Metric(best.Metric), Figures.Count(best.Trial),
            Figures.Short(trainer.Cost.TuneSeconds),
        ];
    }

    private static IReadOnlyList<string> Options(RunTrainer trainer) =>
        [.. trainer.Trials.SelectMany(trial => trial.Values.Keys).Distinct()];

    private static ChartView Parallel(RunTrainer trainer)
    {
        var (trials, options) = (Trials.Finished(trainer), Options(trainer));
        var ranked = trials.OrderBy(Trials.Merit).ToArray();
        var axes = options.Select(option => (Func<TuneTrial, double>)(trial => trial.Values.GetValueOrDefault(option, double.NaN)))
            .Append(trial => trial.Metric).ToArray();
        var ranges = axes.Select(axis => (Low: trials.Min(axis), High: trials.Max(axis))).ToArray();
        string[] labels = [.. options.Append(trials[0].MetricName).Select(Chart.Text)];
        return new(trainer.Name, [.. ranked.Select((trial, place) => new
        {
            type = "scatter",
            mode = "lines",
            name = $"trial {trial.Trial}",
            x = labels,
            y = axes.Zip(ranges, (axis, range) => range.High > range.Low ? (axis(trial) - range.Low) / (range.High - range.Low) : 0.5),
            text = axes.Select(axis => Figures.Short(axis(trial))),
            hovertemplate = "%{x}: %{text}<extra>" + $"trial {trial.Trial}</extra>",
            line = new { color = place >= ranked.Length * 3 / 4 ? "--accent" : "--faint-ink", width = place == ranked.Length - 1 ? 3 : 1 },
        })], new
        {
            showlegend = false,
            xaxis = new { type = "category" },
            yaxis = new { type = "linear", tickvals = (double[])[0, 1], ticktext = (string[])["lowest", "highest"] },
        });
    }

    private static void Details(HtmlWriter html, RunTrainer trainer) => html.Details($"{trainer.Name}: options and trials", () =>
    {
        var (finished, options, best) = (Trials.Finished(trainer), Options(trainer), Trials.Best(trainer)!);
        if (options.Count > 0)
            html.Table($"Options of {trainer.Name} by how much they mattered",
                ["Option", "Best", "Lowest tried", "Highest tried", "Rank correlation with quality"],
                options.Select(option => (Name: option, Correlation: Trials.RankCorrelation(finished, option)))
                    .OrderByDescending(option => double.IsNaN(option.Correlation) ? -1 : Math.Abs(option.Correlation))
                    .Select(option => OptionRow(trainer, best, option.Name, option.Correlation)));
        if (trainer.TuneNotes.Count > 0)
            html.List(trainer.TuneNotes);
        html.Table($"Trials of {trainer.Name}", ["Trial", trainer.Trials[0].MetricName, "Iterations", "Seconds", .. options, "Note"],
            trainer.Trials.Select(trial => (string[])
            [
                Figures.Count(trial.Trial), Figures.Metric(trial.Metric), Figures.Count(trial.Iterations), Figures.Short(trial.Seconds),
                .. options.Select(option => Figures.Short(trial.Values.GetValueOrDefault(option, double.NaN))),
                trial.Error ?? (trial == best ? "the best" : trial.Halved ? "stopped early" : ""),
            ]));
    });

    private static string[] OptionRow(RunTrainer trainer, TuneTrial best, string option, double correlation)
    {
        var tried = trainer.Trials.Where(trial => trial.Values.ContainsKey(option)).Select(trial => trial.Values[option]).ToArray();
        return
        [
            option, Figures.Short(best.Values.GetValueOrDefault(option, double.NaN)),
            Figures.Short(tried.Min()), Figures.Short(tried.Max()), Figures.Correlation(correlation),
        ];
    }
}
