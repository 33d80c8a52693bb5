using System.Runtime.InteropServices;
using MLNetRecExt.Kernels;

namespace MLNetRecExt;

/// <summary>The softmax over the items that compete for a batch's queries: its cross-entropy, and the gradients by queries and by items.</summary>
/// <remarks>
/// Examples come in groups, competing items in blocks. A batch × items matrix is never stored: the logits of a block for a group are computed once for
/// the sum of exponentials and again for the gradient. Partial sums are cut alike for any number of threads and added in order.
/// </remarks>
internal sealed unsafe class ItemSoftmax
{
    public const int GroupSize = 64;

    private const int BlockSize = 126;
    private const int BlockCells = BlockSize * GroupSize;
    private const int Reductions = 8;
    private const int PlacesPerChunk = 256;

    private static readonly GemmKernels Gemm = GemmKernels.Best;
    private static readonly SoftmaxKernels Softmax = SoftmaxKernels.Best;
    private static readonly OptimizerKernels Rows = OptimizerKernels.Best;

    private readonly AlignedMatrix _table;
    private readonly FeatureTable _features;
    private readonly bool _isNormalised, _nothingCompetes;
    private readonly TrainingThreads _threads;

    private readonly int[] _placeOf;
    private readonly List<int> _items = [];
    private readonly RowTerms _labelTerms;
    private readonly AlignedMatrix _maxima, _sums, _logSums, _scales;
    private readonly double[] _losses;
    private readonly List<float[]> _labelGradients = [];
    private readonly AlignedMatrix[] _psiTransposed;
    private readonly AlignedMatrix[] _partials;
    private readonly List<int>[] _masks;
    private readonly int[][] _maskStarts;
    private AlignedMatrix _candidates;
    private float[] _lengths = [];
    private AlignedMatrix _offsets = new(1, 0);

    /// <param name="items">V, by item.</param>
    /// <param name="features">What features of items add to it.</param>
    /// <param name="isNormalised">Whether only the directions of items' vectors count.</param>
    /// <param name="nothingCompetes">Whether "nothing", whose score is 0, competes with the labels.</param>
    /// <param name="batchSize">Examples at most; a multiple of <see cref="GroupSize"/>.</param>
    /// <param name="threads">Do the work.</param>
    public ItemSoftmax(AlignedMatrix items, FeatureTable features, bool isNormalised, bool nothingCompetes, int batchSize, TrainingThreads threads)
    {
        (_table, _features, _isNormalised, _nothingCompetes, _threads) = (items, features, isNormalised, nothingCompetes, threads);
        _placeOf = new int[items.Rows];
        _placeOf.AsSpan().Fill(-1);
        _labelTerms = new RowTerms(items.Rows);
        (_maxima, _sums, _logSums, _scales) = (new(1, batchSize), new(1, batchSize), new(1, batchSize), new(1, batchSize));
        _losses = new double[batchSize];
        for (int b = 0; b < batchSize; b++)
            _labelGradients.Add([]);
        var groups = batchSize / GroupSize;
        _psiTransposed = new AlignedMatrix[groups];
        (_masks, _maskStarts) = (new List<int>[groups], new int[groups][]);
        for (int group = 0; group < groups; group++)
            (_psiTransposed[group], _masks[group], _maskStarts[group]) = (new AlignedMatrix(items.Columns, GroupSize), [], []);
        _partials = new AlignedMatrix[Reductions];
        for (int reduction = 0; reduction < Reductions; reduction++)
            _partials[reduction] = new AlignedMatrix(batchSize, items.Columns);
        _candidates = new AlignedMatrix(0, items.Columns);
    }

    /// <summary>The items that compete with all labels; <see cref="Offsets"/> are added to their logits.</summary>
    public List<int> Pool { get; } = [];

    public List<float> Offsets { get; } = [];

    /// <summary>By place: <see cref="Pool"/>, then the other labels.</summary>
    public IReadOnlyList<int> Items => _items;

    private int Blocks => (Pool.Count + BlockSize - 1) / BlockSize;

    /// <summary>Gives each item that takes part in the batch a place, and gathers their vectors.</summary>
    public void Gather(ReadOnlySpan<TrainingExample> examples)
    {
        foreach (var item in _items)
            _placeOf[item] = -1;
        _items.Clear();
        foreach (var item in Pool)
            PlaceOf(item);
        foreach (var example in examples)
            foreach (var item in example.Labels)
                example.Places.Add(PlaceOf(item));
        if (_candidates.Rows < _items.Count)
        {
            _candidates = new AlignedMatrix(_items.Count + _items.Count / 4, _table.Columns);
            _lengths = new float[_candidates.Rows];
        }
        if (_offsets.Columns < Offsets.Count)
            _offsets = new AlignedMatrix(1, Offsets.Count + Offsets.Count / 4);
        CollectionsMarshal.AsSpan(Offsets).CopyTo(_offsets[0]);
        _threads.ForEachChunk(_items.Count, PlacesPerChunk, Gather);

        int PlaceOf(int item)
        {
            ref var place = ref _placeOf[item];
            if (place < 0)
            {
                place = _items.Count;
                _items.Add(item);
            }
            return place;
        }
    }

    /// <summary>The cross-entropies of a group of queries, and the gradients of their labels' logits. Rows of <paramref name="psi"/> behind the batch are set to zero.</summary>
    public void Forward(int group, AlignedMatrix psi, ReadOnlySpan<TrainingExample> examples)
    {
        var (first, end) = (group * GroupSize, Math.Min(examples.Length, (group + 1) * GroupSize));
        // Rows behind the batch take part in products over it.
        for (int b = end; b < first + GroupSize; b++)
        {
            psi.PaddedRow(b).Clear();
            _scales[0][b] = _logSums[0][b] = 0;
        }
        Transpose(psi.Pointer + (long)first * psi.Stride, psi.Stride, _psiTransposed[group]);
        FindMasked(group, examples[first..end]);

        _maxima[0].Slice(first, GroupSize).Fill(_nothingCompetes ? 0 : SoftmaxKernels.Masked);
        _sums[0].Slice(first, GroupSize).Fill(_nothingCompetes ? 1 : 0);
        var buffer = stackalloc float[BlockCells + 16];
        var logits = Aligned(buffer);
        for (int block = 0; block < Blocks; block++)
        {
            var (start, rows) = Logits(block, group, logits);
            foreach (var cell in Masked(block, group))
                logits[cell] = 2 * SoftmaxKernels.Masked;
            Softmax.Absorb(logits, GroupSize, _offsets.Pointer + start, rows, GroupSize, _maxima.Pointer + first, _sums.Pointer + first);
        }
        for (int b = first; b < end; b++)
            LabelGradient(b, psi, examples);
    }

    /// <summary>The mean of the first cross-entropies.</summary>
    public double Loss(int count)
    {
        double loss = 0;
        for (int b = 0; b < count; b++)
            loss += _losses[b];
        return loss / count;
    }

    /// <summary>The gradient by each item that takes part, with its features: rows of <paramref name="gradients"/> from <paramref name="firstRow"/> on, by place.</summary>
    public void ItemGradients(AlignedMatrix psi, ReadOnlySpan<TrainingExample> examples, AlignedMatrix gradients, int firstRow)
    {
        var groups = (examples.Length + GroupSize - 1) / GroupSize;
        _threads.ForEach(Math.Min(Reductions, Blocks), reduction => Reduce(reduction, groups, psi, gradients, firstRow));
        _labelTerms.Clear();
        for (int b = 0; b < examples.Length; b++)
            _labelTerms.Add(CollectionsMarshal.AsSpan(examples[b].Places), _labelGradients[b], b);
        _labelTerms.Sort();
        _threads.ForEachChunk(_labelTerms.Count, RowTerms.TermsPerChunk, (first, end) => AddLabelTerms(first, end, psi, gradients, firstRow));
        if (_isNormalised)
            _threads.ForEachChunk(_items.Count, PlacesPerChunk, (first, end) =>
            {
                for (int place = first; place < end; place++)
                    QueryTower.Project(_candidates[place], gradients[firstRow + place], _lengths[place], 1);
            });
    }

    /// <summary>The gradient by a query, after <see cref="ItemGradients"/>.</summary>
    public void QueryGradient(int b, TrainingExample example, Span<float> gradient)
    {
        gradient.Clear();
        fixed (float* row = gradient)
        {
            for (int reduction = 0; reduction < Math.Min(Reductions, Blocks); reduction++)
                Rows.AddScaled(_partials[reduction].Pointer + (long)b * gradient.Length, 1, row, gradient.Length);
            fixed (int* places = CollectionsMarshal.AsSpan(example.Places))
            fixed (float* coefficients = _labelGradients[b])
                Rows.AddRows(_candidates.Pointer, places, coefficients, example.Places.Count, row, gradient.Length);
        }
    }

    private void Gather(int first, int end)
    {
        for (int place = first; place < end; place++)
        {
            var ahead = place + OptimizerKernels.PrefetchDistance;
            if (ahead < end)
                OptimizerKernels.Prefetch(_table.Pointer + (long)_items[ahead] * _table.Stride, _table.Stride);
            var item = _items[place];
            _table.PaddedRow(item).CopyTo(_candidates.PaddedRow(place));
            QueryTower.Add(_features.Table.Values, _features.Of.Rows(item), _features.Of.Coefficients(item), _candidates, place);
            if (_isNormalised)
                _lengths[place] = QueryTower.Normalize(_candidates[place], 1);
        }
    }

    /// <summary>Finds which items of the pool do not compete for whom: labels, which count by themselves, and the history, which nobody recommends.</summary>
    private void FindMasked(int group, ReadOnlySpan<TrainingExample> examples)
    {
        ref var starts = ref _maskStarts[group];
        if (starts.Length <= Blocks)
            starts = new int[Blocks + 1];
        starts.AsSpan().Clear();
        List<int> cells = [];
        for (int b = 0; b < examples.Length; b++)
        {
            foreach (var place in examples[b].Places)
                if (place < Pool.Count)
                    cells.Add(place * GroupSize + b);
            foreach (var item in examples[b].History)
                if (_placeOf[item] is var place && (uint)place < (uint)Pool.Count)
                    cells.Add(place * GroupSize + b);
        }
        foreach (var cell in cells)
            starts[cell / BlockCells]++;
        for (int block = 1; block < starts.Length; block++)
            starts[block] += starts[block - 1];
        CollectionsMarshal.SetCount(_masks[group], cells.Count);
        foreach (var cell in cells)
            _masks[group][--starts[cell / BlockCells]] = cell % BlockCells;
    }

    private ReadOnlySpan<int> Masked(int block, int group) =>
        CollectionsMarshal.AsSpan(_masks[group])[_maskStarts[group][block].._maskStarts[group][block + 1]];

    private (int Start, int Rows) Logits(int block, int group, float* logits)
    {
        var start = block * BlockSize;
        var rows = Math.Min(BlockSize, Pool.Count - start);
        Gemm.Multiply(_candidates.Pointer + (long)start * _candidates.Stride, _candidates.Stride, 1, _psiTransposed[group].Pointer, GroupSize,
            logits, GroupSize, rows, GroupSize, _table.Columns, add: false);
        return (start, rows);
    }

    private void LabelGradient(int b, AlignedMatrix psi, ReadOnlySpan<TrainingExample> examples)
    {
        var (labels, targets, places) = (examples[b].Labels.Count, examples[b].Targets, examples[b].Places);
        if (_labelGradients[b].Length < labels)
            _labelGradients[b] = new float[2 * labels];
        var gradients = _labelGradients[b];
        double max = _maxima[0][b];
        for (int l = 0; l < labels; l++)
        {
            gradients[l] = Rows.Dot(psi.Pointer + (long)b * psi.Stride, _candidates.Pointer + (long)places[l] * _candidates.Stride, psi.Stride);
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
            gradients[l] = (float)((Math.Exp(gradients[l] - logSum) - targets[l]) / examples.Length);
        }
        _losses[b] = loss;
        _logSums[0][b] = (float)logSum;
        _scales[0][b] = 1f / examples.Length;
    }

    /// <summary>Gradients by the items of some blocks, and their part of those by the queries.</summary>
    private void Reduce(int reduction, int groups, AlignedMatrix psi, AlignedMatrix gradients, int firstRow)
    {
        var reductions = Math.Min(Reductions, Blocks);
        var (firstBlock, endBlock) = (Blocks * reduction / reductions, Blocks * (reduction + 1) / reductions);
        var partial = _partials[reduction];
        var buffer = stackalloc float[BlockCells + 16];
        var logits = Aligned(buffer);
        for (int block = firstBlock; block < endBlock; block++)
            for (int group = 0; group < groups; group++)
            {
                var first = group * GroupSize;
                var (start, rows) = Logits(block, group, logits);
                Softmax.Probabilities(logits, GroupSize, _offsets.Pointer + start, rows, GroupSize, _logSums.Pointer + first, _scales.Pointer + first);
                foreach (var cell in Masked(block, group))
                    logits[cell] = 0;
                Gemm.Multiply(logits, GroupSize, 1, psi.Pointer + (long)first * psi.Stride, psi.Stride,
                    gradients.Pointer + (long)(firstRow + start) * gradients.Stride, gradients.Stride, rows, psi.Stride, GroupSize, add: group > 0);
                Gemm.Multiply(logits, 1, GroupSize, _candidates.Pointer + (long)start * _candidates.Stride, _candidates.Stride,
                    partial.Pointer + (long)first * partial.Stride, partial.Stride, GroupSize, partial.Stride, rows, add: block > firstBlock);
            }
    }

    private void AddLabelTerms(int first, int end, AlignedMatrix psi, AlignedMatrix gradients, int firstRow)
    {
        for (int term = _labelTerms.StartOfRow(first), next; term < end; term = next)
        {
            next = _labelTerms.EndOfRow(term);
            var place = _labelTerms.SortedRows[term];
            if (place >= Pool.Count)
                gradients.PaddedRow(firstRow + place).Clear();
            _labelTerms.AddTo(gradients.Pointer + (long)(firstRow + place) * gradients.Stride, psi, term, next);
        }
    }

    private static void Transpose(float* rows, int stride, AlignedMatrix transposed)
    {
        for (int k = 0; k < transposed.Rows; k++)
        {
            var column = transposed[k];
            for (int i = 0; i < column.Length; i++)
                column[i] = rows[(long)i * stride + k];
        }
    }

    private static float* Aligned(float* stack) => (float*)(((nint)stack + 63) & ~63);
}
