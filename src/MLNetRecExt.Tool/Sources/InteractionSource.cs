using Microsoft.ML;

namespace MLNetRecExt.Tool.Sources;

/// <summary>Where interactions come from.</summary>
/// <param name="data">What the configuration says of it.</param>
internal abstract class InteractionSource(DataConfiguration data)
{
    public static InteractionSource Of(DataConfiguration data, string folder) =>
        data.File is { } file ? new FileSource(data, Path.GetFullPath(file, folder)) : new QuerySource(data);

    /// <summary>The source of a file of interactions, all columns of which are read, or of a configuration, which ends in
    /// <c>.json</c>.</summary>
    public static async Task<InteractionSource> OpenAsync(string path, CancellationToken cancellation)
    {
        if (Path.GetExtension(path) == ".json")
            return ConfiguredExperiment.Load(path).Source;
        var (data, folder) = (new DataConfiguration { File = path }, Environment.CurrentDirectory);
        return Of(Described(data, await Of(data, folder).InferAsync(cancellation)), folder);
    }

    /// <summary>What was given, and what was found.</summary>
    public static DataConfiguration Described(DataConfiguration given, InteractionFileOptions found) => given with
    {
        User = found.Columns.User,
        Item = found.Columns.Item,
        Label = found.Columns.Label,
        Weight = found.Columns.Weight,
        Time = found.Columns.Timestamp,
        Separator = given.File is null ? null : found.Separator,
        HasHeader = given.File is null ? null : found.HasHeader,
    };

    protected DataConfiguration Data => data;

    protected static RecommenderDataCatalog Catalog { get; } = new MLContext().Recommenders().Data;

    /// <summary>What is not said already, so that columns are found by their names and by what they hold.</summary>
    protected InteractionFileHints Hints => new()
    {
        Separator = data.Separator,
        HasHeader = data.HasHeader,
        User = data.User,
        Item = data.Item,
        Label = data.Label,
        Weight = data.Weight,
        Timestamp = data.Time,
    };

    /// <summary>A few words on where that is.</summary>
    public abstract string Name { get; }

    /// <summary>Looks at the first rows, and tells which column is which.</summary>
    public abstract Task<InteractionFileOptions> InferAsync(CancellationToken cancellation);

    /// <summary>Names of columns that are there and not read; a query has none, it names what it wants.</summary>
    public virtual string[] NotRead(InteractionFileOptions found) => [];

    /// <summary>Reads all rows.</summary>
    public abstract Task<Interactions> ReadAsync(int? threads, CancellationToken cancellation);
}
