using DuckDB.NET.Data;
using MLNetRecExt.Persistence;

namespace MLNetRecExt.Tool;

/// <summary>Writes tables to files, as their names say: <c>.csv</c>, <c>.tsv</c>, <c>.parquet</c> or <c>.jsonl</c>.</summary>
internal static class TableFile
{
    private static readonly Dictionary<string, string> Formats = new(StringComparer.OrdinalIgnoreCase)
    {
        [".csv"] = "FORMAT csv, HEADER",
        [".tsv"] = "FORMAT csv, HEADER, DELIMITER '\t'",
        [".parquet"] = "FORMAT parquet",
        [".jsonl"] = "FORMAT json",
    };

    /// <summary>Writes a file. One that is there is replaced when the new one is complete.</summary>
    /// <param name="path">The file.</param>
    /// <param name="columns">Names and types of the columns, as SQL has them.</param>
    /// <param name="fill">Adds the rows.</param>
    /// <exception cref="ArgumentException">The name ends otherwise.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(string path, string columns, Action<DuckDBAppender> fill)
    {
        Check(path);
        // The library writes by name, and what is unfinished must not have the name of the file.
        var folder = Directory.CreateTempSubdirectory("mlrec");
        try
        {
            var unfinished = Path.Combine(folder.FullName, "table");
            using (var connection = new DuckDBConnection("Data Source=:memory:"))
            {
                connection.Open();
                Execute(connection, $"CREATE TABLE rows ({columns})");
                using (var appender = connection.CreateAppender("rows"))
                    fill(appender);
                Execute(connection, $"COPY rows TO {Quote(unfinished)} ({Formats[Path.GetExtension(path)]})");
            }
            using var written = File.OpenRead(unfinished);
            CompleteFile.Write(path, written.CopyTo);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Refuses names of other formats, before work is done for nothing.</summary>
    /// <exception cref="ArgumentException">It is one.</exception>
    public static void Check(string path)
    {
        if (!Formats.ContainsKey(Path.GetExtension(path)))
            throw new ArgumentException($"{path} does not say its format: let its name end in {string.Join(", ", Formats.Keys)}.");
    }

    /// <summary>A text as SQL has it.</summary>
    public static string Quote(string text) => $"'{text.Replace("'", "''")}'";

    private static void Execute(DuckDBConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
