namespace MLNetRecExt;

/// <summary>
/// A small random generator (SplitMix64) that gives the same numbers on every runtime, in as many independent streams as wanted:
/// with a stream per sample, results do not depend on the number of threads.
/// </summary>
internal struct SeededRandom(int seed, long stream = 0)
{
    private ulong _state = Mix((ulong)(uint)seed ^ Mix((ulong)stream));

    public ulong NextBits() => Mix(_state += 0x9E3779B97F4A7C15);

    /// <summary>0…count−1. The bias of at most count/2⁶⁴ is far below anything measurable.</summary>
    public int Next(int count) => (int)Math.BigMul(NextBits(), (ulong)count, out _);

    /// <summary>0 to below 1.</summary>
    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Normally distributed, mean 0, variance 1 (Box-Muller).</summary>
    public double NextGaussian() => Math.Sqrt(-2 * Math.Log(1 - NextDouble())) * Math.Cos(2 * Math.PI * NextDouble());

    private static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
