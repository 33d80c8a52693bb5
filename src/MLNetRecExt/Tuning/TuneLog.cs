using System.Text;
using System.Text.Json;

namespace MLNetRecExt;

/// <summary>
/// The file that makes tuning resumable: a first line that says what is tuned, then a line of JSON per finished trial.
/// A last line without its end, from a process that was killed while writing, is dropped.
/// </summary>
internal sealed class TuneLog
{
    private readonly string? _path;

    public TuneLog(string? path, string header)
    {
        _path = path;
        Finished = [];
        if (path is null)
            return;
        if (!File.Exists(path) || new FileInfo(path).Length == 0)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            File.WriteAllText(path, header + "\n");
            return;
        }

        var text = File.ReadAllText(path);
        var whole = text[..(text.LastIndexOf('\n') + 1)];
        var lines = whole.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length == 0 || lines[0] != header)
            throw new ArgumentException(
                $"The trial log {path} belongs to another tuning: trainer, options, ranges, seed or data differ. Delete it, or choose another LogPath.\nfound  {(lines.Length == 0 ? text : lines[0])}\nneeded {header}", nameof(TunerOptions.LogPath));
        for (int line = 1; line < lines.Length; line++)
        {
            try
            {
                var trial = JsonSerializer.Deserialize<TuneTrial>(lines[line]);
                if (trial is not { Values: not null, Metrics: not null } || trial.Trial != line - 1)
                    throw new JsonException($"trial {line - 1} belongs here.");
                if (trial.StandardErrors is { } errors && errors.Count != trial.Metrics.Count)
                    throw new JsonException($"there are {trial.Metrics.Count} metrics and {errors.Count} standard errors.");
                Finished.Add(trial);
            }
            catch (JsonException e)
            {
                throw new InvalidDataException($"Line {line + 1} of the trial log {path} is damaged: {e.Message} Delete the line, or the file.", e);
            }
        }
        if (whole.Length < text.Length)
        {
            using var file = new FileStream(path, FileMode.Open);
            file.SetLength(Encoding.UTF8.GetByteCount(whole));
        }
    }

    /// <summary>The trials in the file when it was opened, in order.</summary>
    public List<TuneTrial> Finished { get; }

    public void Add(TuneTrial trial)
    {
        if (_path is not null)
            File.AppendAllText(_path, JsonSerializer.Serialize(trial) + "\n");
    }
}
