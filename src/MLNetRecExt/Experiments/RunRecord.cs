using System.Text.Json;
using System.Text.Json.Serialization;
using MLNetRecExt.Persistence;

namespace MLNetRecExt;

/// <summary>All that is known of an experiment that has run: its data, the trainers with their options, trials and metrics, and how they
/// compare. Print it for the table; save it as JSON and read it again for reports.</summary>
/// <remarks>Same data, options and seed give the same record but for times, and for memory that grows with threads, where no time
/// limit was set.</remarks>
public sealed record RunRecord
{
    /// <summary>The format that this version writes, and the newest that it reads.</summary>
    public const int NewestFormat = 1;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>Format of the record.</summary>
    public int Format { get; init; } = NewestFormat;

    /// <summary>When the experiment began.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>Seconds that it took.</summary>
    public required double Seconds { get; init; }

    /// <summary>A sentence on where the data comes from.</summary>
    public string Caption { get; init; } = "";

    /// <summary>The command line that repeats it; null where it was run by a program.</summary>
    public string? Command { get; init; }

    /// <summary>What it ran on.</summary>
    public required RunMachine Machine { get; init; }

    /// <summary>What trainers are compared by, such as <c>NDCG@20</c>.</summary>
    public required string Metric { get; init; }

    /// <summary>Seed of the split, of the search, and of each training.</summary>
    public required int Seed { get; init; }

    /// <summary>How the test part was cut off, or that it was given.</summary>
    public required string Split { get; init; }

    /// <summary>What was learned from and judged on.</summary>
    public required RunData Data { get; init; }

    /// <summary>The trainers, the best by <see cref="Metric"/> first.</summary>
    public required IReadOnlyList<RunTrainer> Trainers { get; init; }

    /// <summary>Each trainer against each that is better than it.</summary>
    public required IReadOnlyList<RunComparison> Comparisons { get; init; }

    /// <summary>Users that were judged, with their histories and lists.</summary>
    public IReadOnlyList<RunUser> Users { get; init; } = [];

    /// <summary>What to mind about the figures.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Trainers that were left out, or failed, each with the reason.</summary>
    public IReadOnlyList<string> LeftOut { get; init; } = [];

    /// <summary>The best trainer.</summary>
    /// <exception cref="InvalidOperationException">No trainer succeeded.</exception>
    [JsonIgnore]
    public RunTrainer Best => Trainers.Count > 0
        ? Trainers[0]
        : throw new InvalidOperationException("No trainer succeeded. " + string.Join(" ", LeftOut));

    /// <summary>Whether a lower <see cref="Metric"/> is better.</summary>
    [JsonIgnore]
    public bool LowerIsBetter => ExperimentMetric.Parse(Metric).IsError;

    /// <summary>Writes the record as JSON. A file that is there is replaced when the new one is complete.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        CompleteFile.Write(path, stream => JsonSerializer.Serialize(stream, this, Json));
    }

    /// <summary>Reads what <see cref="Save"/> wrote. Models are not in it.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="InvalidDataException">It is no record of an experiment, or one of a newer format; the message says where.</exception>
    public static RunRecord Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var text = File.ReadAllText(path);
        try
        {
            using (var json = JsonDocument.Parse(text))
                CheckFormat(path, json.RootElement);
            return JsonSerializer.Deserialize<RunRecord>(text, Json)!;
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            throw new InvalidDataException($"{path} is no record of an experiment: {e.Message}", e);
        }
    }

    private static void CheckFormat(string path, JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("format", out var format) || !format.TryGetInt32(out var number))
            throw new JsonException("it has no number 'format'.");
        if (number is < 1 or > NewestFormat)
            throw new InvalidDataException(FormattableString.Invariant(
                $"{path} is a record of format {number}, and this version of MLNetRecExt reads up to {NewestFormat}: update it."));
    }

    /// <summary>The table: a line per trainer with the metric, its interval and costs; then comparisons with the best, and warnings.</summary>
    public override string ToString() => RunTable.Of(this);
}
