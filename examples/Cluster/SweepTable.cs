using MLNetRecExt;

namespace Cluster;

/// <summary>Prints a line for each iteration, when the next one begins or training ends.</summary>
/// <param name="cpu">Seconds of processors' time that workers have used so far; null: they are elsewhere.</param>
internal sealed class SweepTable(Func<double>? cpu = null) : IProgress<ClusterProgress>
{
    private double _seconds, _cpu;
    private long _bytes;
    private int _iteration, _plans;

    /// <summary>Called for each report before it is printed.</summary>
    public Action<ClusterProgress>? Reported { get; init; }

    /// <summary>Processors' seconds of each iteration.</summary>
    public List<double> CpuSeconds { get; } = [];

    public void Report(ClusterProgress value)
    {
        Reported?.Invoke(value);
        if (value.Plans != _plans)
        {
            Console.WriteLine(FormattableString.Invariant(
                $"{value.Elapsed.TotalSeconds,8:F1} s  work is divided among {value.Workers} workers"));
            _plans = value.Plans;
        }
        if (value.Iteration == _iteration)
            return;
        if (_iteration == 0)
            Console.WriteLine("iteration        s   CPU s   MB sent  loss");
        var used = cpu?.Invoke() ?? 0;
        var (seconds, sent) = (value.Elapsed.TotalSeconds - _seconds, (value.BytesSent - _bytes) / 1e6);
        Console.WriteLine(FormattableString.Invariant(
            $"{value.Iteration,9} {seconds,8:F2} {used - _cpu,7:F2} {sent,9:F1}  {value.Loss:G9}"));
        CpuSeconds.Add(used - _cpu);
        (_iteration, _seconds, _bytes, _cpu) = (value.Iteration, value.Elapsed.TotalSeconds, value.BytesSent, used);
    }
}
