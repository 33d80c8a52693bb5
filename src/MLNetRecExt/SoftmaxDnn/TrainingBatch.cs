using System.Runtime.InteropServices;

namespace MLNetRecExt;

/// <summary>
/// A batch as far as it does not depend on weights, so that it can be drawn while they still move: examples, the items that take part,
/// who does not compete for whom, and which rows of tables move with which gradients.
/// </summary>
internal sealed class TrainingBatch
{
    private const int GroupSize = ItemSoftmax.GroupSize;

    private readonly TrainingExample[] _examples;
    private readonly int _firstItemGradient;
    private readonly bool[] _isTaken;
    private readonly FeatureRows _ofUsers, _ofItems;
    private readonly int[] _placeOf;
    private readonly int[] _placeOfFeature;
    private readonly List<int> _items = [];
    private readonly List<int> _cells = [];
    private readonly List<int>[] _masks;
    private readonly int[][] _maskStarts;

    /// <param name="size">Examples at most.</param>
    /// <param name="firstItemGradient">Row of the gradients' sources where those of items begin, by place; before stand those of
    /// examples.</param>
    /// <param name="isTaken">By item, whether it has a vector of its own.</param>
    /// <param name="shareItemEmbeddings">Whether items of histories have the vectors of labels, with their features.</param>
    /// <param name="userFeatures">Features of users.</param>
    /// <param name="itemFeatures">Features of items.</param>
    public TrainingBatch(
        int size, int firstItemGradient, bool[] isTaken, bool shareItemEmbeddings, FeatureTable userFeatures, FeatureTable itemFeatures)
    {
        (_firstItemGradient, _isTaken, _ofUsers, _ofItems) = (firstItemGradient, isTaken, userFeatures.Of, itemFeatures.Of);
        _examples = new TrainingExample[size];
        for (int b = 0; b < size; b++)
            _examples[b] = new TrainingExample();
        _placeOf = new int[isTaken.Length];
        _placeOf.AsSpan().Fill(-1);
        _placeOfFeature = new int[shareItemEmbeddings ? itemFeatures.Table.Values.Rows : 0];
        _placeOfFeature.AsSpan().Fill(-1);
        var groups = (size + GroupSize - 1) / GroupSize;
        (_masks, _maskStarts) = (new List<int>[groups], new int[groups][]);
        for (int group = 0; group < groups; group++)
            (_masks[group], _maskStarts[group]) = ([], []);
        ItemTerms = new RowTerms(isTaken.Length);
        HistoryTerms = shareItemEmbeddings ? ItemTerms : new RowTerms(isTaken.Length);
        UserFeatureTerms = new RowTerms(userFeatures.Table.Values.Rows);
        ItemFeatureTerms = new RowTerms(itemFeatures.Table.Values.Rows);
    }

    /// <summary>Examples.</summary>
    public int Count { get; private set; }

    public ReadOnlySpan<TrainingExample> Examples => _examples.AsSpan(0, Count);

    /// <summary>The items that compete with all labels; <see cref="Offsets"/> are added to their logits.</summary>
    public List<int> Pool { get; } = [];

    public List<float> Offsets { get; } = [];

    /// <summary>By place: <see cref="Pool"/>, then the other labels.</summary>
    public IReadOnlyList<int> Items => _items;

    public RowTerms ItemTerms { get; }

    public RowTerms HistoryTerms { get; }

    public RowTerms UserFeatureTerms { get; }

    public RowTerms ItemFeatureTerms { get; }

    /// <summary>Draws an example of each of some users, by streams of their own, and what competes with them.</summary>
    public void Draw(ExampleSampler sampler, NegativeSampler negatives, ReadOnlySpan<int> users, int seed, long stream)
    {
        Count = users.Length;
        for (int b = 0; b < Count; b++)
        {
            sampler.Sample(users[b], 2 * (stream + b), _examples[b]);
            if (_placeOfFeature.Length > 0)
                AddFeatures(_examples[b]);
        }
        negatives.Draw(Examples, seed, 2 * stream + 1, Pool, Offsets);
        FindPlaces();
        for (int group = 0; group * GroupSize < Count; group++)
            FindMasked(group);
        FindTerms();
    }

    /// <summary>The logits, of a block of the pool for a group of examples, that do not count.</summary>
    public ReadOnlySpan<int> Masked(int block, int group) =>
        CollectionsMarshal.AsSpan(_masks[group])[_maskStarts[group][block].._maskStarts[group][block + 1]];

    /// <summary>What the items of a history add to it by their features, each row of the table once.</summary>
    private void AddFeatures(TrainingExample example)
    {
        for (int e = 0; e < example.History.Count; e++)
        {
            var rows = _ofItems.Rows(example.History[e]);
            var coefficients = _ofItems.Coefficients(example.History[e]);
            for (int f = 0; f < rows.Length; f++)
            {
                ref var place = ref _placeOfFeature[rows[f]];
                if (place < 0)
                {
                    place = example.Features.Count;
                    example.Features.Add(rows[f]);
                    example.FeatureShares.Add(0);
                }
                example.FeatureShares[place] += example.Shares[e] * coefficients[f];
            }
        }
        foreach (var row in example.Features)
            _placeOfFeature[row] = -1;
    }

    private void FindPlaces()
    {
        foreach (var item in _items)
            _placeOf[item] = -1;
        _items.Clear();
        foreach (var item in Pool)
            PlaceOf(item);
        foreach (var example in Examples)
            foreach (var item in example.Labels)
                example.Places.Add(PlaceOf(item));

        int PlaceOf(int item)
        {
            ref var place = ref _placeOf[item];
            if (place < 0)
            {
                place = _items.Count;
                _items.Add(item);
            }
            return place;
        }
    }

    /// <summary>
    /// Finds which items of the pool do not compete for whom: labels, which count by themselves, and the history, which nobody
    /// recommends.
    /// </summary>
    private void FindMasked(int group)
    {
        _cells.Clear();
        var examples = Examples[(group * GroupSize)..Math.Min(Count, (group + 1) * GroupSize)];
        for (int b = 0; b < examples.Length; b++)
        {
            foreach (var place in examples[b].Places)
                if (place < Pool.Count)
                    _cells.Add(place * GroupSize + b);
            foreach (var item in examples[b].History)
                if (_placeOf[item] is var place && (uint)place < (uint)Pool.Count)
                    _cells.Add(place * GroupSize + b);
        }
        ref var starts = ref _maskStarts[group];
        var blocks = (Pool.Count * GroupSize + ItemSoftmax.BlockCells - 1) / ItemSoftmax.BlockCells;
        if (starts.Length <= blocks)
            starts = new int[blocks + 1];
        starts.AsSpan().Clear();
        foreach (var cell in _cells)
            starts[cell / ItemSoftmax.BlockCells]++;
        for (int block = 1; block < starts.Length; block++)
            starts[block] += starts[block - 1];
        CollectionsMarshal.SetCount(_masks[group], _cells.Count);
        foreach (var cell in _cells)
            _masks[group][--starts[cell / ItemSoftmax.BlockCells]] = cell % ItemSoftmax.BlockCells;
    }

    private void FindTerms()
    {
        RowTerms[] all = [ItemTerms, HistoryTerms, UserFeatureTerms, ItemFeatureTerms];
        foreach (var terms in all)
            terms.Clear();
        for (int place = 0; place < _items.Count; place++)
        {
            var (item, source) = (_items[place], _firstItemGradient + place);
            if (_isTaken[item])
                ItemTerms.Add(item, source, 1);
            ItemFeatureTerms.Add(_ofItems.Rows(item), _ofItems.Coefficients(item), source);
        }
        for (int b = 0; b < Count; b++)
        {
            var example = _examples[b];
            HistoryTerms.Add(CollectionsMarshal.AsSpan(example.History), CollectionsMarshal.AsSpan(example.Shares), b);
            ItemFeatureTerms.Add(CollectionsMarshal.AsSpan(example.Features), CollectionsMarshal.AsSpan(example.FeatureShares), b);
            UserFeatureTerms.Add(_ofUsers.Rows(example.User), _ofUsers.Coefficients(example.User), b);
        }
        foreach (var terms in all.Distinct())
            terms.Sort();
    }
}
