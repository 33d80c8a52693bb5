using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MLNetRecExt;

/// <summary>Reads side features from delimited text. What a column holds is told by its values: numbers, dates or categories.</summary>
internal sealed partial class FeatureFileReader
{
    private const string Year = "Year";
    private const int RowsPerCancellationCheck = 1 << 14;

    private readonly string _path;
    private readonly FeatureFileOptions _options;
    private readonly DelimitedHead _head;
    private readonly int _id;
    private readonly IdMap _ids;
    // By index of the id.
    private readonly List<string[]> _rows = [];

    private FeatureFileReader(string path, FeatureFileOptions options, CancellationToken cancellationToken)
    {
        _path = path;
        _options = options;
        _head = DelimitedHead.Read(path, options.Separator, options.HasHeader, joinsLines: true);
        _id = Find(_head.Names[FindId()]);
        var index = new Dictionary<string, int>(StringComparer.Ordinal);
        long read = 0;
        foreach (var row in DelimitedText.Open(path).Rows(_head.Separator, joinsLines: true).Skip(_head.HasHeader ? 1 : 0))
        {
            if (read++ % RowsPerCancellationCheck == 0)
                cancellationToken.ThrowIfCancellationRequested();
            if (Cell(row, _id).Length == 0)
                continue;
            var place = IdMap.IndexOrAdd(index, row[_id]);
            if (place == _rows.Count)
                _rows.Add(row);
            else
                _rows[place] = row;
        }
        _ids = IdMap.FromText(IdMap.ByIndex(index));
    }

    /// <param name="path">The file.</param>
    /// <param name="options">What is known of it.</param>
    /// <param name="channel">Told what was found.</param>
    /// <param name="cancellationToken">Cancels reading.</param>
    /// <exception cref="ArgumentException">A column that is named does not exist, or has a name that stands twice.</exception>
    /// <exception cref="InvalidDataException">The file is empty or no text, or does not show which column holds ids.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static SideFeatures Read(string path, FeatureFileOptions options, IChannel channel, CancellationToken cancellationToken)
    {
        options.Validate();
        var reader = new FeatureFileReader(path, options, cancellationToken);
        var features = new SideFeatures(reader._ids, [.. reader.Columns()]);
        channel.Info(MessageSensitivity.None,
            $"{path} ({DelimitedHead.Describe(reader._head.Separator, reader._head.HasHeader)}): {features}.");
        if (features.Columns.Length == 0)
            channel.Warning(MessageSensitivity.None,
                $"No column of {path} is a feature: name some with {nameof(FeatureFileOptions)}.{nameof(options.Columns)}.");
        return features;
    }

    private IEnumerable<FeatureColumn> Columns()
    {
        int[] categories = [.. _options.CategoryColumns.Select(Find)];
        if (_options.Columns is { } names)
        {
            int[] places = [.. names.Select(Find)];
            if (places.Distinct().Count() != places.Length || places.Contains(_id))
                throw new ArgumentException(
                    $"Features [{string.Join(", ", names)}] by '{_head.Names[_id]}': a column is named twice.", nameof(_options.Columns));
            foreach (var column in places)
                yield return Make(column, categories.Contains(column), isNamed: true)!;
            yield break;
        }
        List<int> leftOut = [];
        for (int column = 0; column < _head.Names.Length; column++)
        {
            if (column == _id)
                continue;
            if (Make(column, categories.Contains(column), isNamed: false) is { } made)
            {
                // Refuses a name that stands twice.
                _ = Find(made.Name);
                yield return made;
            }
            else
                leftOut.Add(column);
        }
        var title = _head.Names.Contains(Year, StringComparer.OrdinalIgnoreCase) ? -1 : leftOut.FirstOrDefault(HoldsYears, -1);
        if (title >= 0)
            yield return Categories(Year, row => YearOf(Cell(row, title)) is { Length: > 0 } year ? [year] : []);
    }

    /// <summary>The column, or null when it says nothing of its rows and was not asked for by name.</summary>
    private FeatureColumn? Make(int column, bool isCategories, bool isNamed)
    {
        var name = _head.Names[column];
        string[] filled = [.. _rows.Select(row => Cell(row, column)).Where(cell => cell.Length > 0)];
        if (!isNamed && !isCategories && (filled.Length == 0 || ColumnNames.Contains(ColumnNames.Titles, name)))
            return null;
        if (!isCategories && filled.All(cell => TryParse(cell, out _)))
            return Numbers(name, DataKind.Single,
                row => TryParse(Cell(row, column), out var number) && float.IsFinite(number) ? number : float.NaN);
        if (!isCategories && filled.All(DelimitedHead.IsDate))
            return Numbers(name, DataKind.DateTime, row => DateTime.TryParse(Cell(row, column), CultureInfo.InvariantCulture, out var date)
                ? FeatureType.ToDays(date)
                : float.NaN);
        var parts = filled.SelectMany(Parts).ToArray();
        var repeats = parts.Distinct().Count() <= parts.Length / 2;
        return repeats || isNamed || isCategories ? Categories(name, row => Parts(Cell(row, column))) : null;
    }

    private FeatureColumn Numbers(string name, DataKind kind, Func<string[], float> number) =>
        new(name, new FeatureType(kind, IsKey: false), null, [], 1, [.. _rows.Select(row => new[] { number(row) })]);

    private FeatureColumn Categories(string name, Func<string[], string[]> parts)
    {
        var index = new Dictionary<string, int>(StringComparer.Ordinal);
        int[][] codes = [.. _rows.Select(row => parts(row).Select(part => IdMap.IndexOrAdd(index, part)).Distinct().ToArray())];
        return new FeatureColumn(name, new FeatureType(DataKind.String, IsKey: false), [.. index.Keys], codes, 0, []);
    }

    private string[] Parts(string cell) =>
        cell.Split(_options.CategorySeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private bool HoldsYears(int column) => _rows.Count(row => YearOf(Cell(row, column)).Length > 0) > _rows.Count / 2;

    private int FindId()
    {
        if (_options.Id is not null)
            return Find(_options.Id);
        if (!_head.HasHeader)
            return 0;
        string[] names = [.. ColumnNames.Users, .. ColumnNames.Items];
        var usual = Array.FindIndex(_head.Names, name => ColumnNames.Contains(names, name));
        if (usual >= 0)
            return usual;
        return _head.Columns[0] is var first && first.Distinct().Count() == first.Length ? 0 : throw new InvalidDataException(
            $"{_path}: which column holds ids cannot be told. It has {_head.Seen}. Name it as {nameof(_options.Id)}.");
    }

    private int Find(string name) => ColumnNames.Find(_path, _head.Names, name) is var place and >= 0 ? place : throw new ArgumentException(
        $"{_path} has no column '{name}'; it has {_head.Seen}. Give one of them, another Separator, or set HasHeader.");

    private static string Cell(string[] row, int column) => column < row.Length ? row[column] : "";

    private static bool TryParse(string cell, out float number) =>
        float.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out number);

    /// <summary>The year in brackets at the end of a title, or nothing.</summary>
    private static string YearOf(string title) => YearAtEnd().Match(title).Groups[1].Value;

    [GeneratedRegex(@"\((\d{4})\)\s*$")]
    private static partial Regex YearAtEnd();
}
