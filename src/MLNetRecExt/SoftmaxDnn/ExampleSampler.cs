using System.Runtime.InteropServices;

namespace MLNetRecExt;

/// <summary>Cuts users' items into histories and labels, every example by a random stream of its own. Not for several threads at once.</summary>
internal sealed class ExampleSampler
{
    private readonly InteractionRows _rows;
    private readonly SoftmaxDnnTrainer.Options _options;
    private readonly SoftmaxDnnSettings _settings;
    private readonly int[] _users;

    // Users' entries in order of time, where that is known, as numbered in examples.
    private readonly int[] _items;
    private readonly float[]? _weights;

    // By a user's entry: whether it is a label; then those that are not.
    private readonly bool[] _isLabel;
    private readonly int[] _history;

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
        var longest = users.Count == 0 ? 0 : users.Max(rows.Length);
        (_isLabel, _history) = (new bool[longest], new int[longest]);
        (_items, _weights) = (new int[rows.EntryCount], rows.HasWeights ? new float[rows.EntryCount] : null);
        for (int user = 0; user < rows.RowCount; user++)
        {
            var next = rows.OffsetArray[user];
            foreach (var entry in SoftmaxDnnModel.InTime(rows, user))
            {
                var item = rows.Indices(user)[entry];
                _items[next] = rowOf is null ? item : rowOf[item];
                if (_weights is not null)
                    _weights[next] = rows.Weights(user)[entry];
                next++;
            }
        }
    }

    /// <summary>Examples per epoch.</summary>
    public int Count => _users.Length;

    /// <summary>The users of an epoch's examples, in its random order.</summary>
    public int[] Order(int epoch)
    {
        var order = (int[])_users.Clone();
        var random = new SeededRandom(_options.Seed, -1 - epoch);
        for (int i = order.Length - 1; i > 0; i--)
        {
            var j = random.Next(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }
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
        if (_options.Target == SoftmaxDnnTarget.NextItem)
        {
            var position = length == 1 ? 0 : 1 + random.Next(length - 1);
            AddLabel(first + position);
            for (int place = Math.Max(0, position - _options.MaxHistoryLength); place < position; place++)
                AddHistory(first + place);
        }
        else
        {
            // A random subset by partial shuffling; the rest back in order.
            var labels = Math.Clamp((int)Math.Round(_options.LabelShare * length), 1, Math.Max(1, length - 1));
            var isLabel = _isLabel.AsSpan(0, length);
            isLabel.Clear();
            for (int left = labels; left > 0;)
            {
                var place = random.Next(length);
                if (isLabel[place])
                    continue;
                isLabel[place] = true;
                left--;
            }
            var history = _history.AsSpan(0, length - labels);
            var next = 0;
            for (int place = 0; place < length; place++)
            {
                if (isLabel[place])
                    AddLabel(first + place);
                else
                    history[next++] = first + place;
            }
            if (!_rows.HasTimestamps && history.Length > _options.MaxHistoryLength)
            {
                for (int i = 0; i < _options.MaxHistoryLength; i++)
                {
                    var j = i + random.Next(history.Length - i);
                    (history[i], history[j]) = (history[j], history[i]);
                }
                history = history[.._options.MaxHistoryLength];
            }
            foreach (var entry in history[Math.Max(0, history.Length - _options.MaxHistoryLength)..])
                AddHistory(entry);
        }
        new SoftmaxDnnSettings(0, 0, false).ToShares(CollectionsMarshal.AsSpan(example.Targets));
        _settings.ToShares(CollectionsMarshal.AsSpan(example.Shares));

        void AddLabel(int entry)
        {
            example.Labels.Add(_items[entry]);
            example.Targets.Add(_weights?[entry] ?? 1);
        }

        void AddHistory(int entry)
        {
            example.History.Add(_items[entry]);
            example.Shares.Add(_weights?[entry] ?? 1);
        }
    }

    private int ExamplesOf(int user) => Math.Min(_options.MaxExamplesPerUser, _rows.Length(user));
}
