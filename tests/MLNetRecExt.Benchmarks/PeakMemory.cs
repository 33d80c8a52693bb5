using System.Diagnostics;
using System.Globalization;

namespace MLNetRecExt.Benchmarks;

/// <summary>The most memory that this process ever had resident.</summary>
internal static class PeakMemory
{
    public static double Megabytes()
    {
        if (!File.Exists("/proc/self/status"))
            return Process.GetCurrentProcess().PeakWorkingSet64 / 1048576.0;
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) / 1024.0;
    }
}
