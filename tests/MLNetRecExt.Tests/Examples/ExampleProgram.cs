using System.Diagnostics;

namespace MLNetRecExt.Tests.Examples;

/// <summary>Runs an example as its user does: a process of its own.</summary>
internal static class ExampleProgram
{
    public static (int ExitCode, string Output, string Error) Run(string name, string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, name + ".dll"), .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // LightGBM's threads wait without computing: other tests run beside it.
        start.Environment["OMP_WAIT_POLICY"] = "passive";
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }
}
