using System.Diagnostics;
using System.Globalization;

namespace MLNetRecExt.Tests;

/// <summary>Runs tests/MLNetRecExt.Tests.LoadModel, which knows only Microsoft.ML, in a process of its own.</summary>
internal static class LoadModelProgram
{
    /// <summary>What it prints, by line.</summary>
    public static string[] Run(string what, string path, int size)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "MLNetRecExt.Tests.LoadModel.dll");
        using var process = Process.Start(new ProcessStartInfo("dotnet", [program, what, path, size.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        var lines = process.StandardOutput.ReadToEnd().ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors.Result);
        return lines;
    }
}
