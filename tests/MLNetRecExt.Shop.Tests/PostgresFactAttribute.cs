namespace MLNetRecExt.Shop.Tests;

/// <summary>A test that drives a browser, on a shop whose database is a PostgreSQL server's.</summary>
internal sealed class PostgresFactAttribute : FactAttribute
{
    public PostgresFactAttribute() => Skip = Machine.WithoutPostgres ?? Machine.WithoutBrowser;
}
