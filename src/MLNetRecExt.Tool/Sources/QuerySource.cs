using System.Data.Common;
using System.Globalization;
using System.Text;

namespace MLNetRecExt.Tool.Sources;

/// <summary>A query to a database.</summary>
internal sealed class QuerySource(DataConfiguration data) : InteractionSource(data)
{
    private const int SampledRows = 200;

    public override string Name => "the query";

    /// <summary>Columns are found as in a file: the first rows are written to one.</summary>
    public override async Task<InteractionFileOptions> InferAsync(CancellationToken cancellation)
    {
        var path = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(path, await SampleAsync(cancellation), cancellation);
            return InteractionFileOptions.Infer(path, Hints with { Separator = ",", HasHeader = true });
        }
        catch (Exception e) when (e is ArgumentException or InvalidDataException)
        {
            throw new InvalidDataException(e.Message.Replace(path, "The query"), e);
        }
        finally
        {
            File.Delete(path);
        }
    }

    public override async Task<Interactions> ReadAsync(int? threads, CancellationToken cancellation)
    {
        if (Data.RelevantFrom is not null)
            throw new ArgumentException("data.relevantFrom is for files; let the query leave rows out: WHERE rating >= 4.");
        await using var connection = await Databases.OpenAsync(Data, cancellation);
        await using var rows = await QueryAsync(connection, cancellation);
        var columns = new InteractionColumns(Data.User!, Data.Item!, Data.Label, Data.Weight, Data.Time);
        return await Catalog.ReadInteractionsAsync(rows, columns, cancellationToken: cancellation);
    }

    private async Task<DbDataReader> QueryAsync(DbConnection connection, CancellationToken cancellation)
    {
        var command = connection.CreateCommand();
        command.CommandText = Data.Sql;
        return await command.ExecuteReaderAsync(cancellation);
    }

    private async Task<string> SampleAsync(CancellationToken cancellation)
    {
        await using var connection = await Databases.OpenAsync(Data, cancellation);
        await using var rows = await QueryAsync(connection, cancellation);
        var text = new StringBuilder();
        var columns = Enumerable.Range(0, rows.FieldCount).ToArray();
        text.AppendLine(string.Join(',', columns.Select(column => Quote(rows.GetName(column)))));
        for (int row = 0; row < SampledRows && await rows.ReadAsync(cancellation); row++)
            text.AppendLine(string.Join(',', columns.Select(column => Quote(Format(rows.GetValue(column))))));
        return text.ToString();
    }

    private static string Format(object value) => value switch
    {
        DBNull => "",
        DateTime or DateTimeOffset => ((IFormattable)value).ToString("O", CultureInfo.InvariantCulture),
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    private static string Quote(string value) =>
        value.Length == 0 ? "" : "\"" + value.Replace("\"", "\"\"").ReplaceLineEndings(" ") + "\"";
}
