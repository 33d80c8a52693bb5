using System.Buffers;
using System.Collections;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using MLNetRecExt.Kernels;

namespace MLNetRecExt;

/// <summary>The state of a WALS training: both sides' factors, and the sweep that improves them.</summary>
/// <remarks>
/// A sweep, in the symbols of <see cref="WalsTrainer"/>: x is the row that is solved, v are those of the other side, which is fixed, and
/// e is an entry of the row.
/// <code>
/// for half in (items, users)                                  WalsShard
///     G = w0 Σ f_v v vᵀ over the whole other side             GramianParts
///     for each row with entries, longest first, in groups     WalsShard.SetGroups
///         c_e = w_e − w0·f·f_e,  g_e = w_e·A_e                WalsRowSolver.Prepare
///         A = f·G + Σ_e c_e v_e v_eᵀ + λs·I                   formed by WalsRowSolver.Factor only
///         b = λs·m + Σ_e g_e v_e
///         x = A⁻¹ b, or three steps towards it                WalsRowSolver.Solve, WalsGroupSolver.Improve
///     after the items: m = what their features say            FeatureRegression.Fit; without features m = 0
/// loss = Σ w A² + Σ_users (xᵀAx − 2xᵀb) + Σ_items λs‖x − m‖² + ρ‖W‖²
/// </code>
/// Users and items are numbered in four ways, and the two halves differ in which of them agree:
/// <code>
/// a number called  counts                                              users' half             items' half
/// user, item       users and items as the model knows them             u                       i
/// row              rows of the interactions that the half reads        u                       i
/// place            rows of the side's factors, elements of WalsSide,   p: u = _userOrder[p]    i
///                  and what entries name in the other half's rows
/// position         the order of solving, longest rows first            p                       q: i = itemOrder[q]
/// </code>
/// With biases, rows of users are [p, b, 1] and rows of items [q, 1, b]: the dot product of two is the score less μ.
/// </remarks>
internal sealed unsafe class AlternatingLeastSquares
{
    private const double InitialDeviation = 0.1;

    private readonly FactorKernels _kernels;
    private readonly WalsSettings _settings;
    private readonly WalsPlan _plan;
    private readonly ParallelOptions _parallel;
    private readonly WalsShard _items;
    private readonly WalsShard _users;
    private readonly int[] _userOrder;
    private readonly AlignedMatrix? _gramian;

    // Of the side that is fixed.
    private readonly BFloat16Matrix? _copy;
    private readonly FeatureRegression? _features;
    private double? _energy;

    /// <summary>User factors start at random, item factors at zero: a sweep begins with the items.</summary>
    /// <remarks>
    /// The users are renumbered by activity: items then find the factors of active users, whom they share, close together.
    /// Items need no such order: their factors are few.
    /// </remarks>
    public AlternatingLeastSquares(InteractionRows byUser, int itemCount, WalsSettings settings, WalsPlan plan)
    {
        _settings = settings;
        _plan = plan;
        Mean = settings.UseBiases ? plan.Mean ?? byUser.MeanLabel() : 0;
        _parallel = new ParallelOptions
        {
            MaxDegreeOfParallelism = plan.Threads,
            CancellationToken = plan.CancellationToken,
            TaskScheduler = plan.Scheduler ?? TaskScheduler.Default,
        };
        _userOrder = LongestFirst(Lengths(byUser));
        var byItem = plan.ByItem is { } stored && IsAsItIs(_userOrder) ? stored : byUser.Transpose(itemCount, _userOrder, _parallel);
        var itemLengths = Lengths(byItem);
        var itemOrder = LongestFirst(itemLengths);

        var columns = settings.UseBiases ? plan.Rank + 2 : plan.Rank;
        var userFactors = new AlignedMatrix(byUser.RowCount, columns);
        ItemFactors = new AlignedMatrix(itemCount, columns);
        _kernels = FactorKernels.For(ItemFactors.Stride);
        _gramian = settings.UnobservedWeight == 0 ? null : new AlignedMatrix(_kernels.Stride, _kernels.Stride);
        _copy = plan.Precision == WalsPrecision.Single ? null : new BFloat16Matrix(Math.Max(byUser.RowCount, itemCount), _kernels.Stride);
        var (users, items) = WalsSide.Create(Array.ConvertAll(_userOrder, byUser.Length), itemLengths, settings);
        _features = plan.ItemFeatures is { } features ? Regression(features, byItem, items) : null;

        var places = Enumerable.Range(0, byUser.RowCount).ToArray();
        _items = Shard(new(
            new(byItem, itemOrder, itemOrder), items, ItemFactors, Solvers(users, userFactors, fixedColumn: plan.Rank), plan.Share)
        {
            Priors = _features?.Predictions,
        });
        _users = Shard(new(
            new(byUser, _userOrder, places), users, userFactors, Solvers(items, ItemFactors, fixedColumn: plan.Rank + 1), plan.Share));
        SetStart();

        WalsShard Shard(WalsHalf half) => new(half, plan.Solver, _gramian, settings.UnobservedWeight, _parallel);
    }

    /// <summary>What is solved of the items here.</summary>
    public WalsShard Items => _items;

    /// <summary>What is solved of the users here.</summary>
    public WalsShard Users => _users;

    public WalsSettings Settings => _settings;

    public WalsPlan Plan => _plan;

    /// <summary>By place the user.</summary>
    public ReadOnlySpan<int> UserOrder => _userOrder;

    /// <summary>The map from features to embeddings of items; null without features.</summary>
    public FeatureRegression? Features => _features;

    public AlignedMatrix ItemFactors { get; }

    /// <summary>μ: the weighted mean label with biases, else 0.</summary>
    public float Mean { get; }

    /// <summary>The bytes that a training takes beside its models, by the formula of <see cref="WalsTrainer"/>.</summary>
    public static long MemoryFor(Interactions train, WalsTrainer.Options options, int columns)
    {
        // What threads hold of rows and of the other side's factors: two halves, up to half a megabyte each.
        const long BytesPerThread = 1_000_000;
        long users = train.Users.Count, items = train.Items.Count, entries = train.LongCount, row = AlignedMatrix.BytesOf(1, columns);
        var byItem = train.StoredByItem is not null ? 0 : 4 * entries * (1 + (train.ByUser.HasLabels ? 1 : 0) + (train.ByUser.HasWeights ? 1 : 0));
        // The Gramian, and its parts.
        var gramian = options.UnobservedWeight == 0 ? 0 : (1L + Math.Max(16, Gramian.GroupsOf((int)Math.Max(users, items)))) * row * row / sizeof(float);
        var solvers = options.Solver == WalsSolver.Cholesky
            ? options.Threads * 2 * row * (row / sizeof(float) + 64)
                + (options.UnobservedWeight == 0 ? 0 : BasisMemoryFor(users, items, entries, columns, options.Threads))
            : Math.Min(4 * entries, 8L * options.Threads * WalsHalf.MostFarEntries);
        var copies = CopiesMemoryFor(Math.Max(users, items), columns, options.Precision, options.Threads);
        return copies + row * (users + items) + 28 * (users + items) + byItem + gramian + solvers + options.Threads * BytesPerThread
            + FeatureRegression.MemoryFor(options.ItemFeatures, items, columns, options.Threads);
    }

    /// <summary>The bytes of what solves exactly for short rows: a copy of the other side's factors, and what threads hold.</summary>
    public static long BasisMemoryFor(long users, long items, long entries, int columns, int threads)
    {
        return Half(users, items) + Half(items, users);

        long Half(long rows, long others) => ShortRowSolver.Pays((double)entries / rows, columns)
            ? GramianBasis.BytesOf(others, columns) + threads * 2L * columns * columns * sizeof(float)
            : 0;
    }

    /// <summary>The bytes of what is read in place of the larger side's rows: a copy in 16 bits, and panels of each thread.</summary>
    public static long CopiesMemoryFor(long rows, int columns, WalsPrecision precision, int threads)
    {
        const long BytesPerPanels = 1_200_000, BytesPerLargePanel = 4_300_000;
        var copy = precision == WalsPrecision.Single ? 0 : BFloat16Matrix.BytesOf(rows, columns) + threads * BytesPerPanels;
        return copy + (AlignedMatrix.BytesOf(1, columns) * rows > WalsPlan.CachedBytes ? threads * BytesPerLargePanel : 0);
    }

    /// <summary>The bytes that models take for items before they were smoothed, and smoothing itself.</summary>
    public static long SmoothingMemoryFor(Interactions train, Interactions? validation, int columns) =>
        (validation is null ? 1 : 2) * AlignedMatrix.BytesOf(train.Items.Count, columns) + sizeof(float) * (long)train.Users.Count;

    /// <summary>Takes over what a model has learned of those that have entries; the others stay as they are.</summary>
    /// <param name="model">Of the same rank, with biases or without as this.</param>
    /// <param name="users">By user the index that it has in the model, or −1.</param>
    /// <param name="items">By item, likewise.</param>
    public void StartFrom(WalsModel model, int[] users, int[] items)
    {
        for (int place = 0; place < _users.Half.Side.KnownCount; place++)
        {
            if (users[_userOrder[place]] is not (var user and >= 0))
                continue;
            model.UserMatrix.PaddedRow(user).CopyTo(_users.Half.Factors.PaddedRow(place));
            if (_settings.UseBiases)
                _users.Half.Factors[place][_plan.Rank] -= model.Mean;
        }
        foreach (var item in _items.Half.Places.AsSpan(0, _items.Half.Side.KnownCount))
            if (items[item] >= 0)
                model.SolvedItemMatrix.PaddedRow(items[item]).CopyTo(ItemFactors.PaddedRow(item));
        _features?.Fit(ItemFactors);
    }

    /// <summary>A copy of the user factors, by user index, as a model scores by them: with μ on top of the biases.</summary>
    public AlignedMatrix CopyUserFactors() => Complete(_users.Half.Factors.Copy(), _users.Half);

    /// <summary>A copy of the item factors, as a model scores by them: where an item has no entry, what its features say.</summary>
    public AlignedMatrix CopyItemFactors() => Complete(ItemFactors.Copy(), _items.Half);

    /// <summary>What the two copies would be, without their memory: nothing can be trained any more.</summary>
    public (AlignedMatrix Users, AlignedMatrix Items) TakeFactors() => (Complete(_users.Half.Factors, _users.Half), Complete(ItemFactors, _items.Half));

    private AlignedMatrix Complete(AlignedMatrix factors, WalsHalf half)
    {
        if (half == _items.Half)
            AddUntaken(factors);
        else
        {
            for (int place = 0; _settings.UseBiases && place < half.Side.KnownCount; place++)
                factors[place][_plan.Rank] += Mean;
            MoveToUsers(factors);
        }
        return factors;
    }

    private void AddUntaken(AlignedMatrix factors)
    {
        for (int position = _items.Half.Side.KnownCount; _features is not null && position < factors.Rows; position++)
        {
            var item = _items.Half.Places[position];
            _features.Predictions[item].CopyTo(factors[item]);
            if (_settings.UseBiases && _features.Predictions[item].ContainsAnyExcept(0))
                factors[item][_plan.Rank] = 1;
        }
    }

    /// <summary>Moves the row of each place to its user, along the cycles of the order.</summary>
    private void MoveToUsers(AlignedMatrix factors)
    {
        var isMoved = new BitArray(factors.Rows);
        var (held, next) = (new float[factors.Stride], new float[factors.Stride]);
        for (int start = 0; start < factors.Rows; start++)
        {
            if (isMoved[start])
                continue;
            factors.PaddedRow(start).CopyTo(held);
            var place = start;
            do
            {
                place = _userOrder[place];
                var row = factors.PaddedRow(place);
                row.CopyTo(next);
                held.CopyTo(row);
                (held, next, isMoved[place]) = (next, held, true);
            }
            while (place != start);
        }
    }

    /// <summary>A copy of what makes embeddings of features; null without features.</summary>
    public ItemFeatureMap? CopyItemFeatureMap() => _features is null ? null : new(_plan.ItemFeatures!.Encoder!, _features.CopyMap());

    /// <summary>V_i += c Σ_u |S_u|^−1.5 U_u for items that are asked for, by item index.</summary>
    /// <param name="userFactors">U, by user index.</param>
    /// <param name="itemFactors">V.</param>
    /// <param name="isAsked">Whether an item is.</param>
    public void Smooth(AlignedMatrix userFactors, AlignedMatrix itemFactors, Func<int, bool> isAsked)
    {
        var shares = new float[_users.Half.Side.KnownCount];
        for (int place = 0; place < shares.Length; place++)
            shares[place] = (float)(_settings.ItemSmoothing * Math.Pow(_users.Half.Indices(place).Length, -1.5));
        _items.SetTerms((half, position, _) =>
        {
            if (isAsked(half.Places[position]))
                AddUsers(half.Indices(position), userFactors, shares, itemFactors.PaddedRow(half.Places[position]));
            return 0;
        });
    }

    /// <summary>sum += Σ_p share_p U_p over the users at some places.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddUsers(ReadOnlySpan<int> places, AlignedMatrix userFactors, float[] shares, Span<float> sum)
    {
        // Σ (g − c⟨v, x⟩) v with g the shares and c zeros, filled up to full groups.
        var count = FactorKernels.RoundUp(places.Length);
        var users = ArrayPool<int>.Shared.Rent(count);
        var numbers = ArrayPool<float>.Shared.Rent(2 * count + FactorKernels.RowGroup);
        Array.Clear(users, 0, count);
        Array.Clear(numbers, 0, 2 * count);
        for (int e = 0; e < places.Length; e++)
            (users[e], numbers[e]) = (_userOrder[places[e]], shares[places[e]]);
        fixed (int* rows = users)
        fixed (float* g = numbers, row = sum)
            _kernels.AddResidual(userFactors.Pointer, rows, count, row, g + count, g, row, g + 2 * count, prefetch: true);
        GC.KeepAlive(userFactors);
        ArrayPool<int>.Shared.Return(users);
        ArrayPool<float>.Shared.Return(numbers);
    }

    /// <summary>Solves for the items, for what their features say, then for the users. Returns the objective after it.</summary>
    public double Sweep()
    {
        var energy = _energy ??= Energy(0);
        SolveAll(_items);
        _features?.Fit(ItemFactors);
        SolveAll(_users);
        SetItemNorms();
        return Objective(energy, _users.AddTerms(0), _items.AddTerms(0));
    }

    /// <summary>Adds Σ w A² of the users who are solved here.</summary>
    public double Energy(double start)
    {
        _users.SetTerms((half, position, solver) => solver.Energy(half.Row(position)));
        return _users.AddTerms(start);
    }

    /// <summary>Makes λs‖x − m‖² the terms of the items that are solved here.</summary>
    public void SetItemNorms() => _items.SetTerms(NormTerm);

    /// <summary>The objective, of sums over all: the users' half knows all of it but the items' norms.</summary>
    public double Objective(double energy, double users, double itemNorms) =>
        // The norms of both halves count the ones of biases; the objective does not.
        energy - (_settings.UseBiases ? NormsOfOnes(_users.Half) + NormsOfOnes(_items.Half) : 0) + users + itemNorms + (_features?.Penalty ?? 0);

    /// <summary>Solves for some users, then for some items, all with entries, and leaves the others as they are. Needs
    /// <see cref="WalsSolver.Cholesky"/>.</summary>
    public void Solve(IReadOnlyList<int> users, IReadOnlyList<int> items)
    {
        var isAsked = new bool[_userOrder.Length];
        foreach (var user in users)
            isAsked[user] = true;
        SolveSome(_users, position => isAsked[_userOrder[position]]);
        isAsked = new bool[ItemFactors.Rows];
        foreach (var item in items)
            isAsked[item] = true;
        SolveSome(_items, position => isAsked[_items.Half.Places[position]]);
    }

    private static void SolveAll(WalsShard shard)
    {
        shard.SumGramianParts();
        shard.AddGramianParts();
        shard.Solve();
    }

    private static void SolveSome(WalsShard shard, Func<int, bool> isAsked)
    {
        shard.SumGramianParts();
        shard.AddGramianParts();
        shard.SetTerms((half, position, solver) => isAsked(position) ? WalsShard.Solve(half, position, solver) : 0);
    }

    /// <summary>Σ λs‖1‖² over the ones that rows have with biases.</summary>
    private static double NormsOfOnes(WalsHalf half)
    {
        double total = 0;
        foreach (var place in half.Places.AsSpan(0, half.Side.KnownCount))
            total += half.Side.Regularization[place];
        return total;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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

    /// <summary>The rows from the longest to the empty; equal ones by index.</summary>
    private static int[] LongestFirst(ReadOnlySpan<int> lengths)
    {
        // By length where its rows begin: a length's place is behind all rows that are longer.
        var places = new int[lengths.IsEmpty ? 0 : TensorPrimitives.Max(lengths) + 1];
        foreach (var length in lengths)
            places[length]++;
        var place = 0;
        for (int length = places.Length - 1; length >= 0; length--)
            (places[length], place) = (place, place + places[length]);
        var order = new int[lengths.Length];
        for (int row = 0; row < order.Length; row++)
            order[places[lengths[row]]++] = row;
        return order;
    }

    private static int[] Lengths(InteractionRows rows)
    {
        var lengths = new int[rows.RowCount];
        for (int row = 0; row < lengths.Length; row++)
            lengths[row] = rows.Length(row);
        return lengths;
    }

    private static bool IsAsItIs(int[] order)
    {
        for (int place = 0; place < order.Length; place++)
            if (order[place] != place)
                return false;
        return true;
    }

    private FeatureRegression Regression(ContentVectors features, InteractionRows byItem, WalsSide items)
    {
        var weights = new double[byItem.RowCount];
        for (int item = 0; item < weights.Length; item++)
            weights[item] = byItem.Length(item) == 0 ? 0 : items.Regularization[item];
        return new FeatureRegression(
            features.ByItem, features.Features.Length, weights, _plan.FeatureRegularization * weights.Sum() / items.KnownCount,
            ItemFactors.Columns, _settings.UseBiases ? _plan.Rank : null, _parallel);
    }

    /// <summary>
    /// A solver per thread for rows whose other side is this one; with biases they have their 1 in <paramref name="fixedColumn"/>.
    /// </summary>
    private WalsRowSolver[] Solvers(WalsSide other, AlignedMatrix otherFactors, int fixedColumn)
    {
        var solvers = new WalsRowSolver[_plan.Threads];
        for (int thread = 0; thread < solvers.Length; thread++)
            solvers[thread] = new WalsRowSolver(
                _kernels, _settings, _plan.Solver, other, otherFactors, _gramian, _settings.UseBiases ? fixedColumn : null, Mean)
            {
                OtherCopy = _copy,
                IsOtherLarge = AlignedMatrix.BytesOf(otherFactors.Rows, otherFactors.Columns) > _plan.MostCachedBytes,
            };
        return solvers;
    }

    /// <summary>User factors at random, each user's by a stream of its own; with biases, the ones.</summary>
    private void SetStart()
    {
        var (users, items) = (_users.Half.Side.KnownCount, _items.Half.Side.KnownCount);
        SeededRandom.FillNormal(
            _users.Half.Factors, _plan.Rank, place => place < users ? new SeededRandom(_plan.Seed, StreamOf(_userOrder[place])) : null,
            mean: 0, InitialDeviation / Math.Sqrt(_plan.Rank), _parallel);
        if (!_settings.UseBiases)
            return;
        for (int place = 0; place < users; place++)
            _users.Half.Factors[place][_plan.Rank + 1] = 1;
        for (int position = 0; position < items; position++)
            ItemFactors[_items.Half.Places[position]][_plan.Rank] = 1;
    }

    private int StreamOf(int user) => _plan.UserStreams is { } streams ? streams[user] : user;
}
