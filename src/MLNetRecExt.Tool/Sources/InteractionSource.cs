using Microsoft.ML;

namespace MLNetRecExt.Tool.Sources;

/// <summary>Where interactions come from.</summary>
/// <param name="data">What the configuration says of it.</param>
internal abstract class InteractionSource(DataConfiguration data)
{
    public static InteractionSource Of(DataConfiguration data, string folder) =>
        data.File is { } file ? new FileSource(data, Path.GetFullPath(file, folder)) : new QuerySource(data);

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

    /// <summary>Reads all rows.</summary>
    public abstract Task<Interactions> ReadAsync(int? threads, CancellationToken cancellation);
}
