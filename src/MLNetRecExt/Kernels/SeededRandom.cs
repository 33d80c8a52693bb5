using MLNetRecExt.Kernels;

namespace MLNetRecExt;

/// <summary>
/// A small random generator (SplitMix64) that gives the same numbers on every runtime, in as many independent streams as wanted:
/// with a stream per sample, results do not depend on the number of threads.
/// </summary>
internal struct SeededRandom(int seed, long stream = 0)
{
    private const int RowsPerChunk = 1024;

    private ulong _state = Mix((ulong)(uint)seed ^ Mix((ulong)stream));

    public ulong NextBits() => Mix(_state += 0x9E3779B97F4A7C15);

    /// <summary>0…count−1. The bias of at most count/2⁶⁴ is far below anything measurable.</summary>
    public int Next(int count) => (int)Math.BigMul(NextBits(), (ulong)count, out _);

    /// <summary>0 to below 1.</summary>
    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Puts values in an order that is any with equal probability (Fisher and Yates, from the end).</summary>
    public void Shuffle<T>(Span<T> values)
    {
        for (int i = values.Length - 1; i > 0; i--)
        {
            var other = Next(i + 1);
            (values[i], values[other]) = (values[other], values[i]);
        }
    }

    /// <summary>
    /// Normally distributed, mean 0, variance 1 (Box-Muller). For many at once <see cref="FillNormal(Span{float}, double, double)"/>
    /// takes a tenth of the time.
    /// </summary>
    public double NextGaussian() => Math.Sqrt(-2 * Math.Log(1 - NextDouble())) * Math.Cos(2 * Math.PI * NextDouble());

    /// <summary>Fills with normally distributed numbers. A shorter span gets the first numbers of a longer one.</summary>
    public unsafe void FillNormal(Span<float> values, double mean, double deviation)
    {
        const int Block = 2 * NormalKernels.Pairs;
        int* radii = stackalloc int[Block], angles = radii + NormalKernels.Pairs;
        float* rest = stackalloc float[Block];
        fixed (float* target = values)
        {
            for (int start = 0; start < values.Length; start += Block)
            {
                for (int i = 0; i < NormalKernels.Pairs; i++)
                {
                    var bits = NextBits();
                    (radii[i], angles[i]) = ((int)(bits >> 33) | 1, (int)bits);
                }
                var isWhole = values.Length - start >= Block;
                NormalKernels.Best.Fill(radii, angles, (float)mean, (float)deviation, isWhole ? target + start : rest);
                if (!isWhole)
                    new Span<float>(rest, values.Length - start).CopyTo(values[start..]);
            }
        }
    }

    /// <summary>
    /// Fills the first columns of rows with normally distributed numbers, on all threads: each row by a generator of its own, so that
    /// threads do not show in the bits.
    /// </summary>
    /// <param name="matrix">Whose rows.</param>
    /// <param name="columns">How many columns.</param>
    /// <param name="randomOf">By row: its generator, or null for a row that stays as it is.</param>
    /// <param name="mean">The mean.</param>
    /// <param name="deviation">The standard deviation.</param>
    /// <param name="parallel">The threads.</param>
    /// <exception cref="OperationCanceledException">The token of <paramref name="parallel"/> asked for it.</exception>
    public static void FillNormal(
        AlignedMatrix matrix, int columns, Func<int, SeededRandom?> randomOf, double mean, double deviation, ParallelOptions parallel) =>
        Parallel.For(0, (matrix.Rows + RowsPerChunk - 1) / RowsPerChunk, parallel, chunk =>
        {
            for (int row = chunk * RowsPerChunk; row < Math.Min(matrix.Rows, (chunk + 1) * RowsPerChunk); row++)
                if (randomOf(row) is { } random)
                    random.FillNormal(matrix[row][..columns], mean, deviation);
        });

    private static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
