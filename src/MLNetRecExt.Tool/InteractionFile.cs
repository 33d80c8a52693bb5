using DuckDB.NET.Data;
using MLNetRecExt.Tool.Verbs;

namespace MLNetRecExt.Tool;

/// <summary>Writes interactions to a file.</summary>
internal static class InteractionFile
{
    /// <summary>Writes a row for each interaction: user, item, and label, weight and timestamp where there are any.</summary>
    public static void Write(string path, Interactions interactions)
    {
        var rows = interactions.ByUser;
        var isDate = rows.Times is { } times && Period.IsDate(times.Latest);
        string[] columns =
        [
            "\"user\" VARCHAR", "item VARCHAR", .. rows.HasLabels ? ["label FLOAT"] : Array.Empty<string>(),
            .. rows.HasWeights ? ["weight FLOAT"] : Array.Empty<string>(),
            .. rows.HasTimestamps ? [isDate ? "\"timestamp\" TIMESTAMP" : "\"timestamp\" BIGINT"] : Array.Empty<string>(),
        ];
        TableFile.Write(path, string.Join(", ", columns), appender =>
        {
            for (int user = 0; user < rows.RowCount; user++)
                AddUser(appender, interactions, user, isDate);
        });
    }

    /// <summary>Keeps files from being replaced.</summary>
    /// <exception cref="IOException">One of them is there.</exception>
    public static void RefuseToReplace(params IEnumerable<string> paths)
    {
        if (paths.FirstOrDefault(File.Exists) is { } path)
            throw new IOException($"{path} is there already; --force replaces it.");
    }

    private static void AddUser(DuckDBAppender appender, Interactions interactions, int user, bool isDate)
    {
        var rows = interactions.ByUser;
        var items = rows.Indices(user);
        for (int place = 0; place < items.Length; place++)
        {
            var row = appender.CreateRow();
            row.AppendValue(interactions.Users.GetText(user)).AppendValue(interactions.Items.GetText(items[place]));
            if (rows.HasLabels)
                row.AppendValue(rows.Labels(user)[place]);
            if (rows.HasWeights)
                row.AppendValue(rows.Weights(user)[place]);
            if (isDate)
                row.AppendValue(new DateTime(rows.Timestamps(user)[place], DateTimeKind.Utc));
            else if (rows.HasTimestamps)
                row.AppendValue(rows.Timestamps(user)[place]);
            row.EndRow();
        }
    }
}
