using MLNetRecExt.AspNetCore;
using Npgsql;

namespace MLNetRecExt.Benchmarks;

/// <summary>Writes by COPY into a database of its own on a PostgreSQL server. Down, it lets nobody in, and whoever is in is thrown out in
/// the middle of what they do.</summary>
internal sealed class DatabaseSink : ServedSink, IAsyncDisposable
{
    private readonly string _name = $"feedback_{Guid.NewGuid():N}";
    private readonly NpgsqlDataSource _server, _database;

    /// <param name="server">The connection string of another database of the server.</param>
    public DatabaseSink(string server)
    {
        _server = NpgsqlDataSource.Create(server);
        _database = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(server) { Database = _name });
    }

    public async Task CreateAsync()
    {
        await RunAsync(_server, $"CREATE DATABASE {_name}");
        await RunAsync(_database, "CREATE TABLE events (customer_id integer, sku integer, kind text, at timestamptz, position integer, model text)");
    }

    public override async Task WriteAsync(IReadOnlyList<FeedbackEvent<int, int>> batch, CancellationToken cancellationToken)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellationToken);
        await using var import = await connection.BeginBinaryImportAsync(
            "COPY events (customer_id, sku, kind, at, position, model) FROM STDIN (FORMAT BINARY)", cancellationToken);
        foreach (var e in batch)
            await import.WriteRowAsync(cancellationToken, e.User, e.Item, e.Kind.ToString(), e.Time.ToUniversalTime(), e.Position, e.Model);
        await import.CompleteAsync(cancellationToken);
    }

    public override async Task SetDownAsync(bool isDown)
    {
        await RunAsync(_server, $"ALTER DATABASE {_name} ALLOW_CONNECTIONS {!isDown}");
        if (isDown)
            await RunAsync(_server, $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{_name}'");
    }

    public override async Task<long> CountAsync() => (long)(await RunAsync(_database, "SELECT count(*) FROM events"))!;

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        await RunAsync(_server, $"DROP DATABASE {_name} WITH (FORCE)");
        await _server.DisposeAsync();
    }

    private static async Task<object?> RunAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}
