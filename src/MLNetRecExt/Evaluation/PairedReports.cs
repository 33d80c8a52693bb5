using System.Numerics;

namespace MLNetRecExt;

/// <summary>Reports on the same users, each two compared as <see cref="EvaluationReport.Compare"/> does, but what is drawn is drawn once
/// for all pairs: the mean of differences is the difference of means, over users drawn with replacement as well as over users whose signs
/// are flipped.</summary>
internal sealed class PairedReports
{
    private const int Samples = 10_000;

    private readonly IReadOnlyList<EvaluationReport> _reports;
    private readonly string _metric;
    private readonly int _seed;
    private readonly double[][] _values;

    // Samples × reports: means over users drawn with replacement, and sums over all users, each with a random sign. Null where a user has
    // no value in some report, so that pairs are over different users.
    private readonly double[,]? _means;
    private readonly double[,]? _flipped;

    public PairedReports(IReadOnlyList<EvaluationReport> reports, string metric, int seed, int threads, CancellationToken cancellation)
    {
        (_reports, _metric, _seed) = (reports, metric, seed);
        _values = [.. reports.Select(report => report.UserValues(metric))];
        if (_values.Length < 2 || _values.Any(of => of.Length != _values[0].Length || of.Length == 0 || of.Any(double.IsNaN)))
            return;
        var sample = new UserSample(
            [.. reports.Select((_, column) => new UserSample.Metric(metric, column))], _values.Length, _values[0].Length);
        for (int user = 0; user < sample.Users; user++)
            for (int report = 0; report < _values.Length; report++)
                sample[user][report] = _values[report][user];
        _means = sample.Resample(Samples, seed, threads, cancellation);
        _flipped = Flip(sample, seed, new() { MaxDegreeOfParallelism = threads, CancellationToken = cancellation });
    }

    /// <summary>Two of the reports, by their places.</summary>
    public MetricComparison Compare(int first, int second)
    {
        if (_means is null)
            return EvaluationReport.Compare(_reports[first], _reports[second], _metric, seed: _seed);
        double[] differences = [.. _values[first].Zip(_values[second], (a, b) => a - b)];
        var (low, high) = UserSample.Interval(
            [.. Enumerable.Range(0, Samples).Select(sample => _means[sample, first] - _means[sample, second])]);
        var better = _reports[first].LowerIsBetter(_metric) ? -1 : 1;
        return new(
            _metric, differences.Average(), low, high, PValue(first, second, differences.Sum()),
            differences.Count(d => d * better > 0), differences.Count(d => d == 0), differences.Count(d => d * better < 0));
    }

    /// <summary>The share of flips whose sum is at least as far from 0 as the one that was observed, which is counted in.</summary>
    private double PValue(int first, int second, double observed)
    {
        // Sums that are equal in exact arithmetic must count as equal.
        var threshold = Math.Abs(observed) - 1e-12 * (_values[first].Sum(Math.Abs) + _values[second].Sum(Math.Abs));
        var extreme = 0;
        for (int sample = 0; sample < Samples; sample++)
            extreme += Math.Abs(_flipped![sample, first] - _flipped[sample, second]) >= threshold ? 1 : 0;
        return (extreme + 1.0) / (Samples + 1.0);
    }

    private static double[,] Flip(UserSample users, int seed, ParallelOptions options)
    {
        var flipped = new double[Samples, users.Metrics.Count];
        Parallel.For(0, Samples, options, sample =>
        {
            var random = new SeededRandom(seed, ~sample);
            var sums = new double[users[0].Length];
            ulong signs = 0;
            for (int user = 0; user < users.Users; user++, signs >>= 1)
            {
                if (user % 64 == 0)
                    signs = random.NextBits();
                var flip = new Vector<long>((long)(signs << 63));
                var row = users[user];
                for (int c = 0; c < row.Length; c += Vector<double>.Count)
                {
                    var value = Vector.AsVectorDouble(Vector.AsVectorInt64(new Vector<double>(row[c..])) ^ flip);
                    (new Vector<double>(sums, c) + value).CopyTo(sums, c);
                }
            }
            for (int report = 0; report < users.Metrics.Count; report++)
                flipped[sample, report] = sums[report];
        });
        return flipped;
    }
}
