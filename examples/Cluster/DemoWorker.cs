using System.Diagnostics;

namespace Cluster;

/// <summary>A worker in a process of its own, which ends with this one.</summary>
internal sealed class DemoWorker : IDisposable
{
    private readonly Process _process;

    private DemoWorker(Process process) => _process = process;

    /// <summary>Seconds of processors' time it has used; what it had when it ended.</summary>
    public double CpuSeconds { get; private set; }

    /// <summary>The most memory it has had, MB.</summary>
    public double PeakMegabytes { get; private set; }

    /// <summary>The memory it has, MB.</summary>
    public double Megabytes { get; private set; }

    /// <param name="core">The core that it may use; null: all.</param>
    /// <param name="arguments">Those of the command <c>worker</c>.</param>
    public static async Task<DemoWorker> StartAsync(int? core, IEnumerable<string> arguments)
    {
        var program = Environment.ProcessPath!;
        string[] own = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [program, typeof(DemoWorker).Assembly.Location] : [program];
        string[] pinned = core is null ? own : ["taskset", "-c", $"{core}", .. own];
        var process = Process.Start(new ProcessStartInfo(pinned[0], [.. pinned[1..], "worker", "--child", .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        while (await process.StandardOutput.ReadLineAsync() is var line && line != WorkerCommand.Ready)
        {
            if (line is null)
                throw new InvalidOperationException("A worker did not start; what it said stands above.");
            Console.WriteLine(line);
        }
        return new(process);
    }

    /// <summary>Looks at what it has used.</summary>
    public void Refresh()
    {
        if (_process.HasExited)
            return;
        _process.Refresh();
        (CpuSeconds, Megabytes, PeakMegabytes) =
            (_process.TotalProcessorTime.TotalSeconds, _process.WorkingSet64 / 1e6, _process.PeakWorkingSet64 / 1e6);
    }

    /// <summary>As kill -9 does: it has no time for a last word.</summary>
    public void Kill()
    {
        Refresh();
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            Kill();
        _process.Dispose();
    }
}
