using Microsoft.ML.Runtime;

namespace MLNetRecExt;

/// <summary>The files that a configuration names: interactions, and what is known of users and items besides.</summary>
internal sealed class ConfiguredFiles
{
    private readonly ExperimentConfiguration _configuration;
    private readonly DataConfiguration _data;
    private readonly string _folder;
    private readonly IChannel _channel;
    private readonly CancellationToken _cancellation;
    private readonly SideFeatures? _userFeatures;
    private readonly SideFeatures? _itemFeatures;
    private readonly InteractionFileOptions _file;

    /// <param name="configuration">Names the files.</param>
    /// <param name="folder">What their paths are relative to.</param>
    /// <param name="channel">Told what was read.</param>
    /// <param name="cancellation">Cancels the reading.</param>
    /// <exception cref="NotSupportedException">Interactions come from a database.</exception>
    public ConfiguredFiles(ExperimentConfiguration configuration, string folder, IChannel channel, CancellationToken cancellation)
    {
        (_configuration, _data, _folder, _channel, _cancellation) = (configuration, configuration.Data, folder, channel, cancellation);
        if (_data.File is not { } file)
            throw new NotSupportedException(
                "The configuration names a database, and only files are read here: read its rows by Data.ReadInteractionsAsync, "
                + "and give them to Experiment with the configuration's ToOptions.");
        var trainers = configuration.Trainers.Values;
        _userFeatures = _data.Users is { } users && trainers.Any(trainer => trainer.UserFeatures) ? Features(users, _data.User) : null;
        var needsItems = trainers.Any(trainer => trainer.ItemFeatures || trainer.Options is ContentBasedTrainer.Options);
        _itemFeatures = _data.Items is { } items && needsItems ? Features(items, _data.Item) : null;
        _file = FileOptions(PathOf(file));
        Interactions = Read(file, null);
    }

    /// <summary>What is learned from, and where no test part is named, tested on.</summary>
    public Interactions Interactions { get; }

    /// <summary>Adds to options what the other files hold.</summary>
    public ExperimentOptions Complete(ExperimentOptions options)
    {
        var validation = _data.Validation is { } chosenBy ? Read(chosenBy, Interactions) : null;
        var texts = _data.Items is { } items ? ItemTexts.Read(PathOf(items), _data) : default;
        return options with
        {
            Validation = validation,
            Test = _data.Test is { } test ? Read(test, validation ?? Interactions) : null,
            UserFeatures = _userFeatures,
            ItemFeatures = _itemFeatures,
            ItemTitles = texts.Titles,
            ItemGroups = texts.Groups,
            Caption = _data.File + (_data.RelevantFrom is { } least ? FormattableString.Invariant($", labels from {least}") : ""),
        };
    }

    private string PathOf(string file) => Path.GetFullPath(file, Path.GetFullPath(_folder));

    private InteractionFileOptions FileOptions(string path)
    {
        var found = InteractionFileOptions.Infer(path, new()
        {
            Separator = _data.Separator,
            HasHeader = _data.HasHeader,
            User = _data.User,
            Item = _data.Item,
            Label = _data.Label,
            Weight = _data.Weight,
            Timestamp = _data.Time,
        });
        // Where nothing asks for labels, one that is not named is not read.
        var needsLabel = _data.RelevantFrom is not null || (_configuration.Metric is { } metric && ExperimentMetric.Parse(metric).IsError);
        if (needsLabel && found.Columns.Label is null)
            throw new InvalidDataException($"{path} has no column of labels that can be told ({found}): name it as data.label.");
        return found with
        {
            Columns = found.Columns with { Label = needsLabel ? found.Columns.Label : _data.Label },
            RelevantFrom = _data.RelevantFrom,
        };
    }

    private Interactions Read(string file, Interactions? idsOf)
    {
        var interactions = InteractionFileReader.Read([PathOf(file)], _file, new()
        {
            // Items that features alone tell of are known, too.
            Users = idsOf?.Users ?? _userFeatures?.Ids,
            Items = idsOf?.Items ?? _itemFeatures?.Ids,
            NumberOfThreads = _configuration.Threads,
            CancellationToken = _cancellation,
        }, _channel);
        return interactions.Count > 0 ? interactions : throw new InvalidDataException(
            $"{PathOf(file)}: no usable row among {interactions.Counts.Read} read. "
            + "Look at the columns, the separator and relevantFrom of data.");
    }

    private SideFeatures? Features(string file, string? id)
    {
        var path = PathOf(file);
        // The column of ids may have another name there.
        var known = id is not null && DelimitedHead.Read(path, null, null, joinsLines: true).Names.Contains(id) ? id : null;
        var features = FeatureFileReader.Read(path, new() { Id = known }, _channel, _cancellation);
        return features.Names.Count > 0 ? features : null;
    }
}
