using System.Text;

namespace MLNetRecExt;

/// <summary>How well a model does on a held-out part: every metric with its 95 % interval, and the values of each user.</summary>
/// <remarks>Intervals: percentile bootstrap over users, all metrics from the same resamples.</remarks>
public abstract class EvaluationReport
{
    private readonly IdMap _userIds;
    private readonly int[] _users;
    private readonly UserSample _sample;

    private protected EvaluationReport(IdMap userIds, int[] users, UserSample sample, IReadOnlyList<MetricEstimate> estimates)
    {
        _userIds = userIds;
        _users = users;
        _sample = sample;
        Estimates = estimates;
    }

    /// <summary>The table: one row per metric.</summary>
    public IReadOnlyList<MetricEstimate> Estimates { get; }

    /// <summary>The users measured, by index, ascending: the order of <see cref="UserValues"/>.</summary>
    public ReadOnlySpan<int> Users => _users;

    /// <summary>A metric by its name, for example <c>report["Novelty@20"]</c> or <c>report["RMSE"]</c>.</summary>
    /// <param name="metric">Its name, as <see cref="MetricEstimate.Name"/> has it.</param>
    /// <exception cref="KeyNotFoundException">The report has no such metric; the message lists those it has.</exception>
    public MetricEstimate this[string metric] =>
        Estimates.FirstOrDefault(estimate => estimate.Name == metric) ?? throw Unknown(metric, Estimates.Select(e => e.Name));

    /// <summary>One value of a metric per user of <see cref="Users"/>; NaN where it is not defined.</summary>
    /// <exception cref="KeyNotFoundException">The report has no such metric by user.</exception>
    public double[] UserValues(string metric)
    {
        var found = PerUser(metric);
        var values = new double[_users.Length];
        for (int row = 0; row < values.Length; row++)
            values[row] = _sample.Value(row, found);
        return values;
    }

    /// <summary>
    /// Compares two models user by user: mean difference with its interval, p-value, and the users won, tied and lost by
    /// <paramref name="first"/>.
    /// </summary>
    /// <param name="first">Report of the first model.</param>
    /// <param name="second">Report of the second model, on the same held-out part.</param>
    /// <param name="metric">A metric by user, such as <c>NDCG@20</c>. Users without a value in either report are left out.</param>
    /// <param name="samples">Bootstrap samples and random sign flips, at least 1. The least p-value possible is 1/(samples + 1).</param>
    /// <param name="seed">Seed of both.</param>
    /// <exception cref="ArgumentException">The reports are over different users.</exception>
    /// <exception cref="KeyNotFoundException">A report has no such metric by user.</exception>
    public static MetricComparison Compare(
        EvaluationReport first, EvaluationReport second, string metric, int samples = 10_000, int seed = 42)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
        if (!first._users.AsSpan().SequenceEqual(second._users)
            || !(first._userIds.Extends(second._userIds) || second._userIds.Extends(first._userIds)))
            throw new ArgumentException(
                $"The reports are over different users ({first._users.Length} and {second._users.Length}): "
                + "evaluate both models on the same held-out part with the same RelevanceThreshold.", nameof(second));

        var (a, b) = (first.UserValues(metric), second.UserValues(metric));
        var differences = new List<double>(a.Length);
        for (int row = 0; row < a.Length; row++)
            if (!double.IsNaN(a[row] - b[row]))
                differences.Add(a[row] - b[row]);
        var better = first.PerUser(metric).LowerIsBetter ? -1 : 1;
        var (low, high) = BootstrapMean([.. differences], samples, seed);
        return new MetricComparison(
            metric, differences.Count == 0 ? double.NaN : differences.Average(), low, high,
            SignFlipPValue([.. differences.Where(d => d != 0)], samples, seed),
            differences.Count(d => d * better > 0), differences.Count(d => d == 0), differences.Count(d => d * better < 0));
    }

    /// <summary>The table as text, and who was counted.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        var width = Math.Max(6, Estimates.Max(estimate => estimate.Name.Length));
        text.AppendLine($"{"metric".PadRight(width)}    value     95 % interval      users");
        foreach (var (name, mean, low, high, users) in Estimates)
        {
            var interval = double.IsNaN(low) ? "" : FormattableString.Invariant($"{low:0.0000} … {high:0.0000}");
            text.AppendLine(FormattableString.Invariant($"{name.PadRight(width)} {mean,8:0.0000}   {interval,17} {users,10:N0}"));
        }
        return text.Append(Counted()).ToString();
    }

    /// <summary>Who was counted, in a line.</summary>
    private protected abstract string Counted();

    /// <summary>Whether a lower value of a metric by user is better.</summary>
    internal bool LowerIsBetter(string metric) => PerUser(metric).LowerIsBetter;

    private UserSample.Metric PerUser(string metric)
    {
        foreach (var candidate in _sample.Metrics)
            if (candidate.Name == metric)
                return candidate;
        throw Unknown(metric, _sample.Metrics.Select(m => m.Name));
    }

    private static KeyNotFoundException Unknown(string metric, IEnumerable<string> known) =>
        new($"The report has no metric '{metric}' here; it has {string.Join(", ", known)}. "
            + $"Cutoffs of a ranking are set by {nameof(RankingEvaluationOptions)}.{nameof(RankingEvaluationOptions.Cutoffs)}.");

    private static (double Low, double High) BootstrapMean(double[] values, int samples, int seed)
    {
        if (values.Length == 0)
            return (double.NaN, double.NaN);
        var means = new double[samples];
        Parallel.For(0, samples, sample =>
        {
            var random = new SeededRandom(seed, sample);
            double sum = 0;
            for (int draw = 0; draw < values.Length; draw++)
                sum += values[random.Next(values.Length)];
            means[sample] = sum / values.Length;
        });
        return UserSample.Interval(means);
    }

    /// <summary>Under the null hypothesis each user's difference is as likely to have the other sign. Zeros change nothing and are left
    /// out.</summary>
    private static double SignFlipPValue(double[] differences, int samples, int seed)
    {
        double observed = 0, size = 0;
        foreach (var difference in differences)
        {
            observed += difference;
            size += Math.Abs(difference);
        }
        // Sums that are equal in exact arithmetic must count as equal.
        var threshold = Math.Abs(observed) - 1e-12 * size;
        var extreme = 0;
        Parallel.For(0, samples, sample =>
        {
            var random = new SeededRandom(seed, ~sample);
            double sum = 0;
            for (int first = 0; first < differences.Length; first += 64)
            {
                var signs = random.NextBits();
                foreach (var difference in differences.AsSpan(first, Math.Min(64, differences.Length - first)))
                {
                    sum += BitConverter.Int64BitsToDouble(BitConverter.DoubleToInt64Bits(difference) ^ (long)(signs << 63));
                    signs >>= 1;
                }
            }
            if (Math.Abs(sum) >= threshold)
                Interlocked.Increment(ref extreme);
        });
        return (extreme + 1.0) / (samples + 1.0);
    }
}
