using System.Numerics;

namespace MLNetRecExt;

/// <summary>
/// What was measured on each user: users × columns, row-major, NaN where undefined. A metric is the mean of a column
/// over the users it is defined for, or the ratio of two columns' sums; both are what the bootstrap resamples.
/// </summary>
internal sealed class UserSample
{
    private readonly double[] _values;
    private readonly int _stride;

    public UserSample(IReadOnlyList<Metric> metrics, int columns, int users)
    {
        Metrics = metrics;
        Users = users;
        _stride = (columns + Vector<double>.Count - 1) / Vector<double>.Count * Vector<double>.Count;
        _values = new double[checked(users * _stride)];
    }

    /// <summary>Value, or sum of <paramref name="Column"/> over sum of <paramref name="Divisor"/> where there is one; square root of that
    /// if <paramref name="Root"/>.</summary>
    public readonly record struct Metric(string Name, int Column, int? Divisor = null, bool Root = false, bool LowerIsBetter = false);

    public IReadOnlyList<Metric> Metrics { get; }

    public int Users { get; }

    public Span<double> this[int user] => _values.AsSpan(user * _stride, _stride);

    /// <summary>The metric of one user alone.</summary>
    public double Value(int user, Metric metric)
    {
        var row = this[user];
        var value = metric.Divisor is { } divisor ? row[metric.Column] / row[divisor] : row[metric.Column];
        return metric.Root ? Math.Sqrt(value) : value;
    }

    /// <summary>Each metric over as many users drawn with replacement, again and again: samples × metrics.</summary>
    public double[,] Resample(int samples, int seed, int threads, CancellationToken cancellationToken)
    {
        // A random stream per sample: the result does not depend on who draws it.
        var resampled = new double[samples, Metrics.Count];
        Parallel.For(0, samples, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken }, sample =>
        {
            var random = new SeededRandom(seed, sample);
            var sums = new Sums(_stride);
            for (int draw = 0; draw < Users; draw++)
                sums.Add(this[random.Next(Users)]);
            for (int m = 0; m < Metrics.Count; m++)
                resampled[sample, m] = sums.Of(Metrics[m]);
        });
        return resampled;
    }

    /// <summary>Each metric over all users, with its 95 % percentile bootstrap interval.</summary>
    public MetricEstimate[] Estimate(int samples, int seed, int threads, CancellationToken cancellationToken) =>
        Estimate(Resample(samples, seed, threads, cancellationToken));

    /// <summary>The same from what <see cref="Resample"/> gave.</summary>
    public MetricEstimate[] Estimate(double[,] resampled)
    {
        var samples = resampled.GetLength(0);
        var all = new Sums(_stride);
        for (int user = 0; user < Users; user++)
            all.Add(this[user]);
        var estimates = new MetricEstimate[Metrics.Count];
        for (int m = 0; m < estimates.Length; m++)
        {
            var values = new double[samples];
            for (int sample = 0; sample < samples; sample++)
                values[sample] = resampled[sample, m];
            var (low, high) = Interval(values);
            var defined = 0;
            for (int user = 0; user < Users; user++)
                defined += double.IsNaN(Value(user, Metrics[m])) ? 0 : 1;
            estimates[m] = new MetricEstimate(Metrics[m].Name, all.Of(Metrics[m]), low, high, defined);
        }
        return estimates;
    }

    /// <summary>The 2.5 % and 97.5 % quantiles, linear between order statistics. Sorts; NaN when empty or all are NaN.</summary>
    public static (double Low, double High) Interval(double[] values)
    {
        Array.Sort(values);
        var defined = values.AsSpan(values.Count(double.IsNaN));
        return defined.IsEmpty ? (double.NaN, double.NaN) : (Quantile(defined, 0.025), Quantile(defined, 0.975));
    }

    private static double Quantile(ReadOnlySpan<double> sorted, double p)
    {
        var position = p * (sorted.Length - 1);
        var below = (int)position;
        return below + 1 == sorted.Length
            ? sorted[below]
            : sorted[below] + (position - below) * (sorted[below + 1] - sorted[below]);
    }

    /// <summary>By column, the sum and the number of the values that are not NaN.</summary>
    private readonly struct Sums(int stride)
    {
        private readonly double[] _sums = new double[stride];
        private readonly double[] _counts = new double[stride];

        public void Add(ReadOnlySpan<double> row)
        {
            for (int c = 0; c < row.Length; c += Vector<double>.Count)
            {
                var x = new Vector<double>(row[c..]);
                var defined = Vector.Equals(x, x);
                var sum = new Vector<double>(_sums, c) + Vector.ConditionalSelect(defined, x, Vector<double>.Zero);
                var count = new Vector<double>(_counts, c) + Vector.ConditionalSelect(defined, Vector<double>.One, Vector<double>.Zero);
                sum.CopyTo(_sums, c);
                count.CopyTo(_counts, c);
            }
        }

        public double Of(Metric metric)
        {
            var mean = _sums[metric.Column] / (metric.Divisor is { } divisor ? _sums[divisor] : _counts[metric.Column]);
            return metric.Root ? Math.Sqrt(mean) : mean;
        }
    }
}
