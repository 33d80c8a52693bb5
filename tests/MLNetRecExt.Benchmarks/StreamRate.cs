using System.Diagnostics;
using System.Numerics.Tensors;

namespace MLNetRecExt.Benchmarks;

/// <summary>How fast this machine reads memory: sums of arrays that no cache holds.</summary>
internal static class StreamRate
{
    private const int Floats = 64 << 20;

    /// <summary>GB/s of so many threads together, each over 256 MB of its own: the best of three.</summary>
    public static double Measure(int threads)
    {
        var arrays = Enumerable.Range(0, threads).Select(_ => new float[Floats]).ToArray();
        foreach (var array in arrays)
            array.AsSpan().Fill(1);
        return Enumerable.Range(0, 3).Max(_ => 4e-9 * Floats * threads / Seconds(arrays));
    }

    private static double Seconds(float[][] arrays)
    {
        var clock = Stopwatch.StartNew();
        var team = Array.ConvertAll(arrays, array => new Thread(() => TensorPrimitives.Sum<float>(array)));
        foreach (var thread in team)
            thread.Start();
        foreach (var thread in team)
            thread.Join();
        return clock.Elapsed.TotalSeconds;
    }
}
