namespace MLNetRecExt;

/// <summary>
/// Draws the items that compete with a batch's labels, and knows how often each is drawn on average: an item that is drawn c times where
/// E draws were expected enters the softmax as c/E items. The sum over the drawn ones then has the expectation of the sum over all (logQ
/// correction).
/// </summary>
internal sealed class NegativeSampler
{
    private readonly NegativeSampling _sampling;
    private readonly int[] _drawn;
    private readonly int[] _items;
    private readonly AliasTable _table;
    private readonly Item[] _byItem;

    /// <param name="sampling">Not <see cref="NegativeSampling.Auto"/>.</param>
    /// <param name="draws">How many, those from the batch not counted.</param>
    /// <param name="exponent">β.</param>
    /// <param name="itemCounts">By item: how often it occurs in training, or counts as if it did. Items with 0 are never drawn.</param>
    /// <param name="labelShares">By item: the probability that a random label of a random example is it.</param>
    public NegativeSampler(NegativeSampling sampling, int draws, double exponent, int[] itemCounts, double[] labelShares)
    {
        _sampling = sampling;
        _drawn = new int[draws];
        _items = [.. Enumerable.Range(0, itemCounts.Length).Where(item => itemCounts[item] > 0)];
        _byItem = Array.ConvertAll(labelShares, share => new Item { LabelShare = share });
        var weights = Array.ConvertAll(_items, item => Math.Pow(itemCounts[item], sampling == NegativeSampling.Uniform ? 0 : exponent));
        var sum = weights.Sum();
        for (int i = 0; i < _items.Length; i++)
            _byItem[_items[i]].Popularity = weights[i] / sum;
        _table = new AliasTable(weights);
    }

    private bool FromCatalogue => _sampling is NegativeSampling.Uniform or NegativeSampling.Popularity or NegativeSampling.Mixed;

    private bool FromBatch => _sampling is NegativeSampling.InBatch or NegativeSampling.Mixed;

    /// <summary>Draws for a batch.</summary>
    /// <param name="examples">The batch.</param>
    /// <param name="seed">Of the training.</param>
    /// <param name="stream">Differs for each batch of a training.</param>
    /// <param name="items">Gets the different items drawn.</param>
    /// <param name="offsets">Gets log(c/E) of each.</param>
    public void Draw(ReadOnlySpan<TrainingExample> examples, int seed, long stream, List<int> items, List<float> offsets)
    {
        items.Clear();
        offsets.Clear();
        if (_sampling == NegativeSampling.None)
            return;
        if (_sampling == NegativeSampling.Full)
        {
            items.AddRange(_items);
            offsets.AddRange(Enumerable.Repeat(0f, _items.Length));
            return;
        }
        var random = new SeededRandom(seed, stream);
        if (FromCatalogue)
        {
            // All draws before any is looked at: their looks into memory do not wait for one another.
            foreach (ref var item in _drawn.AsSpan())
                item = _items[_table.Draw(ref random)];
            foreach (var item in _drawn)
                Count(item);
        }
        if (FromBatch)
            foreach (var example in examples)
                Count(example.Labels[random.Next(example.Labels.Count)]);
        foreach (var item in items)
        {
            ref var its = ref _byItem[item];
            // An example's own draw is one of its labels, and as such left out for it: the others' draws are one fewer than the batch.
            var expected = (FromCatalogue ? _drawn.Length * its.Popularity : 0) + (FromBatch ? Math.Max(1, examples.Length - 1) * its.LabelShare : 0);
            offsets.Add((float)Math.Log(its.Draws / expected));
            its.Draws = 0;
        }

        void Count(int item)
        {
            if (_byItem[item].Draws++ == 0)
                items.Add(item);
        }
    }

    private struct Item
    {
        /// <summary>Probability that a draw from the catalogue is it.</summary>
        public double Popularity;

        /// <summary>Probability that a draw from the batch is it.</summary>
        public double LabelShare;

        /// <summary>How often it was drawn for this batch.</summary>
        public int Draws;
    }
}
