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

    private readonly SparseMatrix _rows;
    private readonly SparseMatrix _columns;
    private readonly NeighborSettings _settings;
    private readonly double[] _norms;
    private readonly double[] _scales;
    private readonly double _sharedExponent;

    /// <param name="rows">X by row.</param>
    /// <param name="columns">The same by column.</param>
    /// <param name="settings">What the similarity is, and how many neighbors are kept.</param>
    public NeighborSearch(SparseMatrix rows, SparseMatrix columns, NeighborSettings settings)
    {
        (_rows, _columns, _settings) = (rows, columns, settings);
        _sharedExponent = settings.Similarity == NeighborSimilarity.Jaccard ? 0 : settings.SharedExponent;
        _norms = new double[rows.RowCount];
        for (int row = 0; row < _norms.Length; row++)
            _norms[row] = SquaredNorm(rows.Values(row));
        _scales = Array.ConvertAll(_norms, norm => Math.Pow(norm, settings.NeighborExponent));
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

        var indices = new int[places[^1] + InteractionRows.Padding];
        var similarities = new float[indices.Length];
        var lengths = new int[_rows.RowCount];
        var chunks = (_rows.RowCount + RowsPerChunk - 1) / RowsPerChunk;
        var next = -1;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken };
        Parallel.For(0, threads, parallel, _ =>
        {
            var workspace = new Workspace(this);
            int chunk;
            while (!cancellationToken.IsCancellationRequested && (chunk = Interlocked.Increment(ref next)) < chunks)
                FindChunk(chunk, places, workspace, indices, similarities, lengths);
        });
        cancellationToken.ThrowIfCancellationRequested();

        var offsets = new int[_rows.RowCount + 1];
        for (int row = 0; row < _rows.RowCount; row++)
        {
            offsets[row + 1] = offsets[row] + lengths[row];
            var kept = new Range((int)places[row], (int)places[row] + lengths[row]);
            indices.AsSpan(kept).CopyTo(indices.AsSpan(offsets[row]));
            similarities.AsSpan(kept).CopyTo(similarities.AsSpan(offsets[row]));
        }
        Array.Resize(ref indices, offsets[^1] + InteractionRows.Padding);
        Array.Resize(ref similarities, offsets[^1] + InteractionRows.Padding);
        indices.AsSpan(offsets[^1]).Clear();
        similarities.AsSpan(offsets[^1]).Clear();
        return new SparseMatrix(offsets, indices, similarities, _rows.RowCount);
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
        var size = _settings.Similarity == NeighborSimilarity.Jaccard ? norm + _norms[row] - product : scale * _scales[row];
        var similarity = (float)(product / (size + _settings.Shrinkage));
        if (similarity > 0)
            top.Offer(row, similarity);
    }

    private void FindChunk(int chunk, long[] places, Workspace workspace, int[] indices, float[] similarities, int[] lengths)
    {
        var end = Math.Min(_rows.RowCount, (chunk + 1) * RowsPerChunk);
        for (int row = chunk * RowsPerChunk; row < end; row++)
        {
            if (IsKnown(row))
            {
                var known = Known!.Value.Rows;
                lengths[row] = known.Length(row);
                known.Indices(row).CopyTo(indices.AsSpan((int)places[row]));
                known.Values(row).CopyTo(similarities.AsSpan((int)places[row]));
                continue;
            }
            var count = lengths[row] = Find(_rows.Indices(row), _rows.Values(row), row, workspace);
            workspace.Rows.AsSpan(0, count).CopyTo(indices.AsSpan((int)places[row]));
            workspace.Similarities.AsSpan(0, count).CopyTo(similarities.AsSpan((int)places[row]));
        }
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
