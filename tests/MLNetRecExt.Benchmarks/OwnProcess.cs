using System.Diagnostics;

namespace MLNetRecExt.Benchmarks;

/// <summary>This program once more, in a process of its own: its peak memory, and what it compiles, are then those of one step.</summary>
internal static class OwnProcess
{
    /// <summary>What the program that is running has taken of all processors.</summary>
    public static double CpuSeconds => Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds;

    /// <returns>The exit code.</returns>
    public static int Run(params string[] args)
    {
        using var process = Process.Start(Start(args))!;
        process.WaitForExit();
        return process.ExitCode;
    }

    /// <returns>What it writes.</returns>
    public static string Read(params string[] args)
    {
        var start = Start(args);
        start.RedirectStandardOutput = true;
        using var process = Process.Start(start)!;
        var written = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? written : throw new InvalidOperationException($"{string.Join(' ', args)} ended with {process.ExitCode}.");
    }

    private static ProcessStartInfo Start(string[] args)
    {
        // Started through "dotnet X.dll" the process is dotnet, else it is the program itself.
        var isHost = Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet";
        return new(Environment.ProcessPath!, isHost ? [typeof(OwnProcess).Assembly.Location, .. args] : args);
    }
}
