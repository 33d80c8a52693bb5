using MLNetRecExt.Kernels;

namespace MLNetRecExt.Tests.MatrixFactorization;

/// <summary>A small random WALS problem with its objective evaluated pair by pair in double precision, straight from the definition.</summary>
internal sealed class WalsProblem
{
    private readonly float[,] _labels;
    private readonly float[,] _weights;
    private readonly bool[,] _observed;
    private readonly double[] _unobservedScale;
    private readonly int[] _userCounts;
    private readonly int[] _itemCounts;
    private readonly int _knownUsers;
    private readonly int _knownItems;

    public WalsProblem(Random random, int users, int items, double density, WalsTrainer.Options options, bool hasLabels = true, bool hasWeights = true)
    {
        Options = options;
        _labels = new float[users, items];
        _weights = new float[users, items];
        _observed = new bool[users, items];
        _userCounts = new int[users];
        _itemCounts = new int[items];
        var builder = new InteractionsBuilder(hasLabels, hasWeights, hasTimestamps: false);
        // The last user and the last item stay without an entry.
        for (int u = 0; u < users - 1; u++)
        {
            for (int i = 0; i < items - 1; i++)
            {
                // Popularity falls with the index.
                if (random.NextDouble() > density * 2 * (items - i) / items && (u, i) != (0, 0))
                    continue;
                var label = hasLabels ? 1 + random.Next(5) : 1;
                var weight = hasWeights ? 0.2f + random.NextSingle() : 1;
                _labels[u, i] = label;
                _weights[u, i] = weight;
                _observed[u, i] = true;
                _userCounts[u]++;
                _itemCounts[i]++;
                builder.Add(u, i, label, weight);
            }
        }
        Data = builder.Build(IdMap.FromKeys(users), IdMap.FromKeys(items), DuplicateHandling.Last, default);
        _knownUsers = _userCounts.Count(count => count > 0);
        _knownItems = _itemCounts.Count(count => count > 0);
        var powers = _itemCounts.Select(count => count == 0 ? 0 : Math.Pow(count, options.UnobservedPopularityExponent)).ToArray();
        _unobservedScale = powers.Select(power => power * _knownItems / powers.Sum()).ToArray();
    }

    public WalsTrainer.Options Options { get; }

    public Interactions Data { get; }

    /// <summary>Options with every part of the objective switched on.</summary>
    public static WalsTrainer.Options RandomOptions(Random random, int rank) => new()
    {
        ApproximationRank = rank,
        NumberOfIterations = 1 + random.Next(4),
        Regularization = 0.01f + random.NextSingle(),
        RegularizationExponent = random.NextSingle(),
        UnobservedWeight = 0.05f + random.NextSingle(),
        UnobservedPopularityExponent = random.NextSingle(),
        ConfidenceScale = random.NextSingle() * 2,
        UserWeightExponent = random.NextSingle() - 0.5f,
        ItemWeightExponent = random.NextSingle() - 0.5f,
        Target = random.Next(2) == 0 ? WalsTarget.Label : WalsTarget.One,
        NumberOfThreads = 1 + random.Next(2),
        Seed = random.Next(),
    };

    public double Loss(AlignedMatrix userFactors, AlignedMatrix itemFactors)
    {
        double loss = 0;
        for (int u = 0; u < _userCounts.Length; u++)
            for (int i = 0; i < _itemCounts.Length; i++)
                loss += Weight(u, i) * Math.Pow(Target(u, i) - Dot(userFactors[u], itemFactors[i]), 2);
        for (int u = 0; u < _userCounts.Length; u++)
            loss += Regularization(_userCounts[u] + Options.UnobservedWeight * _unobservedScale.Sum()) * Dot(userFactors[u], userFactors[u]);
        for (int i = 0; i < _itemCounts.Length; i++)
            loss += Regularization(_itemCounts[i] + Options.UnobservedWeight * _unobservedScale[i] * _knownUsers) * Dot(itemFactors[i], itemFactors[i]);
        return loss;
    }

    /// <summary>The minimiser of the objective over one user's embedding, by Gaussian elimination.</summary>
    public double[] SolveUser(int user, AlignedMatrix itemFactors)
    {
        var rank = itemFactors.Columns;
        var a = new double[rank, rank + 1];
        for (int k = 0; k < rank; k++)
            a[k, k] = Regularization(_userCounts[user] + Options.UnobservedWeight * _unobservedScale.Sum());
        for (int i = 0; i < _itemCounts.Length; i++)
        {
            var v = itemFactors[i];
            for (int k = 0; k < rank; k++)
            {
                for (int l = 0; l < rank; l++)
                    a[k, l] += Weight(user, i) * v[k] * v[l];
                a[k, rank] += Weight(user, i) * Target(user, i) * v[k];
            }
        }
        return Eliminate(a);
    }

    public int UserCount(int user) => _userCounts[user];

    private double Weight(int u, int i)
    {
        if (!_observed[u, i])
            return _itemCounts[i] == 0 || _userCounts[u] == 0 ? 0 : Options.UnobservedWeight * _unobservedScale[i];
        double entries = Data.Count;
        return _weights[u, i] * (1 + Options.ConfidenceScale * _labels[u, i])
            * Math.Pow(_userCounts[u] / (entries / _knownUsers), Options.UserWeightExponent)
            * Math.Pow(_itemCounts[i] / (entries / _knownItems), Options.ItemWeightExponent);
    }

    private double Target(int u, int i) => !_observed[u, i] ? 0 : Options.Target == WalsTarget.One ? 1 : _labels[u, i];

    private double Regularization(double size) => Options.Regularization * Math.Pow(size, Options.RegularizationExponent);

    private static double[] Eliminate(double[,] a)
    {
        var n = a.GetLength(0);
        for (int k = 0; k < n; k++)
        {
            var pivot = k;
            for (int row = k + 1; row < n; row++)
                if (Math.Abs(a[row, k]) > Math.Abs(a[pivot, k]))
                    pivot = row;
            for (int column = 0; column <= n; column++)
                (a[k, column], a[pivot, column]) = (a[pivot, column], a[k, column]);
            for (int row = 0; row < n; row++)
            {
                if (row == k)
                    continue;
                var factor = a[row, k] / a[k, k];
                for (int column = k; column <= n; column++)
                    a[row, column] -= factor * a[k, column];
            }
        }
        var x = new double[n];
        for (int k = 0; k < n; k++)
            x[k] = a[k, n] / a[k, k];
        return x;
    }

    private static double Dot(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        double sum = 0;
        for (int k = 0; k < x.Length; k++)
            sum += (double)x[k] * y[k];
        return sum;
    }
}
