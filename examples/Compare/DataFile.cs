using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetRecExt;

namespace Compare;

/// <summary>Finds the columns of delimited files by their header, or by number where there is none, and reads the files with ML.NET's TextLoader.</summary>
internal sealed class DataFile
{
    private readonly MLContext _ml;
    private readonly Arguments _arguments;
    private readonly string _path;
    private readonly string[] _header;
    private readonly TextLoader _loader;
    private readonly InteractionColumns _columns;
    private readonly CancellationToken _cancellation;

    /// <param name="ml">Loads the text.</param>
    /// <param name="path">The file whose header counts; the others that <see cref="Read"/> is given must have the same.</param>
    /// <param name="arguments">Names of the columns, separator, relevance.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="UsageException">A column is missing, or holds something else than a number where one is needed.</exception>
    public DataFile(MLContext ml, string path, Arguments arguments, CancellationToken cancellation)
    {
        _cancellation = cancellation;
        _ml = ml;
        _arguments = arguments;
        _path = path;
        (_header, var sample) = ReadHeader(path, arguments.Separator, arguments.HasHeader);
        var columns = new List<TextLoader.Column>();
        Add("User", "--user", arguments.User, ["user", "userId", "user_id"], DataKind.String);
        Add("Item", "--item", arguments.Item, ["item", "itemId", "item_id", "movieId"], DataKind.String);
        var hasLabel = (arguments.Label is not null || arguments.RelevantFrom is not null || arguments.Task == ComparisonTask.Ratings) && Add("Label", "--label", arguments.Label, ["rating", "label"], DataKind.Single);
        var hasWeight = Add("Weight", "--weight", arguments.Weight, [], DataKind.Single, optional: true);
        var hasTime = Add("Time", "--time", arguments.Time, ["timestamp", "time"], DataKind.Int64, optional: !arguments.Split.NeedsTime || arguments.Train is not null);
        // Rows that are chosen by their label count as 1: it has said what it had to say.
        _columns = new InteractionColumns("User", "Item", hasLabel && arguments.RelevantFrom is null ? "Label" : null, hasWeight ? "Weight" : null, hasTime ? "Time" : null);
        _loader = ml.Data.CreateTextLoader(new TextLoader.Options
        {
            Columns = [.. columns],
            Separators = [arguments.Separator],
            HasHeader = arguments.HasHeader,
            AllowQuoting = true,
            MissingRealsAsNaNs = true,
        });

        bool Add(string role, string argument, string? name, string[] usual, DataKind kind, bool optional = false)
        {
            var index = name is not null
                ? Array.IndexOf(_header, name)
                : Array.FindIndex(_header, column => usual.Contains(column, StringComparer.OrdinalIgnoreCase));
            if (index < 0)
            {
                if (name is null && optional)
                    return false;
                throw new UsageException($"{path} has no column {(name is null ? string.Join(" or ", usual.Select(u => $"'{u}'")) : $"'{name}'")}; it has {string.Join(", ", _header)}. Name the column with {argument}, or the separator with --separator.");
            }
            var cell = index < sample.Length ? sample[index] : "";
            if (kind == DataKind.Single && cell.Length > 0 && !float.TryParse(cell, CultureInfo.InvariantCulture, out _))
                throw new UsageException($"{path}: column '{_header[index]}' holds '{cell}'; a number is needed. Name another with {argument}.");
            if (kind == DataKind.Int64)
                kind = TimeKind(cell) ?? throw new UsageException($"{path}: column '{_header[index]}' holds '{cell}'; a number or a date is needed. Name another with {argument}.");
            columns.Add(new TextLoader.Column(role, kind, index));
            return true;
        }
    }

    /// <summary>Reads files, one after the other, without the rows that are not relevant.</summary>
    /// <param name="paths">Files with the same header.</param>
    /// <param name="idsOf">What was read before: ids in it keep their indices.</param>
    /// <exception cref="UsageException">Headers differ, or no row is usable.</exception>
    public Interactions Read(string[] paths, Interactions? idsOf = null)
    {
        // A TextLoader goes by position: a file with its columns in another order would be read wrongly.
        foreach (var path in paths)
            if (ReadHeader(path, _arguments.Separator, _arguments.HasHeader).Header is var header && !header.SequenceEqual(_header))
                throw new UsageException($"{path} has the columns {string.Join(", ", header)}; {_path} has {string.Join(", ", _header)}. All files need the same header.");
        var view = _loader.Load(paths);
        if (_arguments.RelevantFrom is { } least)
            view = _ml.Data.FilterRowsByColumn(view, "Label", lowerBound: least);
        var interactions = _ml.Recommenders().Data.ReadInteractions(view, _columns, idsOf: idsOf, cancellationToken: _cancellation);
        return interactions.Count > 0
            ? interactions
            : throw new UsageException($"{string.Join(" and ", paths)}: no usable row among {interactions.Counts.Read} read. Look at --relevant-from, --separator and the columns' names.");
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
