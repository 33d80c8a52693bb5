namespace MLNetRecExt.Tool;

/// <summary>The process.</summary>
internal static class Program
{
    public static Task<int> Main(string[] args) => new MlrecCommand().RunAsync(args, new()
    {
        // A training ends within its iteration, and is waited for that long.
        ProcessTerminationTimeout = TimeSpan.FromMinutes(1),
        EnableDefaultExceptionHandler = false,
    });
}
