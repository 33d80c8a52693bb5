using Npgsql;

namespace MLNetRecExt.Shop.Tests;

/// <summary>A shop on a database of its own, made for it and dropped after, with a line to the server that can be cut.</summary>
public sealed class PostgresFixture : ShopFixture
{
    private readonly string _database = $"shop_{Guid.NewGuid():n}";

    internal TcpLine Line { get; private set; } = null!;

    /// <summary>The database, past the line.</summary>
    internal NpgsqlDataSource Database { get; private set; } = null!;

    public override async Task InitializeAsync()
    {
        // Where its tests are skipped there is nothing to start.
        if ((Machine.WithoutPostgres ?? Machine.WithoutBrowser) is null)
            await base.InitializeAsync();
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        if (Database is null)
            return;
        Line.Dispose();
        await Database.DisposeAsync();
        await OnServerAsync($"DROP DATABASE {_database} WITH (FORCE)");
    }

    internal async Task ExecuteAsync(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>How often a product was clicked, as the database has it.</summary>
    internal async Task<long> CountClicksAsync(string sku)
    {
        await using var command = Database.CreateCommand("SELECT COUNT(*) FROM events WHERE sku = $1 AND kind = 'Clicked'");
        command.Parameters.Add(new() { Value = sku });
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private protected override async Task<ShopProcess> StartAsync()
    {
        await OnServerAsync($"CREATE DATABASE {_database}");
        var server = new NpgsqlConnectionStringBuilder(Machine.Postgres) { Database = _database };
        Database = NpgsqlDataSource.Create(server);
        Line = new TcpLine(server.Host!, server.Port);
        (server.Host, server.Port) = ("127.0.0.1", Line.Port);
        return await ShopProcess.StartAsync(Folder, ("ConnectionStrings__Shop", server.ConnectionString));
    }

    private static async Task OnServerAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(
            Machine.Postgres ?? throw new InvalidOperationException("PostgreSQL is needed here, and MLNETRECEXT_POSTGRES names none."));
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
