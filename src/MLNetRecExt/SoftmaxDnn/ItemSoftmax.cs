using System.Runtime.InteropServices;
using MLNetRecExt.Kernels;

namespace MLNetRecExt;

/// <summary>
/// The softmax over the items that compete for a batch's queries: its cross-entropy, and the gradients by queries and by items.
/// </summary>
/// <remarks>
/// Examples come in groups, competing items in blocks. A batch × items matrix is never stored: the logits of a block for a group are
/// computed once for the sum of exponentials and again for the gradient. Partial sums are cut alike for any number of threads and added
/// in order.
/// <para>For each batch: <see cref="Take"/>; <see cref="Gather"/> for all places; <see cref="Forward"/> for all groups, after which
/// <see cref="Loss"/> is known; <see cref="Reduce"/> for all reductions and <see cref="SortLabels"/>; then <see cref="QueryGradient"/>
/// for all examples and <see cref="AddLabels"/> for all places. What a semicolon does not part may run at once. The table at
/// <see cref="SoftmaxDnnTraining"/> shows them in a step.</para>
/// </remarks>
internal sealed unsafe class ItemSoftmax
{
    public const int GroupSize = 64;
    public const int PlacesPerChunk = 256;

    /// <summary>Logits of a block for a group: by item of the block, those of the group's examples.</summary>
    public const int BlockCells = BlockSize * GroupSize;

    private const int BlockSize = 126;
    private const int MostReductions = 8;

    private static readonly GemmKernels Gemm = GemmKernels.Best;
    private static readonly SoftmaxKernels Softmax = SoftmaxKernels.Best;
    private static readonly OptimizerKernels Rows = OptimizerKernels.Best;

    private readonly AlignedMatrix _table;
    private readonly FeatureTable _features;
    private readonly bool _isNormalised, _nothingCompetes;

    private readonly RowTerms _labelTerms;
    private readonly AlignedMatrix _maxima, _sums, _logSums, _scales;
    private readonly double[] _losses;
    private readonly List<float[]> _labelGradients = [];
    private readonly AlignedMatrix[] _psiTransposed;
    private readonly AlignedMatrix[] _partials;
    private TrainingBatch _batch;
    private AlignedMatrix _candidates;
    private float[] _lengths = [];
    private AlignedMatrix _offsets = new(1, 0);

    /// <param name="items">V, by item.</param>
    /// <param name="features">What features of items add to it.</param>
    /// <param name="isNormalised">Whether only the directions of items' vectors count.</param>
    /// <param name="nothingCompetes">Whether "nothing", whose score is 0, competes with the labels.</param>
    /// <param name="batchSize">Examples at most; a multiple of <see cref="GroupSize"/>.</param>
    /// <param name="batch">The first.</param>
    public ItemSoftmax(
        AlignedMatrix items, FeatureTable features, bool isNormalised, bool nothingCompetes, int batchSize, TrainingBatch batch)
    {
        (_table, _features, _isNormalised, _nothingCompetes, _batch) = (items, features, isNormalised, nothingCompetes, batch);
        _labelTerms = new RowTerms(items.Rows);
        (_maxima, _sums, _logSums, _scales) = (new(1, batchSize), new(1, batchSize), new(1, batchSize), new(1, batchSize));
        _losses = new double[batchSize];
        for (int b = 0; b < batchSize; b++)
            _labelGradients.Add([]);
        var groups = batchSize / GroupSize;
        _psiTransposed = new AlignedMatrix[groups];
        for (int group = 0; group < groups; group++)
            _psiTransposed[group] = new AlignedMatrix(items.Columns, GroupSize);
        _partials = new AlignedMatrix[MostReductions];
        for (int reduction = 0; reduction < MostReductions; reduction++)
            _partials[reduction] = new AlignedMatrix(batchSize, items.Columns);
        _candidates = new AlignedMatrix(0, items.Columns);
    }

    /// <summary>Parts that the gradient is summed in, cut alike for any number of threads: what <see cref="Reduce"/> takes.</summary>
    public int Reductions => Math.Min(MostReductions, Blocks);

    private int Blocks => (_batch.Pool.Count + BlockSize - 1) / BlockSize;

    /// <summary>Makes room for a batch.</summary>
    public void Take(TrainingBatch batch)
    {
        _batch = batch;
        if (_candidates.Rows < batch.Items.Count)
        {
            _candidates = new AlignedMatrix(batch.Items.Count + batch.Items.Count / 4, _table.Columns);
            _lengths = new float[_candidates.Rows];
        }
        if (_offsets.Columns < batch.Offsets.Count)
            _offsets = new AlignedMatrix(1, batch.Offsets.Count + batch.Offsets.Count / 4);
        CollectionsMarshal.AsSpan(batch.Offsets).CopyTo(_offsets[0]);
    }

    /// <summary>Gathers the vectors of some of the items that take part.</summary>
    public void Gather(int first, int end)
    {
        for (int place = first; place < end; place++)
        {
            var ahead = place + OptimizerKernels.PrefetchDistance;
            if (ahead < end)
                OptimizerKernels.Prefetch(_table.Pointer + (long)_batch.Items[ahead] * _table.Stride, _table.Stride);
            var item = _batch.Items[place];
            _table.PaddedRow(item).CopyTo(_candidates.PaddedRow(place));
            QueryTower.Add(_features.Table.Values, _features.Of.Rows(item), _features.Of.Coefficients(item), _candidates, place);
            if (_isNormalised)
                _lengths[place] = QueryTower.Normalize(_candidates[place], 1);
        }
    }

    /// <summary>
    /// The cross-entropies of a group of queries, and the gradients of their labels' logits. Rows of <paramref name="psi"/> behind the
    /// batch are set to zero.
    /// </summary>
    public void Forward(int group, AlignedMatrix psi)
    {
        var (first, end) = (group * GroupSize, Math.Min(_batch.Count, (group + 1) * GroupSize));
        // Rows behind the batch take part in products over it.
        for (int b = end; b < first + GroupSize; b++)
        {
            psi.PaddedRow(b).Clear();
            _scales[0][b] = _logSums[0][b] = 0;
        }
        psi.TransposeTo(_psiTransposed[group], first);

        _maxima[0].Slice(first, GroupSize).Fill(_nothingCompetes ? 0 : SoftmaxKernels.Masked);
        _sums[0].Slice(first, GroupSize).Fill(_nothingCompetes ? 1 : 0);
        var buffer = stackalloc float[BlockCells + 16];
        var logits = Aligned(buffer);
        for (int block = 0; block < Blocks; block++)
        {
            var (start, rows) = Logits(block, group, logits);
            foreach (var cell in _batch.Masked(block, group))
                logits[cell] = 2 * SoftmaxKernels.Masked;
            Softmax.Absorb(logits, GroupSize, _offsets.Pointer + start, rows, GroupSize, _maxima.Pointer + first, _sums.Pointer + first);
        }
        for (int b = first; b < end; b++)
            LabelGradient(b, psi);
    }

    /// <summary>The mean of the cross-entropies.</summary>
    public double Loss()
    {
        double loss = 0;
        for (int b = 0; b < _batch.Count; b++)
            loss += _losses[b];
        return loss / _batch.Count;
    }

    /// <summary>
    /// After <see cref="Forward"/> of all groups: the gradients by the items of some blocks, rows of <paramref name="gradients"/> from
    /// <paramref name="firstRow"/> on by place, and those items' part of the gradients by the queries.
    /// </summary>
    public void Reduce(int reduction, AlignedMatrix psi, AlignedMatrix gradients, int firstRow)
    {
        var groups = (_batch.Count + GroupSize - 1) / GroupSize;
        var (firstBlock, endBlock) = (Blocks * reduction / Reductions, Blocks * (reduction + 1) / Reductions);
        var partial = _partials[reduction];
        var buffer = stackalloc float[BlockCells + 16];
        var logits = Aligned(buffer);
        for (int block = firstBlock; block < endBlock; block++)
            for (int group = 0; group < groups; group++)
            {
                var first = group * GroupSize;
                var (start, rows) = Logits(block, group, logits);
                Softmax.Probabilities(logits, GroupSize, _offsets.Pointer + start, rows, GroupSize, _logSums.Pointer + first,
                    _scales.Pointer + first);
                foreach (var cell in _batch.Masked(block, group))
                    logits[cell] = 0;
                Gemm.Multiply(logits, GroupSize, 1, psi.Pointer + (long)first * psi.Stride, psi.Stride,
                    gradients.Pointer + (long)(firstRow + start) * gradients.Stride, gradients.Stride, rows, psi.Stride, GroupSize,
                    add: group > 0);
                Gemm.Multiply(logits, 1, GroupSize, _candidates.Pointer + (long)start * _candidates.Stride, _candidates.Stride,
                    partial.Pointer + (long)first * partial.Stride, partial.Stride, GroupSize, partial.Stride, rows,
                    add: block > firstBlock);
            }
    }

    /// <summary>After <see cref="Forward"/> of all groups: finds which labels' gradients each item gets.</summary>
    public void SortLabels()
    {
        _labelTerms.Clear();
        for (int b = 0; b < _batch.Count; b++)
            _labelTerms.Add(CollectionsMarshal.AsSpan(_batch.Examples[b].Places), _labelGradients[b], b);
        _labelTerms.Sort();
    }

    /// <summary>After <see cref="Reduce"/> and <see cref="SortLabels"/>: adds the labels' part to the gradients of some places.</summary>
    public void AddLabels(int first, int end, AlignedMatrix psi, AlignedMatrix gradients, int firstRow)
    {
        var term = _labelTerms.FirstOf(first);
        for (int place = first; place < end; place++)
        {
            if (place >= _batch.Pool.Count)
                gradients.PaddedRow(firstRow + place).Clear();
            if (term < _labelTerms.Count && _labelTerms.SortedRows[term] == place)
            {
                var next = _labelTerms.EndOfRow(term);
                _labelTerms.AddTo(gradients.Pointer + (long)(firstRow + place) * gradients.Stride, psi, term, next);
                term = next;
            }
            if (_isNormalised)
                QueryTower.Project(_candidates[place], gradients[firstRow + place], _lengths[place], 1);
        }
    }

    /// <summary>The gradient by a query, after <see cref="Reduce"/>.</summary>
    public void QueryGradient(int b, Span<float> gradient)
    {
        gradient.Clear();
        fixed (float* row = gradient)
        {
            for (int reduction = 0; reduction < Reductions; reduction++)
                Rows.AddScaled(_partials[reduction].Pointer + (long)b * gradient.Length, 1, row, gradient.Length);
            fixed (int* places = CollectionsMarshal.AsSpan(_batch.Examples[b].Places))
            fixed (float* coefficients = _labelGradients[b])
                Rows.AddRows(_candidates.Pointer, places, coefficients, _batch.Examples[b].Places.Count, row, gradient.Length);
        }
    }

    private (int Start, int Rows) Logits(int block, int group, float* logits)
    {
        var start = block * BlockSize;
        var rows = Math.Min(BlockSize, _batch.Pool.Count - start);
        Gemm.Multiply(_candidates.Pointer + (long)start * _candidates.Stride, _candidates.Stride, 1, _psiTransposed[group].Pointer,
            GroupSize, logits, GroupSize, rows, GroupSize, _table.Columns, add: false);
        return (start, rows);
    }

    private void LabelGradient(int b, AlignedMatrix psi)
    {
        var (labels, targets, places) = (_batch.Examples[b].Labels.Count, _batch.Examples[b].Targets, _batch.Examples[b].Places);
        if (_labelGradients[b].Length < labels)
            _labelGradients[b] = new float[2 * labels];
        var gradients = _labelGradients[b];
        double max = _maxima[0][b];
        for (int l = 0; l < labels; l++)
        {
            gradients[l] = Rows.Dot(psi.Pointer + (long)b * psi.Stride, _candidates.Pointer + (long)places[l] * _candidates.Stride,
                psi.Stride);
            max = Math.Max(max, gradients[l]);
        }
        var sum = _sums[0][b] * Math.Exp(_maxima[0][b] - max);
        for (int l = 0; l < labels; l++)
            sum += Math.Exp(gradients[l] - max);
        var logSum = max + Math.Log(sum);
        double loss = 0;
        for (int l = 0; l < labels; l++)
        {
            loss += targets[l] * (logSum - gradients[l]);
            gradients[l] = (float)((Math.Exp(gradients[l] - logSum) - targets[l]) / _batch.Count);
        }
        _losses[b] = loss;
        _logSums[0][b] = (float)logSum;
        _scales[0][b] = 1f / _batch.Count;
    }

    private static float* Aligned(float* stack) => (float*)(((nint)stack + 63) & ~63);
}
