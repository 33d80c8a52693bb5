using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNetRecExt.Tool.Sources;

namespace MLNetRecExt.Tool;

/// <summary>A configuration, and the files that it names: they lie relative to it.</summary>
internal sealed class ConfiguredExperiment
{
    /// <summary>What a configuration is called where none is named.</summary>
    public const string UsualPath = "recommender.json";

    private readonly MLContext _ml = new();
    private readonly string _folder;

    private ConfiguredExperiment(string path, ExperimentConfiguration configuration)
    {
        Path = path;
        Configuration = configuration;
        _folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!;
        Source = InteractionSource.Of(configuration.Data, _folder);
    }

    public string Path { get; }

    public ExperimentConfiguration Configuration { get; }

    public InteractionSource Source { get; }

    public RecommendersCatalog Recommenders => _ml.Recommenders();

    /// <summary>Reads the configuration.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="InvalidDataException">Something in it is not as it should be.</exception>
    public static ConfiguredExperiment Load(string path, Func<ExperimentConfiguration, ExperimentConfiguration>? change = null)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no configuration {path}; 'mlrec init FILE' writes one.");
        var configuration = ExperimentConfiguration.Load(path);
        return new(path, change is null ? configuration : change(configuration));
    }

    public string PathOf(string file) => System.IO.Path.Combine(_folder, file);

    /// <summary>Titles and groups of items; null where the configuration names no file, or no column of them.</summary>
    public (IReadOnlyDictionary<string, string>? Titles, IReadOnlyDictionary<string, string>? Groups) ReadTexts() =>
        Configuration.Data.Items is { } items ? ItemTexts.Read(PathOf(items), Configuration.Data) : default;

    /// <summary>Reads the data, and completes the options with what the other files hold.</summary>
    public async Task<(Interactions Data, ExperimentOptions Options)> ReadAsync(CancellationToken cancellation)
    {
        var options = Configuration.ToOptions() with { CancellationToken = cancellation };
        if (Configuration.Data.File is not null)
        {
            using var channel = ((IHostEnvironment)_ml).Register("Experiment").Start("Reading");
            var files = new ConfiguredFiles(Configuration, _folder, channel, cancellation);
            return (files.Interactions, files.Complete(options));
        }
        var (titles, groups) = ReadTexts();
        var data = await Source.ReadAsync(Configuration.Threads, cancellation);
        return (data, options with
        {
            ItemTitles = titles,
            ItemGroups = groups,
            ItemFeatures = Features(
                Configuration.Data.Items, trainer => trainer.ItemFeatures || trainer.Options is ContentBasedTrainer.Options),
            UserFeatures = Features(Configuration.Data.Users, trainer => trainer.UserFeatures),
        });
    }

    /// <summary>What an experiment learns from, and what it tests on.</summary>
    public static (Interactions Train, Interactions Test) Split(Interactions data, ExperimentOptions options)
    {
        if (options.Test is { } test)
            return (data, test);
        var split = (options.Split ?? UsualRule(data)).Apply(data, options.Seed);
        return (split.Train, split.Test);
    }

    /// <summary>How data is split where nobody says it.</summary>
    public static SplitRule UsualRule(Interactions data) =>
        data.ByUser.HasTimestamps ? SplitRule.LeaveLast() : SplitRule.RandomPerUser();

    public Experiment Experiment(Interactions data, ExperimentOptions options) =>
        Configuration.AddTrainersTo(Recommenders.Experiment(data, options), options.ItemFeatures, options.UserFeatures);

    private SideFeatures? Features(string? file, Func<TrainerConfiguration, bool> asksForThem) =>
        file is not null && Configuration.Trainers.Values.Any(asksForThem) ? Recommenders.Data.ReadFeatures(PathOf(file)) : null;
}
