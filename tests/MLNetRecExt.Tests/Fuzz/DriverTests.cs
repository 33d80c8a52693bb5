using System.Diagnostics;
using MLNetRecExt.Fuzz;

namespace MLNetRecExt.Tests.Fuzz;

/// <summary>An attack that finds nothing is worth something only if it would find what there is.</summary>
public class DriverTests
{
    [Fact]
    public void Run_FailuresExceptionsAndCrashes_AreFoundAndTheCampaignGoesOn()
    {
        var (exitCode, lines) = Run("broken", "6", "--seed", "3", "--jobs", "1");

        Assert.Equal(1, exitCode);
        Assert.Equal("seed 3", lines[0]);
        Assert.Contains(lines, line => line.StartsWith("FAILED broken --seed 3 --only 1: promise: broken", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("FAILED broken --seed 3 --only 2: InvalidOperation", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("FAILED broken --seed 3 --only 3: crash", StringComparison.Ordinal));
        Assert.Matches("^broken +6 +4 ", lines[^1]);
        Assert.Contains("well 2", lines[^1]);
    }

    [Fact]
    public void Run_OneInputAlone_MeetsTheSameFailure()
    {
        var (_, all) = Run("broken", "6", "--seed", "3");
        var (exitCode, one) = Run("broken", "--seed", "3", "--only", "4");

        Assert.Equal(1, exitCode);
        var found = Assert.Single(all, line => line.StartsWith("FAILED broken --seed 3 --only 4", StringComparison.Ordinal));
        Assert.Contains(one, line => line.Contains(found.Split(' ')[^1], StringComparison.Ordinal));
    }

    [Fact]
    public void Run_NothingFails_EndsWithZero()
    {
        Assert.Equal(0, Run("broken", "1").ExitCode);
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("files", "--speed", "3")]
    [InlineData("files", "--seed")]
    [InlineData("files", "hostile", "--only", "3")]
    [InlineData]
    public void Parse_WhatIsNotThere_IsRefused(params string[] args)
    {
        Assert.Throws<ArgumentException>(() => FuzzArguments.Parse(args));
    }

    private static (int ExitCode, string[] Lines) Run(params string[] args)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [typeof(FuzzArguments).Assembly.Location, .. args])
        {
            RedirectStandardOutput = true,
        })!;
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, text.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
