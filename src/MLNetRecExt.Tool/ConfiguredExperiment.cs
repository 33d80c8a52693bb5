using Microsoft.ML;
using MLNetRecExt.Tool.Sources;

namespace MLNetRecExt.Tool;

/// <summary>A configuration, and the files that it names: they lie relative to it.</summary>
internal sealed class ConfiguredExperiment
{
    /// <summary>What a configuration is called where none is named.</summary>
    public const string UsualPath = "recommender.json";

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

    public RecommendersCatalog Recommenders { get; } = new MLContext().Recommenders();

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

    public Task<Interactions> ReadAsync(CancellationToken cancellation) => Source.ReadAsync(Configuration.Threads, cancellation);

    /// <summary>The options, with the titles of items.</summary>
    public ExperimentOptions Options(CancellationToken cancellation)
    {
        var texts = Configuration.Data.Items is { } items ? ItemTexts.Read(PathOf(items), Configuration.Data) : ItemTexts.None;
        return Configuration.ToOptions() with
        {
            ItemTitles = texts.Titles,
            ItemGroups = texts.Groups,
            ItemFeatures = Features(),
            CancellationToken = cancellation,
        };
    }

    /// <summary>The part that an experiment tests on.</summary>
    public Interactions TestPart(Interactions data) => Rule(data).Apply(data, Configuration.ToOptions().Seed).Test;

    public Experiment Experiment(Interactions data, ExperimentOptions options) =>
        Configuration.AddTrainersTo(Recommenders.Experiment(data, options), options.ItemFeatures);

    private SplitRule Rule(Interactions data) => Configuration.ToOptions().Split
        ?? (data.ByUser.HasTimestamps ? SplitRule.LeaveLast() : SplitRule.RandomPerUser());

    private SideFeatures? Features() =>
        Configuration.Data.Items is { } items
        && Configuration.Trainers.Values.Any(trainer => trainer.ItemFeatures || trainer.Options is ContentBasedTrainer.Options)
            ? Recommenders.Data.ReadFeatures(PathOf(items)) : null;
}
