using System.Globalization;
using System.Text;

namespace MLNetRecExt;

/// <summary>A record as a table of text.</summary>
internal static class RunTable
{
    public static string Of(RunRecord record)
    {
        var data = record.Data;
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture,
            $"{record.Metric} of {data.TestUsers:N0} users; learned from {data.TrainInteractions:N0} interactions of ")
            .AppendLine(CultureInfo.InvariantCulture, $"{data.Users:N0} users and {data.Items:N0} items; split {record.Split}");
        var width = Math.Max(8, record.Trainers.Select(trainer => trainer.Name.Length).DefaultIfEmpty().Max() + 2);
        text.AppendLine($"{"trainer".PadRight(width)}{record.Metric,10}   {"95 % interval",-18}{"trials",7}{"train s",9}{"lists/s",11}{"MB",8}");
        foreach (var trainer in record.Trainers)
            text.AppendLine(Row(trainer, record.Metric, width));
        foreach (var comparison in record.Comparisons.Where(comparison => comparison.First == record.Trainers[0].Name))
            text.AppendLine(CultureInfo.InvariantCulture,
                $"{comparison.First} against {comparison.Second}: {comparison.Comparison}; of all pairs p = {comparison.AdjustedPValue:0.####}");
        foreach (var line in record.Warnings.Concat(record.LeftOut.Select(line => "Left out: " + line)))
            text.AppendLine(line);
        return text.ToString().TrimEnd();
    }

    private static string Row(RunTrainer trainer, string metric, int width)
    {
        var (name, mean, low, high, _) = trainer[metric];
        var interval = double.IsNaN(low) ? "" : string.Create(CultureInfo.InvariantCulture, $"{low:0.0000} … {high:0.0000}");
        return string.Create(CultureInfo.InvariantCulture, $"{trainer.Name.PadRight(width)}{mean,10:0.0000}   {interval,-18}")
            + string.Create(CultureInfo.InvariantCulture, $"{trainer.Trials.Count,7}{trainer.Cost.TrainSeconds,9:0.0}")
            + string.Create(CultureInfo.InvariantCulture, $"{trainer.Cost.ListsPerSecond,11:N0}{trainer.Cost.ModelBytes / 1e6,8:0.0}");
    }
}
