namespace MLNetRecExt;

/// <summary>Collects (user, item, label, weight, timestamp) entries and compresses them into <see cref="Interactions"/>.</summary>
internal sealed class InteractionsBuilder(bool hasLabels, bool hasWeights, bool hasTimestamps)
{
    private readonly List<int> _users = [];
    private readonly List<int> _items = [];
    private readonly List<float> _labels = [];
    private readonly List<float> _weights = [];
    private readonly List<long> _timestamps = [];

    public int Count => _users.Count;

    public void Add(int user, int item, float label = 1, float weight = 1, long timestamp = 0)
    {
        _users.Add(user);
        _items.Add(item);
        if (hasLabels)
            _labels.Add(label);
        if (hasWeights)
            _weights.Add(weight);
        if (hasTimestamps)
            _timestamps.Add(timestamp);
    }

    public Interactions Build(IdMap users, IdMap items, DuplicateHandling duplicates, InteractionCounts counts)
    {
        var order = new int[Count];
        for (int e = 0; e < order.Length; e++)
            order[e] = e;
        // Entries of one pair stay in the order they were read.
        Array.Sort(order, (a, b) => (_users[a], _items[a], a).CompareTo((_users[b], _items[b], b)));

        var offsets = new int[users.Count + 1];
        var size = Count + InteractionRows.Padding;
        var indices = new int[size];
        var labels = hasLabels ? new float[size] : null;
        var weights = hasWeights ? new float[size] : null;
        var timestamps = hasTimestamps ? new long[size] : null;
        int last = -1, previousUser = -1, previousItem = -1;
        foreach (var e in order)
        {
            var (user, item) = (_users[e], _items[e]);
            if (user != previousUser || item != previousItem)
            {
                last++;
                offsets[user + 1]++;
                indices[last] = item;
                if (labels is not null) labels[last] = _labels[e];
                if (weights is not null) weights[last] = _weights[e];
                if (timestamps is not null) timestamps[last] = _timestamps[e];
                (previousUser, previousItem) = (user, item);
                continue;
            }
            counts = counts with { Duplicates = counts.Duplicates + 1 };
            if (duplicates == DuplicateHandling.Sum)
            {
                if (labels is not null) labels[last] += _labels[e];
                if (weights is not null) weights[last] += _weights[e];
                if (timestamps is not null) timestamps[last] = Math.Max(timestamps[last], _timestamps[e]);
            }
            else if (duplicates == DuplicateHandling.Last || labels is null || _labels[e] >= labels[last])
            {
                if (labels is not null) labels[last] = _labels[e];
                if (weights is not null) weights[last] = _weights[e];
                if (timestamps is not null) timestamps[last] = _timestamps[e];
            }
        }
        for (int user = 0; user < users.Count; user++)
            offsets[user + 1] += offsets[user];
        return new Interactions(users, items, new InteractionRows(offsets, indices, labels, weights, timestamps), counts);
    }
}
