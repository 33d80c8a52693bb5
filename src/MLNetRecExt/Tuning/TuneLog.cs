using System.Globalization;
using System.IO.Hashing;
using System.Text;
using System.Text.Json;

namespace MLNetRecExt;

/// <summary>
/// The file that makes tuning resumable: a first line that says what is tuned, then a line per finished trial: JSON, a tab, and a checksum
/// of the JSON and the first line in 16 hexadecimal digits. A last line without its end, from a process that was killed while writing, is
/// dropped.
/// </summary>
internal sealed class TuneLog
{
    /// <summary>The version of what is written, which the first line has to contain as <c>"Format":3</c>. 2 had no checksums.</summary>
    public const int Format = 3;

    private readonly string? _path;
    private readonly long _seed;

    /// <param name="path">The file, which is made where there is none; null: nothing is kept.</param>
    /// <param name="header">What is tuned, in one line.</param>
    /// <exception cref="ArgumentException">The file is of another tuning, or of another format.</exception>
    /// <exception cref="InvalidDataException">A line of it is damaged.</exception>
    public TuneLog(string? path, string header)
    {
        _path = path;
        // Lines of another tuning are no lines of this one.
        _seed = (long)XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(header));
        Finished = [];
        if (path is null)
            return;
        if (IsUnbegun(path, header))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            File.WriteAllText(path, header + "\n");
            return;
        }

        var bytes = File.ReadAllBytes(path);
        var length = bytes.AsSpan().LastIndexOf((byte)'\n') + 1;
        var lines = Encoding.UTF8.GetString(bytes, 0, length).Split('\n');
        CheckHeader(path, length > 0 ? lines[0] : Encoding.UTF8.GetString(bytes), header);
        for (int line = 1; line < lines.Length - 1; line++)
            Finished.Add(Read(path, lines[line], line));
        if (length < bytes.Length)
        {
            using var file = new FileStream(path, FileMode.Open);
            file.SetLength(length);
        }
    }

    /// <summary>The trials in the file when it was opened, in order.</summary>
    public List<TuneTrial> Finished { get; }

    public void Add(TuneTrial trial)
    {
        if (_path is null)
            return;
        var json = JsonSerializer.Serialize(trial);
        File.AppendAllText(_path, $"{json}\t{Checksum(json)}\n");
    }

    /// <summary>Whether there is no file yet, or one whose writer was killed within the first line.</summary>
    private static bool IsUnbegun(string path, string header)
    {
        if (!File.Exists(path))
            return true;
        using var reader = new StreamReader(path);
        return reader.ReadLine() is not { } first || (first.Length < header.Length && header.StartsWith(first, StringComparison.Ordinal));
    }

    private static void CheckHeader(string path, string found, string needed)
    {
        if (found == needed)
            return;
        var format = string.Create(CultureInfo.InvariantCulture, $"\"Format\":{Format},");
        var isOther = found.Contains("\"Format\":", StringComparison.Ordinal) && !found.Contains(format, StringComparison.Ordinal);
        throw new ArgumentException(isOther
            ? $"The trial log {path} is of another version of this library; this one writes and reads {format[..^1]}. "
                + "Go on with that version, or delete the log or choose another LogPath to search from the start."
            : $"The trial log {path} belongs to another tuning: trainer, options, ranges, seed or data differ. "
                + $"Delete it, or choose another LogPath.\nfound  {found}\nneeded {needed}", nameof(TunerOptions.LogPath));
    }

    private TuneTrial Read(string path, string line, int number)
    {
        try
        {
            var parts = line.Split('\t');
            if (parts.Length != 2 || parts[1] != Checksum(parts[0]))
                throw new JsonException("its checksum is another.");
            // A right checksum does not make it a trial: anybody can compute one.
            var trial = JsonSerializer.Deserialize<TuneTrial>(parts[0]);
            if (trial is not { Values: not null, Metrics: not null } || trial.Trial != number - 1)
                throw new JsonException($"trial {number - 1} belongs there.");
            if (trial.StandardErrors is { } errors && errors.Count != trial.Metrics.Count)
                throw new JsonException($"there are {trial.Metrics.Count} metrics and {errors.Count} standard errors.");
            return trial;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException(
                $"Line {number + 1} of the trial log {path} is damaged: {e.Message} Delete it and the lines below it, or the file.", e);
        }
    }

    private string Checksum(string json) =>
        XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(json), _seed).ToString("x16", CultureInfo.InvariantCulture);
}
