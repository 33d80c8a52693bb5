using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace MLNetRecExt;

/// <summary>
/// Interactions in compressed rows (CSR): for each user its items, or for each item its users, with labels, weights and timestamps.
/// Indices ascend within a row and occur once. Immutable and thread-safe.
/// </summary>
public sealed class InteractionRows
{
    /// <summary>Readable entries behind the last one in every array, so that kernels may load whole vectors.</summary>
    internal const int Padding = 16;

    private const int PrefetchedEntries = 512;
    private const int CacheLine = 64;

    // What the models of these rows share.
    private readonly Lock _lock = new();
    private int[]? _columnCounts;
    private LabelMeans? _labelMeans;
    private long[]? _times;

    /// <param name="offsets">rows + 1 positions; row r is offsets[r]…offsets[r+1]−1.</param>
    /// <param name="indices">nnz + <see cref="Padding"/> column indices (padding 0).</param>
    /// <param name="labels">nnz + <see cref="Padding"/> labels, or null when every label is 1.</param>
    /// <param name="weights">nnz + <see cref="Padding"/> weights, or null when every weight is 1.</param>
    /// <param name="timestamps">nnz timestamps or more, or null.</param>
    /// <param name="removed">What is kept of users who were taken out; null: nobody was.</param>
    internal InteractionRows(
        int[] offsets, int[] indices, float[]? labels, float[]? weights, long[]? timestamps, RemovedUsers? removed = null)
    {
        Removed = removed;
        OffsetArray = offsets;
        IndexArray = indices;
        LabelArray = labels;
        WeightArray = weights;
        TimestampArray = timestamps;
    }

    /// <summary>What is kept of users who were taken out; null: nobody was.</summary>
    internal RemovedUsers? Removed { get; }

    internal int[] OffsetArray { get; }
    internal int[] IndexArray { get; }
    internal float[]? LabelArray { get; }
    internal float[]? WeightArray { get; }
    internal long[]? TimestampArray { get; }

    /// <summary>Number of rows.</summary>
    public int RowCount => OffsetArray.Length - 1;

    /// <summary>Number of stored entries over all rows (nnz).</summary>
    public int EntryCount => OffsetArray[^1];

    /// <summary>Where each row starts: row r holds entries Offsets[r]…Offsets[r+1]−1.</summary>
    public ReadOnlySpan<int> Offsets => OffsetArray;

    /// <summary>Whether labels are stored; without them every label is 1.</summary>
    public bool HasLabels => LabelArray is not null;

    /// <summary>Whether weights are stored; without them every weight is 1.</summary>
    public bool HasWeights => WeightArray is not null;

    /// <summary>Whether timestamps are stored.</summary>
    public bool HasTimestamps => TimestampArray is not null;

    /// <summary>The earliest and the latest timestamp, those of users who were taken out included; null where there are none.</summary>
    internal (long Earliest, long Latest)? Times
    {
        get
        {
            if (Removed is { Times: [var earliest, var latest] })
                return (earliest, latest);
            if (TimestampArray is null || EntryCount == 0)
                return null;
            // Whoever comes at the same time finds the same.
            ReadOnlySpan<long> all = TimestampArray.AsSpan(0, EntryCount);
            _times ??= [TensorPrimitives.Min(all), TensorPrimitives.Max(all)];
            return (_times[0], _times[1]);
        }
    }

    /// <summary>Units of the timestamps in a day; null where that cannot be told.</summary>
    internal double? TimestampsPerDay => Times is { } times ? TimestampUnit.PerDay(times.Latest) : null;

    /// <summary>Number of entries of <paramref name="row"/>.</summary>
    /// <param name="row">From 0 to <see cref="RowCount"/>−1.</param>
    /// <exception cref="IndexOutOfRangeException"><paramref name="row"/> is no row; −1 is what <c>IdMap.IndexOf</c> gives for an id that
    /// it does not know.</exception>
    public int Length(int row) => OffsetArray[row + 1] - OffsetArray[row];

    /// <summary>The column indices of <paramref name="row"/>, ascending.</summary>
    /// <param name="row">From 0 to <see cref="RowCount"/>−1.</param>
    /// <exception cref="IndexOutOfRangeException"><paramref name="row"/> is no row; −1 is what <c>IdMap.IndexOf</c> gives for an id that
    /// it does not know.</exception>
    public ReadOnlySpan<int> Indices(int row) => IndexArray.AsSpan(OffsetArray[row], Length(row));

    /// <summary>The labels of <paramref name="row"/>; empty when <see cref="HasLabels"/> is false.</summary>
    /// <param name="row">From 0 to <see cref="RowCount"/>−1.</param>
    /// <exception cref="IndexOutOfRangeException"><paramref name="row"/> is no row, and there are labels; −1 is what <c>IdMap.IndexOf</c>
    /// gives for an id that it does not know.</exception>
    public ReadOnlySpan<float> Labels(int row) =>
        LabelArray is null ? default : LabelArray.AsSpan(OffsetArray[row], Length(row));

    /// <summary>The weights of <paramref name="row"/>; empty when <see cref="HasWeights"/> is false.</summary>
    /// <param name="row">From 0 to <see cref="RowCount"/>−1.</param>
    /// <exception cref="IndexOutOfRangeException"><paramref name="row"/> is no row, and there are weights; −1 is what <c>IdMap.IndexOf</c>
    /// gives for an id that it does not know.</exception>
    public ReadOnlySpan<float> Weights(int row) =>
        WeightArray is null ? default : WeightArray.AsSpan(OffsetArray[row], Length(row));

    /// <summary>The timestamps of <paramref name="row"/>; empty when <see cref="HasTimestamps"/> is false.</summary>
    /// <param name="row">From 0 to <see cref="RowCount"/>−1.</param>
    /// <exception cref="IndexOutOfRangeException"><paramref name="row"/> is no row, and there are timestamps; −1 is what
    /// <c>IdMap.IndexOf</c> gives for an id that it does not know.</exception>
    public ReadOnlySpan<long> Timestamps(int row) =>
        TimestampArray is null ? default : TimestampArray.AsSpan(OffsetArray[row], Length(row));

    /// <summary>Asks the memory for the indices, labels and weights of <paramref name="row"/>; the processor finds the rest of a long row
    /// by itself.</summary>
    internal void Prefetch(int row)
    {
        if (!Sse.IsSupported)
            return;
        var start = OffsetArray[row];
        var end = Math.Min(OffsetArray[row + 1], start + PrefetchedEntries);
        Prefetch(IndexArray, start, end);
        if (LabelArray is not null)
            Prefetch(LabelArray, start, end);
        if (WeightArray is not null)
            Prefetch(WeightArray, start, end);
    }

    private static unsafe void Prefetch<T>(T[] values, int start, int end) where T : unmanaged
    {
        // A prefetch of an address that the collector has moved away from is harmless.
        for (int e = start; e < end; e += CacheLine / sizeof(T))
            Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(values), e)));
    }

    /// <summary>
    /// The same entries with rows and columns exchanged. Timestamps stay behind.
    /// With an <paramref name="order"/> of the rows, the result's indices are places in it instead of row numbers.
    /// </summary>
    internal InteractionRows Transpose(int columnCount, int[]? order = null, ParallelOptions? parallel = null) =>
        Transposition.Of(this, columnCount, order, parallel);

    /// <summary>The rows of some users, and of the others what is kept of all together.</summary>
    /// <param name="users">By row its row here; −1: an empty one.</param>
    /// <param name="itemCount">Number of columns.</param>
    internal InteractionRows Only(int[] users, int itemCount)
    {
        var isKept = new bool[RowCount];
        var offsets = new int[users.Length + 1];
        for (int row = 0; row < users.Length; row++)
        {
            offsets[row + 1] = offsets[row] + (users[row] < 0 ? 0 : Length(users[row]));
            if (users[row] >= 0)
                isKept[users[row]] = true;
        }
        return new InteractionRows(offsets, Part(IndexArray)!, Part(LabelArray), Part(WeightArray), Part(TimestampArray),
            RemovedUsers.Of(this, isKept, RowCount - users.Length, itemCount));

        T[]? Part<T>(T[]? values)
        {
            var part = values is null ? null : new T[offsets[^1] + Padding];
            for (int row = 0; part is not null && row < users.Length; row++)
                if (users[row] >= 0)
                    values.AsSpan(OffsetArray[users[row]], Length(users[row])).CopyTo(part.AsSpan(offsets[row]));
            return part;
        }
    }

    /// <summary>The entries that belong to one part of a split.</summary>
    internal InteractionRows Where(ReadOnlySpan<SplitPart> parts, SplitPart part)
    {
        var offsets = new int[RowCount + 1];
        var count = parts.Count(part);
        var indices = new int[count + Padding];
        var labels = LabelArray is null ? null : new float[count + Padding];
        var weights = WeightArray is null ? null : new float[count + Padding];
        var timestamps = TimestampArray is null ? null : new long[count + Padding];
        int next = 0;
        for (int row = 0; row < RowCount; row++)
        {
            for (int e = OffsetArray[row]; e < OffsetArray[row + 1]; e++)
            {
                if (parts[e] != part)
                    continue;
                indices[next] = IndexArray[e];
                if (labels is not null)
                    labels[next] = LabelArray![e];
                if (weights is not null)
                    weights[next] = WeightArray![e];
                if (timestamps is not null)
                    timestamps[next] = TimestampArray![e];
                next++;
            }
            offsets[row + 1] = next;
        }
        return new InteractionRows(offsets, indices, labels, weights, timestamps);
    }

    /// <summary>The mean label of all entries, each counted by its weight; 0 when the weights are.</summary>
    internal float MeanLabel()
    {
        double sum = 0, weights = 0;
        for (int e = 0; e < EntryCount; e++)
        {
            var weight = WeightArray is null ? 1 : WeightArray[e];
            sum += (double)weight * (LabelArray is null ? 1 : LabelArray[e]);
            weights += weight;
        }
        return weights == 0 ? 0 : (float)(sum / weights);
    }

    /// <summary>The standard deviation of the labels, each counted by its weight, those of users who were taken out included; 0 when the
    /// weights are.</summary>
    internal double LabelDeviation()
    {
        if (LabelArray is null)
            return 0;
        if (Removed is { Moments: var moments })
            return DeviationWith(moments);
        var mean = MeanLabel();
        double squares = 0, weights = 0;
        for (int e = 0; e < EntryCount; e++)
        {
            var weight = WeightArray is null ? 1 : WeightArray[e];
            squares += weight * ((double)LabelArray[e] - mean) * ((double)LabelArray[e] - mean);
            weights += weight;
        }
        return weights == 0 ? 0 : Math.Sqrt(squares / weights);
    }

    private double DeviationWith(double[] moments)
    {
        var (weights, labels, squares) = (moments[0], moments[1], moments[2]);
        for (int e = 0; e < EntryCount; e++)
        {
            var (weight, label) = (WeightArray?[e] ?? 1.0, (double)LabelArray![e]);
            (weights, labels, squares) = (weights + weight, labels + weight * label, squares + weight * label * label);
        }
        return weights == 0 ? 0 : Math.Sqrt(Math.Max(0, squares / weights - labels / weights * (labels / weights)));
    }

    /// <summary>The label furthest from 0; 1 without labels.</summary>
    internal float LargestLabel => Largest(LabelArray);

    /// <summary>The largest weight; 1 without weights.</summary>
    internal float LargestWeight => Largest(WeightArray);

    /// <summary>A bound: no sum over entries of label times weight, or of weights alone, each times at most <paramref name="factor"/>, is
    /// further from 0, wherever it begins and ends; nor when a mean label is taken off each label first.</summary>
    internal double LargestSum(float factor) =>
        4 * Math.Max(1, (double)Math.Abs(LargestLabel)) * Math.Max(1, LargestWeight) * Math.Max(1, factor) * EntryCount;

    private float Largest(float[]? values) =>
        values is null || EntryCount == 0 ? 1 : TensorPrimitives.MaxMagnitude<float>(values.AsSpan(0, EntryCount));

    /// <summary>What <see cref="CountColumns"/> gives, made once for all who ask: not to be changed.</summary>
    internal int[] ColumnCounts(int columnCount)
    {
        lock (_lock)
            return _columnCounts?.Length == columnCount ? _columnCounts : _columnCounts = CountColumns(columnCount);
    }

    /// <summary>The means of the labels, made once for all who ask.</summary>
    internal LabelMeans MeansOfLabels(int columnCount)
    {
        lock (_lock)
            return _labelMeans?.Items.Length == columnCount ? _labelMeans : _labelMeans = new LabelMeans(this, columnCount);
    }

    /// <summary>Number of entries in each column, as training popularity counts them: with those of users who were taken
    /// out.</summary>
    internal int[] CountColumns(int columnCount)
    {
        var counts = new int[columnCount];
        Removed?.Counts.CopyTo(counts, 0);
        foreach (var column in IndexArray.AsSpan(0, EntryCount))
            counts[column]++;
        return counts;
    }
}
