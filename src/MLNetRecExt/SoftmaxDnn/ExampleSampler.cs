using System.Runtime.InteropServices;

namespace MLNetRecExt;

/// <summary>Cuts users' items into histories and labels, every example by a random stream of its own. Not for several threads at
/// once.</summary>
internal sealed class ExampleSampler
{
    private readonly InteractionRows _rows;
    private readonly SoftmaxDnnTrainer.Options _options;
    private readonly SoftmaxDnnSettings _settings;
    private readonly int[] _users;

    // Users' entries in order of time, where that is known, as numbered in examples.
    private readonly int[] _items;
    private readonly float[]? _weights;

    // Where days count: when the entries were taken, and the half-life in the same unit.
    private readonly long[]? _times;
    private readonly double _halfLife;

    // Of the example's history, before it is shortened.
    private readonly List<long> _historyTimes = [];

    // By a user's entry.
    private readonly bool[] _isLabel;

    /// <param name="rows">What users took.</param>
    /// <param name="options">Those of the trainer.</param>
    /// <param name="settings">How a history is weighed.</param>
    /// <param name="rowOf">By item, the number that it has in examples; null: its own.</param>
    public ExampleSampler(InteractionRows rows, SoftmaxDnnTrainer.Options options, SoftmaxDnnSettings settings, int[]? rowOf = null)
    {
        _rows = rows;
        _options = options;
        _settings = settings;
        var users = new List<int>();
        for (int user = 0; user < rows.RowCount; user++)
            for (int example = 0; example < ExamplesOf(user); example++)
                users.Add(user);
        _users = [.. users];
        _isLabel = new bool[users.Count == 0 ? 0 : users.Max(rows.Length)];
        (_items, _weights) = (new int[rows.EntryCount], rows.HasWeights ? new float[rows.EntryCount] : null);
        _halfLife = options.Recency.HalfLifeIn(rows);
        _times = _halfLife > 0 ? new long[rows.EntryCount] : null;
        for (int user = 0; user < rows.RowCount; user++)
        {
            var next = rows.OffsetArray[user];
            foreach (var entry in new TakenItems(rows, user).InTime())
            {
                var item = rows.Indices(user)[entry];
                _items[next] = rowOf is null ? item : rowOf[item];
                if (_weights is not null)
                    _weights[next] = rows.Weights(user)[entry];
                if (_times is not null)
                    _times[next] = rows.Timestamps(user)[entry];
                next++;
            }
        }
    }

    /// <summary>Examples per epoch.</summary>
    public int Count => _users.Length;

    /// <summary>How many examples an epoch has, and of one the mean numbers of items in its history and among its labels, rounded
    /// up.</summary>
    public static (long Examples, long History, long Labels) Measure(InteractionRows rows, SoftmaxDnnTrainer.Options options)
    {
        long examples = 0, histories = 0, labels = 0;
        for (int user = 0; user < rows.RowCount; user++)
        {
            var (length, own) = (rows.Length(user), Math.Min(options.MaxExamplesPerUser, rows.Length(user)));
            var itsLabels = options.Target == SoftmaxDnnTarget.NextItem ? 1 : Math.Max(1, (long)Math.Round(options.LabelShare * length));
            examples += own;
            histories += own * (long)Math.Min(options.MaxHistoryLength, length);
            labels += own * itsLabels;
        }
        return examples == 0 ? default : (examples, (histories + examples - 1) / examples, (labels + examples - 1) / examples);
    }

    /// <summary>The users of an epoch's examples, in its random order.</summary>
    public int[] Order(int epoch)
    {
        var order = (int[])_users.Clone();
        new SeededRandom(_options.Seed, -1 - epoch).Shuffle<int>(order);
        return order;
    }

    /// <summary>By item, as numbered in examples, the probability that a random label of a random example is it.</summary>
    public double[] LabelShares(int itemCount)
    {
        var shares = new double[itemCount];
        for (int user = 0; user < _rows.RowCount; user++)
        {
            var length = _rows.Length(user);
            if (length == 0)
                continue;
            // Next-item: every position but the first, unless it is the only one.
            var skip = _options.Target == SoftmaxDnnTarget.NextItem && length > 1 ? 1 : 0;
            foreach (var item in _items.AsSpan(_rows.OffsetArray[user] + skip, length - skip))
                shares[item] += (double)ExamplesOf(user) / Count / (length - skip);
        }
        return shares;
    }

    /// <summary>Fills an example. The stream is one that no other example of the training has.</summary>
    public void Sample(int user, long stream, TrainingExample example)
    {
        var random = new SeededRandom(_options.Seed, stream);
        example.Clear();
        example.User = user;
        var (first, length) = (_rows.OffsetArray[user], _rows.Length(user));
        var isLabel = _isLabel.AsSpan(0, length);
        isLabel.Clear();
        if (_options.Target == SoftmaxDnnTarget.NextItem)
        {
            var position = length == 1 ? 0 : 1 + random.Next(length - 1);
            AddLabel(example, first + position);
            var start = Math.Max(0, position - _options.MaxHistoryLength);
            AddHistory(example, first + start, isLabel[start..position]);
        }
        else
        {
            var labels = Math.Clamp((int)Math.Round(_options.LabelShare * length), 1, Math.Max(1, length - 1));
            for (int left = labels; left > 0;)
            {
                var place = random.Next(length);
                if (isLabel[place])
                    continue;
                isLabel[place] = true;
                left--;
            }
            for (int place = 0; place < length; place++)
                if (isLabel[place])
                    AddLabel(example, first + place);
            AddHistory(example, first, isLabel);
            ShortenHistory(example, ref random);
        }
        if (_times is not null)
            WeighByAge(CollectionsMarshal.AsSpan(example.Shares));
        new SoftmaxDnnSettings(0, 0, false).ToShares(CollectionsMarshal.AsSpan(example.Targets));
        _settings.ToShares(CollectionsMarshal.AsSpan(example.Shares));
    }

    private void AddLabel(TrainingExample example, int entry)
    {
        example.Labels.Add(_items[entry]);
        example.Targets.Add(_weights?[entry] ?? 1);
    }

    /// <summary>Adds the entries from <paramref name="first"/> on that are no labels.</summary>
    private void AddHistory(TrainingExample example, int first, ReadOnlySpan<bool> isLabel)
    {
        CopyOthers(_items.AsSpan(first, isLabel.Length), isLabel, example.History);
        if (_weights is not null)
            CopyOthers(_weights.AsSpan(first, isLabel.Length), isLabel, example.Shares);
        else
        {
            CollectionsMarshal.SetCount(example.Shares, example.History.Count);
            CollectionsMarshal.AsSpan(example.Shares).Fill(1);
        }
        if (_times is not null)
            CopyOthers(_times.AsSpan(first, isLabel.Length), isLabel, _historyTimes);
    }

    /// <summary>Halves weights with the days that entries are older than the newest of the history.</summary>
    private void WeighByAge(Span<float> weights)
    {
        // What was shortened keeps the latest.
        var times = CollectionsMarshal.AsSpan(_historyTimes)[^weights.Length..];
        for (int i = 0; i < weights.Length; i++)
            weights[i] *= Recency.Decay(times[i], times[^1], _halfLife);
    }

    private static void CopyOthers<T>(ReadOnlySpan<T> entries, ReadOnlySpan<bool> isLabel, List<T> others)
    {
        CollectionsMarshal.SetCount(others, entries.Length);
        var copies = CollectionsMarshal.AsSpan(others);
        var count = 0;
        // Without branches: the next one overwrites a label.
        for (int entry = 0; entry < entries.Length; entry++)
        {
            copies[count] = entries[entry];
            count += isLabel[entry] ? 0 : 1;
        }
        CollectionsMarshal.SetCount(others, count);
    }

    /// <summary>Leaves the latest entries, or random ones where time is not known.</summary>
    private void ShortenHistory(TrainingExample example, ref SeededRandom random)
    {
        var most = _options.MaxHistoryLength;
        if (example.History.Count <= most)
            return;
        var items = CollectionsMarshal.AsSpan(example.History);
        var shares = CollectionsMarshal.AsSpan(example.Shares);
        if (_rows.HasTimestamps)
        {
            items[^most..].CopyTo(items);
            shares[^most..].CopyTo(shares);
        }
        else
        {
            for (int i = 0; i < most; i++)
            {
                var j = i + random.Next(items.Length - i);
                (items[i], items[j]) = (items[j], items[i]);
                (shares[i], shares[j]) = (shares[j], shares[i]);
            }
        }
        CollectionsMarshal.SetCount(example.History, most);
        CollectionsMarshal.SetCount(example.Shares, most);
    }

    private int ExamplesOf(int user) => Math.Min(_options.MaxExamplesPerUser, _rows.Length(user));
}
