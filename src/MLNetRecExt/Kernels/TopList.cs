using System.Collections;

namespace MLNetRecExt.Kernels;

/// <summary>
/// The best N rows that were offered, in caller memory: a heap with the worst on top, then a list, best first.
/// Higher scores are better; of equal scores the lower row. NaN is never taken.
/// </summary>
/// <param name="allowed">Rows that may enter; null: all.</param>
/// <param name="excluded">Rows that may not, ascending.</param>
/// <param name="rows">Where rows are kept: N elements.</param>
/// <param name="scores">Where scores are kept: N elements.</param>
internal struct TopList(BitArray? allowed, ArraySegment<int> excluded, ArraySegment<int> rows, ArraySegment<float> scores)
{
    /// <summary>How many rows the list holds.</summary>
    public int Count { get; private set; }

    /// <summary>A score below this does not enter; an equal one may.</summary>
    public float Threshold { get; private set; } = rows.Count == 0 ? float.PositiveInfinity : float.NegativeInfinity;

    /// <summary>Takes the row if it may enter and is among the best so far. Offer each row once, in any order.</summary>
    public void Offer(int row, float score)
    {
        // Negated: NaN goes no further. The cheap tests come first.
        if (!(score >= Threshold))
            return;
        var full = Count == rows.Count;
        if (full && (Count == 0 || !IsWorse(scores.AsSpan()[0], rows.AsSpan()[0], score, row)))
            return;
        if (allowed is not null && !allowed[row] || excluded.AsSpan().BinarySearch(row) >= 0)
            return;
        if (full)
            SiftDown(row, score, Count);
        else
            SiftUp(row, score);
        if (Count == rows.Count)
            Threshold = scores.AsSpan()[0];
    }

    /// <summary>Puts the best first. Nothing may be offered afterwards.</summary>
    /// <returns>The length of the list.</returns>
    public int Sort()
    {
        var r = rows.AsSpan();
        var s = scores.AsSpan();
        for (int end = Count - 1; end > 0; end--)
        {
            var (row, score) = (r[end], s[end]);
            (r[end], s[end]) = (r[0], s[0]);
            SiftDown(row, score, end);
        }
        return Count;
    }

    private static bool IsWorse(float score, int row, float otherScore, int otherRow) =>
        score < otherScore || score == otherScore && row > otherRow;

    private void SiftUp(int row, float score)
    {
        var r = rows.AsSpan();
        var s = scores.AsSpan();
        var hole = Count++;
        while (hole > 0)
        {
            var parent = (hole - 1) / 2;
            if (!IsWorse(score, row, s[parent], r[parent]))
                break;
            (r[hole], s[hole]) = (r[parent], s[parent]);
            hole = parent;
        }
        (r[hole], s[hole]) = (row, score);
    }

    /// <summary>Replaces the top of the first <paramref name="count"/> elements.</summary>
    private readonly void SiftDown(int row, float score, int count)
    {
        var r = rows.AsSpan();
        var s = scores.AsSpan();
        var hole = 0;
        while (2 * hole + 1 < count)
        {
            var child = 2 * hole + 1;
            if (child + 1 < count && IsWorse(s[child + 1], r[child + 1], s[child], r[child]))
                child++;
            if (!IsWorse(s[child], r[child], score, row))
                break;
            (r[hole], s[hole]) = (r[child], s[child]);
            hole = child;
        }
        (r[hole], s[hole]) = (row, score);
    }
}
