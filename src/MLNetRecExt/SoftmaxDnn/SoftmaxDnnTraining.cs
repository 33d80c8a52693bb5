using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using MLNetRecExt.Kernels;

namespace MLNetRecExt;

/// <summary>The state of a Softmax DNN's training: weights, their moments, and the step that improves them.</summary>
/// <remarks>What is cut for threads is cut alike for any number of them, and partial sums are added in order.</remarks>
internal sealed unsafe class SoftmaxDnnTraining
{
    private const int GroupSize = ItemSoftmax.GroupSize;
    private const int WeightRowsPerChunk = 56;

    private readonly SoftmaxDnnTrainer.Options _options;
    private readonly ExampleSampler _sampler;
    private readonly NegativeSampler _negatives;
    private readonly TrainingThreads _threads;

    private readonly QueryTower _tower;
    private readonly ItemSoftmax _softmax;
    private readonly ParameterTable _items;
    private readonly ParameterTable _histories;
    private readonly ParameterTable[] _layers;
    private readonly AlignedMatrix[] _transposed;
    private readonly AlignedMatrix[] _weightGradients;
    private readonly RowTerms _itemGradient;
    private readonly RowTerms _historyGradient;
    private readonly FeatureTable _userFeatures;
    private readonly FeatureTable _itemFeatures;
    private readonly bool[] _isTaken;
    private readonly long _stepsInAll;

    private readonly TrainingExample[] _examples;
    private readonly AlignedMatrix[] _activations;
    // The first has behind its rows those by the items that compete, so that a row number says which vector a term is of.
    private readonly AlignedMatrix[] _gradients;
    private readonly int _firstItemGradient;
    private readonly float[] _lengths;

    /// <param name="data">What users took.</param>
    /// <param name="options">Those of the trainer.</param>
    /// <param name="sampling">Not <see cref="NegativeSampling.Auto"/>.</param>
    /// <param name="userFeatures">Features of users, and the rows of their embedding table.</param>
    /// <param name="itemFeatures">Features of items, and the rows of theirs.</param>
    public SoftmaxDnnTraining(Interactions data, SoftmaxDnnTrainer.Options options, NegativeSampling sampling,
        (FeatureRows Of, int TableRows)? userFeatures = null, (FeatureRows Of, int TableRows)? itemFeatures = null)
    {
        _options = options;
        _threads = new TrainingThreads(options.Threads, options.CancellationToken);
        var (rank, itemCount) = (options.ApproximationRank, data.Items.Count);
        var counts = data.ByUser.CountColumns(itemCount);
        _sampler = new ExampleSampler(data.ByUser, options, options.Settings);
        _stepsInAll = (long)options.NumberOfIterations * ((_sampler.Count + options.BatchSize - 1) / options.BatchSize);
        _isTaken = Array.ConvertAll(counts, count => count > 0);
        var competing = options.UntakenItemsCompete && itemFeatures is var (ofItems, _)
            ? [.. counts.Select((count, item) => count == 0 && !ofItems.Rows(item).IsEmpty ? 1 : count)]
            : counts;
        _negatives = new NegativeSampler(sampling, options.NumberOfNegatives, options.NegativePopularityExponent, competing, _sampler.LabelShares(itemCount));

        // Streams of the seed: items, histories, then one per layer. An item without interactions keeps a zero vector.
        _items = new(RandomRows(itemCount, rank, 0, row => counts[row] > 0), options.Optimizer);
        _histories = options.ShareItemEmbeddings ? _items : new(RandomRows(itemCount, rank, 1, row => counts[row] > 0), options.Optimizer);
        int[] widths = [rank, .. options.HiddenLayers, rank];
        _layers = new ParameterTable[options.SkipConnection && options.HiddenLayers.Length == 0 ? 0 : widths.Length - 1];
        for (int layer = 0; layer < _layers.Length; layer++)
            _layers[layer] = new(RandomLayer(widths[layer], widths[layer + 1], layer), options.Optimizer);
        _userFeatures = new FeatureTable(userFeatures ?? (FeatureRows.None, 0), rank, options.Optimizer);
        _itemFeatures = new FeatureTable(itemFeatures ?? (FeatureRows.None, 0), rank, options.Optimizer);
        _tower = new QueryTower(_histories.Values, Array.ConvertAll(_layers, layer => layer.Values), options.Settings, _userFeatures.Table.Values);
        _transposed = Array.ConvertAll(_layers, layer => new AlignedMatrix(layer.Values.Columns, layer.Values.Rows - 1));
        _weightGradients = Array.ConvertAll(_layers, layer => new AlignedMatrix(layer.Values.Rows, layer.Values.Columns));
        _itemGradient = new RowTerms(itemCount);
        _historyGradient = options.ShareItemEmbeddings ? _itemGradient : new RowTerms(itemCount);

        var padded = (options.BatchSize + GroupSize - 1) / GroupSize * GroupSize;
        _softmax = new ItemSoftmax(_items.Values, _itemFeatures, options.Temperature > 0, sampling == NegativeSampling.None, padded, _threads);
        _examples = new TrainingExample[options.BatchSize];
        for (int i = 0; i < _examples.Length; i++)
            _examples[i] = new TrainingExample();
        _activations = _tower.NewActivations(padded);
        _gradients = _tower.NewActivations(padded);
        _firstItemGradient = padded;
        _lengths = new float[padded];
    }

    public QueryTower Tower => _tower;

    /// <summary>Does not show in the bits.</summary>
    public int NumberOfThreads
    {
        set => _threads.Count = value;
    }

    public ParameterTable Items => _items;

    public ParameterTable Histories => _histories;

    public ParameterTable[] Layers => _layers;

    public FeatureTable UserFeatures => _userFeatures;

    public FeatureTable ItemFeatures => _itemFeatures;

    /// <summary>Every table once.</summary>
    public ParameterTable[] AllTables => [.. Tables().Select(entry => entry.Table), .. _layers];

    /// <summary>Steps taken.</summary>
    public long Steps { get; set; }

    public RowTerms ItemGradient => _itemGradient;

    public RowTerms HistoryGradient => _historyGradient;

    /// <summary>What the terms of gradients are rows of.</summary>
    public AlignedMatrix GradientSources => _gradients[0];

    public AlignedMatrix[] WeightGradients => _weightGradients;

    public TrainingExample[] Examples => _examples;

    public IReadOnlyList<int> Pool => _softmax.Pool;

    public IReadOnlyList<float> Offsets => _softmax.Offsets;

    private AlignedMatrix Psi => _activations[^1];

    /// <summary>One pass over the examples. Returns their mean cross-entropy.</summary>
    public double Epoch(int epoch)
    {
        var order = _sampler.Order(epoch);
        double loss = 0;
        for (int first = 0; first < order.Length; first += _options.BatchSize)
        {
            _threads.CancellationToken.ThrowIfCancellationRequested();
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
        _threads.ForEachChunk(
            (1, 1, (_, _) => _negatives.DrawFromCatalogue(_options.Seed, 2 * stream + 1)),
            (count, GroupSize, (firstExample, end) => SampleExamples(order, first, firstExample, end, stream)));
        _negatives.Draw(_examples.AsSpan(0, count), _softmax.Pool, _softmax.Offsets);
    }

    /// <summary>The mean cross-entropy of the batch, and its gradient by every weight that it touches.</summary>
    public double Gradient(int count)
    {
        _softmax.Gather(_examples.AsSpan(0, count));
        if (_gradients[0].Rows < _firstItemGradient + _softmax.Items.Count)
            _gradients[0] = new AlignedMatrix(_firstItemGradient + _softmax.Items.Count + _softmax.Items.Count / 4, _gradients[0].Columns);
        var groups = (count + GroupSize - 1) / GroupSize;
        // Which rows the gradient is of is known before its values are: it is sorted beside the forward pass.
        _threads.ForEachChunk(
            (1, 1, (_, _) => FindTerms(count)),
            (groups, 1, (group, _) => Forward(group, count)),
            (_layers.Length, 1, (layer, _) => Transpose(_layers[layer].Values, _transposed[layer])));
        _softmax.ItemGradients(Psi, _examples.AsSpan(0, count), _gradients[0], _firstItemGradient);
        _threads.ForEachChunk(count, GroupSize, Backward);
        _threads.ForEachChunk([.. _weightGradients.Select((gradient, layer) => (gradient.Rows, WeightRowsPerChunk, new Action<int, int>((first, end) =>
            QueryTower.WeightGradient(_activations[layer], _gradients[layer + 1], count, gradient, first, end - first))))]);
        return _softmax.Loss(count);
    }

    /// <summary>Moves every touched weight against its gradient.</summary>
    public void Step()
    {
        Steps++;
        var rate = _options.LearningRate * Math.Min(1, Steps / (double)Math.Max(1, _options.WarmUpSteps))
            * (1 - (1 - _options.FinalLearningRate) * Math.Min(1, Steps / (double)_stepsInAll));
        var step = OptimizerStep.At(_options.Optimizer, Steps, rate, _options.WeightDecay);
        var scale = _options.GradientClipping == 0 ? 1 : (float)Math.Min(1, _options.GradientClipping / Math.Max(Norm(), 1e-30));
        _threads.ForEachChunk([
            .. Tables().Select(entry => (entry.Gradient.Count, RowTerms.TermsPerChunk, new Action<int, int>((first, end) =>
                entry.Table.Update(entry.Gradient, _gradients[0], first, end, scale, step)))),
            .. _layers.Select((table, layer) => (table.Values.Rows, WeightRowsPerChunk, new Action<int, int>((first, end) =>
                table.Update(_weightGradients[layer], first, end, scale, step))))]);
    }

    /// <summary>The gradient's length. The rows of tables are summed here and once more when they are moved: cheaper than to keep them.</summary>
    private double Norm()
    {
        double squares = 0;
        foreach (var (_, gradient) in Tables())
            squares += gradient.SquaredLength(_gradients[0], _threads);
        foreach (var gradient in _weightGradients)
            for (int row = 0; row < gradient.Rows; row++)
                squares += TensorPrimitives.SumOfSquares<float>(gradient[row]);
        return Math.Sqrt(squares);
    }

    private IEnumerable<(ParameterTable Table, RowTerms Gradient)> Tables()
    {
        yield return (_items, _itemGradient);
        if (_histories != _items)
            yield return (_histories, _historyGradient);
        yield return (_userFeatures.Table, _userFeatures.Gradient);
        yield return (_itemFeatures.Table, _itemFeatures.Gradient);
    }

    private void SampleExamples(int[] order, int first, int firstExample, int end, long stream)
    {
        for (int b = firstExample; b < end; b++)
            _sampler.Sample(order[first + b], 2 * (stream + b), _examples[b]);
    }

    /// <summary>Says which rows of tables move with which gradients.</summary>
    private void FindTerms(int count)
    {
        foreach (var (_, gradient) in Tables())
            gradient.Clear();
        for (int place = 0; place < _softmax.Items.Count; place++)
        {
            var item = _softmax.Items[place];
            if (_isTaken[item])
                _itemGradient.Add(item, _firstItemGradient + place, 1);
            _itemFeatures.AddTerms(item, _firstItemGradient + place);
        }
        for (int b = 0; b < count; b++)
        {
            _historyGradient.Add(CollectionsMarshal.AsSpan(_examples[b].History), CollectionsMarshal.AsSpan(_examples[b].Shares), b);
            _userFeatures.AddTerms(_examples[b].User, b);
        }
        foreach (var (_, gradient) in Tables())
            gradient.Sort();
    }

    private void Forward(int group, int count)
    {
        var (first, end) = (group * GroupSize, Math.Min(count, (group + 1) * GroupSize));
        for (int b = first; b < end; b++)
        {
            _tower.SetInput(_activations[0], b, CollectionsMarshal.AsSpan(_examples[b].History), CollectionsMarshal.AsSpan(_examples[b].Shares));
            _tower.AddFeatures(_activations[0], b, _userFeatures.Of.Rows(_examples[b].User), _userFeatures.Of.Coefficients(_examples[b].User));
        }
        _tower.Forward(_activations, first, end - first, _options.Dropout, _options.Seed ^ 0x5bd1e995, Steps * _examples.Length);
        _tower.Normalize(Psi, first, end - first, _lengths);
        _softmax.Forward(group, Psi, _examples.AsSpan(0, count));
    }

    private void Backward(int first, int end)
    {
        for (int b = first; b < end; b++)
            _softmax.QueryGradient(b, _examples[b], _gradients[^1].PaddedRow(b));
        _tower.BackwardNormalize(Psi, _gradients[^1], first, end - first, _lengths);
        _tower.Backward(_activations, _gradients, _transposed, first, end - first, _options.Dropout);
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

    /// <summary>Variance 2 / inputs before a ReLU (He et al. 2015), 1 / inputs at the end; biases zero. Zero at the end where the input skips the layers: it begins as the output.</summary>
    private AlignedMatrix RandomLayer(int inputs, int outputs, int layer)
    {
        var matrix = new AlignedMatrix(inputs + 1, outputs);
        if (_options.SkipConnection && layer == _options.HiddenLayers.Length)
            return matrix;
        var random = new SeededRandom(_options.Seed, long.MinValue + ((2L + layer) << 32));
        var deviation = Math.Sqrt((layer < _options.HiddenLayers.Length ? 2.0 : 1.0) / inputs);
        for (int row = 0; row < inputs; row++)
            foreach (ref var value in matrix[row])
                value = (float)(deviation * random.NextGaussian());
        return matrix;
    }
}
