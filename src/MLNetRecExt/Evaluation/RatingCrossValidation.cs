using System.Globalization;
using System.Text;

namespace MLNetRecExt;

/// <summary>The reports of a trainer on each of several folds.</summary>
public sealed class RatingCrossValidation
{
    internal RatingCrossValidation(IReadOnlyList<RatingReport> folds) => Folds = folds;

    /// <summary>One report per fold, in the order of the folds.</summary>
    public IReadOnlyList<RatingReport> Folds { get; }

    /// <summary>The mean of <see cref="RatingReport.Rmse"/> over the folds, each counted the same.</summary>
    public double Rmse => Mean("RMSE");

    /// <summary>The mean of <see cref="RatingReport.Mae"/> over the folds, each counted the same.</summary>
    public double Mae => Mean("MAE");

    /// <summary>The mean of any metric over the folds, each counted the same: <c>Mean("PairCoverage")</c>.</summary>
    /// <param name="metric">Its name, as <see cref="MetricEstimate.Name"/> has it.</param>
    /// <exception cref="KeyNotFoundException">The reports have no such metric; the message lists those they have.</exception>
    public double Mean(string metric) => Folds.Average(fold => fold[metric].Mean);

    /// <summary>A line per fold, and one of means.</summary>
    public override string ToString()
    {
        string[] metrics = [.. Folds[0].Estimates.Select(estimate => estimate.Name)];
        var text = new StringBuilder("fold");
        foreach (var metric in metrics)
            text.Append($"  {metric,8}");
        for (int fold = 0; fold < Folds.Count; fold++)
            Append($"{fold + 1}", metric => Folds[fold][metric].Mean);
        Append("mean", Mean);
        return text.ToString();

        void Append(string name, Func<string, double> value)
        {
            text.AppendLine().Append(name.PadRight(4));
            foreach (var metric in metrics)
                text.Append(value(metric).ToString("0.0000", CultureInfo.InvariantCulture).PadLeft(2 + Math.Max(8, metric.Length)));
        }
    }
}
