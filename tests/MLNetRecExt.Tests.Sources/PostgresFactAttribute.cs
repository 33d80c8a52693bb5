namespace MLNetRecExt.Tests.Sources;

/// <summary>A test against a PostgreSQL server, which is reported as skipped where there is none.</summary>
internal sealed class PostgresFactAttribute : FactAttribute
{
    public PostgresFactAttribute() => Skip = Postgres.Skip;
}
