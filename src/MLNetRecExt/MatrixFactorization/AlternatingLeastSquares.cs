using MLNetRecExt.Kernels;

namespace MLNetRecExt;

/// <summary>The state of a WALS training: both sides' factors, and the sweep that improves them.</summary>
internal sealed unsafe class AlternatingLeastSquares
{
    private readonly FactorKernels _kernels;
    private readonly WalsSettings _settings;
    private readonly bool _exact;
    private readonly ParallelOptions _parallel;
    private readonly WalsHalf _items;
    private readonly WalsHalf _users;
    private readonly int[] _userOrder;
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
        var userOrder = _userOrder = LongestFirst(byUser);
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
        _items = new WalsHalf(byItem, itemOrder, itemOrder, items, ItemFactors, users, userFactors, Solvers(users, userFactors, ones: rank), _features?.Predictions);
        _users = new WalsHalf(byUser, userOrder, Enumerable.Range(0, byUser.RowCount).ToArray(), users, userFactors, items, ItemFactors, Solvers(items, ItemFactors, ones: rank + 1));

        SeededRandom.FillNormal(
            userFactors, rank, place => place < users.KnownCount ? new SeededRandom(seed, userOrder[place]) : null, mean: 0, 0.1 / Math.Sqrt(rank), _parallel);
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

    /// <summary>Sets a term for each row of a group, which begins at a position.</summary>
    private delegate void SetTerms(WalsHalf half, int thread, int first, Span<double> terms);

    public AlignedMatrix ItemFactors { get; }

    /// <summary>μ: the weighted mean label with biases, else 0.</summary>
    public float Mean { get; }

    /// <summary>A copy of the user factors, by user index, as a model scores by them: with μ on top of the biases.</summary>
    public AlignedMatrix CopyUserFactors()
    {
        var copy = new AlignedMatrix(_users.Factors.Rows, _users.Factors.Columns);
        for (int place = 0; place < copy.Rows; place++)
        {
            var row = copy.PaddedRow(_userOrder[place]);
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
            var item = _items.Places[position];
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

    private double SolveAll(WalsHalf half)
    {
        if (_gramian is not null)
            Gramian.Compute(_kernels, half.OtherFactors, half.Other.UnobservedScale, _settings.UnobservedWeight, _parallel, _gramian);
        return _exact ? Sum(half, Solve) : SumGroups(half, Improve);
    }

    private static void Improve(WalsHalf half, int thread, int first, Span<double> terms) =>
        (half.GroupSolvers[thread] ??= new WalsGroupSolver(half, half.Solvers[thread])).Improve(first, terms);

    private static double Solve(WalsHalf half, int position, WalsRowSolver solver) => solver.Solve(half.Row(position), half.FactorsOf(position));

    private static double Energy(WalsHalf half, int position, WalsRowSolver solver) => solver.Energy(half.Row(position));

    private static double Regularization(WalsHalf half, int position, WalsRowSolver solver) => half.Side.Regularization[half.Places[position]];

    private static double NormTerm(WalsHalf half, int position, WalsRowSolver solver)
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

    /// <summary>Σ term over the rows with entries, on all threads.</summary>
    private double Sum(WalsHalf half, Func<WalsHalf, int, WalsRowSolver, double> term) => SumGroups(half, (half, thread, first, terms) =>
    {
        for (int i = 0; i < terms.Length; i++)
        {
            if (i + 1 < terms.Length)
                half.Prefetch(first + i + 1);
            terms[i] = term(half, first + i, half.Solvers[thread]);
        }
    });

    /// <summary>
    /// Σ of the terms that <paramref name="set"/> sets: groups are taken from the longest rows on as threads come free,
    /// each row's term has its own place, and these are added in order, so that threads do not show in the bits.
    /// </summary>
    private double SumGroups(WalsHalf half, SetTerms set)
    {
        var starts = half.GroupStarts;
        var next = -1;
        Parallel.For(0, half.Solvers.Length, _parallel, thread =>
        {
            int group;
            while (!_parallel.CancellationToken.IsCancellationRequested && (group = Interlocked.Increment(ref next)) < starts.Length - 1)
                set(half, thread, starts[group], half.Terms.AsSpan(starts[group]..starts[group + 1]));
        });
        _parallel.CancellationToken.ThrowIfCancellationRequested();
        double total = 0;
        foreach (var term in half.Terms)
            total += term;
        return total;
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
}
