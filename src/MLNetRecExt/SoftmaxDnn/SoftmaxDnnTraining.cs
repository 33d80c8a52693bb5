using System.Runtime.InteropServices;
using MLNetRecExt.Kernels;

namespace MLNetRecExt;

/// <summary>The state of a Softmax DNN's training: weights, their moments, and the step that improves them.</summary>
/// <remarks>
/// B examples, K rank, C items that compete. A batch × items matrix is never stored: the logits of a block of items are computed once for the
/// sum of exponentials and again for the gradient. What is cut for threads is cut alike for any number of them, and partial sums are added in order.
/// </remarks>
internal sealed unsafe class SoftmaxDnnTraining
{
    private const int GroupSize = 64;
    private const int BlockSize = 126;
    private const int ReductionGroups = 16;
    private const int RowsPerChunk = 256;
    private const int WeightRowsPerChunk = 56;

    private static readonly GemmKernels Gemm = GemmKernels.Best;
    private static readonly SoftmaxKernels Softmax = SoftmaxKernels.Best;
    private static readonly OptimizerKernels Rows = OptimizerKernels.Best;

    private readonly SoftmaxDnnTrainer.Options _options;
    private readonly SoftmaxDnnSettings _settings;
    private readonly ExampleSampler _sampler;
    private readonly NegativeSampler _negatives;
    private readonly bool _nothingCompetes;
    private readonly ParallelOptions _parallel;

    private readonly QueryTower _tower;
    private readonly ParameterTable _items;
    private readonly ParameterTable _histories;
    private readonly ParameterTable[] _layers;
    private readonly AlignedMatrix[] _transposed;
    private readonly AlignedMatrix[] _weightGradients;
    private readonly RowGradients _itemGradients;
    private readonly RowGradients _historyGradients;
    private readonly FeatureTable _userFeatures;
    private readonly FeatureTable _itemFeatures;

    private readonly TrainingExample[] _examples;
    private readonly AlignedMatrix[] _activations;
    private readonly AlignedMatrix[] _gradients;
    private readonly float[] _lengths;
    private readonly AlignedMatrix _maxima, _sums, _logSums, _scales;
    private readonly AlignedMatrix[] _psiTransposed;
    private readonly AlignedMatrix[] _partials;
    private readonly double[] _losses;
    private readonly List<int> _pool = [];
    private readonly List<float> _offsets = [];
    private readonly List<float[]> _labelGradients = [];
    private AlignedMatrix _candidates;
    private float[] _candidateLengths = [];
    private AlignedMatrix _offsetRow = new(1, 16);
    private int[] _hitStarts = [];
    private (int Place, int Example)[] _hits = [];
    private long _step;

    /// <param name="data">What users took.</param>
    /// <param name="options">Those of the trainer.</param>
    /// <param name="sampling">Not <see cref="NegativeSampling.Auto"/>.</param>
    /// <param name="userFeatures">Features of users, and the rows of their embedding table.</param>
    /// <param name="itemFeatures">Features of items, and the rows of theirs.</param>
    public SoftmaxDnnTraining(Interactions data, SoftmaxDnnTrainer.Options options, NegativeSampling sampling,
        (FeatureRows Of, int TableRows)? userFeatures = null, (FeatureRows Of, int TableRows)? itemFeatures = null)
    {
        _options = options;
        _settings = options.Settings;
        _parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Threads, CancellationToken = options.CancellationToken };
        var (rank, itemCount) = (options.ApproximationRank, data.Items.Count);
        var counts = data.ByUser.CountColumns(itemCount);
        _sampler = new ExampleSampler(data.ByUser, options, _settings);
        _negatives = new NegativeSampler(sampling, options.NumberOfNegatives, options.NegativePopularityExponent, counts, _sampler.LabelShares(itemCount));
        _nothingCompetes = sampling == NegativeSampling.None;

        // Streams of the seed: items, histories, then one per layer. An item without interactions keeps a zero vector.
        _items = new(RandomRows(itemCount, rank, 0, row => counts[row] > 0), options.Optimizer);
        _histories = options.ShareItemEmbeddings ? _items : new(RandomRows(itemCount, rank, 1, row => counts[row] > 0), options.Optimizer);
        int[] widths = [rank, .. options.HiddenLayers, rank];
        _layers = new ParameterTable[widths.Length - 1];
        for (int layer = 0; layer < _layers.Length; layer++)
            _layers[layer] = new(RandomLayer(widths[layer], widths[layer + 1], layer), options.Optimizer);
        _userFeatures = new FeatureTable(userFeatures ?? (FeatureRows.None, 0), rank, options.Optimizer);
        _itemFeatures = new FeatureTable(itemFeatures ?? (FeatureRows.None, 0), rank, options.Optimizer);
        _tower = new QueryTower(_histories.Values, Array.ConvertAll(_layers, layer => layer.Values), _settings.Temperature, _userFeatures.Table.Values);
        _transposed = Array.ConvertAll(_layers, layer => new AlignedMatrix(layer.Values.Columns, layer.Values.Rows - 1));
        _weightGradients = Array.ConvertAll(_layers, layer => new AlignedMatrix(layer.Values.Rows, layer.Values.Columns));
        _itemGradients = new RowGradients(itemCount, rank);
        _historyGradients = options.ShareItemEmbeddings ? _itemGradients : new RowGradients(itemCount, rank);

        var padded = (options.BatchSize + GroupSize - 1) / GroupSize * GroupSize;
        _examples = new TrainingExample[options.BatchSize];
        for (int i = 0; i < _examples.Length; i++)
        {
            _examples[i] = new TrainingExample();
            _labelGradients.Add([]);
        }
        _activations = _tower.NewActivations(padded);
        _gradients = _tower.NewActivations(padded);
        _lengths = new float[padded];
        (_maxima, _sums, _logSums, _scales) = (new(1, padded), new(1, padded), new(1, padded), new(1, padded));
        _psiTransposed = new AlignedMatrix[padded / GroupSize];
        for (int group = 0; group < _psiTransposed.Length; group++)
            _psiTransposed[group] = new AlignedMatrix(rank, GroupSize);
        _partials = new AlignedMatrix[ReductionGroups];
        for (int group = 0; group < ReductionGroups; group++)
            _partials[group] = new AlignedMatrix(padded, rank);
        _losses = new double[padded];
        _candidates = new AlignedMatrix(0, rank);
    }

    private AlignedMatrix Psi => _activations[^1];

    public QueryTower Tower => _tower;

    public ParameterTable Items => _items;

    public ParameterTable Histories => _histories;

    public ParameterTable[] Layers => _layers;

    public FeatureTable UserFeatures => _userFeatures;

    public FeatureTable ItemFeatures => _itemFeatures;

    public RowGradients ItemGradients => _itemGradients;

    public RowGradients HistoryGradients => _historyGradients;

    public AlignedMatrix[] WeightGradients => _weightGradients;

    public TrainingExample[] Examples => _examples;

    public IReadOnlyList<int> Pool => _pool;

    public IReadOnlyList<float> Offsets => _offsets;

    /// <summary>One pass over the examples. Returns their mean cross-entropy.</summary>
    public double Epoch(int epoch)
    {
        var order = _sampler.Order(epoch);
        double loss = 0;
        for (int first = 0; first < order.Length; first += _options.BatchSize)
        {
            _parallel.CancellationToken.ThrowIfCancellationRequested();
            var count = Math.Min(_options.BatchSize, order.Length - first);
            Sample(order, first, count, (long)epoch * order.Length + first);
            loss += Gradient(count) * count;
            if (!double.IsFinite(loss))
                return loss;
            Step();
        }
        return loss / order.Length;
    }

    /// <summary>Draws a batch.</summary>
    public void Sample(int[] order, int first, int count, long stream)
    {
        ForEach((count + GroupSize - 1) / GroupSize, group =>
        {
            for (int b = group * GroupSize; b < Math.Min(count, (group + 1) * GroupSize); b++)
                _sampler.Sample(order[first + b], 2 * (stream + b), _examples[b]);
        });
        _negatives.Draw(_examples.AsSpan(0, count), _options.Seed, 2 * stream + 1, _pool, _offsets);
    }

    /// <summary>The mean cross-entropy of the batch, and its gradient by every weight that it touches.</summary>
    public double Gradient(int count)
    {
        FindItems(count);
        var groups = (count + GroupSize - 1) / GroupSize;
        foreach (var (layer, transposed) in _layers.Zip(_transposed))
            Transpose(layer.Values, transposed);
        ForEach(groups, group => ForwardGroup(group, count));

        var blocks = (_pool.Count + BlockSize - 1) / BlockSize;
        var reductions = Math.Min(ReductionGroups, blocks);
        ForEach(reductions, reduction => PoolGradient(reduction, blocks * reduction / reductions, blocks * (reduction + 1) / reductions, groups));
        ForEach(groups, group => BackwardGroup(group, count, reductions));

        AddLabelTerms(count);
        ForEachChunk(_itemGradients.Ids.Count, RowsPerChunk, FinishItems);
        // Before histories add to the gradients of items, where both have one table: a history is of items without their features.
        AddItemFeatureTerms();
        AddHistoryTerms(count);
        for (int layer = 0; layer < _layers.Length; layer++)
        {
            var (x, dy, gradient) = (_activations[layer], _gradients[layer + 1], _weightGradients[layer]);
            ForEachChunk(gradient.Rows, WeightRowsPerChunk, (first, end) => QueryTower.WeightGradient(x, dy, count, gradient, first, end - first));
        }
        double loss = 0;
        for (int b = 0; b < count; b++)
            loss += _losses[b];
        return loss / count;
    }

    /// <summary>Moves every touched weight against its gradient.</summary>
    public void Step()
    {
        _step++;
        var rate = _options.LearningRate * Math.Min(1, _step / (double)Math.Max(1, _options.WarmUpSteps));
        var step = OptimizerStep.At(_options.Optimizer, _step, rate, _options.WeightDecay);
        var scale = _options.GradientClipping == 0 ? 1 : (float)Math.Min(1, _options.GradientClipping / Math.Max(Norm(), 1e-30));
        Update(_items, _itemGradients);
        if (_histories != _items)
            Update(_histories, _historyGradients);
        Update(_userFeatures.Table, _userFeatures.Gradients);
        Update(_itemFeatures.Table, _itemFeatures.Gradients);
        for (int layer = 0; layer < _layers.Length; layer++)
        {
            var (table, gradient) = (_layers[layer], _weightGradients[layer]);
            ForEachChunk(gradient.Rows, WeightRowsPerChunk, (first, end) =>
            {
                for (int row = first; row < end; row++)
                    table.Update(row, gradient.Pointer + (long)row * gradient.Stride, scale, step);
            });
        }

        void Update(ParameterTable table, RowGradients gradients) => ForEachChunk(gradients.Ids.Count, RowsPerChunk, (first, end) =>
        {
            for (int place = first; place < end; place++)
                table.Update(gradients.Ids[place], gradients.Rows.Pointer + (long)place * gradients.Rows.Stride, scale, step);
        });
    }

    /// <summary>The gradient's length.</summary>
    private double Norm()
    {
        double squares = 0;
        Add(_itemGradients.Rows, _itemGradients.Ids.Count);
        if (_histories != _items)
            Add(_historyGradients.Rows, _historyGradients.Ids.Count);
        Add(_userFeatures.Gradients.Rows, _userFeatures.Gradients.Ids.Count);
        Add(_itemFeatures.Gradients.Rows, _itemFeatures.Gradients.Ids.Count);
        foreach (var gradient in _weightGradients)
            Add(gradient, gradient.Rows);
        return Math.Sqrt(squares);

        void Add(AlignedMatrix rows, int count)
        {
            var sums = new double[(count + RowsPerChunk - 1) / RowsPerChunk];
            ForEachChunk(count, RowsPerChunk, (first, end) =>
            {
                for (int row = first; row < end; row++)
                    sums[first / RowsPerChunk] += Rows.Dot(rows.Pointer + (long)row * rows.Stride, rows.Pointer + (long)row * rows.Stride, rows.Stride);
            });
            foreach (var sum in sums)
                squares += sum;
        }
    }

    /// <summary>Gives each item that the batch touches a row: those that compete first. Finds who must not compete with whom.</summary>
    private void FindItems(int count)
    {
        _itemGradients.Clear();
        if (_historyGradients != _itemGradients)
            _historyGradients.Clear();
        foreach (var item in _pool)
            _itemGradients.Place(item);
        var groups = (count + GroupSize - 1) / GroupSize;
        var cells = groups * ((_pool.Count + BlockSize - 1) / BlockSize);
        if (_hitStarts.Length < cells + 1)
            _hitStarts = new int[cells + 1];
        var starts = _hitStarts.AsSpan(0, cells + 1);
        starts.Clear();
        var hits = 0;
        for (int b = 0; b < count; b++)
        {
            foreach (var item in _examples[b].Labels)
                _examples[b].Places.Add(_itemGradients.Place(item));
            if (_labelGradients[b].Length < _examples[b].Labels.Count)
                _labelGradients[b] = new float[2 * _examples[b].Labels.Count];
            foreach (var place in Excluded(b))
            {
                starts[Cell(place, b)]++;
                hits++;
            }
        }
        for (int cell = 1; cell < starts.Length; cell++)
            starts[cell] += starts[cell - 1];
        if (_hits.Length < hits)
            _hits = new (int, int)[hits + hits / 4];
        for (int b = 0; b < count; b++)
            foreach (var place in Excluded(b))
                _hits[--starts[Cell(place, b)]] = (place % BlockSize, b % GroupSize);

        if (_candidates.Rows < _itemGradients.Ids.Count)
        {
            _candidates = new AlignedMatrix(_itemGradients.Ids.Count + _itemGradients.Ids.Count / 4, _options.ApproximationRank);
            _candidateLengths = new float[_candidates.Rows];
        }
        if (_offsetRow.Columns < _pool.Count)
            _offsetRow = new AlignedMatrix(1, _pool.Count + _pool.Count / 4);
        CollectionsMarshal.AsSpan(_offsets).CopyTo(_offsetRow[0]);
        _itemGradients.Reserve();
        ForEachChunk(_itemGradients.Ids.Count, RowsPerChunk, GatherItems);

        int Cell(int place, int b) => place / BlockSize * groups + b / GroupSize;
    }

    /// <summary>Places in the pool of an example's labels, which count by themselves, and of its history, which nobody recommends to it.</summary>
    private IEnumerable<int> Excluded(int b)
    {
        foreach (var place in _examples[b].Places)
            if (place < _pool.Count)
                yield return place;
        foreach (var item in _examples[b].History)
            if (_itemGradients.Find(item) is var place and >= 0 && place < _pool.Count)
                yield return place;
    }

    private ReadOnlySpan<(int Place, int Example)> Hits(int block, int group, int groups)
    {
        var cell = block * groups + group;
        return _hits.AsSpan(_hitStarts[cell].._hitStarts[cell + 1]);
    }

    private void GatherItems(int first, int end)
    {
        for (int place = first; place < end; place++)
        {
            var row = _candidates[place];
            var item = _itemGradients.Ids[place];
            _items.Values[item].CopyTo(row);
            QueryTower.Add(_itemFeatures.Table.Values, _itemFeatures.Of.Rows(item), _itemFeatures.Of.Coefficients(item), _candidates, place);
            if (_settings.Temperature > 0)
                _candidateLengths[place] = QueryTower.Normalize(row, 1);
        }
    }

    /// <summary>Queries of a group of examples; their log Σ exp; gradients of the labels' logits.</summary>
    private void ForwardGroup(int group, int count)
    {
        var (first, end) = (group * GroupSize, Math.Min(count, (group + 1) * GroupSize));
        for (int b = first; b < end; b++)
        {
            _tower.SetInput(_activations[0], b, CollectionsMarshal.AsSpan(_examples[b].History), CollectionsMarshal.AsSpan(_examples[b].Shares));
            _tower.AddFeatures(_activations[0], b, _userFeatures.Of.Rows(_examples[b].User), _userFeatures.Of.Coefficients(_examples[b].User));
        }
        _tower.Forward(_activations, first, end - first, _options.Dropout, _options.Seed ^ 0x5bd1e995, _step * _examples.Length);
        _tower.Normalize(Psi, first, end - first, _lengths);
        var psi = _psiTransposed[group];
        psi.Padded.Clear();
        for (int b = first; b < end; b++)
            for (int k = 0; k < psi.Rows; k++)
                psi[k][b - first] = Psi[b][k];
        // Rows behind the batch take part in products over it.
        for (int b = end; b < first + GroupSize; b++)
        {
            Psi.PaddedRow(b).Clear();
            _scales[0][b] = _logSums[0][b] = 0;
        }

        _maxima[0].Slice(first, GroupSize).Fill(_nothingCompetes ? 0 : SoftmaxKernels.Masked);
        _sums[0].Slice(first, GroupSize).Fill(_nothingCompetes ? 1 : 0);
        var logits = stackalloc float[BlockSize * GroupSize + 16];
        logits = (float*)(((nint)logits + 63) & ~63);
        var groups = (count + GroupSize - 1) / GroupSize;
        for (int start = 0, block = 0; start < _pool.Count; start += BlockSize, block++)
        {
            var rows = Math.Min(BlockSize, _pool.Count - start);
            Logits(start, rows, group, logits, GroupSize);
            foreach (var (place, example) in Hits(block, group, groups))
                logits[place * GroupSize + example] = 2 * SoftmaxKernels.Masked;
            Softmax.Absorb(logits, GroupSize, _offsetRow.Pointer + start, rows, GroupSize, _maxima.Pointer + first, _sums.Pointer + first);
        }
        for (int b = first; b < end; b++)
            LabelGradient(b, count);
    }

    private void Logits(int start, int rows, int group, float* logits, int stride) =>
        Gemm.Multiply(_candidates.Pointer + (long)start * _candidates.Stride, _candidates.Stride, 1, _psiTransposed[group].Pointer, GroupSize,
            logits, stride, rows, GroupSize, _options.ApproximationRank, add: false);

    private void LabelGradient(int b, int count)
    {
        var (example, gradients) = (_examples[b], _labelGradients[b]);
        double max = _maxima[0][b];
        for (int l = 0; l < example.Labels.Count; l++)
        {
            gradients[l] = Rows.Dot(Psi.Pointer + (long)b * Psi.Stride, _candidates.Pointer + (long)example.Places[l] * _candidates.Stride, Psi.Stride);
            max = Math.Max(max, gradients[l]);
        }
        var sum = _sums[0][b] * Math.Exp(_maxima[0][b] - max);
        for (int l = 0; l < example.Labels.Count; l++)
            sum += Math.Exp(gradients[l] - max);
        var logSum = max + Math.Log(sum);
        double loss = 0;
        for (int l = 0; l < example.Labels.Count; l++)
        {
            loss += example.Targets[l] * (logSum - gradients[l]);
            gradients[l] = (float)((Math.Exp(gradients[l] - logSum) - example.Targets[l]) / count);
        }
        _losses[b] = loss;
        _logSums[0][b] = (float)logSum;
        _scales[0][b] = 1f / count;
    }

    /// <summary>Gradients by the competing items of some blocks, and their part of those by the queries.</summary>
    private void PoolGradient(int reduction, int firstBlock, int endBlock, int groups)
    {
        var partial = _partials[reduction];
        var batch = groups * GroupSize;
        var logits = new AlignedMatrix(BlockSize, batch);
        for (int block = firstBlock; block < endBlock; block++)
        {
            var start = block * BlockSize;
            var rows = Math.Min(BlockSize, _pool.Count - start);
            for (int group = 0; group < groups; group++)
            {
                var corner = logits.Pointer + group * GroupSize;
                Logits(start, rows, group, corner, logits.Stride);
                Softmax.Probabilities(corner, logits.Stride, _offsetRow.Pointer + start, rows, GroupSize, _logSums.Pointer + group * GroupSize, _scales.Pointer + group * GroupSize);
                foreach (var (place, example) in Hits(block, group, groups))
                    corner[place * logits.Stride + example] = 0;
            }
            var candidates = _candidates.Pointer + (long)start * _candidates.Stride;
            var gradient = _itemGradients.Rows;
            Gemm.Multiply(logits.Pointer, logits.Stride, 1, Psi.Pointer, Psi.Stride, gradient.Pointer + (long)start * gradient.Stride, gradient.Stride, rows, Psi.Stride, batch, add: false);
            Gemm.Multiply(logits.Pointer, 1, logits.Stride, candidates, _candidates.Stride, partial.Pointer, partial.Stride, batch, partial.Stride, rows, add: block > firstBlock);
        }
        GC.KeepAlive(logits);
    }

    private void BackwardGroup(int group, int count, int reductions)
    {
        var (first, end) = (group * GroupSize, Math.Min(count, (group + 1) * GroupSize));
        var gradient = _gradients[^1];
        for (int b = first; b < end; b++)
        {
            var row = gradient.Pointer + (long)b * gradient.Stride;
            gradient.PaddedRow(b).Clear();
            for (int reduction = 0; reduction < reductions; reduction++)
                Rows.AddScaled(_partials[reduction].Pointer + (long)b * gradient.Stride, 1, row, gradient.Stride);
            for (int l = 0; l < _examples[b].Labels.Count; l++)
                Rows.AddScaled(_candidates.Pointer + (long)_examples[b].Places[l] * _candidates.Stride, _labelGradients[b][l], row, gradient.Stride);
        }
        _tower.BackwardNormalize(Psi, gradient, first, end - first, _lengths);
        _tower.Backward(_activations, _gradients, _transposed, first, end - first, _options.Dropout);
    }

    private void AddLabelTerms(int count)
    {
        for (int b = 0; b < count; b++)
            for (int l = 0; l < _examples[b].Labels.Count; l++)
                _itemGradients.AddTerm(_examples[b].Places[l], b, _labelGradients[b][l]);
        _itemGradients.SortTerms();
    }

    private void FinishItems(int first, int end)
    {
        for (int place = Math.Max(first, _pool.Count); place < end; place++)
            _itemGradients.Rows.PaddedRow(place).Clear();
        _itemGradients.AddTerms(Psi, first, end);
        if (_settings.Temperature > 0)
            for (int place = first; place < end; place++)
                QueryTower.Project(_candidates[place], _itemGradients.Rows[place], _candidateLengths[place], 1);
    }

    private void AddItemFeatureTerms()
    {
        _itemFeatures.Gradients.Clear();
        for (int place = 0; place < _itemGradients.Ids.Count; place++)
            _itemFeatures.AddTerms(_itemGradients.Ids[place], place);
        SumTerms(_itemFeatures.Gradients, 0, _itemGradients.Rows, rowsPerChunk: 1);
    }

    private void AddHistoryTerms(int count)
    {
        var before = _historyGradients.Ids.Count;
        _userFeatures.Gradients.Clear();
        for (int b = 0; b < count; b++)
        {
            for (int e = 0; e < _examples[b].History.Count; e++)
                _historyGradients.AddTerm(_historyGradients.Place(_examples[b].History[e]), b, _examples[b].Shares[e]);
            _userFeatures.AddTerms(_examples[b].User, b);
        }
        SumTerms(_historyGradients, before, _gradients[0], RowsPerChunk);
        SumTerms(_userFeatures.Gradients, 0, _gradients[0], rowsPerChunk: 1);
    }

    /// <summary>Adds the terms to the rows; those from <paramref name="firstNew"/> on start at zero.</summary>
    private void SumTerms(RowGradients gradients, int firstNew, AlignedMatrix source, int rowsPerChunk)
    {
        gradients.Reserve();
        gradients.SortTerms();
        ForEachChunk(gradients.Ids.Count, rowsPerChunk, (first, end) =>
        {
            for (int place = Math.Max(first, firstNew); place < end; place++)
                gradients.Rows.PaddedRow(place).Clear();
            gradients.AddTerms(source, first, end);
        });
    }

    private static void Transpose(AlignedMatrix layer, AlignedMatrix transposed)
    {
        for (int i = 0; i < layer.Rows - 1; i++)
        {
            var row = layer[i];
            for (int j = 0; j < row.Length; j++)
                transposed[j][i] = row[j];
        }
    }

    private AlignedMatrix RandomRows(int rows, int columns, int stream, Func<int, bool> isKnown)
    {
        var matrix = new AlignedMatrix(rows, columns);
        var deviation = 1 / Math.Sqrt(columns);
        for (int row = 0; row < rows; row++)
        {
            if (!isKnown(row))
                continue;
            var random = new SeededRandom(_options.Seed, long.MinValue + ((long)stream << 32) + row);
            foreach (ref var value in matrix[row])
                value = (float)(deviation * random.NextGaussian());
        }
        return matrix;
    }

    /// <summary>Variance 2 / inputs before a ReLU (He et al. 2015), 1 / inputs at the end; biases zero.</summary>
    private AlignedMatrix RandomLayer(int inputs, int outputs, int layer)
    {
        var matrix = new AlignedMatrix(inputs + 1, outputs);
        var random = new SeededRandom(_options.Seed, long.MinValue + ((2L + layer) << 32));
        var deviation = Math.Sqrt((layer < _options.HiddenLayers.Length ? 2.0 : 1.0) / inputs);
        for (int row = 0; row < inputs; row++)
            foreach (ref var value in matrix[row])
                value = (float)(deviation * random.NextGaussian());
        return matrix;
    }

    private void ForEach(int count, Action<int> work)
    {
        if (_parallel.MaxDegreeOfParallelism == 1)
            for (int i = 0; i < count; i++)
                work(i);
        else
            Parallel.For(0, count, _parallel, work);
    }

    private void ForEachChunk(int count, int size, Action<int, int> work) =>
        ForEach((count + size - 1) / size, chunk => work(chunk * size, Math.Min(count, (chunk + 1) * size)));
}
