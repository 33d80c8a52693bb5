using System.Text.Json;
using System.Text.Json.Serialization;
using MLNetRecExt.Persistence;

namespace MLNetRecExt;

/// <summary>An experiment as a file, <c>recommender.json</c>: data, split, metric, budget, trainers with options or ranges, and what becomes
/// of the best model.</summary>
/// <example><code>
/// {
///   "$schema": "recommender.schema.json",
///   "data": { "file": "orders.csv", "user": "customer_id", "item": "sku", "time": "ordered_at" },
///   "split": "leave-last:1",
///   "metric": "NDCG@12",
///   "tune": { "minutes": 10 },
///   "trainers": { "wals": { "approximationRank": [32, 128] }, "ease": {}, "popularity": {} },
///   "publish": { "to": "models/shop.model" }
/// }
/// </code></example>
public sealed record ExperimentConfiguration
{
    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        NumberHandling = JsonNumberHandling.Strict,
        PropertyNameCaseInsensitive = false,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The JSON schema of such files. Write it beside one, name it there as <c>$schema</c>, and editors complete and check what is
    /// typed.</summary>
    public static string JsonSchema { get; } = ReadSchema();

    /// <summary>Where the schema of such files is, for editors.</summary>
    /// <value>Default null.</value>
    [JsonPropertyName("$schema")]
    public string? Schema { get; init; }

    /// <summary>Where interactions come from.</summary>
    public required DataConfiguration Data { get; init; }

    /// <summary>How the part to test on is cut off: <c>leave-last:1</c>, <c>random-per-user:0.2</c>, <c>time:0.8</c>, <c>users:0.1</c> or
    /// <c>items:0.1</c>.</summary>
    /// <value>Default null: as <see cref="ExperimentOptions.Split"/>.</value>
    public string? Split { get; init; }

    /// <summary>What trainers are compared by: a metric with the length of the list, such as <c>NDCG@20</c>, or <c>RMSE</c>.</summary>
    /// <value>Default null: <c>NDCG@20</c>.</value>
    public string? Metric { get; init; }

    /// <summary>Lengths of lists that are measured besides.</summary>
    /// <value>Default null: 20 and 100.</value>
    public IReadOnlyList<int>? Cutoffs { get; init; }

    /// <summary>How long options are searched.</summary>
    /// <value>Default null: not at all.</value>
    public TuneConfiguration? Tune { get; init; }

    /// <summary>Trainers by name. The name is that of a trainer, or any other where <c>trainer</c> names it.</summary>
    [JsonConverter(typeof(TrainersConverter))]
    public required IReadOnlyDictionary<string, TrainerConfiguration> Trainers { get; init; }

    /// <summary>Names of trainers whose scores are added up to one more.</summary>
    /// <value>Default null: none.</value>
    public IReadOnlyList<string>? Blend { get; init; }

    /// <summary>With how many seeds the chosen options are trained.</summary>
    /// <value>Default null: 1; range [1, 100].</value>
    [OptionRange(1, 100)]
    public int? Seeds { get; init; }

    /// <summary>Seed of all that is drawn.</summary>
    /// <value>Default null: 42; any integer.</value>
    public int? Seed { get; init; }

    /// <summary>Threads to use.</summary>
    /// <value>Default null: all cores; range [1, 1024].</value>
    [OptionRange(1, 1024)]
    public int? Threads { get; init; }

    /// <summary>What becomes of the best model.</summary>
    /// <value>Default null: it is not saved.</value>
    public PublishConfiguration? Publish { get; init; }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file: JSON, with comments and trailing commas allowed.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="InvalidDataException">Something in it is not as it should be: the message, one line, says in which line what was
    /// found, and which name is nearest.</exception>
    public static ExperimentConfiguration Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Parse(File.ReadAllText(path), path);
    }

    /// <summary>Writes the file. Reading and writing again gives the same.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        CompleteFile.Write(path, stream => JsonSerializer.Serialize(stream, this, Json));
    }

    /// <summary>Split, metric, budget, seeds and blend as options of an experiment. Features, titles, files and progress are for the caller
    /// to add.</summary>
    public ExperimentOptions ToOptions()
    {
        var defaults = new ExperimentOptions();
        return defaults with
        {
            Split = Split is null ? null : SplitRule.Parse(Split),
            Metric = Metric ?? defaults.Metric,
            Cutoffs = Cutoffs ?? defaults.Cutoffs,
            TimeLimit = Tune?.Minutes is { } minutes ? TimeSpan.FromMinutes(minutes) : null,
            Trials = Tune?.Trials,
            Seeds = Seeds ?? defaults.Seeds,
            Seed = Seed ?? defaults.Seed,
            NumberOfThreads = Threads,
            Blend = Blend ?? [],
        };
    }

    /// <summary>Adds the trainers to an experiment.</summary>
    /// <param name="experiment">Made with <see cref="ToOptions"/>.</param>
    /// <param name="itemFeatures">For trainers whose <see cref="TrainerConfiguration.ItemFeatures"/> is set; null where the data has
    /// none.</param>
    /// <param name="userFeatures">For trainers whose <see cref="TrainerConfiguration.UserFeatures"/> is set, likewise.</param>
    /// <returns>The same experiment.</returns>
    /// <exception cref="ArgumentException">A trainer is there already, or asks for features that there are not.</exception>
    public Experiment AddTrainersTo(Experiment experiment, SideFeatures? itemFeatures = null, SideFeatures? userFeatures = null)
    {
        ArgumentNullException.ThrowIfNull(experiment);
        foreach (var (name, trainer) in Trainers)
            experiment.Add(name, trainer.WithFeatures(itemFeatures, userFeatures), trainer.Ranges);
        return experiment;
    }

    private static string ReadSchema()
    {
        using var reader = new StreamReader(typeof(ExperimentConfiguration).Assembly.GetManifestResourceStream("recommender.schema.json")!);
        return reader.ReadToEnd();
    }

    internal static ExperimentConfiguration Parse(string text, string path)
    {
        try
        {
            var configuration = JsonSerializer.Deserialize<ExperimentConfiguration>(text, Json) ?? throw new JsonException("it is null.");
            configuration.Check();
            return configuration;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException(ConfigurationError.Describe(path, e), e);
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            throw new InvalidDataException($"{path}: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    private void Check()
    {
        OptionChecker.Check(this);
        Data.Check();
        Tune?.Check();
        if (Data.Test is not null && Split is not null)
            throw new FormatException("split cuts a test part off, and data.test is one already: leave one out.");
        if (Data.Test is not null && Data.Validation is null && (Tune is not null || Blend is not null))
            throw new FormatException("tune and blend must not choose by data.test: name data.validation beside it.");
        ToOptions().Validate();
        if (Trainers.Count == 0)
            throw new FormatException($"trainers is empty; name some of {string.Join(", ", Experiment.TrainerNames)}.");
        foreach (var member in Blend ?? [])
            if (!Trainers.ContainsKey(member))
                throw new FormatException($"blend names '{member}', which is none of trainers{Spelling.Suggest(member, Trainers.Keys)}.");
    }
}
