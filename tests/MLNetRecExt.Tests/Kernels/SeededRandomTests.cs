using System.Runtime.InteropServices;
using System.Security.Cryptography;
using MLNetRecExt.Kernels;

namespace MLNetRecExt.Tests.Kernels;

public sealed class SeededRandomTests
{
    // The bits are those of the first machine that ran this test, and of Vector128 in software: IEEE 754 leaves no other.
    [Fact]
    public void FillNormal_ASeed_GivesTheSameBitsOnEveryProcessor()
    {
        var values = Normal(10_000, seed: 42, stream: 7);

        Assert.Equal("5A1504852739FF9A", Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes<float>(values)))[..16]);
    }

    [Fact]
    public void FillNormal_ManyNumbers_FollowTheNormalDistribution()
    {
        var values = Normal(1 << 18, seed: 3, stream: 1);
        double n = values.Length;

        // Moments, each within four deviations of its mean over samples: 0, 1, 0 and 3 with variances 1, 2, 15 and 96, over n.
        Assert.Equal(0, values.Average(x => (double)x), 4 * Math.Sqrt(1 / n));
        Assert.Equal(1, values.Average(x => Math.Pow(x, 2)), 4 * Math.Sqrt(2 / n));
        Assert.Equal(0, values.Average(x => Math.Pow(x, 3)), 4 * Math.Sqrt(15 / n));
        Assert.Equal(3, values.Average(x => Math.Pow(x, 4)), 4 * Math.Sqrt(96 / n));

        // Kolmogorov and Smirnov: beyond 1.95/√n once in a thousand samples.
        Array.Sort(values);
        for (int i = 0; i < values.Length; i++)
            Assert.Equal((i + 0.5) / n, Distribution(values[i]), 1.95 / Math.Sqrt(n));
    }

    // The two of a pair stand 16 apart.
    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(32)]
    public void FillNormal_NumbersApart_AreIndependent(int distance)
    {
        var values = Normal(1 << 18, seed: 5, stream: 2);
        var pairs = Enumerable.Range(0, values.Length - distance)
            .Where(i => i % (2 * NormalKernels.Pairs) < NormalKernels.Pairs || distance != NormalKernels.Pairs)
            .Select(i => (X: (double)values[i], Y: (double)values[i + distance])).ToArray();
        double n = pairs.Length;

        Assert.Equal(0, pairs.Average(pair => pair.X * pair.Y), 4 / Math.Sqrt(n));
        Assert.Equal(0, pairs.Average(pair => (pair.X * pair.X - 1) * (pair.Y * pair.Y - 1)), 4 * 2 / Math.Sqrt(n));
    }

    [Fact]
    public void FillNormal_AShorterSpan_GetsTheFirstNumbers()
    {
        var longest = Normal(200, seed: 1, stream: 0);

        for (int length = 0; length <= longest.Length; length++)
            Assert.Equal(longest[..length], Normal(length, seed: 1, stream: 0));
    }

    [Fact]
    public void FillNormal_AnotherSeedOrStream_GivesOtherNumbers()
    {
        var values = Normal(32, seed: 1, stream: 0);

        Assert.Empty(values.Intersect(Normal(32, seed: 2, stream: 0)));
        Assert.Empty(values.Intersect(Normal(32, seed: 1, stream: 1)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(16)]
    public void FillNormal_Rows_HaveTheBitsOfTheirOwnGeneratorsForAnyNumberOfThreads(int threads)
    {
        const int Columns = 37;
        var matrix = new AlignedMatrix(5000, Columns + 1);

        SeededRandom.FillNormal(
            matrix, Columns, row => row % 3 == 0 ? null : new(seed: 4, stream: -row), mean: 1, deviation: 2,
            new() { MaxDegreeOfParallelism = threads });

        var expected = new float[matrix.Stride];
        for (int row = 0; row < matrix.Rows; row++)
        {
            Array.Clear(expected);
            if (row % 3 != 0)
                new SeededRandom(4, -row).FillNormal(expected.AsSpan(0, Columns), mean: 1, deviation: 2);
            Assert.Equal(expected, matrix.PaddedRow(row));
        }
    }

    [Fact]
    public void FillNormal_Cancelled_Throws() => Assert.Throws<OperationCanceledException>(() =>
        SeededRandom.FillNormal(new AlignedMatrix(10, 4), 4, row => new(1, row), 0, 1,
            new() { CancellationToken = new CancellationToken(true) }));

    // Each of the 720 orders comes 100 times, within five standard deviations.
    [Fact]
    public void Shuffle_ManyTimes_GivesEveryOrderEquallyOften()
    {
        const int Times = 72_000;
        var counts = new Dictionary<string, int>();

        for (int stream = 0; stream < Times; stream++)
        {
            var letters = "abcdef".ToCharArray();
            new SeededRandom(6, stream).Shuffle<char>(letters);
            counts[new(letters)] = counts.GetValueOrDefault(new(letters)) + 1;
        }

        Assert.Equal(720, counts.Count);
        Assert.All(counts, count => Assert.InRange(count.Value, 100 - 5 * 10, 100 + 5 * 10));
        Assert.All(counts.Keys, order => Assert.Equal("abcdef", string.Concat(order.Order())));
    }

    private static float[] Normal(int count, int seed, long stream)
    {
        var values = new float[count];
        new SeededRandom(seed, stream).FillNormal(values, mean: 0, deviation: 1);
        return values;
    }

    /// <summary>The normal distribution function: ½ + φ(x) (x + x³/3 + x⁵/(3·5) + …).</summary>
    private static double Distribution(double x)
    {
        double sum = 0, term = x;
        for (int k = 1; sum + term != sum; k += 2)
            (sum, term) = (sum + term, term * x * x / (k + 2));
        return 0.5 + sum * Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);
    }
}
