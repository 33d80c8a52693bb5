using Microsoft.ML;
using MLNetRecExt;

namespace Compare;

/// <summary>Reads the interactions of delimited files, by the columns that the command line names or that the first file shows.</summary>
internal sealed class DataFile
{
    private readonly RecommenderDataCatalog _data;
    private readonly InteractionFileOptions _file;
    private readonly InteractionReadOptions _reading;

    /// <param name="ml">Reads.</param>
    /// <param name="path">The file that the columns are looked for in; the others that <see cref="Read"/> is given must have columns of
    /// the same names.</param>
    /// <param name="arguments">Names of the columns, separator, relevance.</param>
    /// <param name="users">Ids of users that come first, or null.</param>
    /// <param name="items">Ids of items that come first, or null.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="UsageException">A column is missing, or holds something else than a number where one is needed.</exception>
    public DataFile(MLContext ml, string path, Arguments arguments, IdMap? users, IdMap? items, CancellationToken cancellation)
    {
        _data = ml.Recommenders().Data;
        _reading = new() { Users = users, Items = items, NumberOfThreads = arguments.Threads, CancellationToken = cancellation };
        var file = Infer(path, arguments);
        var needsLabel = arguments.Label is not null || arguments.RelevantFrom is not null || arguments.Task == ComparisonTask.Ratings;
        if (needsLabel && file.Columns.Label is null)
            throw new UsageException($"{path} has no column of numbers that is called 'rating' or 'label' ({file}). Name it with --label.");
        if (arguments.Split.NeedsTime && arguments.Train is null && file.Columns.Timestamp is null)
            throw new UsageException($"{path} has no column of times that is called 'timestamp' or 'time' ({file}). Name it with --time.");
        // Rows that are chosen by their label count as 1: it has said what it had to say.
        var columns = needsLabel ? file.Columns : file.Columns with { Label = null };
        _file = file with { Columns = columns, RelevantFrom = arguments.RelevantFrom };
    }

    /// <summary>Reads files, one after the other, without the rows that are not relevant.</summary>
    /// <param name="paths">Files with columns of the same names.</param>
    /// <param name="idsOf">What was read before: ids in it keep their indices.</param>
    /// <exception cref="UsageException">A column is missing, a file is no text, or no row is usable.</exception>
    public Interactions Read(string[] paths, Interactions? idsOf = null)
    {
        try
        {
            var reading = idsOf is null ? _reading : _reading with { Users = idsOf.Users, Items = idsOf.Items };
            var interactions = _data.ReadInteractions(paths, _file, reading);
            return interactions.Count > 0
                ? interactions
                : throw new UsageException($"{string.Join(" and ", paths)}: no usable row among {interactions.Counts.Read} read. "
                    + "Look at --relevant-from, --separator and the columns' names.");
        }
        catch (Exception e) when (e is ArgumentException or InvalidDataException)
        {
            throw new UsageException(e.Message);
        }
    }

    private static InteractionFileOptions Infer(string path, Arguments arguments)
    {
        try
        {
            return InteractionFileOptions.Infer(path, new()
            {
                Separator = arguments.Separator,
                HasHeader = arguments.HasHeader,
                User = arguments.User,
                Item = arguments.Item,
                Label = arguments.Label,
                Weight = arguments.Weight,
                Timestamp = arguments.Time,
            });
        }
        catch (Exception e) when (e is ArgumentException or InvalidDataException)
        {
            throw new UsageException($"{e.Message} Here these are --user, --item, --label, --weight, --time, --separator and --no-header.");
        }
    }
}
