namespace MLNetRecExt.Orleans.Tests;

/// <summary>A test that needs a Redis server, named host:port by <c>MLNETRECEXT_REDIS</c>; skipped elsewhere, but where <c>CI=true</c> or
/// <c>MLNETRECEXT_REQUIRE=1</c> asks for it.</summary>
internal sealed class RedisFactAttribute : FactAttribute
{
    public static string? Redis { get; } = Environment.GetEnvironmentVariable("MLNETRECEXT_REDIS");

    public RedisFactAttribute()
    {
        var isRequired = Environment.GetEnvironmentVariable("CI") == "true" || Environment.GetEnvironmentVariable("MLNETRECEXT_REQUIRE") == "1";
        if (Redis is null && !isRequired)
            Skip = "No Redis server: set MLNETRECEXT_REDIS to host:port of one.";
    }
}
