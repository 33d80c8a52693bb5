using System.Numerics;
using MLNetRecExt.Kernels;

namespace MLNetRecExt;

/// <summary>
/// The gradient of a table's rows as far as a batch touches them: terms coefficient · (row of a matrix of sources). Sorted by row they are
/// summed
/// when somebody asks, each row on one thread and in the order of mention: threads do not show in the bits, and the sums need no memory.
/// </summary>
internal sealed unsafe class RowTerms(int rows)
{
    /// <summary>How many terms a thread takes at once.</summary>
    public const int TermsPerChunk = 1024;

    private const int DigitBits = 11;

    private static readonly OptimizerKernels Kernels = OptimizerKernels.Best;

    private int[] _rows = [], _sources = [];
    private float[] _coefficients = [];

    // The row above, the place of mention below.
    private ulong[] _keys = [], _spareKeys = [];
    private int[] _sortedSources = [];
    private float[] _sortedCoefficients = [];

    public int Count { get; private set; }

    /// <summary>By sorted term, the row that it belongs to.</summary>
    public ReadOnlySpan<int> SortedRows => _rows.AsSpan(0, Count);

    /// <summary>By sorted term, the row of the sources.</summary>
    public ReadOnlySpan<int> SortedSources => _sortedSources.AsSpan(0, Count);

    public ReadOnlySpan<float> SortedCoefficients => _sortedCoefficients.AsSpan(0, Count);

    public void Clear() => Count = 0;

    /// <summary>Adds terms that have one source.</summary>
    public void Add(ReadOnlySpan<int> rows, ReadOnlySpan<float> coefficients, int source)
    {
        if (Count + rows.Length > _keys.Length)
            Grow(Count + rows.Length);
        var keys = _keys.AsSpan(Count, rows.Length);
        for (int t = 0; t < rows.Length; t++)
            keys[t] = ((ulong)(uint)rows[t] << 32) + (uint)(Count + t);
        _sources.AsSpan(Count, rows.Length).Fill(source);
        coefficients[..rows.Length].CopyTo(_coefficients.AsSpan(Count));
        Count += rows.Length;
    }

    public void Add(int row, int source, float coefficient) => Add(new ReadOnlySpan<int>(in row), new ReadOnlySpan<float>(in coefficient), source);

    /// <summary>Sorts the terms by row, by digits; those of a row keep their order.</summary>
    public void Sort()
    {
        Span<int> starts = stackalloc int[1 << DigitBits];
        for (int shift = 32; shift < 32 + BitOperations.Log2((uint)Math.Max(1, rows - 1)) + 1; shift += DigitBits)
        {
            starts.Clear();
            foreach (var key in _keys.AsSpan(0, Count))
                starts[(int)(key >> shift) & ((1 << DigitBits) - 1)]++;
            var sum = 0;
            foreach (ref var start in starts)
                (start, sum) = (sum, sum + start);
            var sorted = _spareKeys.AsSpan(0, Count);
            foreach (var key in _keys.AsSpan(0, Count))
                sorted[starts[(int)(key >> shift) & ((1 << DigitBits) - 1)]++] = key;
            (_keys, _spareKeys) = (_spareKeys, _keys);
        }
        var keys = _keys.AsSpan(0, Count);
        for (int t = 0; t < keys.Length; t++)
        {
            var mention = (int)(uint)keys[t];
            (_rows[t], _sortedSources[t], _sortedCoefficients[t]) = ((int)(keys[t] >> 32), _sources[mention], _coefficients[mention]);
        }
    }

    /// <summary>The first term of the next row.</summary>
    public int EndOfRow(int term)
    {
        var end = term + 1;
        while (end < Count && _rows[end] == _rows[term])
            end++;
        return end;
    }

    /// <summary>The first term of <paramref name="row"/>, or of the next row that has one.</summary>
    public int FirstOf(int row)
    {
        var (first, end) = (0, Count);
        while (first < end)
        {
            var middle = (first + end) / 2;
            (first, end) = _rows[middle] < row ? (middle + 1, end) : (first, middle);
        }
        return first;
    }

    /// <summary>The first term, from <paramref name="term"/> on, that begins a row: where terms are cut for threads, the rows are
    /// whole.</summary>
    public int StartOfRow(int term) => term == 0 || term == Count || _rows[term] != _rows[term - 1] ? term : EndOfRow(term);

    /// <summary>sum ← sum + Σ of sorted terms <paramref name="first"/> to <paramref name="end"/> − 1, over the padded columns of the
    /// sources.</summary>
    public void AddTo(float* sum, AlignedMatrix sources, int first, int end)
    {
        fixed (int* rows = _sortedSources)
        fixed (float* coefficients = _sortedCoefficients)
            Kernels.AddRows(sources.Pointer, rows + first, coefficients + first, end - first, sum, sources.Stride);
    }

    /// <summary>Σ over rows of ‖their sum‖².</summary>
    public double SquaredLength(AlignedMatrix sources, TrainingThreads threads)
    {
        var squares = new double[(Count + TermsPerChunk - 1) / TermsPerChunk];
        threads.ForEachChunk(Count, TermsPerChunk, (first, end) => squares[first / TermsPerChunk] = SquaredLength(sources, first, end));
        return squares.Sum();
    }

    private double SquaredLength(AlignedMatrix sources, int first, int end)
    {
        double squares = 0;
        var sum = stackalloc float[sources.Stride];
        for (int term = StartOfRow(first), next; term < end; term = next)
        {
            next = EndOfRow(term);
            new Span<float>(sum, sources.Stride).Clear();
            AddTo(sum, sources, term, next);
            squares += Kernels.Dot(sum, sum, sources.Stride);
        }
        return squares;
    }

    private void Grow(int count)
    {
        var capacity = Math.Max(1024, Math.Max(count, 2 * Count));
        Array.Resize(ref _rows, capacity);
        Array.Resize(ref _sources, capacity);
        Array.Resize(ref _coefficients, capacity);
        Array.Resize(ref _keys, capacity);
        Array.Resize(ref _spareKeys, capacity);
        Array.Resize(ref _sortedSources, capacity);
        Array.Resize(ref _sortedCoefficients, capacity);
    }
}
