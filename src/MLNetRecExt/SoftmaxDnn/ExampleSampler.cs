using System.Runtime.InteropServices;

namespace MLNetRecExt;

/// <summary>Cuts users' items into histories and labels, every example by a random stream of its own.</summary>
internal sealed class ExampleSampler
{
    private readonly InteractionRows _rows;
    private readonly SoftmaxDnnTrainer.Options _options;
    private readonly SoftmaxDnnSettings _settings;
    private readonly int[] _users;

    public ExampleSampler(InteractionRows rows, SoftmaxDnnTrainer.Options options, SoftmaxDnnSettings settings)
    {
        _rows = rows;
        _options = options;
        _settings = settings;
        var users = new List<int>();
        for (int user = 0; user < rows.RowCount; user++)
            for (int example = 0; example < ExamplesOf(user); example++)
                users.Add(user);
        _users = [.. users];
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

    /// <summary>By item, the probability that a random label of a random example is it.</summary>
    public double[] LabelShares(int itemCount)
    {
        var shares = new double[itemCount];
        for (int user = 0; user < _rows.RowCount; user++)
        {
            var length = _rows.Length(user);
            if (length == 0)
                continue;
            // Next-item: every position but the first, unless it is the only one.
            var order = _options.Target == SoftmaxDnnTarget.NextItem ? InTime(user) : null;
            var skip = order is not null && length > 1 ? 1 : 0;
            var items = _rows.Indices(user);
            for (int position = skip; position < length; position++)
                shares[items[order?[position] ?? position]] += (double)ExamplesOf(user) / Count / (length - skip);
        }
        return shares;
    }

    /// <summary>Fills an example. The stream is one that no other example of the training has.</summary>
    public void Sample(int user, long stream, TrainingExample example)
    {
        var random = new SeededRandom(_options.Seed, stream);
        example.Clear();
        example.User = user;
        var order = InTime(user);
        if (_options.Target == SoftmaxDnnTarget.NextItem)
        {
            var position = order.Length == 1 ? 0 : 1 + random.Next(order.Length - 1);
            AddLabel(order[position]);
            AddHistory(order.AsSpan(0, position));
        }
        else
        {
            // A random subset by partial shuffling; the rest back in order.
            var labels = Math.Clamp((int)Math.Round(_options.LabelShare * order.Length), 1, Math.Max(1, order.Length - 1));
            var isLabel = new bool[order.Length];
            for (int left = labels; left > 0;)
            {
                var place = random.Next(order.Length);
                if (isLabel[place])
                    continue;
                isLabel[place] = true;
                left--;
            }
            var history = new int[order.Length - labels];
            var next = 0;
            for (int place = 0; place < order.Length; place++)
            {
                if (isLabel[place])
                    AddLabel(order[place]);
                else
                    history[next++] = order[place];
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
            AddHistory(history);
        }
        ToShares(CollectionsMarshal.AsSpan(example.Targets), new SoftmaxDnnSettings(0, 0, false));
        ToShares(CollectionsMarshal.AsSpan(example.Shares), _settings);

        void AddLabel(int entry)
        {
            example.Labels.Add(_rows.Indices(user)[entry]);
            example.Targets.Add(_rows.HasWeights ? _rows.Weights(user)[entry] : 1);
        }

        void AddHistory(ReadOnlySpan<int> entries)
        {
            foreach (var entry in entries[Math.Max(0, entries.Length - _options.MaxHistoryLength)..])
            {
                example.History.Add(_rows.Indices(user)[entry]);
                example.Shares.Add(_rows.HasWeights ? _rows.Weights(user)[entry] : 1);
            }
        }

        static void ToShares(Span<float> weights, SoftmaxDnnSettings settings) => settings.ToShares(weights);
    }

    private int ExamplesOf(int user) => Math.Min(_options.MaxExamplesPerUser, _rows.Length(user));

    private int[] InTime(int user) => SoftmaxDnnModel.InTime(_rows, user);
}
