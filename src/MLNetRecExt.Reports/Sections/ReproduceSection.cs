using System.Globalization;

namespace MLNetRecExt.Reports.Sections;

/// <summary>All that is needed to get the same again.</summary>
internal static class ReproduceSection
{
    public static void Write(HtmlWriter html, RunRecord record)
    {
        if (record.Command is { } command)
        {
            html.Element("p", "The command that repeats it:");
            html.Element("pre", command);
        }
        var machine = record.Machine;
        html.Table("The run", ["What", "Value"],
        [
            ["Begun", record.Started.ToString("yyyy-MM-dd HH:mm zzz", CultureInfo.InvariantCulture)],
            ["Seconds", Figures.Short(record.Seconds)],
            ["Metric", record.Metric],
            ["Split", record.Split],
            ["Seed", Figures.Plain(record.Seed)],
            ["MLNetRecExt", machine.LibraryVersion],
            ["Runtime", machine.Runtime],
            ["Operating system", machine.OperatingSystem],
            ["Cores and threads", $"{machine.Cores}, {machine.Threads}"],
            ["Vectors", $"{machine.VectorBits} bits"],
            ["Checksum of the judged users", record.Data.UsersChecksum],
            ["Format of the record", Figures.Plain(record.Format)],
        ]);
        foreach (var trainer in record.Trainers)
            html.Details($"{trainer.Name}: options", () => html.Table(
                $"Options that {trainer.Name}, a {trainer.Trainer}, was trained with", ["Option", "Value", "From"],
                trainer.Options.Select(option => (string[])
                    [option.Key, option.Value, trainer.FromData.Contains(option.Key) ? "the data" : ""])));
    }
}
