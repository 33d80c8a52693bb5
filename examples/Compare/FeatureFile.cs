using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetRecExt;

namespace Compare;

/// <summary>
/// Reads what a delimited file with a header says about users or items. Columns of numbers are taken as they are; the cells of others are categories, several divided by '|'.
/// The title is left out, and categories of which most occur once, such as addresses: they name a row instead of describing it. But where titles end in a year, like Alien (1979),
/// that is a category.
/// </summary>
internal static partial class FeatureFile
{
    private static readonly string[] Titles = ["title", "name"];

    /// <summary>The features in a file; null when it holds none.</summary>
    /// <param name="ml">Loads the text.</param>
    /// <param name="path">The file.</param>
    /// <param name="separator">Between cells.</param>
    /// <param name="ids">What the column of ids may be called; the first that there is counts.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="UsageException">There is no column of ids.</exception>
    public static SideFeatures? Read(MLContext ml, string path, char separator, string[] ids, CancellationToken cancellation)
    {
        var (header, _) = DataFile.ReadHeader(path, separator);
        var id = Array.FindIndex(header, column => ids.Contains(column, StringComparer.OrdinalIgnoreCase));
        if (id < 0)
            throw new UsageException($"{path} has no column {string.Join(" or ", ids.Select(name => $"'{name}'"))}; it has {string.Join(", ", header)}. Rename one in its first line.");
        var cells = ml.Data.CreateEnumerable<CellRow>(
            Load(ml, path, separator, new TextLoader.Column(nameof(CellRow.Cells), DataKind.String, 0, header.Length - 1)), reuseRowObject: false).Select(row => row.Cells).ToArray();
        List<string> numbers = [], categories = [];
        for (int column = 0; column < header.Length; column++)
        {
            var filled = cells.Select(row => row[column]).Where(cell => cell.Length > 0).ToArray();
            if (column == id || filled.Length == 0 || Titles.Contains(header[column], StringComparer.OrdinalIgnoreCase))
                continue;
            if (filled.All(cell => float.TryParse(cell, CultureInfo.InvariantCulture, out _)))
                numbers.Add(header[column]);
            else if (filled.SelectMany(cell => cell.Split('|')).ToArray() is var parts && parts.Distinct().Count() <= parts.Length / 2)
                categories.Add(header[column]);
        }
        var title = Array.FindIndex(header, column => Titles.Contains(column, StringComparer.OrdinalIgnoreCase));
        var hasYears = title >= 0 && !header.Contains(nameof(YearCell.Year), StringComparer.OrdinalIgnoreCase) && cells.Count(row => YearOf(row[title]).Length > 0) > cells.Length / 2;
        if (numbers.Count + categories.Count == 0 && !hasYears)
            return null;

        IDataView view = Load(ml, path, separator,
        [
            new(header[id], DataKind.String, id),
            .. numbers.Select(name => new TextLoader.Column(name, DataKind.Single, Array.IndexOf(header, name))),
            .. categories.Select(name => new TextLoader.Column(name, DataKind.String, Array.IndexOf(header, name))),
            .. hasYears ? [new TextLoader.Column(nameof(TitleCell.Title), DataKind.String, title)] : Array.Empty<TextLoader.Column>(),
        ]);
        foreach (var name in categories)
            view = ml.Transforms.Text.TokenizeIntoWords(name, separators: ['|']).Fit(view).Transform(view);
        if (hasYears)
        {
            view = ml.Transforms.CustomMapping<TitleCell, YearCell>((row, result) => result.Year = YearOf(row.Title), null).Fit(view).Transform(view);
            categories.Add(nameof(YearCell.Year));
        }
        return ml.Recommenders().Data.ReadFeatures(view, header[id], [.. numbers, .. categories], cancellation);
    }

    /// <summary>The year in brackets at the end of a title, or nothing.</summary>
    private static string YearOf(string title) => YearAtEnd().Match(title).Groups[1].Value;

    [GeneratedRegex(@"\((\d{4})\)\s*$")]
    private static partial Regex YearAtEnd();

    private static IDataView Load(MLContext ml, string path, char separator, params TextLoader.Column[] columns) => ml.Data.LoadFromTextFile(path, new TextLoader.Options
    {
        Columns = columns,
        Separators = [separator],
        HasHeader = true,
        AllowQuoting = true,
        MissingRealsAsNaNs = true,
    });

    private sealed class TitleCell
    {
        public string Title { get; set; } = "";
    }

    private sealed class YearCell
    {
        public string Year { get; set; } = "";
    }

    private sealed class CellRow
    {
        public string[] Cells { get; set; } = [];
    }
}
