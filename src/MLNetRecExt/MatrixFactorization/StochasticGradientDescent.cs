using System.Numerics.Tensors;
using MLNetRecExt.Kernels;

namespace MLNetRecExt;

/// <summary>
/// The state of a training by stochastic gradient descent: factors, biases and rates of both sides, and the iteration that improves them.
/// </summary>
/// <remarks>
/// <para>Users and items are cut into blocks, always the same. An iteration is a sequence of steps; a step is a set of lots, no two of
/// which have a user or item block in common. A thread takes the first lot that waits for no earlier one to give up a block, be it of a
/// later step: each block sees its lots in the same order, so the result is the same to the bit for any number of threads.</para>
/// <para>For labels there are as many user as item blocks, B, and step k has the lots (s, s + k mod B). For the other losses a lot has
/// two item blocks, one of a positive item and one of its negatives: B/2 user blocks, and the pairs of item blocks of each round of a
/// tournament, shifted over the user blocks. In the last round a block plays against itself. A positive takes part in one of the B
/// rounds, each iteration another, so that its negatives come from each block, and blocks have equal mass under the distribution of
/// negatives.</para>
/// </remarks>
internal sealed unsafe class StochasticGradientDescent
{
    // Of users, which is how many threads can work. More, smaller blocks cost time: each begins with rows that are not in a near cache.
    private const int MostUserBlocks = 8;
    private const int FewestItemsPerBlock = 8;
    private const double InitialDeviation = 0.1;

    private readonly InteractionRows _byUser;
    private readonly SgdSettings _settings;
    private readonly float _slowdown;
    private readonly SgdKernels _kernels;
    private readonly ParallelOptions _parallel;
    private readonly int _threads;
    private readonly int _rank;
    private readonly AlignedMatrix _users;
    private readonly AlignedMatrix _items;
    private readonly AlignedMatrix _userStates;
    private readonly AlignedMatrix _itemStates;
    private readonly ItemSampler _sampler;
    private readonly int[] _userBounds;
    private readonly int[] _itemPlaces;
    private readonly int _blocks;

    // By user and item block, and the end: the first of the user's entries in it.
    private readonly int[] _pieces;
    private readonly Lot[][] _steps;
    private int _iteration;

    public StochasticGradientDescent(
        InteractionRows byUser, int itemCount, SgdSettings settings, int rank, int threads, CancellationToken cancellationToken)
    {
        _byUser = byUser;
        _settings = settings;
        _slowdown = settings.SlowdownFor(byUser);
        _rank = rank;
        _threads = threads;
        _parallel = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken };
        var itemCounts = byUser.CountColumns(itemCount);
        // For labels popularity makes blocks with equal numbers of entries.
        _sampler = new ItemSampler(itemCounts, settings.Loss == SgdLoss.SquaredError ? SgdNegatives.Popularity : settings.Negatives);
        var userBlocks = Math.Clamp(_sampler.Items.Length / (2 * FewestItemsPerBlock), 1, MostUserBlocks);
        _blocks = settings.Loss == SgdLoss.SquaredError ? userBlocks : 2 * userBlocks;
        _itemPlaces = _sampler.Split(_blocks);
        _userBounds = SplitUsers(userBlocks);
        _pieces = FindPieces();
        _steps = settings.Loss == SgdLoss.SquaredError ? LotsForLabels() : LotsForPairs();

        var mean = settings.Loss == SgdLoss.SquaredError ? byUser.MeanLabel() : 0;
        Mean = settings.UseBiases ? mean : 0;
        AlignedMatrix.CheckSize(byUser.RowCount, rank);
        AlignedMatrix.CheckSize(itemCount, rank);
        _users = new AlignedMatrix(byUser.RowCount, rank);
        _items = new AlignedMatrix(itemCount, rank);
        _kernels = SgdKernels.For(_users.Stride);
        _userStates = NewStates(byUser.RowCount);
        _itemStates = NewStates(itemCount);
        // Without biases the factors start where their products are near the mean.
        var start = settings.UseBiases || (settings.NonNegative && mean < 0) ? 0 : Math.Sqrt(Math.Abs(mean) / rank);
        SetStart(_users, user => byUser.Length(user) > 0 ? new(settings.Seed, user) : null, start);
        SetStart(_items, item => itemCounts[item] > 0 ? new(settings.Seed, ~(long)item) : null, mean < 0 ? -start : start);
    }

    /// <summary>μ: the mean label with biases, when labels are what is predicted; else 0.</summary>
    public float Mean { get; }

    /// <summary>The bytes that a training takes beside its models, by the formula of
    /// <see cref="SgdMatrixFactorizationTrainer"/>.</summary>
    public static long MemoryFor(Interactions train, int rank, bool predictsLabels)
    {
        long users = train.Users.Count, items = train.Items.Count;
        // Where each user's entries of a block begin, and where they end.
        var pieces = sizeof(int) * ((predictsLabels ? 1 : 2) * MostUserBlocks + 1);
        var states = sizeof(float) * SgdKernels.StateSize * (users + items);
        return AlignedMatrix.BytesOf(users + items, rank) + states + pieces * users + 48 * items;
    }

    /// <summary>Takes over what a model has learned of those that have entries; the others stay as they are.</summary>
    /// <param name="model">Of the same rank, with biases or without as this.</param>
    /// <param name="users">By user the index that it has in the model, or −1.</param>
    /// <param name="items">By item, likewise.</param>
    public void StartFrom(FactorModel model, int[] users, int[] items)
    {
        var itemCounts = _byUser.ColumnCounts(items.Length);
        for (int user = 0; user < users.Length; user++)
            if (users[user] >= 0 && _byUser.Length(user) > 0)
                Take(model.UserFactors(users[user]), model.UserBias(users[user]), _users, _userStates, user);
        for (int item = 0; item < items.Length; item++)
            if (items[item] >= 0 && itemCounts[item] > 0)
                Take(model.ItemFactors(items[item]), model.ItemBias(items[item]), _items, _itemStates, item);

        void Take(ReadOnlySpan<float> values, float bias, AlignedMatrix factors, AlignedMatrix states, int row)
        {
            values.CopyTo(factors[row]);
            if (_settings.NonNegative)
                TensorPrimitives.Max(factors[row], 0, factors[row]);
            states.Padded[row * SgdKernels.StateSize + SgdKernels.Bias] = bias;
        }
    }

    /// <summary>One pass over all observed pairs. Returns the loss, without regularisation, of each pair before its step.</summary>
    public double Iterate()
    {
        var order = Enumerable.Range(0, _steps.Length).ToArray();
        new SeededRandom(_settings.Seed, Stream(_iteration, _steps.Length, 0)).Shuffle<int>(order);
        var loss = Run(order);
        _iteration++;
        return IsFinite(_users) && IsFinite(_items) ? loss : double.NaN;
    }

    /// <summary>Copies of the factors as a model scores by them: with biases, rows [p, b + μ, 1] of users and [q, 1, b] of items.</summary>
    public (AlignedMatrix Users, AlignedMatrix Items) CopyFactors() => (
        Copy(_users, _userStates, biasFirst: true, user => _byUser.Length(user) > 0),
        Copy(_items, _itemStates, biasFirst: false, new HashSet<int>(_sampler.Items).Contains));

    private AlignedMatrix Copy(AlignedMatrix factors, AlignedMatrix states, bool biasFirst, Func<int, bool> isKnown)
    {
        if (!_settings.UseBiases)
            return factors.Copy();
        var copy = new AlignedMatrix(factors.Rows, _rank + 2);
        for (int row = 0; row < copy.Rows; row++)
        {
            if (!isKnown(row))
                continue;
            factors[row].CopyTo(copy[row]);
            var bias = states.Padded[row * SgdKernels.StateSize + SgdKernels.Bias];
            copy[row][_rank] = biasFirst ? bias + Mean : 1;
            copy[row][_rank + 1] = biasFirst ? 1 : bias;
        }
        return copy;
    }

    private double Run(int[] order)
    {
        var lots = order.SelectMany(step => _steps[step].Select((lot, number) => (Lot: lot, Step: step, Number: number))).ToArray();
        var losses = new double[lots.Length];
        var (isTaken, isDone) = (new bool[lots.Length], new bool[lots.Length]);
        var gate = new object();
        var done = 0;
        Parallel.For(0, _threads, _parallel, _ =>
        {
            while (Take() is { } next)
            {
                try
                {
                    losses[next] = Learn(lots[next].Lot, lots[next].Step, lots[next].Number);
                }
                finally
                {
                    lock (gate)
                    {
                        isDone[next] = true;
                        Monitor.PulseAll(gate);
                    }
                }
            }
        });
        return losses.Sum();

        // Null: all are taken.
        int? Take()
        {
            lock (gate)
            {
                while (true)
                {
                    _parallel.CancellationToken.ThrowIfCancellationRequested();
                    while (done < lots.Length && isDone[done])
                        done++;
                    var (users, items, anyLeft) = (0L, 0L, false);
                    for (int i = done; i < lots.Length; i++)
                    {
                        if (isDone[i])
                            continue;
                        var lot = lots[i].Lot;
                        var (itsUsers, itsItems) = (1L << lot.Users, 1L << lot.Items | 1L << lot.Others);
                        if (!isTaken[i] && (users & itsUsers) == 0 && (items & itsItems) == 0)
                        {
                            isTaken[i] = true;
                            return i;
                        }
                        anyLeft |= !isTaken[i];
                        (users, items) = (users | itsUsers, items | itsItems);
                    }
                    if (!anyLeft)
                        return null;
                    Monitor.Wait(gate);
                }
            }
        }
    }

    private double Learn(Lot lot, int step, int number)
    {
        var stepper = new SgdStepper(_kernels, _settings, _rank, _iteration, _slowdown);
        var (first, end) = (_userBounds[lot.Users], _userBounds[lot.Users + 1]);
        double loss = 0;
        if (_settings.Loss == SgdLoss.SquaredError)
        {
            fixed (float* labels = _byUser.LabelArray, weights = _byUser.WeightArray)
            {
                for (int user = first; user < end; user++)
                {
                    var (from, to) = Piece(user, lot.Items);
                    if (from < to)
                        loss += stepper.StepsToLabels(
                            _users.Pointer + (long)user * _users.Stride, _userStates.Pointer + (long)user * SgdKernels.StateSize,
                            _items.Pointer, _itemStates.Pointer,
                            _byUser.IndexArray.AsSpan(from, to - from), labels is null ? null : labels + from,
                            weights is null ? null : weights + from, Mean);
                }
            }
            return loss;
        }

        var random = new SeededRandom(_settings.Seed, Stream(_iteration, step, 1 + number));
        for (int user = first; user < end; user++)
        {
            loss += LearnPairs(user, lot.Items, lot.Others, lot.Round, ref random, stepper);
            loss += LearnPairs(user, lot.Others, lot.Items, lot.Round, ref random, stepper);
        }
        return loss;
    }

    /// <summary>
    /// The positives of a user in one item block whose turn it is, against negatives of another; in the last round, of the same.
    /// </summary>
    private double LearnPairs(int user, int block, int other, int round, ref SeededRandom random, SgdStepper stepper)
    {
        var (from, to) = Piece(user, block);
        if (round == _blocks - 1)
            other = block;
        var (takenFrom, takenTo) = Piece(user, other);
        var taken = _byUser.IndexArray.AsSpan(takenFrom, takenTo - takenFrom);
        float* p = _users.Pointer + (long)user * _users.Stride, pState = _userStates.Pointer + (long)user * SgdKernels.StateSize;
        double loss = 0;
        var turn = (int)(((long)round - from - _iteration) % _blocks);
        for (int e = from + (turn < 0 ? turn + _blocks : turn); e < to; e += _blocks)
        {
            var weight = _byUser.WeightArray is null ? 1 : _byUser.WeightArray[e];
            float* q = Item(_byUser.IndexArray[e]), qState = ItemState(_byUser.IndexArray[e]);
            if (_settings.Loss == SgdLoss.Logistic)
                loss += stepper.LogisticStep(p, pState, q, qState, isPositive: true, weight);
            for (int n = 0; n < _settings.NumberOfNegatives; n++)
            {
                if (_sampler.DrawNegative(taken, _itemPlaces[other], _itemPlaces[other + 1], ref random) is not { } negative)
                    break;
                float* r = Item(negative), rState = ItemState(negative);
                loss += _settings.Loss == SgdLoss.Logistic
                    ? stepper.LogisticStep(p, pState, r, rState, isPositive: false, weight)
                    : stepper.PairStep(p, pState, q, qState, r, rState, weight);
            }
        }
        return loss;
    }

    private float* Item(int item) => _items.Pointer + (long)item * _items.Stride;

    private float* ItemState(int item) => _itemStates.Pointer + (long)item * SgdKernels.StateSize;

    private (int From, int To) Piece(int user, int block) =>
        (_pieces[user * (_blocks + 1) + block], _pieces[user * (_blocks + 1) + block + 1]);

    private static long Stream(int iteration, int step, int lot) => ((long)(iteration + 1) << 32) + (step << 8) + lot;

    private int[] SplitUsers(int blocks)
    {
        var bounds = new int[blocks + 1];
        for (int block = 1; block < blocks; block++)
        {
            var user = _byUser.Offsets.BinarySearch((int)((long)_byUser.EntryCount * block / blocks));
            bounds[block] = Math.Max(bounds[block - 1], Math.Min(user < 0 ? ~user : user, _byUser.RowCount));
        }
        bounds[blocks] = _byUser.RowCount;
        return bounds;
    }

    private int[] FindPieces()
    {
        var pieces = new int[checked(_byUser.RowCount * (_blocks + 1))];
        for (int user = 0; user < _byUser.RowCount; user++)
        {
            var (e, end) = (_byUser.Offsets[user], _byUser.Offsets[user + 1]);
            for (int block = 0; block <= _blocks; block++)
            {
                var first = _itemPlaces[block] < _sampler.Items.Length ? _sampler.Items[_itemPlaces[block]] : int.MaxValue;
                while (e < end && _byUser.IndexArray[e] < first)
                    e++;
                pieces[user * (_blocks + 1) + block] = e;
            }
        }
        return pieces;
    }

    private Lot[][] LotsForLabels()
    {
        var steps = new Lot[_blocks][];
        for (int step = 0; step < steps.Length; step++)
        {
            steps[step] = new Lot[_blocks];
            for (int users = 0; users < _blocks; users++)
                steps[step][users] = new Lot(users, (users + step) % _blocks, (users + step) % _blocks, 0);
        }
        return steps;
    }

    private Lot[][] LotsForPairs()
    {
        var half = _blocks / 2;
        var steps = new List<Lot[]>();
        for (int round = 0; round < _blocks; round++)
        {
            for (int shift = 0; shift < half; shift++)
            {
                var lots = new Lot[half];
                for (int users = 0; users < half; users++)
                {
                    var (one, other) = Match(round, (users + shift) % half);
                    lots[users] = new Lot(users, one, other, round);
                }
                steps.Add(lots);
            }
        }
        return [.. steps];
    }

    /// <summary>The round-robin tournament by the circle method; in the last round each plays against itself, two matches in one.</summary>
    private (int One, int Other) Match(int round, int match)
    {
        var circle = _blocks - 1;
        if (round == circle)
            return (2 * match, 2 * match + 1);
        return match == 0 ? (circle, round) : ((round + match) % circle, (round - match + circle) % circle);
    }

    private static AlignedMatrix NewStates(int rows)
    {
        var states = new AlignedMatrix(1, Math.Max(1, checked(rows * SgdKernels.StateSize)));
        for (int row = 0; row < rows; row++)
            states[0].Slice(row * SgdKernels.StateSize, SgdKernels.Bias).Fill(1);
        return states;
    }

    private void SetStart(AlignedMatrix factors, Func<int, SeededRandom?> randomOf, double mean)
    {
        SeededRandom.FillNormal(factors, _rank, randomOf, mean, InitialDeviation / Math.Sqrt(_rank), _parallel);
        if (_settings.NonNegative)
            TensorPrimitives.Abs(factors.Padded, factors.Padded);
    }

    private bool IsFinite(AlignedMatrix matrix)
    {
        var isFinite = true;
        Parallel.For(0, _threads, _parallel, thread =>
        {
            var (first, end) = ((int)((long)matrix.Padded.Length * thread / _threads),
                (int)((long)matrix.Padded.Length * (thread + 1) / _threads));
            if (first < end && !float.IsFinite(TensorPrimitives.MaxMagnitude<float>(matrix.Padded[first..end])))
                Volatile.Write(ref isFinite, false);
        });
        return isFinite;
    }

    /// <summary>What one thread does at once: the users of a block, with the items of one block, or of two.</summary>
    private readonly record struct Lot(int Users, int Items, int Others, int Round);
}
