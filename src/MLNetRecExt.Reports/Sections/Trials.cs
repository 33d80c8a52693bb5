namespace MLNetRecExt.Reports.Sections;

/// <summary>What trials say about options.</summary>
internal static class Trials
{
    private const int FewestForRanks = 5;

    /// <summary>Those that gave a metric, in order.</summary>
    public static IReadOnlyList<TuneTrial> Finished(RunTrainer trainer) =>
        [.. trainer.Trials.Where(trial => double.IsFinite(trial.Metric))];

    /// <summary>The one that the options come from; null where none finished.</summary>
    public static TuneTrial? Best(RunTrainer trainer) => Finished(trainer).MaxBy(Merit);

    /// <summary>What is to be high.</summary>
    public static double Merit(TuneTrial trial) => trial.MetricName == "RMSE" ? -trial.CautiousMetric : trial.CautiousMetric;

    /// <summary>The metric of the best trial so far, after each.</summary>
    public static IReadOnlyList<double> BestSoFar(IReadOnlyList<TuneTrial> trials)
    {
        var best = new List<double>();
        TuneTrial? leader = null;
        foreach (var trial in trials)
        {
            leader = leader is null || Merit(trial) > Merit(leader) ? trial : leader;
            best.Add(leader.Metric);
        }
        return best;
    }

    /// <summary>Spearman's rank correlation of an option with the metric, from −1 to 1; NaN for fewer than five trials, or where the option
    /// never changed.</summary>
    public static double RankCorrelation(IReadOnlyList<TuneTrial> trials, string option)
    {
        var known = trials.Where(trial => trial.Values.ContainsKey(option)).ToArray();
        return known.Length < FewestForRanks ? double.NaN
            : Correlation(Ranks([.. known.Select(trial => trial.Values[option])]), Ranks([.. known.Select(Merit)]));
    }

    /// <summary>Ranks from 0; equal values share the mean of theirs.</summary>
    private static double[] Ranks(double[] values) =>
        Array.ConvertAll(values, value => values.Count(other => other < value) + (values.Count(other => other == value) - 1) / 2.0);

    private static double Correlation(double[] x, double[] y)
    {
        var (meanX, meanY) = (x.Average(), y.Average());
        double xx = 0, yy = 0, xy = 0;
        for (int i = 0; i < x.Length; i++)
        {
            var (dx, dy) = (x[i] - meanX, y[i] - meanY);
            (xx, yy, xy) = (xx + dx * dx, yy + dy * dy, xy + dx * dy);
        }
        return xx * yy == 0 ? double.NaN : xy / Math.Sqrt(xx * yy);
    }
}
