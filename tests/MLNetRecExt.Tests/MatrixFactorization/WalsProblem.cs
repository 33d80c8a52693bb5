namespace MLNetRecExt.Tests.MatrixFactorization;

/// <summary>A small WALS problem with its objective evaluated pair by pair in double precision, straight from the definition.</summary>
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
        : this(RandomData(random, users, items, density, hasLabels, hasWeights), options)
    {
    }

    public WalsProblem(Interactions data, WalsTrainer.Options options)
    {
        var (users, items, rows) = (data.Users.Count, data.Items.Count, data.ByUser);
        Data = data;
        Options = options;
        options.CompleteFrom(data);
        _labels = new float[users, items];
        _weights = new float[users, items];
        _observed = new bool[users, items];
        _userCounts = new int[users];
        _itemCounts = new int[items];
        for (int u = 0; u < users; u++)
        {
            for (int e = 0; e < rows.Length(u); e++)
            {
                var i = rows.Indices(u)[e];
                _labels[u, i] = rows.HasLabels ? rows.Labels(u)[e] : 1;
                _weights[u, i] = rows.HasWeights ? rows.Weights(u)[e] : 1;
                _observed[u, i] = true;
                _userCounts[u]++;
                _itemCounts[i]++;
            }
        }
        _knownUsers = _userCounts.Count(count => count > 0);
        _knownItems = _itemCounts.Count(count => count > 0);
        var powers = _itemCounts.Select(count => count == 0 ? 0 : Math.Pow(count, options.Settings.UnobservedPopularityExponent)).ToArray();
        _unobservedScale = powers.Select(power => power * _knownItems / powers.Sum()).ToArray();
    }

    private static Interactions RandomData(Random random, int users, int items, double density, bool hasLabels, bool hasWeights)
    {
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
                builder.Add(u, i, label, weight);
            }
        }
        return builder.Build(IdMap.FromKeys(users), IdMap.FromKeys(items), DuplicateHandling.Last, default);
    }

    public WalsTrainer.Options Options { get; }

    /// <summary>By item its features, as the objective has them; null: none.</summary>
    public double[][]? Features { get; init; }

    public Interactions Data { get; }

    /// <summary>Options with every part of the objective switched on: all but biases, or all that goes with them.</summary>
    public static WalsTrainer.Options RandomOptions(Random random, int rank, bool useBiases = false)
    {
        var options = RandomObjective(random, rank, useBiases);
        options.ItemSmoothing = useBiases ? 0 : options.Seed % 2 * 0.5f;
        return options;
    }

    private static WalsTrainer.Options RandomObjective(Random random, int rank, bool useBiases) => new()
    {
        ApproximationRank = rank,
        NumberOfIterations = 1 + random.Next(4),
        Regularization = 0.01f + random.NextSingle(),
        RegularizationExponent = random.NextSingle(),
        UnobservedWeight = useBiases ? 0 : 0.05f + random.NextSingle(),
        UnobservedPopularityExponent = random.NextSingle(),
        ConfidenceScale = random.NextSingle() * 2,
        UserWeightExponent = random.NextSingle() - 0.5f,
        ItemWeightExponent = random.NextSingle() - 0.5f,
        Target = useBiases || random.Next(2) == 0 ? WalsTarget.Label : WalsTarget.One,
        UseBiases = useBiases,
        NumberOfThreads = 1 + random.Next(2),
        Seed = random.Next(),
    };

    public double Loss(FactorModel model)
    {
        double loss = 0;
        for (int u = 0; u < _userCounts.Length; u++)
        {
            for (int i = 0; i < _itemCounts.Length; i++)
            {
                var score = (double)model.Mean + model.UserBias(u) + model.ItemBias(i) + Dot(model.UserFactors(u), Solved(model, i));
                loss += Weight(u, i) * Math.Pow(Target(u, i) - score, 2);
            }
        }
        for (int u = 0; u < _userCounts.Length; u++)
            loss += UserRegularization(u) * (Math.Pow(model.UserBias(u), 2) + Dot(model.UserFactors(u), model.UserFactors(u)));
        var map = Map(model);
        for (int i = 0; i < _itemCounts.Length; i++)
            if (_itemCounts[i] > 0)
                loss += ItemRegularization(i) * Columns(Solved(model, i), model, model.ItemBias(i)).Zip(Prior(map, i, model), (value, prior) => Math.Pow(value - prior, 2)).Sum();
        return loss + MapRegularization * map.Sum(row => row.Sum(value => value * value));
    }

    /// <summary>The minimiser of the objective over one user's embedding, followed by the bias where there is one, by Gaussian elimination.</summary>
    public double[] SolveUser(int user, FactorModel model) => Solve(UserRegularization(user), Enumerable.Range(0, _itemCounts.Length).Select(i =>
        (Weight(user, i), Target(user, i) - model.Mean - model.ItemBias(i), Columns(Solved(model, i), model, 1))));

    /// <summary>The same for an item.</summary>
    public double[] SolveItem(int item, FactorModel model) => Solve(ItemRegularization(item), Enumerable.Range(0, _userCounts.Length).Select(u =>
        (Weight(u, item), Target(u, item) - model.Mean - model.UserBias(u), Columns(model.UserFactors(u), model, 1))), Prior(Map(model), item, model));

    /// <summary>The same for somebody new, by what they took.</summary>
    public double[] SolveQuery(int[] items, FactorModel model) =>
        Solve(Regularization(items.Length + Options.Settings.UnobservedWeight * _unobservedScale.Sum()), Enumerable.Range(0, _itemCounts.Length).Select(i => items.Contains(i)
            ? (_itemCounts[i] == 0 ? 1 : Math.Pow(_itemCounts[i] / ((double)Data.Count / _knownItems), Options.ItemWeightExponent), 1.0, Columns(Solved(model, i), model, 1))
            : (_itemCounts[i] == 0 ? 0 : Options.Settings.UnobservedWeight * _unobservedScale[i], 0.0, Columns(Solved(model, i), model, 1))));

    /// <summary>What an item's features say: of its embedding, followed by the bias where there is one.</summary>
    public double[] Prior(int item, FactorModel model) => Prior(Map(model), item, model);

    private double MapRegularization => Options.FeatureRegularization * Enumerable.Range(0, _itemCounts.Length).Where(i => _itemCounts[i] > 0).Average(ItemRegularization);

    /// <summary>W, by feature: the ridge regression of the embeddings, column by column.</summary>
    private double[][] Map(FactorModel model)
    {
        if (Features is null)
            return [];
        var rows = Enumerable.Range(0, _itemCounts.Length).Where(i => _itemCounts[i] > 0).ToArray();
        var columns = Enumerable.Range(0, model.ApproximationRank + (model.HasBiases ? 1 : 0)).Select(k =>
            Solve(MapRegularization, rows.Select(i => (ItemRegularization(i), Columns(Solved(model, i), model, model.ItemBias(i))[k], Features[i])))).ToArray();
        return [.. Enumerable.Range(0, Features[0].Length).Select(f => columns.Select(column => column[f]).ToArray())];
    }

    private double[] Prior(double[][] map, int item, FactorModel model) =>
        [.. Enumerable.Range(0, model.ApproximationRank + (model.HasBiases ? 1 : 0)).Select(k => map.Select((row, f) => Features![item][f] * row[k]).Sum())];

    public int UserCount(int user) => _userCounts[user];

    public int ItemCount(int item) => _itemCounts[item];

    private static double[] Columns(ReadOnlySpan<float> factors, FactorModel model, double last) =>
        [.. factors.ToArray().Select(value => (double)value), .. model.HasBiases ? new[] { last } : []];

    private static double[] Solve(double regularization, IEnumerable<(double Weight, double Target, double[] Features)> pairs, double[]? prior = null)
    {
        var rank = pairs.First().Features.Length;
        var a = new double[rank, rank + 1];
        for (int k = 0; k < rank; k++)
        {
            a[k, k] = regularization;
            a[k, rank] = regularization * (prior?[k] ?? 0);
        }
        foreach (var (weight, target, v) in pairs)
        {
            for (int k = 0; k < rank; k++)
            {
                for (int l = 0; l < rank; l++)
                    a[k, l] += weight * v[k] * v[l];
                a[k, rank] += weight * target * v[k];
            }
        }
        return Eliminate(a);
    }

    private double Weight(int u, int i)
    {
        if (!_observed[u, i])
            return _itemCounts[i] == 0 || _userCounts[u] == 0 ? 0 : Options.Settings.UnobservedWeight * _unobservedScale[i];
        double entries = Data.Count;
        return _weights[u, i] * (1 + Options.ConfidenceScale * _labels[u, i])
            * Math.Pow(_userCounts[u] / (entries / _knownUsers), Options.UserWeightExponent)
            * Math.Pow(_itemCounts[i] / (entries / _knownItems), Options.ItemWeightExponent);
    }

    private double Target(int u, int i) => !_observed[u, i] ? 0 : Options.Target == WalsTarget.One ? 1 : _labels[u, i];

    private double UserRegularization(int u) => Regularization(_userCounts[u] + Options.Settings.UnobservedWeight * _unobservedScale.Sum());

    private double ItemRegularization(int i) => Regularization(_itemCounts[i] + Options.Settings.UnobservedWeight * _unobservedScale[i] * _knownUsers);

    private double Regularization(double size) => Options.Settings.Regularization * Math.Pow(size, Options.RegularizationExponent);

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

    /// <summary>An item's embedding as the objective has it, before it was smoothed.</summary>
    private static ReadOnlySpan<float> Solved(FactorModel model, int item) => model.SolvedItemMatrix[item][..model.ApproximationRank];

    private static double Dot(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        double sum = 0;
        for (int k = 0; k < x.Length; k++)
            sum += (double)x[k] * y[k];
        return sum;
    }
}
