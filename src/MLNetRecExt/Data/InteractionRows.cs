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

    private readonly int[]? _offsets;

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
        _offsets = offsets;
        AllIndices = new(indices);
        AllLabels = Wrap(labels);
        AllWeights = Wrap(weights);
        AllTimestamps = Wrap(timestamps);

        static LongArray<T>? Wrap<T>(T[]? values) where T : unmanaged => values is null ? null : new(values);
    }

    /// <summary>Rows of as many entries as memory holds: row r is starts[r]…starts[r+1]−1, and all else as in arrays.</summary>
    internal InteractionRows(
        LongArray<long> starts, LongArray<int> indices, LongArray<float>? labels, LongArray<float>? weights, LongArray<long>? timestamps,
        RemovedUsers? removed = null)
    {
        Removed = removed;
        (Starts, AllIndices, AllLabels, AllWeights, AllTimestamps) = (starts, indices, labels, weights, timestamps);
    }

    /// <summary>What is kept of users who were taken out; null: nobody was.</summary>
    internal RemovedUsers? Removed { get; }

    /// <summary>Whether arrays hold the rows, as nearly all that works on them needs.</summary>
    internal bool IsInArrays => _offsets is not null;

    /// <summary>By row where it starts, of rows outside of arrays; else null, and <see cref="Offsets"/> say it.</summary>
    internal LongArray<long>? Starts { get; }

    internal LongArray<int> AllIndices { get; }
    internal LongArray<float>? AllLabels { get; }
    internal LongArray<float>? AllWeights { get; }
    internal LongArray<long>? AllTimestamps { get; }

    // By row where it starts, and all entries: for whoever goes through them at once. Rows outside of arrays refuse.
    internal int[] OffsetArray => _offsets ?? throw TooMany();
    internal int[] IndexArray => AllIndices.Array ?? throw TooMany();
    internal float[]? LabelArray => AllLabels is null ? null : AllLabels.Array ?? throw TooMany();
    internal float[]? WeightArray => AllWeights is null ? null : AllWeights.Array ?? throw TooMany();
    internal long[]? TimestampArray => AllTimestamps is null ? null : AllTimestamps.Array ?? throw TooMany();

    /// <summary>Number of rows.</summary>
    public int RowCount => (int)(_offsets?.Length ?? Starts!.Length) - 1;

    /// <summary>Number of stored entries over all rows (nnz).</summary>
    /// <exception cref="NotSupportedException">There are more than 2³¹ − 1: ask for <see cref="LongEntryCount"/>.</exception>
    public int EntryCount => LongEntryCount <= int.MaxValue ? (int)LongEntryCount : throw TooMany();

    /// <summary>Number of stored entries over all rows (nnz), however many there are.</summary>
    public long LongEntryCount => Start(RowCount);

    /// <summary>Where each row starts: row r holds entries Offsets[r]…Offsets[r+1]−1.</summary>
    /// <exception cref="NotSupportedException">No array holds the rows: ask for each.</exception>
    public ReadOnlySpan<int> Offsets => OffsetArray;

    /// <summary>Whether labels are stored; without them every label is 1.</summary>
    public bool HasLabels => AllLabels is not null;

    /// <summary>Whether weights are stored; without them every weight is 1.</summary>
    public bool HasWeights => AllWeights is not null;

    /// <summary>Whether timestamps are stored.</summary>
    public bool HasTimestamps => AllTimestamps is not null;

    /// <summary>The earliest and the latest timestamp, those of users who were taken out included; null where there are none.</summary>
    internal (long Earliest, long Latest)? Times
    {
        get
        {
            if (Removed is { Times: [var earliest, var latest] })
                return (earliest, latest);
            if (AllTimestamps is null || LongEntryCount == 0)
                return null;
            // Whoever comes at the same time finds the same.
            _times ??= FindTimes(AllTimestamps);
            return (_times[0], _times[1]);
        }
    }

    /// <summary>Units of the timestamps in a day; null where that cannot be told.</summary>
    internal double? TimestampsPerDay => Times is { } times ? TimestampUnit.PerDay(times.Latest) : null;

    /// <summary>Number of entries of <paramref name="row"/>.</summary>
    /// <param name="row">From 0 to <see cref="RowCount"/>−1.</param>
    /// <exception cref="IndexOutOfRangeException"><paramref name="row"/> is no row; −1 is what <c>IdMap.IndexOf</c> gives for an id that
    /// it does not know.</exception>
    public int Length(int row) => _offsets is { } offsets ? offsets[row + 1] - offsets[row] : (int)(Starts![row + 1] - Starts[row]);

    /// <summary>The column indices of <paramref name="row"/>, ascending.</summary>
    /// <param name="row">From 0 to <see cref="RowCount"/>−1.</param>
    /// <exception cref="IndexOutOfRangeException"><paramref name="row"/> is no row; −1 is what <c>IdMap.IndexOf</c> gives for an id that
    /// it does not know.</exception>
    public ReadOnlySpan<int> Indices(int row) => AllIndices.Values(Start(row), Length(row));

    /// <summary>The labels of <paramref name="row"/>; empty when <see cref="HasLabels"/> is false.</summary>
    /// <param name="row">From 0 to <see cref="RowCount"/>−1.</param>
    /// <exception cref="IndexOutOfRangeException"><paramref name="row"/> is no row, and there are labels; −1 is what <c>IdMap.IndexOf</c>
    /// gives for an id that it does not know.</exception>
    public ReadOnlySpan<float> Labels(int row) =>
        AllLabels is null ? default : AllLabels.Values(Start(row), Length(row));

    /// <summary>The weights of <paramref name="row"/>; empty when <see cref="HasWeights"/> is false.</summary>
    /// <param name="row">From 0 to <see cref="RowCount"/>−1.</param>
    /// <exception cref="IndexOutOfRangeException"><paramref name="row"/> is no row, and there are weights; −1 is what <c>IdMap.IndexOf</c>
    /// gives for an id that it does not know.</exception>
    public ReadOnlySpan<float> Weights(int row) =>
        AllWeights is null ? default : AllWeights.Values(Start(row), Length(row));

    /// <summary>The timestamps of <paramref name="row"/>; empty when <see cref="HasTimestamps"/> is false.</summary>
    /// <param name="row">From 0 to <see cref="RowCount"/>−1.</param>
    /// <exception cref="IndexOutOfRangeException"><paramref name="row"/> is no row, and there are timestamps; −1 is what
    /// <c>IdMap.IndexOf</c> gives for an id that it does not know.</exception>
    public ReadOnlySpan<long> Timestamps(int row) =>
        AllTimestamps is null ? default : AllTimestamps.Values(Start(row), Length(row));

    // The same for training, which holds on to the rows: of what is mapped no copies.
    internal ReadOnlySpan<int> RawIndices(int row) => AllIndices.Slice(Start(row), Length(row));

    internal ReadOnlySpan<float> RawLabels(int row) => AllLabels is null ? default : AllLabels.Slice(Start(row), Length(row));

    internal ReadOnlySpan<float> RawWeights(int row) => AllWeights is null ? default : AllWeights.Slice(Start(row), Length(row));

    /// <summary>Asks the memory for the indices, labels and weights of <paramref name="row"/>; the processor finds the rest of a long row
    /// by itself.</summary>
    internal void Prefetch(int row) => Prefetch(row, 0, PrefetchedEntries);

    /// <summary>Asks the memory for some entries of a row, as far as it has them.</summary>
    internal void Prefetch(int row, int first, int count)
    {
        if (!Sse.IsSupported)
            return;
        var (start, length) = (Start(row) + first, Math.Min(Length(row) - first, count));
        Prefetch(AllIndices, start, length);
        if (AllLabels is not null)
            Prefetch(AllLabels, start, length);
        if (AllWeights is not null)
            Prefetch(AllWeights, start, length);
    }

    /// <summary>A row as segments of arrays, or of copies where no arrays hold the rows.</summary>
    internal (ArraySegment<int> Indices, ArraySegment<float> Labels, ArraySegment<float> Weights, ArraySegment<long> Timestamps) Segments(int row)
    {
        var (start, length) = (Start(row), Length(row));
        return (AllIndices.Segment(start, length), Segment(AllLabels), Segment(AllWeights), Segment(AllTimestamps));

        ArraySegment<T> Segment<T>(LongArray<T>? values) where T : unmanaged => values?.Segment(start, length) ?? default;
    }

    /// <summary>Where a row starts; of the number of rows, where the last one ends.</summary>
    private long Start(int row) => _offsets is { } offsets ? offsets[row] : Starts![row];

    private static unsafe void Prefetch<T>(LongArray<T> values, long start, int length) where T : unmanaged
    {
        // A prefetch of an address that the collector has moved away from is harmless.
        ref var first = ref MemoryMarshal.GetReference(values.Slice(start, length));
        for (int e = 0; e < length; e += CacheLine / sizeof(T))
            Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.Add(ref first, e)));
    }

    /// <summary>
    /// The same entries with rows and columns exchanged. Timestamps stay behind.
    /// With an <paramref name="order"/> of the rows, the result's indices are places in it instead of row numbers.
    /// </summary>
    internal InteractionRows Transpose(int columnCount, int[]? order = null, ParallelOptions? parallel = null) => IsInArrays
        ? Transposition.Of(this, columnCount, order, parallel)
        : TransposeLong(columnCount, order, parallel?.CancellationToken ?? default);

    /// <summary>The same on one thread, for positions that an int does not count.</summary>
    private InteractionRows TransposeLong(int columnCount, int[]? order, CancellationToken cancellationToken)
    {
        var starts = LongArray<long>.Create(columnCount + 1L, inLines: true);
        var counts = CountEntries(columnCount);
        for (int c = 0; c < columnCount; c++)
            starts[c + 1] = starts[c] + counts[c];

        var indices = Like(AllIndices)!;
        var (labels, weights) = (Like(AllLabels), Like(AllWeights));
        var next = new long[columnCount];
        for (int c = 0; c < columnCount; c++)
            next[c] = starts[c];
        for (int place = 0; place < RowCount; place++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var row = order is null ? place : order[place];
            var own = Indices(row);
            for (int e = 0; e < own.Length; e++)
            {
                var position = next[own[e]]++;
                indices[position] = place;
                if (labels is not null)
                    labels[position] = Labels(row)[e];
                if (weights is not null)
                    weights[position] = Weights(row)[e];
            }
        }
        return new InteractionRows(starts, indices, labels, weights, null);

        static LongArray<T>? Like<T>(LongArray<T>? values) where T : unmanaged =>
            values is null ? null : LongArray<T>.Create(values.Length, inLines: true);
    }

    /// <summary>The rows of some users, and of the others what is kept of all together.</summary>
    /// <param name="users">By row its row here; −1: an empty one.</param>
    /// <param name="itemCount">Number of columns.</param>
    internal InteractionRows Only(int[] users, int itemCount)
    {
        var isKept = new bool[RowCount];
        var offsets = new int[users.Length + 1];
        for (int row = 0; row < users.Length; row++)
        {
            offsets[row + 1] = checked(offsets[row] + (users[row] < 0 ? 0 : Length(users[row])));
            if (users[row] >= 0)
                isKept[users[row]] = true;
        }
        return new InteractionRows(offsets, Part(AllIndices)!, Part(AllLabels), Part(AllWeights), Part(AllTimestamps),
            RemovedUsers.Of(this, isKept, RowCount - users.Length, itemCount));

        T[]? Part<T>(LongArray<T>? values) where T : unmanaged
        {
            var part = values is null ? null : new T[offsets[^1] + Padding];
            for (int row = 0; part is not null && row < users.Length; row++)
                if (users[row] >= 0)
                    values!.Slice(Start(users[row]), Length(users[row])).CopyTo(part.AsSpan(offsets[row]));
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
        for (int row = 0; row < RowCount; row++)
        {
            var labels = Labels(row);
            var own = Weights(row);
            for (int e = 0; e < Length(row); e++)
            {
                var weight = own.IsEmpty ? 1 : own[e];
                sum += (double)weight * (labels.IsEmpty ? 1 : labels[e]);
                weights += weight;
            }
        }
        return weights == 0 ? 0 : (float)(sum / weights);
    }

    /// <summary>The standard deviation of the labels, each counted by its weight, those of users who were taken out included; 0 when the
    /// weights are.</summary>
    internal double LabelDeviation()
    {
        if (AllLabels is null)
            return 0;
        if (Removed is { Moments: var moments })
            return DeviationWith(moments);
        var mean = MeanLabel();
        double squares = 0, weights = 0;
        for (int row = 0; row < RowCount; row++)
        {
            var labels = Labels(row);
            var own = Weights(row);
            for (int e = 0; e < labels.Length; e++)
            {
                var weight = own.IsEmpty ? 1 : own[e];
                squares += weight * ((double)labels[e] - mean) * ((double)labels[e] - mean);
                weights += weight;
            }
        }
        return weights == 0 ? 0 : Math.Sqrt(squares / weights);
    }

    private double DeviationWith(double[] moments)
    {
        var (weights, labels, squares) = (moments[0], moments[1], moments[2]);
        for (int row = 0; row < RowCount; row++)
        {
            var ownLabels = Labels(row);
            var ownWeights = Weights(row);
            for (int e = 0; e < ownLabels.Length; e++)
            {
                var (weight, label) = (ownWeights.IsEmpty ? 1.0 : ownWeights[e], (double)ownLabels[e]);
                (weights, labels, squares) = (weights + weight, labels + weight * label, squares + weight * label * label);
            }
        }
        return weights == 0 ? 0 : Math.Sqrt(Math.Max(0, squares / weights - labels / weights * (labels / weights)));
    }

    /// <summary>The label furthest from 0; 1 without labels.</summary>
    internal float LargestLabel => Largest(AllLabels);

    /// <summary>The largest weight; 1 without weights.</summary>
    internal float LargestWeight => Largest(AllWeights);

    /// <summary>A bound: no sum over entries of label times weight, or of weights alone, each times at most <paramref name="factor"/>, is
    /// further from 0, wherever it begins and ends; nor when a mean label is taken off each label first.</summary>
    internal double LargestSum(float factor) =>
        4 * Math.Max(1, (double)Math.Abs(LargestLabel)) * Math.Max(1, LargestWeight) * Math.Max(1, factor) * LongEntryCount;

    private float Largest(LongArray<float>? values)
    {
        if (values is null || LongEntryCount == 0)
            return 1;
        // The furthest from 0 of those furthest from 0.
        var largest = 0f;
        for (long start = 0; start < LongEntryCount; start += values.Piece(start, LongEntryCount).Length)
            largest = TensorPrimitives.MaxMagnitude<float>([largest, TensorPrimitives.MaxMagnitude<float>(values.Piece(start, LongEntryCount))]);
        GC.KeepAlive(this);
        return largest;
    }

    private long[] FindTimes(LongArray<long> timestamps)
    {
        long earliest = long.MaxValue, latest = long.MinValue;
        for (long start = 0; start < LongEntryCount; start += timestamps.Piece(start, LongEntryCount).Length)
        {
            ReadOnlySpan<long> piece = timestamps.Piece(start, LongEntryCount);
            (earliest, latest) = (Math.Min(earliest, TensorPrimitives.Min(piece)), Math.Max(latest, TensorPrimitives.Max(piece)));
        }
        GC.KeepAlive(this);
        return [earliest, latest];
    }

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
        var counts = CountEntries(columnCount);
        for (int column = 0; column < Removed?.Counts.Length; column++)
            counts[column] += Removed.Counts[column];
        return counts;
    }

    private int[] CountEntries(int columnCount)
    {
        var counts = new int[columnCount];
        for (long start = 0; start < LongEntryCount;)
        {
            var piece = AllIndices.Piece(start, LongEntryCount);
            foreach (var column in piece)
                counts[column]++;
            start += piece.Length;
        }
        GC.KeepAlive(this);
        return counts;
    }

    /// <summary>The same rows in arrays.</summary>
    /// <exception cref="NotSupportedException">No array holds so many.</exception>
    internal InteractionRows InArrays()
    {
        if (!FitsArrays)
            throw TooMany();
        var offsets = new int[RowCount + 1];
        for (int row = 0; row < offsets.Length; row++)
            offsets[row] = (int)Start(row);
        return new(offsets, Copy(AllIndices)!, Copy(AllLabels), Copy(AllWeights), Copy(AllTimestamps), Removed);

        T[]? Copy<T>(LongArray<T>? values) where T : unmanaged
        {
            if (values is null)
                return null;
            var copy = new T[EntryCount + Padding];
            values.Slice(0, EntryCount).CopyTo(copy);
            GC.KeepAlive(this);
            return copy;
        }
    }

    private NotSupportedException TooMany() => new(
        FormattableString.Invariant($"These {LongEntryCount:N0} interactions are not held in arrays, which end at {Array.MaxLength:N0}. ")
        + $"Trainers.Wals and Popularity take them, and evaluation does; for anything else take {(FitsArrays ? "InMemory()" : "a sample")}.");

    private bool FitsArrays => LongEntryCount <= Array.MaxLength - Padding;
}
