namespace MLNetRecExt;

/// <summary>What each entry counts when entities, items or users, are compared by their features: x_e of
/// <see cref="NeighborSimilarity"/>.</summary>
internal sealed class NeighborWeighting
{
    private readonly NeighborSettings _settings;
    private readonly bool _compareUsers;
    private readonly InteractionRows _byUser;
    private readonly int _itemCount;
    private readonly double[] _rarity = [];
    private readonly double[] _lengths = [];
    private readonly double _meanLength;

    public NeighborWeighting(InteractionRows byUser, int itemCount, NeighborSettings settings, bool compareUsers)
    {
        (_byUser, _itemCount, _settings, _compareUsers) = (byUser, itemCount, settings, compareUsers);
        if (settings.Similarity is not (NeighborSimilarity.TfIdf or NeighborSimilarity.Bm25))
            return;
        var ofUsers = new int[byUser.RowCount];
        for (int user = 0; user < ofUsers.Length; user++)
            ofUsers[user] = byUser.Length(user);
        var ofItems = byUser.ColumnCounts(itemCount);
        var (entities, features) = compareUsers ? (ofUsers, ofItems) : (ofItems, ofUsers);
        var known = entities.Count(count => count > 0);
        // Items were taken by users who were taken out, too.
        var counted = known + (compareUsers ? byUser.Removed?.KnownUsers ?? 0 : 0);
        _rarity = Array.ConvertAll(features, count => Math.Log((1.0 + counted) / (1.0 + count)));
        _lengths = new double[entities.Length];
        for (int user = 0; user < byUser.RowCount; user++)
            for (int e = byUser.Offsets[user]; e < byUser.Offsets[user + 1]; e++)
                _lengths[compareUsers ? user : byUser.IndexArray[e]] += Frequency(Label(e), Weight(e));
        _meanLength = _lengths.Sum() / Math.Max(1, known);
    }

    /// <summary>X: all entries, x_e each. Users × items.</summary>
    /// <exception cref="ArgumentException">A label times its weight is too large for single precision.</exception>
    public SparseMatrix WeighAll()
    {
        var values = new float[_byUser.EntryCount + InteractionRows.Padding];
        for (int user = 0; user < _byUser.RowCount; user++)
        {
            var mean = 0.0;
            for (int e = _byUser.Offsets[user]; e < _byUser.Offsets[user + 1]; e++)
                mean += Label(e) / (double)_byUser.Length(user);
            for (int e = _byUser.Offsets[user]; e < _byUser.Offsets[user + 1]; e++)
            {
                var item = _byUser.IndexArray[e];
                var (entity, feature) = _compareUsers ? (user, item) : (item, user);
                values[e] = Weigh(Label(e), Weight(e), mean, feature, _lengths.Length > 0 ? _lengths[entity] : 0);
            }
        }
        return new SparseMatrix(_byUser.OffsetArray, _byUser.IndexArray, values, _itemCount);
    }

    /// <summary>What the entries of a user who is not among the entities count.</summary>
    public float[] WeighUser(TakenItems taken)
    {
        double mean = 0, length = 0;
        for (int e = 0; e < taken.Items.Length; e++)
        {
            mean += taken.Label(e) / (double)taken.Items.Length;
            length += Frequency(taken.Label(e), taken.Weight(e));
        }
        var values = new float[taken.Items.Length];
        for (int e = 0; e < values.Length; e++)
            values[e] = Weigh(taken.Label(e), taken.Weight(e), mean, taken.Items[e], length);
        return values;
    }

    private static double Frequency(float label, float weight) => Math.Max(0, (double)label * weight);

    private float Label(int entry) => _byUser.LabelArray?[entry] ?? 1;

    private float Weight(int entry) => _byUser.WeightArray?[entry] ?? 1;

    private float Weigh(float label, float weight, double mean, int feature, double length)
    {
        var frequency = Frequency(label, weight);
        var value = (float)(_settings.Similarity switch
        {
            NeighborSimilarity.Cosine => (double)label * weight,
            NeighborSimilarity.AdjustedCosine => (label - mean) * weight,
            NeighborSimilarity.Jaccard => 1,
            NeighborSimilarity.TfIdf => Math.Sqrt(frequency) * _rarity[feature],
            _ => frequency == 0 ? 0
                : frequency * (_settings.Bm25K + 1) / (frequency + _settings.Bm25K * (1 - _settings.Bm25B + _settings.Bm25B * length / _meanLength)) * _rarity[feature],
        });
        if (float.IsFinite(value))
            return value;
        var less = _settings.Similarity == NeighborSimilarity.AdjustedCosine ? $", less the mean {mean}," : "";
        throw new ArgumentException(
            $"Label {label}{less} with weight {weight} is too large for single precision: scale labels or weights down.");
    }
}
