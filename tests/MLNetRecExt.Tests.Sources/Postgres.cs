using Npgsql;

namespace MLNetRecExt.Tests.Sources;

/// <summary>The server that an environment variable names.</summary>
internal static class Postgres
{
    public const string Variable = "MLNETRECEXT_POSTGRES";

    /// <summary>Why tests of it are skipped; null where they run. Where all is to be tested they run, and fail without a server.</summary>
    public static string? Skip { get; } = ConnectionString is not null || IsRequired
        ? null
        : $"{Variable} does not hold the connection string of a PostgreSQL server.";

    private static string? ConnectionString => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given ? given : null;

    private static bool IsRequired => Environment.GetEnvironmentVariable("CI") == "true"
        || Environment.GetEnvironmentVariable("MLNETRECEXT_REQUIRE") == "1";

    /// <summary>A connection of its own, whose temporary tables go with it.</summary>
    public static async Task<NpgsqlConnection> OpenAsync()
    {
        Assert.True(ConnectionString is not null, $"{Variable} must hold the connection string of a PostgreSQL server: CI or MLNETRECEXT_REQUIRE is set.");
        var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        return connection;
    }
}
