using MLNetRecExt.Kernels;

namespace MLNetRecExt;

/// <summary>Of each item's weights those that are largest in absolute value, of equal ones those with the lower index.</summary>
/// <param name="items">How many items.</param>
/// <param name="count">How many weights to keep of each.</param>
internal sealed class TopWeights(int items, int count)
{
    private readonly int _kept = Math.Min(count, items);
    private readonly int[][] _taken = new int[items][];
    private readonly float[][] _weights = new float[items][];

    /// <summary>Keeps the largest of an item. Different items on different threads.</summary>
    /// <param name="item">The item.</param>
    /// <param name="weights">By item taken, the weight; those that are 0 are not kept.</param>
    public void Keep(int item, ReadOnlySpan<float> weights)
    {
        var (taken, magnitudes) = (new int[_kept], new float[_kept]);
        var top = new TopList(null, default, taken, magnitudes);
        for (int other = 0; other < weights.Length; other++)
            if (weights[other] != 0)
                top.Offer(other, Math.Abs(weights[other]));
        Array.Resize(ref taken, top.Count);
        Array.Sort(taken);
        var kept = new float[taken.Length];
        for (int n = 0; n < kept.Length; n++)
            kept[n] = weights[taken[n]];
        (_taken[item], _weights[item]) = (taken, kept);
    }

    /// <summary>By item what it has kept. Items × items.</summary>
    public SparseMatrix ToMatrix()
    {
        var offsets = new int[items + 1];
        for (int item = 0; item < items; item++)
            offsets[item + 1] = checked(offsets[item] + _taken[item].Length);
        var (indices, values) = (new int[offsets[^1] + InteractionRows.Padding], new float[offsets[^1] + InteractionRows.Padding]);
        for (int item = 0; item < items; item++)
        {
            _taken[item].CopyTo(indices, offsets[item]);
            _weights[item].CopyTo(values, offsets[item]);
        }
        return new SparseMatrix(offsets, indices, values, items);
    }
}
