using System.Diagnostics;

namespace MLNetRecExt.AspNetCore.Tests;

/// <summary>Waits for what happens in the background.</summary>
public static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static async Task TrueAsync(Func<bool> condition, Action? meanwhile = null)
    {
        for (var start = Stopwatch.GetTimestamp(); !condition(); await Task.Delay(5))
        {
            meanwhile?.Invoke();
            Assert.True(Stopwatch.GetElapsedTime(start) < Patience, "What was waited for did not happen.");
        }
    }
}
