using System.Runtime.CompilerServices;
using MLNetRecExt.Kernels;

namespace MLNetRecExt;

/// <summary>
/// Finds for rows of a sparse matrix X the most similar rows: Σ x x′ comes from one sparse product per row, in a buffer with a place per
/// row, and only the best are kept.
/// </summary>
internal sealed unsafe class NeighborSearch
{
    private const int RowsPerChunk = 8;

    // A row whose product touches fewer places than one in this many notes them, instead of looking through the whole buffer.
    private const int RareShare = 4;

    // The memory is asked so many columns ahead for their first entries.
    private const int ColumnsAhead = 4;

    private readonly SparseMatrix _rows;
    private readonly SparseMatrix _columns;
    private readonly NeighborSettings _settings;
    private readonly double[] _norms;
    private readonly double[] _scales;
    private readonly double[] _ownScales;
    private readonly double _sharedExponent;
    private readonly bool _isSymmetric;

    /// <param name="rows">X by row.</param>
    /// <param name="columns">The same by column.</param>
    /// <param name="settings">What the similarity is, and how many neighbors are kept.</param>
    public NeighborSearch(SparseMatrix rows, SparseMatrix columns, NeighborSettings settings)
    {
        (_rows, _columns, _settings) = (rows, columns, settings);
        _isSymmetric = settings.Similarity == NeighborSimilarity.Jaccard || settings.OwnExponent == settings.NeighborExponent;
        _sharedExponent = settings.Similarity == NeighborSimilarity.Jaccard ? 0 : settings.SharedExponent;
        _norms = new double[rows.RowCount];
        for (int row = 0; row < _norms.Length; row++)
            _norms[row] = SquaredNorm(rows.Values(row));
        _scales = Array.ConvertAll(_norms, norm => Math.Pow(norm, settings.NeighborExponent));
        _ownScales = settings.OwnExponent == settings.NeighborExponent
            ? _scales
            : Array.ConvertAll(_norms, norm => Math.Pow(norm, settings.OwnExponent));
    }

    /// <summary>Neighbors that need not be found: those of the first rows, but for rows that have changed. Null: all are found.</summary>
    public (SparseMatrix Rows, bool[] HasChanged)? Known { get; init; }

    /// <summary>The neighbors of every row, by ascending index, with their similarities; the same bits for any number of threads.</summary>
    /// <exception cref="ArgumentException">There are too many for one array.</exception>
    public SparseMatrix FindAll(int threads, CancellationToken cancellationToken)
    {
        var places = new long[_rows.RowCount + 1];
        for (int row = 0; row < _rows.RowCount; row++)
            places[row + 1] = places[row] + (IsKnown(row)
                ? Known!.Value.Rows.Length(row)
                : Math.Min(_settings.NumberOfNeighbors, Math.Min(Work(_rows.Indices(row)), _rows.RowCount - 1)));
        if (places[^1] > Array.MaxLength - InteractionRows.Padding)
            throw new ArgumentException($"{_rows.RowCount} × {_settings.NumberOfNeighbors} neighbors are too many: lower {nameof(NeighborhoodTrainerOptions.NumberOfNeighbors)}.");

        var lists = new BestNeighbors(places);
        var chunks = (_rows.RowCount + RowsPerChunk - 1) / RowsPerChunk;
        var next = -1;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken };
        Parallel.For(0, threads, parallel, _ =>
        {
            var workspace = new Workspace(this);
            int chunk;
            // Late rows have most work.
            while (!cancellationToken.IsCancellationRequested && (chunk = chunks - 1 - Interlocked.Increment(ref next)) >= 0)
                for (int row = chunk * RowsPerChunk; row < Math.Min(_rows.RowCount, (chunk + 1) * RowsPerChunk); row++)
                    if (Known is null)
                        FindPairs(row, workspace, lists);
                    else if (IsKnown(row))
                        lists.Set(row, Known.Value.Rows.Indices(row), Known.Value.Rows.Values(row));
                    else
                        lists.Set(row, workspace, Find(_rows.Indices(row), _rows.Values(row), row, workspace));
        });
        cancellationToken.ThrowIfCancellationRequested();
        return lists.ToMatrix(Known is null ? _settings.SimilarityExponent : 1);
    }

    /// <summary>Offers a row and each earlier one to each other: a product serves both.</summary>
    private void FindPairs(int row, Workspace workspace, BestNeighbors lists)
    {
        var columns = _rows.Indices(row);
        var values = _rows.Values(row);
        var top = new TopList(null, default, workspace.Rows, workspace.Similarities);
        fixed (int* indices = _columns.IndexArray, touched = workspace.Touched)
        fixed (float* entries = _columns.ValueArray)
        fixed (double* sums = workspace.Sums)
        {
            var isRare = Work(columns) <= workspace.Touched.Length;
            var count = 0;
            for (int e = 0; e < columns.Length; e++)
            {
                if (e + ColumnsAhead < columns.Length)
                    SparseKernels.Prefetch(indices, entries, _columns.OffsetArray[columns[e + ColumnsAhead]]);
                var (x, start, end) = (values[e] * Share(columns[e]), _columns.OffsetArray[columns[e]], _columns.OffsetArray[columns[e] + 1]);
                if (isRare)
                    count = SparseKernels.AddBelow(row, x, indices, entries, start, end, sums, touched, count);
                else
                    SparseKernels.AddBelow(row, x, indices, entries, start, end, sums);
            }
            if (isRare)
                for (int t = 0; t < count; t++)
                    TakePair(row, touched[t], sums, lists, ref top);
            else
                for (int other = 0; other < row; other++)
                    TakePair(row, other, sums, lists, ref top);
        }
        lists.Offer(row, workspace, top.Count);
    }

    /// <summary>Clears a pair's sum, and offers each row to the other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void TakePair(int row, int other, double* sums, BestNeighbors lists, ref TopList top)
    {
        var product = sums[other];
        // A place may be noted twice; the second time its sum is gone.
        if (product == 0)
            return;
        sums[other] = 0;
        var similarity = Similarity(product, _norms[row], _ownScales[row], other);
        if (similarity > 0)
            top.Offer(other, similarity);
        var back = _isSymmetric ? similarity : Similarity(product, _norms[other], _ownScales[other], row);
        if (back > 0)
            lists.Offer(other, row, back);
    }

    /// <summary>How similar a row is to another, before the last power is taken.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private float Similarity(double product, double norm, double scale, int other)
    {
        var size = _settings.Similarity == NeighborSimilarity.Jaccard ? norm + _norms[other] - product : scale * _scales[other];
        return (float)(product / (size + _settings.Shrinkage));
    }

    /// <summary>The neighbors of a row that need not be of the matrix, by ascending index, in the workspace.</summary>
    /// <param name="columns">The row's columns.</param>
    /// <param name="values">Its values.</param>
    /// <param name="self">A row that is not its own neighbor, or −1.</param>
    /// <param name="workspace">Serves one thread at a time.</param>
    /// <returns>How many there are.</returns>
    public int Find(ReadOnlySpan<int> columns, ReadOnlySpan<float> values, int self, Workspace workspace)
    {
        var norm = SquaredNorm(values);
        var scale = Math.Pow(norm, _settings.OwnExponent);
        var top = new TopList(null, default, workspace.Rows, workspace.Similarities);
        fixed (int* indices = _columns.IndexArray, touched = workspace.Touched)
        fixed (float* entries = _columns.ValueArray)
        fixed (double* sums = workspace.Sums)
        {
            if (Work(columns) <= workspace.Touched.Length)
            {
                var count = 0;
                for (int e = 0; e < columns.Length; e++)
                {
                    var (x, start, length) = (values[e] * Share(columns[e]), _columns.OffsetArray[columns[e]], _columns.Length(columns[e]));
                    count = SparseKernels.Add(x, indices + start, entries + start, length, sums, touched, count);
                }
                // A place may be noted twice; the second time its sum is gone.
                for (int t = 0; t < count; t++)
                    Take(touched[t], sums, norm, scale, self, ref top);
            }
            else
            {
                for (int e = 0; e < columns.Length; e++)
                {
                    var (x, start, length) = (values[e] * Share(columns[e]), _columns.OffsetArray[columns[e]], _columns.Length(columns[e]));
                    SparseKernels.Add(x, indices + start, entries + start, length, sums);
                }
                for (int row = 0; row < _rows.RowCount; row++)
                    Take(row, sums, norm, scale, self, ref top);
            }
        }
        var similarities = workspace.Similarities.AsSpan(0, top.Count);
        workspace.Rows.AsSpan(0, top.Count).Sort(similarities);
        // A power keeps the order: it need not be taken of those that were not kept.
        if (_settings.SimilarityExponent != 1)
            foreach (ref var similarity in similarities)
                similarity = (float)Math.Pow(similarity, _settings.SimilarityExponent);
        return top.Count;
    }

    /// <summary>d^−c: what a column with d entries counts when it is in two rows.</summary>
    private double Share(int column) => _sharedExponent == 0 ? 1 : Math.Pow(_columns.Length(column), -_sharedExponent);

    /// <summary>Clears a row's sum, and offers the row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Take(int row, double* sums, double norm, double scale, int self, ref TopList top)
    {
        var product = sums[row];
        if (product == 0)
            return;
        sums[row] = 0;
        if (row == self)
            return;
        if (Similarity(product, norm, scale, row) is var similarity && similarity > 0)
            top.Offer(row, similarity);
    }

    private bool IsKnown(int row) => Known is var (rows, hasChanged) && row < rows.RowCount && !hasChanged[row];

    /// <summary>How many products the sparse product of a row has.</summary>
    private long Work(ReadOnlySpan<int> columns)
    {
        long work = 0;
        foreach (var column in columns)
            work += _columns.Length(column);
        return work;
    }

    private static double SquaredNorm(ReadOnlySpan<float> values)
    {
        double sum = 0;
        foreach (var value in values)
            sum += (double)value * value;
        return sum;
    }

    /// <summary>The buffers of one thread.</summary>
    public sealed class Workspace(NeighborSearch search)
    {
        /// <summary>Σ x x′ by row; zeros between two searches.</summary>
        public double[] Sums { get; } = new double[search._rows.RowCount];

        /// <summary>The places that a rare row touches.</summary>
        public int[] Touched { get; } = new int[search._rows.RowCount / RareShare + 1];

        /// <summary>The neighbors found.</summary>
        public int[] Rows { get; } = new int[Math.Min(search._settings.NumberOfNeighbors, search._rows.RowCount)];

        /// <summary>Their similarities.</summary>
        public float[] Similarities { get; } = new float[Math.Min(search._settings.NumberOfNeighbors, search._rows.RowCount)];
    }
}
