using MLNetRecExt.Kernels;

namespace MLNetRecExt;

/// <summary>What <see cref="NextItemEaseTrainer"/> counts of pairs of items: S and T have a row for each item of a user but the first, S
/// what came before it, T the item itself.</summary>
// For items at places a ≤ b of a user's n, ρ = 2^(−1/h):
//     SᵀT_ab = x_a x_b ρ^(b−a) for a < b,   SᵀS_ab = x_a x_b ρ^(b−a) Σ_k=1…n−1−b ρ^2k
internal sealed class ItemTransitions
{
    private readonly SparseMatrix _byUser, _byItem;

    // By entry of a user its place in time; by entry of an item where it stands by user.
    private readonly int[] _places, _entries;
    private readonly double[] _decay, _tail;

    public ItemTransitions(Interactions train, float halfLife)
    {
        _byUser = ItemGramian.Values(train.ByUser, train.Items.Count, userExponent: 0);
        _byItem = _byUser.Transpose();
        _places = new int[train.Count];
        _entries = new int[train.Count];
        var next = _byItem.OffsetArray[..^1];
        var longest = 0;
        for (int user = 0; user < _byUser.RowCount; user++)
        {
            var order = new TakenItems(train.ByUser, user).InTime();
            longest = Math.Max(longest, order.Length);
            for (int place = 0; place < order.Length; place++)
                _places[_byUser.OffsetArray[user] + order[place]] = place;
            for (int e = _byUser.OffsetArray[user]; e < _byUser.OffsetArray[user + 1]; e++)
                _entries[next[_byUser.IndexArray[e]]++] = e;
        }
        (_decay, _tail) = (new double[longest + 1], new double[longest + 1]);
        for (int n = 0; n <= longest; n++)
        {
            _decay[n] = Math.Pow(2, -n / (double)halfLife);
            _tail[n] = n == 0 ? 0 : _tail[n - 1] + _decay[n] * _decay[n];
        }
    }

    /// <summary>SᵀS + μ XᵀX + λ, times a power of two that brings its largest number near 1. Both triangles.</summary>
    /// <returns>The power of two.</returns>
    public double FillGramian(double cooccurrenceWeight, double regularization, AlignedMatrix gramian, ParallelOptions parallel)
    {
        double largest = 0;
        for (int item = 0; item < _byItem.RowCount; item++)
        {
            double sum = 0;
            foreach (var entry in Entries(item))
                sum += _byUser.ValueArray[entry] * (double)_byUser.ValueArray[entry];
            largest = Math.Max(largest, sum);
        }
        var scale = ItemGramian.Scale((_tail[^1] + cooccurrenceWeight) * largest + regularization);
        ForEachItem(0, gramian.Rows, parallel, (item, sums) =>
        {
            Sum(item, sums, (gap, after) => _decay[Math.Abs(gap)] * _tail[after] + cooccurrenceWeight);
            sums[item] += regularization;
            Store(sums, scale, gramian[item]);
        });
        return scale;
    }

    /// <summary>For some items a row each, of what comes before them: SᵀT − SᵀS, or SᵀT alone, times <paramref name="scale"/>.</summary>
    public void FillTransitions(int first, int count, bool aloneCounts, double scale, AlignedMatrix rows, ParallelOptions parallel) =>
        ForEachItem(first, count, parallel, (item, sums) =>
        {
            if (aloneCounts)
                Sum(item, sums, (gap, _) => gap > 0 ? _decay[gap] : 0);
            else
                Sum(item, sums, (gap, after) => (gap > 0 ? _decay[gap] : 0) - _decay[Math.Abs(gap)] * _tail[after]);
            Store(sums, scale, rows[item - first]);
        });

    private ReadOnlySpan<int> Entries(int item) => _entries.AsSpan(_byItem.OffsetArray[item], _byItem.Length(item));

    private void ForEachItem(int first, int count, ParallelOptions parallel, Action<int, double[]> fill) =>
        Parallel.For(first, first + count, parallel, () => new double[_byItem.RowCount], (item, _, sums) =>
        {
            fill(item, sums);
            return sums;
        }, _ => { });

    /// <summary>sums[other] = Σ x_item x_other · pair(places from the other to the item, places after the later of both) over users who took
    /// both.</summary>
    private void Sum(int item, double[] sums, Func<int, int, double> pair)
    {
        Array.Clear(sums);
        var users = _byItem.Indices(item);
        for (int n = 0; n < users.Length; n++)
        {
            var own = Entries(item)[n];
            double value = _byUser.ValueArray[own];
            var (start, length) = (_byUser.OffsetArray[users[n]], _byUser.Length(users[n]));
            for (int e = start; e < start + length; e++)
                sums[_byUser.IndexArray[e]] += value * _byUser.ValueArray[e]
                    * pair(_places[own] - _places[e], length - 1 - Math.Max(_places[own], _places[e]));
        }
    }

    private static void Store(double[] sums, double scale, Span<float> row)
    {
        for (int other = 0; other < row.Length; other++)
            row[other] = (float)(scale * sums[other]);
    }
}
