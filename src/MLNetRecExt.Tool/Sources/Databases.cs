using System.Data.Common;
using DuckDB.NET.Data;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace MLNetRecExt.Tool.Sources;

/// <summary>The databases that can be read.</summary>
internal static class Databases
{
    private const string Sqlite = "sqlite", Postgres = "postgres", DuckDb = "duckdb", Variable = "env:", InMemory = ":memory:";

    private static readonly string[] FileKeys = ["Data Source", "DataSource", "Filename"], ServerKeys = ["Host", "Server"];

    /// <summary>Opens a connection that only reads.</summary>
    public static async Task<DbConnection> OpenAsync(DataConfiguration data, CancellationToken cancellation)
    {
        var text = Resolve(data.Connection!);
        var parts = new DbConnectionStringBuilder { ConnectionString = text };
        DbConnection connection = (data.Provider ?? ProviderOf(parts)) switch
        {
            // Where there is no such file, none must be made.
            Sqlite => new SqliteConnection(new SqliteConnectionStringBuilder(text) { Mode = SqliteOpenMode.ReadOnly }.ConnectionString),
            Postgres => new NpgsqlConnection(text),
            _ => new DuckDBConnection(FileOf(parts) == InMemory ? text : text.TrimEnd(';') + ";ACCESS_MODE=READ_ONLY"),
        };
        try
        {
            await connection.OpenAsync(cancellation);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static string Resolve(string connection)
    {
        if (!connection.StartsWith(Variable, StringComparison.Ordinal))
            return connection;
        var name = connection[Variable.Length..];
        return Environment.GetEnvironmentVariable(name)
            ?? throw new ArgumentException($"The connection is '{connection}', and the environment has no variable {name}.");
    }

    private static string ProviderOf(DbConnectionStringBuilder parts)
    {
        if (ServerKeys.Any(parts.ContainsKey))
            return Postgres;
        var file = FileOf(parts) ?? throw new ArgumentException(
            $"The connection string does not tell the database; give the provider: {Sqlite}, {Postgres} or {DuckDb}.");
        return file == InMemory || Path.GetExtension(file) is ".duckdb" or ".ddb" ? DuckDb : Sqlite;
    }

    private static string? FileOf(DbConnectionStringBuilder parts) =>
        FileKeys.Where(parts.ContainsKey).Select(key => parts[key].ToString()).FirstOrDefault();
}
