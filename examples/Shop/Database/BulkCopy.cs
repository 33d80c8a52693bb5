using System.Data.Common;
using Npgsql;

namespace Shop;

/// <summary>Many rows at once, all or none: by COPY into PostgreSQL, by one prepared statement elsewhere.</summary>
internal static class BulkCopy
{
    /// <param name="table">A name from the code, never from a request; so are the columns. Values are parameters.</param>
    public static async Task WriteAsync(DbConnection connection, string table, string[] columns, IEnumerable<object?[]> rows,
        CancellationToken cancellationToken = default)
    {
        if (connection is NpgsqlConnection postgres)
        {
            var copy = $"COPY {table} ({string.Join(", ", columns)}) FROM STDIN (FORMAT BINARY)";
            await using var import = await postgres.BeginBinaryImportAsync(copy, cancellationToken);
            foreach (var row in rows)
                await import.WriteRowAsync(cancellationToken, row);
            await import.CompleteAsync(cancellationToken);
            return;
        }
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var insert = connection.CreateCommand();
        insert.Transaction = transaction;
        insert.CommandText = $"INSERT INTO {table} ({string.Join(", ", columns)}) VALUES (@{string.Join(", @", columns)})";
        foreach (var column in columns)
            insert.AddParameter(column, DBNull.Value);
        foreach (var row in rows)
        {
            for (int column = 0; column < row.Length; column++)
                insert.Parameters[column].Value = row[column] ?? DBNull.Value;
            await insert.ExecuteNonQueryAsync(cancellationToken);
        }
        await transaction.CommitAsync(cancellationToken);
    }
}
