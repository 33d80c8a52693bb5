using MLNetRecExt.Kernels;

namespace MLNetRecExt;

/// <summary>The best neighbors of every row while they are found, in one array. Any thread may offer to any row: what is kept does not depend
/// on the order.</summary>
internal sealed class BestNeighbors
{
    private const int Locks = 1024;

    private readonly long[] _places;
    private readonly int[] _indices;
    private readonly float[] _similarities;
    private readonly TopList[] _lists;
    private readonly Lock[] _locks = new Lock[Locks];

    /// <param name="places">Where each row's list starts, and the end of all; no more than an array holds.</param>
    public BestNeighbors(long[] places)
    {
        _places = places;
        _indices = new int[places[^1] + InteractionRows.Padding];
        _similarities = new float[_indices.Length];
        _lists = new TopList[places.Length - 1];
        for (int row = 0; row < _lists.Length; row++)
            _lists[row] = new(null, default, Part(_indices, row), Part(_similarities, row));
        for (int i = 0; i < Locks; i++)
            _locks[i] = new();
    }

    /// <summary>Offers a neighbor to a row.</summary>
    public void Offer(int row, int neighbor, float similarity)
    {
        // Thresholds only rise: what one read without the lock leaves out would not enter.
        if (!(similarity >= _lists[row].Threshold))
            return;
        lock (_locks[row % Locks])
            _lists[row].Offer(neighbor, similarity);
    }

    /// <summary>Offers the first neighbors of a workspace to a row.</summary>
    public void Offer(int row, NeighborSearch.Workspace found, int count)
    {
        lock (_locks[row % Locks])
            for (int i = 0; i < count; i++)
                _lists[row].Offer(found.Rows[i], found.Similarities[i]);
    }

    /// <summary>Makes the first neighbors of a workspace those of a row that has none yet.</summary>
    public void Set(int row, NeighborSearch.Workspace found, int count) =>
        Set(row, found.Rows.AsSpan(0, count), found.Similarities.AsSpan(0, count));

    public void Set(int row, ReadOnlySpan<int> neighbors, ReadOnlySpan<float> similarities)
    {
        for (int i = 0; i < neighbors.Length; i++)
            _lists[row].Offer(neighbors[i], similarities[i]);
    }

    /// <summary>By row its neighbors, by ascending index. Nothing may be offered afterwards.</summary>
    /// <param name="exponent">The power of the similarities that is taken: it keeps the order, and need not be taken of those that were not
    /// kept.</param>
    public SparseMatrix ToMatrix(float exponent)
    {
        var offsets = new int[_lists.Length + 1];
        for (int row = 0; row < _lists.Length; row++)
        {
            var count = _lists[row].Count;
            var kept = (int)_places[row];
            _indices.AsSpan(kept, count).CopyTo(_indices.AsSpan(offsets[row]));
            _similarities.AsSpan(kept, count).CopyTo(_similarities.AsSpan(offsets[row]));
            var similarities = _similarities.AsSpan(offsets[row], count);
            _indices.AsSpan(offsets[row], count).Sort(similarities);
            if (exponent != 1)
                foreach (ref var similarity in similarities)
                    similarity = (float)Math.Pow(similarity, exponent);
            offsets[row + 1] = offsets[row] + count;
        }
        var (indices, values) = (_indices, _similarities);
        Array.Resize(ref indices, offsets[^1] + InteractionRows.Padding);
        Array.Resize(ref values, offsets[^1] + InteractionRows.Padding);
        indices.AsSpan(offsets[^1]).Clear();
        values.AsSpan(offsets[^1]).Clear();
        return new SparseMatrix(offsets, indices, values, _lists.Length);
    }

    private ArraySegment<T> Part<T>(T[] array, int row) => new(array, (int)_places[row], (int)(_places[row + 1] - _places[row]));
}
