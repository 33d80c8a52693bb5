using System.Diagnostics;

namespace MLNetRecExt.Benchmarks;

/// <summary>This program once more, in a process of its own: its peak memory is then that of one step.</summary>
internal static class OwnProcess
{
    /// <returns>The exit code.</returns>
    public static int Run(params string[] args)
    {
        // Started through "dotnet X.dll" the process is dotnet, else it is the program itself.
        var isHost = Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet";
        using var process = Process.Start(Environment.ProcessPath!, isHost ? [typeof(OwnProcess).Assembly.Location, .. args] : args);
        process.WaitForExit();
        return process.ExitCode;
    }
}
