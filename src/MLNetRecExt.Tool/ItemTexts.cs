using DuckDB.NET.Data;

namespace MLNetRecExt.Tool;

/// <summary>Titles and groups of items, from the file of items that a configuration names.</summary>
/// <param name="Titles">By id.</param>
/// <param name="Groups">By id; null where the configuration names no column.</param>
internal sealed record ItemTexts(IReadOnlyDictionary<string, string>? Titles, IReadOnlyDictionary<string, string>? Groups)
{
    public static ItemTexts None { get; } = new(null, null);

    /// <summary>Reads the file.</summary>
    /// <exception cref="InvalidDataException">A column is not in it.</exception>
    public static ItemTexts Read(string path, DataConfiguration data)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no file {path}, which data.items names.");
        using var connection = new DuckDBConnection("Data Source=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT * FROM read_csv('{path.Replace("'", "''")}', header = true, all_varchar = true)";
        using var rows = command.ExecuteReader();
        string[] names = [.. Enumerable.Range(0, rows.FieldCount).Select(rows.GetName)];
        var id = Find(data.Item, ColumnNames.Items) ?? 0;
        var (title, group) = (Find(data.Title, ColumnNames.Titles), Find(data.Group, []));
        if ((data.Title is not null && title is null) || (data.Group is not null && group is null))
            throw new InvalidDataException(
                $"{path} has no column '{(title is null ? data.Title : data.Group)}'; it has {string.Join(", ", names)}.");
        var (titles, groups) = (new Dictionary<string, string>(), new Dictionary<string, string>());
        while (rows.Read())
        {
            if (rows.IsDBNull(id))
                continue;
            Take(titles, title);
            Take(groups, group);
        }
        return new(titles, group is null ? null : groups);

        int? Find(string? name, string[] usual) => Array.FindIndex(
            names, column => column == name || name is null && ColumnNames.Contains(usual, column)) is var place and >= 0 ? place : null;

        void Take(Dictionary<string, string> texts, int? column)
        {
            if (column is { } place && !rows.IsDBNull(place))
                texts[rows.GetString(id)] = rows.GetString(place);
        }
    }
}
