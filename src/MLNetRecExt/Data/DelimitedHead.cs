using System.Globalization;
using Microsoft.ML.Data;

namespace MLNetRecExt;

/// <summary>What the head of a delimited text file shows: the separator, the columns' names, and what the columns hold.</summary>
internal sealed class DelimitedHead
{
    private const int MaxBytes = 1 << 20, MaxRows = 200;

    private DelimitedHead(string path, string separator, bool hasHeader, string[][] rows)
    {
        Path = path;
        Separator = separator;
        HasHeader = hasHeader;
        Names = hasHeader ? rows[0] : [.. rows[0].Select((_, column) => column.ToString(CultureInfo.InvariantCulture))];
        Columns = [.. Names.Select((_, column) => rows.Skip(hasHeader ? 1 : 0)
            .Select(row => column < row.Length ? row[column] : "").Where(cell => cell.Length > 0).ToArray())];
    }

    public string Path { get; }

    public string Separator { get; }

    public bool HasHeader { get; }

    /// <summary>The names in the first line; without a header, numbers from 0.</summary>
    public string[] Names { get; }

    /// <summary>By column, the values of the first rows that are not empty.</summary>
    public string[][] Columns { get; }

    /// <param name="path">The file.</param>
    /// <param name="separator">What stands between values; null: found out.</param>
    /// <param name="hasHeader">Whether the first line holds names; null: found out.</param>
    /// <param name="joinsLines">Whether a line break between quotes belongs to the value.</param>
    /// <exception cref="InvalidDataException">The file is empty, is no text, or nothing in it looks like a separator.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    public static DelimitedHead Read(string path, string? separator, bool? hasHeader, bool joinsLines)
    {
        var text = DelimitedText.Open(path, MaxBytes);
        separator ??= FindSeparator(path, text, joinsLines);
        var rows = text.Rows(separator, joinsLines).Take(MaxRows).ToArray();
        return rows.Length > 0
            ? new DelimitedHead(path, separator, hasHeader ?? LooksLikeHeader(rows), rows)
            : throw Empty(path);
    }

    /// <summary>The columns, with a value of each where they have no names, and how the lines are divided: for messages.</summary>
    public string Seen
    {
        get
        {
            var columns = Names.Select((name, column) => !HasHeader && Columns[column] is [var first, ..] ? $"{name} ('{first}', …)" : name);
            return $"{string.Join(", ", columns)} ({Describe(Separator, HasHeader)})";
        }
    }

    /// <summary>A layout in words, like <c>comma-separated, no header</c>.</summary>
    public static string Describe(string separator, bool hasHeader)
    {
        var name = separator switch
        {
            "\t" => "tab",
            "," => "comma",
            ";" => "semicolon",
            " " => "space",
            _ => $"'{separator}'",
        };
        return $"{name}-separated, {(hasHeader ? "header" : "no header")}";
    }

    /// <summary>Whether a value is a finite number.</summary>
    public static bool IsNumber(string cell) =>
        float.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && float.IsFinite(number);

    /// <summary>The kind that all timestamps of a column can be read as; null when there is none.</summary>
    public static DataKind? TimestampKind(string[] cells)
    {
        var culture = CultureInfo.InvariantCulture;
        if (cells.All(cell => long.TryParse(cell, NumberStyles.AllowLeadingSign, culture, out _)))
            return DataKind.Int64;
        if (cells.All(IsNumber))
            return DataKind.Double;
        return cells.All(IsDate) ? DataKind.DateTime : null;
    }

    /// <summary>Whether a value is a date, or a date and time, and no number.</summary>
    public static bool IsDate(string cell) => !IsNumber(cell) && DateTime.TryParse(cell, CultureInfo.InvariantCulture, out _);

    private static string FindSeparator(string path, DelimitedText text, bool joinsLines)
    {
        // Tabs and double colons stand for nothing else; spaces stand in any text.
        string[][] candidates = [["\t"], ["::"], [",", ";", "|"], [" "]];
        foreach (var group in candidates)
        {
            var best = group.MaxBy(CellsOfEveryRow)!;
            if (CellsOfEveryRow(best).Least > 1)
                return best;
        }
        var first = text.Rows(",", joinsLines).FirstOrDefault() ?? throw Empty(path);
        throw new InvalidDataException($"{path}: not every line is divided by a tab, '::', comma, semicolon, '|' or space. "
            + $"Its first line begins with '{first[0]}'. Say what the separator is.");

        (int Least, bool IsSame) CellsOfEveryRow(string separator)
        {
            int[] counts = [.. text.Rows(separator, joinsLines).Take(MaxRows).Select(row => row.Length).Distinct()];
            return (counts.DefaultIfEmpty(0).Min(), counts.Length == 1);
        }
    }

    private static InvalidDataException Empty(string path) =>
        new($"{path} is empty; a header row with the columns' names, or a row of data, is needed.");

    private static bool LooksLikeHeader(string[][] rows)
    {
        if (rows[0].Any(cell => IsNumber(cell) || IsDate(cell)))
            return false;
        return rows[0].Any(ColumnNames.IsUsual) || Enumerable.Range(0, rows[0].Length).Any(HoldsNumbersBelow);

        bool HoldsNumbersBelow(int column)
        {
            var below = rows.Skip(1).Where(row => column < row.Length && row[column].Length > 0).ToArray();
            return below.Length > 0 && below.All(row => IsNumber(row[column]));
        }
    }
}
