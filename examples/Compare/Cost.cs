using System.Diagnostics;

namespace Compare;

/// <summary>What a piece of work took: seconds on the clock, and seconds of all cores together.</summary>
internal readonly record struct Cost(double WallSeconds, double CpuSeconds)
{
    public static (T Result, Cost Cost) Measure<T>(Func<T> work)
    {
        var process = Process.GetCurrentProcess();
        var cpu = process.TotalProcessorTime;
        var watch = Stopwatch.StartNew();
        var result = work();
        watch.Stop();
        process.Refresh();
        return (result, new Cost(watch.Elapsed.TotalSeconds, (process.TotalProcessorTime - cpu).TotalSeconds));
    }
}
