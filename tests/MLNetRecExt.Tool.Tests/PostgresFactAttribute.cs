namespace MLNetRecExt.Tool.Tests;

/// <summary>A test against a PostgreSQL server, which is reported as skipped where there is none. Where all is to be tested it fails
/// without one.</summary>
internal sealed class PostgresFactAttribute : FactAttribute
{
    public const string Variable = "MLNETRECEXT_POSTGRES";

    public PostgresFactAttribute()
    {
        if (Environment.GetEnvironmentVariable(Variable) is null or "" && Environment.GetEnvironmentVariable("CI") != "true"
            && Environment.GetEnvironmentVariable("MLNETRECEXT_REQUIRE") != "1")
            Skip = $"{Variable} does not hold the connection string of a PostgreSQL server.";
    }
}
