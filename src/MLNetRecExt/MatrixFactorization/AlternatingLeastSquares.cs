using MLNetRecExt.Kernels;

namespace MLNetRecExt;

/// <summary>The state of a WALS training: both sides' factors, and the sweep that improves them.</summary>
internal sealed unsafe class AlternatingLeastSquares
{
    private const int RowsPerChunk = 16;

    private readonly FactorKernels _kernels;
    private readonly WalsSettings _settings;
    private readonly ParallelOptions _parallel;
    private readonly Half _items;
    private readonly Half _users;
    private readonly AlignedMatrix? _gramian;
    private readonly double _energy;

    /// <summary>User factors start at random, item factors at zero: a sweep begins with the items.</summary>
    public AlternatingLeastSquares(
        InteractionRows byUser, InteractionRows byItem, WalsSettings settings, WalsSolver solver, int rank, int seed, int threads, CancellationToken cancellationToken)
    {
        _settings = settings;
        _parallel = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken };
        UserFactors = new AlignedMatrix(byUser.RowCount, rank);
        ItemFactors = new AlignedMatrix(byItem.RowCount, rank);
        _kernels = FactorKernels.For(UserFactors.Stride);
        _gramian = settings.UnobservedWeight == 0 ? null : new AlignedMatrix(_kernels.Stride, _kernels.Stride);

        var (users, items) = WalsSide.Create(Counts(byUser), Counts(byItem), settings);
        WalsRowSolver[] Solvers(WalsSide other, AlignedMatrix otherFactors)
        {
            var solvers = new WalsRowSolver[threads];
            for (int thread = 0; thread < threads; thread++)
                solvers[thread] = new WalsRowSolver(_kernels, settings, solver, other, otherFactors, _gramian);
            return solvers;
        }
        _items = new Half(byItem, items, ItemFactors, users, UserFactors, Solvers(users, UserFactors));
        _users = new Half(byUser, users, UserFactors, items, ItemFactors, Solvers(items, ItemFactors));
        _solve = solver == WalsSolver.Cholesky;

        foreach (var user in _users.Order)
            FillNormal(UserFactors[user], 0.1 / Math.Sqrt(rank), ((ulong)(uint)seed << 32) + (uint)user);
        _energy = Sum(_users, Energy);
    }

    private readonly bool _solve;

    public AlignedMatrix UserFactors { get; }

    public AlignedMatrix ItemFactors { get; }

    /// <summary>Solves for the items, then for the users. Returns the objective after it.</summary>
    public double Sweep()
    {
        SolveAll(_items);
        var users = SolveAll(_users);
        // The users' half knows all of the objective but the items' norms.
        return _energy + users + Sum(_items, NormTerm);
    }

    private double SolveAll(Half half)
    {
        if (_gramian is not null)
            Gramian.Compute(_kernels, half.OtherFactors, half.Other.UnobservedScale, _settings.UnobservedWeight, _parallel, _gramian);
        return Sum(half, _solve ? Solve : Improve);
    }

    private static double Solve(Half half, int row, WalsRowSolver solver) => solver.Solve(half.Row(row), half.FactorsOf(row));

    private static double Improve(Half half, int row, WalsRowSolver solver) => solver.Improve(half.Row(row), half.FactorsOf(row));

    private static double Energy(Half half, int row, WalsRowSolver solver) => solver.Energy(half.Row(row));

    private static double NormTerm(Half half, int row, WalsRowSolver solver)
    {
        double norm = 0;
        foreach (var value in half.Factors[row])
            norm += (double)value * value;
        return half.Side.Regularization[row] * norm;
    }

    /// <summary>
    /// Σ term(row) over the rows with entries, on all threads: chunks are taken from the longest rows on as threads
    /// come free, each chunk's sum has its own place, and these are added in order, so that threads do not show in the bits.
    /// </summary>
    private double Sum(Half half, Func<Half, int, WalsRowSolver, double> term)
    {
        var chunks = (half.Order.Length + RowsPerChunk - 1) / RowsPerChunk;
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
        var end = Math.Min(half.Order.Length, (chunk + 1) * RowsPerChunk);
        for (int position = chunk * RowsPerChunk; position < end; position++)
            sum += term(half, half.Order[position], solver);
        return sum;
    }

    private static int[] Counts(InteractionRows rows)
    {
        var counts = new int[rows.RowCount];
        for (int row = 0; row < counts.Length; row++)
            counts[row] = rows.Length(row);
        return counts;
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

    /// <summary>One direction of the sweep: the rows that are solved, the side that is fixed, a solver per thread.</summary>
    private sealed class Half
    {
        private readonly InteractionRows _rows;

        public Half(InteractionRows rows, WalsSide side, AlignedMatrix factors, WalsSide other, AlignedMatrix otherFactors, WalsRowSolver[] solvers)
        {
            _rows = rows;
            Side = side;
            Factors = factors;
            Other = other;
            OtherFactors = otherFactors;
            Solvers = solvers;

            Order = new int[side.KnownCount];
            var lengths = new int[side.KnownCount];
            var known = 0;
            for (int row = 0; row < rows.RowCount; row++)
            {
                if (rows.Length(row) == 0)
                    continue;
                Order[known] = row;
                lengths[known++] = -rows.Length(row);
            }
            Array.Sort(lengths, Order);
        }

        public WalsSide Side { get; }

        public AlignedMatrix Factors { get; }

        public WalsSide Other { get; }

        public AlignedMatrix OtherFactors { get; }

        public WalsRowSolver[] Solvers { get; }

        /// <summary>The rows with entries, longest first.</summary>
        public int[] Order { get; }

        public float* FactorsOf(int row) => Factors.Pointer + (long)row * Factors.Stride;

        public WalsRow Row(int row) => new()
        {
            Indices = _rows.Indices(row),
            Labels = _rows.Labels(row),
            Weights = _rows.Weights(row),
            Regularization = Side.Regularization[row],
            Weight = Side.Weight?[row] ?? 1,
            UnobservedScale = Side.UnobservedScale?[row] ?? 1,
        };
    }
}
