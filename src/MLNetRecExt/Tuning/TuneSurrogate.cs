namespace MLNetRecExt;

/// <summary>
/// What the trials so far say about the rest of the unit cube: a Gaussian process with a squared-exponential kernel
/// k(x, y) = exp(−½ Σ_d ((x_d − y_d) / ℓ_d)²), its lengths ℓ and the noise of the metric chosen by marginal likelihood (Rasmussen, Williams
/// 2006, algorithm 2.1).
/// </summary>
internal sealed class TuneSurrogate
{
    private static readonly double[] Lengths = [0.1, 0.2, 0.35, 0.6, 1, 2];
    private static readonly double[] Noises = [1e-3, 3e-3, 1e-2, 3e-2, 0.1];

    private readonly double[][] _points;
    private readonly double[] _targets;
    private readonly double[] _lengths;
    private readonly double[][] _cholesky;
    private readonly double[] _weights;
    private readonly double _best;
    private double _noise = Noises[0];

    /// <param name="points">Where it was tried.</param>
    /// <param name="metrics">What came of it; higher is better.</param>
    public TuneSurrogate(double[][] points, double[] metrics)
    {
        _points = points;
        // What is poor anyway need not be told apart: the half below the median counts as the median, and so does what is unknown.
        var median = metrics.Order().ElementAt(metrics.Length / 2);
        _targets = Array.ConvertAll(metrics, metric => Math.Max(metric - median, 0));
        var size = Math.Sqrt(_targets.Average(target => target * target));
        _targets = Array.ConvertAll(_targets, target => size > 0 ? target / size : 0);
        _lengths = Array.ConvertAll(points[0], _ => 0.35);
        (_cholesky, _weights, var likelihood) = Fit();
        for (int pass = 0; pass < 2; pass++)
        {
            for (int d = 0; d < _lengths.Length; d++)
            {
                var kept = _lengths[d];
                foreach (var length in Lengths)
                {
                    _lengths[d] = length;
                    var fit = Fit();
                    if (fit.Likelihood > likelihood)
                        (_cholesky, _weights, likelihood, kept) = (fit.Cholesky, fit.Weights, fit.Likelihood, length);
                }
                _lengths[d] = kept;
            }
            var keptNoise = _noise;
            foreach (var noise in Noises)
            {
                _noise = noise;
                var fit = Fit();
                if (fit.Likelihood > likelihood)
                    (_cholesky, _weights, likelihood, keptNoise) = (fit.Cholesky, fit.Weights, fit.Likelihood, noise);
            }
            _noise = keptNoise;
        }
        _best = Array.ConvertAll(points, Mean).Max();
    }

    /// <summary>How much better than at the best point so far, by what is expected there, the metric is expected to be, in units of the
    /// better trials' spread (Jones et al. 1998).</summary>
    public double ExpectedImprovement(double[] point)
    {
        double variance = 1;
        foreach (var x in Solve(_cholesky, Array.ConvertAll(_points, other => Kernel(point, other))))
            variance -= x * x;
        var spread = Math.Sqrt(Math.Max(variance, 1e-12));
        var z = (Mean(point) - _best) / spread;
        return spread * (z * NormalDistribution(z) + Math.Exp(-0.5 * z * z) / Math.Sqrt(2 * Math.PI));
    }

    private double Mean(double[] point)
    {
        double mean = 0;
        for (int i = 0; i < _points.Length; i++)
            mean += Kernel(point, _points[i]) * _weights[i];
        return mean;
    }

    private (double[][] Cholesky, double[] Weights, double Likelihood) Fit()
    {
        var n = _points.Length;
        var l = new double[n][];
        for (int i = 0; i < n; i++)
        {
            l[i] = new double[i + 1];
            for (int j = 0; j <= i; j++)
            {
                var sum = Kernel(_points[i], _points[j]) + (i == j ? _noise : 0);
                for (int k = 0; k < j; k++)
                    sum -= l[i][k] * l[j][k];
                l[i][j] = i == j ? Math.Sqrt(Math.Max(sum, 1e-12)) : sum / l[j][j];
            }
        }
        // α = L⁻ᵀ L⁻¹ y; log likelihood = −½ yᵀα − Σ log L_ii, up to a constant.
        var half = Solve(l, _targets);
        var weights = (double[])half.Clone();
        for (int i = n - 1; i >= 0; i--)
        {
            for (int k = i + 1; k < n; k++)
                weights[i] -= l[k][i] * weights[k];
            weights[i] /= l[i][i];
        }
        var likelihood = -0.5 * half.Sum(x => x * x) - l.Sum(row => Math.Log(row[^1]));
        return (l, weights, likelihood);
    }

    private static double[] Solve(double[][] cholesky, double[] right)
    {
        var x = (double[])right.Clone();
        for (int i = 0; i < x.Length; i++)
        {
            for (int k = 0; k < i; k++)
                x[i] -= cholesky[i][k] * x[k];
            x[i] /= cholesky[i][i];
        }
        return x;
    }

    private double Kernel(double[] x, double[] y)
    {
        double sum = 0;
        for (int d = 0; d < _lengths.Length; d++)
        {
            var distance = (x[d] - y[d]) / _lengths[d];
            sum += distance * distance;
        }
        return Math.Exp(-0.5 * sum);
    }

    /// <summary>Φ(z) by Abramowitz, Stegun 26.2.17; absolute error below 7.5e-8.</summary>
    private static double NormalDistribution(double z)
    {
        var t = 1 / (1 + 0.2316419 * Math.Abs(z));
        var tail = Math.Exp(-0.5 * z * z) / Math.Sqrt(2 * Math.PI)
            * t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
        return z > 0 ? 1 - tail : tail;
    }
}
