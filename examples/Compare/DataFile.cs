using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetRecExt;

namespace Compare;

/// <summary>Finds the columns of delimited files by their header, or by number where there is none, and reads the files.</summary>
internal sealed class DataFile
{
    private readonly MLContext _ml;
    private readonly string[] _header;
    private readonly InteractionFileOptions _options;
    private readonly Interactions? _startingIds;

    /// <param name="ml">Reads.</param>
    /// <param name="path">The file that the columns are looked for in; the others that <see cref="Read"/> is given must have columns of the same names.</param>
    /// <param name="arguments">Names of the columns, separator, relevance.</param>
    /// <param name="users">Ids of users that come first, or null.</param>
    /// <param name="items">Ids of items that come first, or null.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="UsageException">A column is missing, or holds something else than a number where one is needed.</exception>
    public DataFile(MLContext ml, string path, Arguments arguments, IdMap? users, IdMap? items, CancellationToken cancellation)
    {
        if (users is not null || items is not null)
            _startingIds = Interactions.Create(users ?? IdMap.FromText([]), items ?? IdMap.FromText([]), [], []);
        _ml = ml;
        (_header, var sample) = ReadHeader(path, arguments.Separator, arguments.HasHeader);
        var user = Find("--user", arguments.User, ["user", "userId", "user_id"]);
        var item = Find("--item", arguments.Item, ["item", "itemId", "item_id", "movieId"]);
        var needsLabel = arguments.Label is not null || arguments.RelevantFrom is not null || arguments.Task == ComparisonTask.Ratings;
        var label = needsLabel ? FindNumber("--label", arguments.Label, ["rating", "label"]) : null;
        var weight = arguments.Weight is null ? null : FindNumber("--weight", arguments.Weight, []);
        var needsTime = arguments.Time is not null || (arguments.Split.NeedsTime && arguments.Train is null);
        var time = FindIndex("--time", arguments.Time, ["timestamp", "time"], optional: !needsTime);
        // Some sets have the column and nothing in it.
        if (time >= 0 && !needsTime && Sample(time).Length == 0)
            time = -1;
        _options = new InteractionFileOptions
        {
            Columns = new InteractionColumns(user, item, label, weight, time < 0 ? null : _header[time]),
            Separator = arguments.Separator.ToString(),
            HasHeader = arguments.HasHeader,
            // Rows that are chosen by their label count as 1: it has said what it had to say.
            RelevantFrom = arguments.RelevantFrom,
            TimestampKind = time < 0 ? DataKind.Int64 : TimeKind(Sample(time))
                ?? throw new UsageException($"{path}: column '{_header[time]}' holds '{Sample(time)}'; a number or a date is needed. Name another with --time."),
            NumberOfThreads = arguments.Threads,
            CancellationToken = cancellation,
        };

        string Sample(int column) => column < sample.Length ? sample[column] : "";

        string Find(string argument, string? name, string[] usual) => _header[FindIndex(argument, name, usual)];

        string FindNumber(string argument, string? name, string[] usual)
        {
            var column = FindIndex(argument, name, usual);
            return Sample(column) is var cell && (cell.Length == 0 || float.TryParse(cell, CultureInfo.InvariantCulture, out _))
                ? _header[column]
                : throw new UsageException($"{path}: column '{_header[column]}' holds '{cell}'; a number is needed. Name another with {argument}.");
        }

        int FindIndex(string argument, string? name, string[] usual, bool optional = false)
        {
            var index = name is not null
                ? Array.IndexOf(_header, name)
                : Array.FindIndex(_header, column => usual.Contains(column, StringComparer.OrdinalIgnoreCase));
            return index >= 0 || optional && name is null
                ? index
                : throw new UsageException($"{path} has no column {(name is null ? string.Join(" or ", usual.Select(u => $"'{u}'")) : $"'{name}'")}; it has {string.Join(", ", _header)}. Name the column with {argument}, or the separator with --separator.");
        }
    }

    /// <summary>Reads files, one after the other, without the rows that are not relevant.</summary>
    /// <param name="paths">Files with columns of the same names.</param>
    /// <param name="idsOf">What was read before: ids in it keep their indices.</param>
    /// <exception cref="UsageException">A column is missing, a file is no text, or no row is usable.</exception>
    public Interactions Read(string[] paths, Interactions? idsOf = null)
    {
        try
        {
            var interactions = _ml.Recommenders().Data.ReadInteractions(paths, _options, idsOf ?? _startingIds);
            return interactions.Count > 0
                ? interactions
                : throw new UsageException($"{string.Join(" and ", paths)}: no usable row among {interactions.Counts.Read} read. Look at --relevant-from, --separator and the columns' names.");
        }
        catch (Exception e) when (e is ArgumentException or InvalidDataException)
        {
            throw new UsageException(e.Message);
        }
    }

    /// <summary>The names in the first line and the cells of the second; without a header row, the columns' numbers and the cells of the first.</summary>
    public static (string[] Header, string[] Sample) ReadHeader(string path, char separator, bool hasHeader = true)
    {
        using var reader = new StreamReader(path);
        var header = Cells(reader.ReadLine());
        if (header.Length == 0)
            throw new UsageException($"{path} is empty; {(hasHeader ? "a header row with the columns' names" : "a row of data")} is needed.");
        if (!hasHeader)
            return ([.. Enumerable.Range(0, header.Length).Select(column => $"{column}")], header);
        return (header, Cells(reader.ReadLine()));

        string[] Cells(string? line) => line is null ? [] : [.. line.Split(separator).Select(cell => cell.Trim().Trim('"'))];
    }

    private static DataKind? TimeKind(string cell) =>
        cell.Length == 0 || long.TryParse(cell, CultureInfo.InvariantCulture, out _) ? DataKind.Int64
        : double.TryParse(cell, CultureInfo.InvariantCulture, out _) ? DataKind.Double
        : DateTime.TryParse(cell, CultureInfo.InvariantCulture, out _) ? DataKind.DateTime
        : null;
}
