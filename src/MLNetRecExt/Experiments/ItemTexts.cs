namespace MLNetRecExt;

/// <summary>Titles and groups of items, by id.</summary>
internal static class ItemTexts
{
    /// <summary>Reads a delimited file with a row per item.</summary>
    /// <param name="path">The file.</param>
    /// <param name="data">Names its columns, or leaves them to be found.</param>
    /// <returns>Each null where there is no such column.</returns>
    /// <exception cref="InvalidDataException">A column that is named is not in it.</exception>
    public static (IReadOnlyDictionary<string, string>? Titles, IReadOnlyDictionary<string, string>? Groups) Read(
        string path, DataConfiguration data)
    {
        var head = DelimitedHead.Read(path, null, null, joinsLines: true);
        var id = Find(head, ColumnNames.Items, data.Item, isNeeded: false) ?? 0;
        var titles = Find(head, ColumnNames.Titles, data.Title, isNeeded: true);
        var groups = Find(head, [], data.Group, isNeeded: true);
        string[][] rows = [.. DelimitedText.Open(path).Rows(head.Separator, joinsLines: true).Skip(head.HasHeader ? 1 : 0)];
        return (Column(titles), Column(groups));

        Dictionary<string, string>? Column(int? column)
        {
            if (column is not { } place)
                return null;
            var texts = new Dictionary<string, string>();
            foreach (var row in rows.Where(row => row.Length > Math.Max(id, place)))
                texts[row[id]] = row[place];
            return texts;
        }
    }

    private static int? Find(DelimitedHead head, string[] usual, string? name, bool isNeeded)
    {
        var place = Array.FindIndex(head.Names, column => column == name);
        if (place < 0 && name is not null && isNeeded)
            throw new InvalidDataException($"{head.Path} has no column '{name}'; it has {head.Seen}.");
        if (place < 0)
            place = Array.FindIndex(head.Names, column => ColumnNames.Contains(usual, column));
        return place < 0 ? null : place;
    }
}
