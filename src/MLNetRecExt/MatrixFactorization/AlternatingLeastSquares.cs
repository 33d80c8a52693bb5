using MLNetRecExt.Kernels;

namespace MLNetRecExt;

/// <summary>The state of a WALS training: both sides' factors, and the sweep that improves them.</summary>
internal sealed unsafe class AlternatingLeastSquares
{
    private const int RowsPerChunk = 16;

    private readonly FactorKernels _kernels;
    private readonly WalsSettings _settings;
    private readonly bool _exact;
    private readonly ParallelOptions _parallel;
    private readonly Half _items;
    private readonly Half _users;
    private readonly AlignedMatrix? _gramian;
    private readonly double _energy;
    private readonly FeatureRegression? _features;
    private readonly int _rank;

    /// <summary>User factors start at random, item factors at zero: a sweep begins with the items.</summary>
    /// <remarks>
    /// With biases, rows of users are [p, b, 1] and rows of items [q, 1, b]: the dot product of two is the score less μ.
    /// The users are renumbered by activity: items then find the factors of active users, whom they share, close together.
    /// Items need no such order: their factors are few.
    /// </remarks>
    public AlternatingLeastSquares(
        InteractionRows byUser, int itemCount, WalsSettings settings, WalsSolver solver, int rank, int seed, int threads, CancellationToken cancellationToken,
        ContentVectors? itemFeatures = null, float featureRegularization = 0)
    {
        _settings = settings;
        _rank = rank;
        Mean = settings.UseBiases ? byUser.MeanLabel() : 0;
        _exact = solver == WalsSolver.Cholesky;
        _parallel = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken };
        var userOrder = LongestFirst(byUser);
        var byItem = byUser.Transpose(itemCount, userOrder);
        var itemOrder = LongestFirst(byItem);

        var columns = settings.UseBiases ? rank + 2 : rank;
        var userFactors = new AlignedMatrix(byUser.RowCount, columns);
        ItemFactors = new AlignedMatrix(itemCount, columns);
        _kernels = FactorKernels.For(ItemFactors.Stride);
        _gramian = settings.UnobservedWeight == 0 ? null : new AlignedMatrix(_kernels.Stride, _kernels.Stride);
        var (users, items) = WalsSide.Create(
            Array.ConvertAll(userOrder, byUser.Length), Array.ConvertAll(Enumerable.Range(0, itemCount).ToArray(), byItem.Length), settings);

        if (itemFeatures is not null)
        {
            var weights = Array.ConvertAll(items.Regularization, value => (double)value);
            for (int item = 0; item < itemCount; item++)
                if (byItem.Length(item) == 0)
                    weights[item] = 0;
            _features = new FeatureRegression(itemFeatures.ByItem, itemFeatures.Features.Length, weights, featureRegularization * weights.Sum() / items.KnownCount,
                columns, settings.UseBiases ? rank : null, _parallel);
        }

        WalsRowSolver[] Solvers(WalsSide other, AlignedMatrix otherFactors, int ones)
        {
            var solvers = new WalsRowSolver[threads];
            for (int thread = 0; thread < threads; thread++)
                solvers[thread] = new WalsRowSolver(_kernels, settings, solver, other, otherFactors, _gramian, settings.UseBiases ? ones : null, Mean);
            return solvers;
        }
        _items = new Half(byItem, itemOrder, itemOrder, items, ItemFactors, users, userFactors, Solvers(users, userFactors, ones: rank), _features?.Predictions);
        _users = new Half(byUser, userOrder, Enumerable.Range(0, byUser.RowCount).ToArray(), users, userFactors, items, ItemFactors, Solvers(items, ItemFactors, ones: rank + 1));

        for (int place = 0; place < users.KnownCount; place++)
            FillNormal(userFactors[place][..rank], 0.1 / Math.Sqrt(rank), ((ulong)(uint)seed << 32) + (uint)userOrder[place]);
        _energy = Sum(_users, Energy);
        if (settings.UseBiases)
        {
            for (int place = 0; place < users.KnownCount; place++)
                userFactors[place][rank + 1] = 1;
            for (int position = 0; position < items.KnownCount; position++)
                ItemFactors[itemOrder[position]][rank] = 1;
            // The sweeps' norms count the ones; the objective does not.
            _energy -= Sum(_users, Regularization) + Sum(_items, Regularization);
        }
    }

    public AlignedMatrix ItemFactors { get; }

    /// <summary>μ: the weighted mean label with biases, else 0.</summary>
    public float Mean { get; }

    /// <summary>A copy of the user factors, by user index, as a model scores by them: with μ on top of the biases.</summary>
    public AlignedMatrix CopyUserFactors()
    {
        var copy = new AlignedMatrix(_users.Factors.Rows, _users.Factors.Columns);
        for (int place = 0; place < copy.Rows; place++)
        {
            var row = copy.PaddedRow(_users.Order[place]);
            _users.Factors.PaddedRow(place).CopyTo(row);
            if (_settings.UseBiases && place < _users.Side.KnownCount)
                row[_rank] += Mean;
        }
        return copy;
    }

    /// <summary>A copy of the item factors, as a model scores by them: where an item has no entry, what its features say.</summary>
    public AlignedMatrix CopyItemFactors()
    {
        var copy = ItemFactors.Copy();
        if (_features is null)
            return copy;
        for (int position = _items.Side.KnownCount; position < copy.Rows; position++)
        {
            var item = _items.Order[position];
            _features.Predictions[item].CopyTo(copy[item]);
            if (_settings.UseBiases && _features.Predictions[item].ContainsAnyExcept(0))
                copy[item][_rank] = 1;
        }
        return copy;
    }

    /// <summary>Solves for the items, for what their features say, then for the users. Returns the objective after it.</summary>
    public double Sweep()
    {
        SolveAll(_items);
        _features?.Fit(ItemFactors);
        var users = SolveAll(_users);
        // The users' half knows all of the objective but the items' norms.
        return _energy + users + Sum(_items, NormTerm) + (_features?.Penalty ?? 0);
    }

    private double SolveAll(Half half)
    {
        if (_gramian is not null)
            Gramian.Compute(_kernels, half.OtherFactors, half.Other.UnobservedScale, _settings.UnobservedWeight, _parallel, _gramian);
        return Sum(half, _exact ? Solve : Improve);
    }

    private static double Solve(Half half, int position, WalsRowSolver solver) => solver.Solve(half.Row(position), half.FactorsOf(position));

    private static double Improve(Half half, int position, WalsRowSolver solver) => solver.Improve(half.Row(position), half.FactorsOf(position));

    private static double Energy(Half half, int position, WalsRowSolver solver) => solver.Energy(half.Row(position));

    private static double Regularization(Half half, int position, WalsRowSolver solver) => half.Side.Regularization[half.Places[position]];

    private static double NormTerm(Half half, int position, WalsRowSolver solver)
    {
        var place = half.Places[position];
        double norm = 0;
        var row = half.Factors[place];
        var prior = half.Prior(place);
        for (int k = 0; k < row.Length; k++)
        {
            var distance = (double)row[k] - (prior.IsEmpty ? 0 : prior[k]);
            norm += distance * distance;
        }
        return half.Side.Regularization[place] * norm;
    }

    /// <summary>
    /// Σ term over the rows with entries, on all threads: chunks are taken from the longest rows on as threads
    /// come free, each chunk's sum has its own place, and these are added in order, so that threads do not show in the bits.
    /// </summary>
    private double Sum(Half half, Func<Half, int, WalsRowSolver, double> term)
    {
        var chunks = (half.Side.KnownCount + RowsPerChunk - 1) / RowsPerChunk;
        var sums = new double[chunks];
        var next = -1;
        Parallel.For(0, half.Solvers.Length, _parallel, thread =>
        {
            int chunk;
            while (!_parallel.CancellationToken.IsCancellationRequested && (chunk = Interlocked.Increment(ref next)) < chunks)
                sums[chunk] = SumChunk(half, term, chunk, half.Solvers[thread]);
        });
        _parallel.CancellationToken.ThrowIfCancellationRequested();
        double total = 0;
        foreach (var sum in sums)
            total += sum;
        return total;
    }

    private static double SumChunk(Half half, Func<Half, int, WalsRowSolver, double> term, int chunk, WalsRowSolver solver)
    {
        double sum = 0;
        var end = Math.Min(half.Side.KnownCount, (chunk + 1) * RowsPerChunk);
        for (int position = chunk * RowsPerChunk; position < end; position++)
        {
            if (position + 1 < end)
                half.Prefetch(position + 1);
            sum += term(half, position, solver);
        }
        return sum;
    }

    /// <summary>The rows from the longest to the empty; equal ones by index.</summary>
    private static int[] LongestFirst(InteractionRows rows)
    {
        var keys = new long[rows.RowCount];
        for (int row = 0; row < keys.Length; row++)
            keys[row] = ((long)(int.MaxValue - rows.Length(row)) << 32) | (uint)row;
        Array.Sort(keys);
        return Array.ConvertAll(keys, key => (int)key);
    }

    /// <summary>Normally distributed values that depend on <paramref name="stream"/> only.</summary>
    private static void FillNormal(Span<float> values, double deviation, ulong stream)
    {
        // SplitMix64, then Box-Muller.
        var state = stream * 0x9E3779B97F4A7C15 + 0xD1B54A32D192ED03;
        double NextUniform()
        {
            var z = state += 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return ((z ^ (z >> 31)) >> 11) / (double)(1UL << 53);
        }
        for (int k = 0; k < values.Length; k++)
            values[k] = (float)(deviation * Math.Sqrt(-2 * Math.Log(1 - NextUniform())) * Math.Cos(2 * Math.PI * NextUniform()));
    }

    /// <summary>One direction of the sweep: the rows that are solved, longest first, the side that is fixed, a solver per thread.</summary>
    private sealed class Half(
        InteractionRows rows, int[] order, int[] places, WalsSide side, AlignedMatrix factors, WalsSide other, AlignedMatrix otherFactors, WalsRowSolver[] solvers, AlignedMatrix? priors = null)
    {
        public WalsSide Side => side;

        public AlignedMatrix Factors => factors;

        public WalsSide Other => other;

        public AlignedMatrix OtherFactors => otherFactors;

        public WalsRowSolver[] Solvers => solvers;

        /// <summary>By position: the row of the interactions.</summary>
        public int[] Order => order;

        /// <summary>By position: the row of the factors, and of what the side says.</summary>
        public int[] Places => places;

        public float* FactorsOf(int position) => factors.Pointer + (long)places[position] * factors.Stride;

        /// <summary>What the factors at a place are drawn to; empty: to zero.</summary>
        public ReadOnlySpan<float> Prior(int place) => priors is null ? default : priors.PaddedRow(place);

        /// <summary>Asks the memory for a row's entries. The processor cannot guess them: positions that follow each other lie far apart in the interactions.</summary>
        public void Prefetch(int position) => rows.Prefetch(order[position]);

        public WalsRow Row(int position) => new()
        {
            Indices = rows.Indices(order[position]),
            Labels = rows.Labels(order[position]),
            Weights = rows.Weights(order[position]),
            Regularization = side.Regularization[places[position]],
            Prior = Prior(places[position]),
            Weight = side.Weight?[places[position]] ?? 1,
            UnobservedScale = side.UnobservedScale?[places[position]] ?? 1,
        };
    }
}
