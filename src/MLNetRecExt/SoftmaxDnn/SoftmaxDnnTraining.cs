using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using MLNetRecExt.Kernels;

namespace MLNetRecExt;

/// <summary>The state of a Softmax DNN's training: weights, what is kept of their gradients, and the step that improves them.</summary>
/// <remarks>
/// A step in phases. The parts of a phase run on all threads at once, and the next phase waits for all of them:
/// <code>
///   who                          cut by           what is ready afterwards
/// 0 TrainingBatch.Draw           not cut          the batch: Examples, Pool, Items by place, masked logits, terms of each table
/// 1 ItemSoftmax.Take             not cut          room for it
/// 2 Forward                      64 examples      _activations, the last of which are ψ, and the _lengths of outputs
///   ItemSoftmax.Gather           256 places       the vectors of the items that take part
///   AlignedMatrix.TransposeTo    layer            _transposed
/// 3 ItemSoftmax.Forward          64 examples      log Σ exp and loss of each example, the gradients by its labels' logits
/// 4 ItemSoftmax.Reduce           8 pool parts     _gradients[0] from _firstItemGradient on, by the pool's items, labels left out;
///                                                 the pool's part of the gradients by ψ
///   ItemSoftmax.SortLabels       not cut          which examples' label gradients each item gets
/// 5 Backward                     32 examples      _gradients by ψ and by the outputs of each layer; [0] before _firstItemGradient, by inputs
///   ItemSoftmax.AddLabels        256 places       _gradients[0] from _firstItemGradient on, by all items that take part
/// 6 QueryTower.WeightGradient    56 weight rows   _weightGradients
/// 7 ParameterTable.Update        1024 terms or    the weights, moved
///                                56 weight rows
///   TrainingBatch.Draw           not cut          the next batch: its phase 0
/// </code>
/// <see cref="Gradient"/> is phases 1 to 6, <see cref="Step"/> is phase 7.
/// What is cut for threads is cut alike for any number of them, and partial sums are added in order.
/// <para>Items are numbered by popularity here, <see cref="ItemOrder"/> tells who is who: the rows that most batches touch then lie close
/// together, on few pages of memory, and the others hardly cost a step anything.</para>
/// </remarks>
internal sealed unsafe class SoftmaxDnnTraining
{
    private const int GroupSize = ItemSoftmax.GroupSize;
    private const int WeightRowsPerChunk = 56;
    private const int BackwardRowsPerChunk = 32;

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
    private readonly FeatureTable _userFeatures;
    private readonly FeatureTable _itemFeatures;
    private readonly long _stepsInAll;
    // Rows of items that somebody took; those behind them keep zero vectors.
    private readonly int _takenRows;

    private TrainingBatch _batch, _next;
    private readonly AlignedMatrix[] _activations;
    // By layer, as the activations. The first has two kinds of rows: gradients by the examples' inputs, and from _firstItemGradient on
    // those by the items that take part. A row number then says which gradient a table's row moves with, whichever kind it is.
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
        var (rank, itemCount) = (options.ApproximationRank!.Value, data.Items.Count);
        AlignedMatrix.CheckSize(itemCount, rank);
        // The model embeds them at the end: too late to find out.
        AlignedMatrix.CheckSize(data.Users.Count, rank);
        ItemOrder = ByPopularity(data.ByUser.CountColumns(itemCount), out var counts, out var rowOf);
        if (itemFeatures is { } given)
            itemFeatures = (given.Of.Reorder(ItemOrder), given.TableRows);
        _sampler = new ExampleSampler(data.ByUser, options, options.Settings, rowOf);
        _stepsInAll = (long)options.NumberOfIterations * ((_sampler.Count + options.BatchSize - 1) / options.BatchSize);
        var competing = options.UntakenItemsCompete && itemFeatures is var (ofItems, _)
            ? [.. counts.Select((count, item) => count == 0 && !ofItems.Rows(item).IsEmpty ? 1 : count)]
            : counts;
        _negatives = new NegativeSampler(sampling, options.NumberOfNegatives, options.NegativePopularityExponent, competing,
            _sampler.LabelShares(itemCount));

        // Streams of the seed: items, histories, then one per layer. An item without interactions keeps a zero vector.
        _items = new(RandomRows(itemCount, rank, 0, row => counts[row] > 0), options.Optimizer);
        _histories = options.ShareItemEmbeddings ? _items : new(RandomRows(itemCount, rank, 1, row => counts[row] > 0), options.Optimizer);
        int[] widths = [rank, .. options.HiddenLayers, rank];
        _layers = new ParameterTable[options.SkipConnection && options.HiddenLayers.Length == 0 ? 0 : widths.Length - 1];
        for (int layer = 0; layer < _layers.Length; layer++)
            _layers[layer] = new(RandomLayer(widths[layer], widths[layer + 1], layer), options.Optimizer);
        _userFeatures = new FeatureTable(userFeatures ?? (FeatureRows.None, 0), rank, options.Optimizer);
        _itemFeatures = new FeatureTable(itemFeatures ?? (FeatureRows.None, 0), rank, options.Optimizer);
        _tower = new QueryTower(_histories.Values, Array.ConvertAll(_layers, layer => layer.Values), options.Settings,
            _userFeatures.Table.Values);
        _transposed = Array.ConvertAll(_layers, layer => new AlignedMatrix(layer.Values.Columns, layer.Values.Rows - 1));
        _weightGradients = Array.ConvertAll(_layers, layer => new AlignedMatrix(layer.Values.Rows, layer.Values.Columns));

        var padded = (options.BatchSize + GroupSize - 1) / GroupSize * GroupSize;
        bool[] isTaken = Array.ConvertAll(counts, count => count > 0);
        _takenRows = isTaken.Count(taken => taken);
        (_batch, _next) = (NewBatch(), NewBatch());
        _softmax = new ItemSoftmax(_items.Values, _itemFeatures, options.Temperature > 0, sampling == NegativeSampling.None, padded,
            _batch);
        _activations = _tower.NewActivations(padded);
        _gradients = _tower.NewActivations(padded);
        _firstItemGradient = padded;
        _lengths = new float[padded];

        TrainingBatch NewBatch() => new(options.BatchSize, padded, isTaken, options.ShareItemEmbeddings, _userFeatures, _itemFeatures);
    }

    /// <summary>The bytes that a training takes beside the embeddings of its models, by the formula of
    /// <see cref="SoftmaxDnnTrainer"/>.</summary>
    public static long MemoryFor(Interactions train, SoftmaxDnnTrainer.Options options, NegativeSampling sampling)
    {
        var rank = options.ApproximationRank!.Value;
        long items = train.Items.Count, embedding = AlignedMatrix.BytesOf(1, rank);
        long features = (options.UserFeatures?.PlaceCount ?? 0) + (options.ItemFeatures?.PlaceCount ?? 0);
        long entries = (options.UserFeatures?.EntryCount ?? 0) + (options.ItemFeatures?.EntryCount ?? 0);
        var (examples, history, labels) = ExampleSampler.Measure(train.ByUser, options);
        var drawnAtMost = sampling is NegativeSampling.None or NegativeSampling.InBatch ? 0 : options.NumberOfNegatives;
        var places = sampling == NegativeSampling.Full ? items : Math.Min(items, drawnAtMost + options.BatchSize * (1 + labels));

        var tables = embedding * ((options.ShareItemEmbeddings ? items : 2 * items) + features)
            * (options.Optimizer == SoftmaxDnnOptimizer.Adam ? 2 : 1);
        int[] widths = [rank, .. options.HiddenLayers, rank];
        // Weights, momenta, gradients, transposed, and a copy for the model.
        var layers = 5 * Enumerable.Range(0, widths.Length - 1).Sum(layer => AlignedMatrix.BytesOf(widths[layer] + 1, widths[layer + 1]));
        var row = widths.Sum(width => AlignedMatrix.BytesOf(1, width));
        // A quarter more than take part, in two tables; and eight partial sums and one transposed copy of a batch's queries.
        var step = 5 * places * (embedding + 8) / 2 + options.BatchSize * (2 * row + 9 * embedding);
        // Features of the items that take part, and where they count in histories, each different one of these.
        var each = (options.ItemFeatures?.EntryCount ?? 0) / Math.Max(1, options.ItemFeatures?.Ids.Count ?? 0);
        var ofHistory = options.ShareItemEmbeddings ? Math.Min(history * each, options.ItemFeatures?.PlaceCount ?? 0) : 0;
        var drawn = options.BatchSize * (250 * history + 125 * ofHistory + 400) + 150 * places * each;
        var perEntry = (train.ByUser.HasWeights ? 8L : 4L) + (options.Recency.IsOn ? 8 : 0);
        var sampler = perEntry * train.Count + 16 * examples + 80 * items + 32 * entries;
        return tables + layers + step + drawn + sampler + 64 * options.Threads * row;
    }

    public QueryTower Tower => _tower;

    /// <summary>Does not show in the bits.</summary>
    public int NumberOfThreads
    {
        set => _threads.Count = value;
    }

    /// <summary>
    /// The items by popularity, equal ones by index: row r of <see cref="Items"/>, of <see cref="Histories"/> and of what items have as
    /// features is of item ItemOrder[r].
    /// </summary>
    public int[] ItemOrder { get; }

    public ParameterTable Items => _items;

    public ParameterTable Histories => _histories;

    public ParameterTable[] Layers => _layers;

    public FeatureTable UserFeatures => _userFeatures;

    public FeatureTable ItemFeatures => _itemFeatures;

    /// <summary>Every table once.</summary>
    public ParameterTable[] AllTables => [.. Tables().Select(entry => entry.Table), .. _layers];

    /// <summary>Steps taken.</summary>
    public long Steps { get; set; }

    /// <summary>The batch that the next gradient is of, or the last was.</summary>
    public TrainingBatch Batch => _batch;

    /// <summary>What the terms of gradients are rows of.</summary>
    public AlignedMatrix GradientSources => _gradients[0];

    public AlignedMatrix[] WeightGradients => _weightGradients;

    private AlignedMatrix Psi => _activations[^1];

    /// <summary>Takes over the weights of a model of the same layers, and the vectors that it has of items; what the optimiser keeps stays
    /// at zero.</summary>
    /// <remarks>A vector contains what features of the item said in the model; here they begin to say something from zero on.</remarks>
    /// <param name="model">The model.</param>
    /// <param name="items">By item the index that it has in the model, or −1.</param>
    /// <param name="userFeatures">By row of users' features the row in the model, or −1.</param>
    public void StartFrom(SoftmaxDnnModel model, int[] items, int[] userFeatures)
    {
        for (int row = 0; row < _takenRows; row++)
        {
            if (items[ItemOrder[row]] is not (var item and >= 0))
                continue;
            if (_histories != _items)
                model.ItemMatrix[item].CopyTo(_items.Values[row]);
            if (model.FoldsIn(item))
                model.Tower.History[item].CopyTo(_histories.Values[row]);
        }
        for (int row = 0; row < userFeatures.Length; row++)
            if (userFeatures[row] >= 0)
                model.Tower.Features![userFeatures[row]].CopyTo(_userFeatures.Table.Values[row]);
        for (int layer = 0; layer < _layers.Length; layer++)
            model.Tower.Layers[layer].Padded.CopyTo(_layers[layer].Values.Padded);
    }

    /// <summary>A copy of <see cref="Items"/> or <see cref="Histories"/>, by item.</summary>
    public AlignedMatrix CopyByItem(ParameterTable table)
    {
        var copy = new AlignedMatrix(table.Values.Rows, table.Values.Columns);
        for (int row = 0; row < copy.Rows; row++)
            table.Values[row].CopyTo(copy[ItemOrder[row]]);
        return copy;
    }

    /// <summary>One pass over the examples. Returns their mean cross-entropy; NaN when a weight is infinite or NaN, be it after the last
    /// step.</summary>
    public double Epoch(int epoch)
    {
        var batches = _sampler.Order(epoch).Chunk(_options.BatchSize).ToArray();
        var stream = (long)epoch * _sampler.Count;
        double loss = 0;
        for (int batch = 0; batch < batches.Length; batch++)
        {
            if (batch == 0)
                Sample(batches[batch], stream);
            loss += Gradient() * batches[batch].Length;
            if (!double.IsFinite(loss))
                return loss;
            stream += batches[batch].Length;
            Step(batch + 1 < batches.Length ? (batches[batch + 1], stream) : null);
        }
        return Array.TrueForAll(AllTables, table => table.IsFinite) ? loss / _sampler.Count : double.NaN;
    }

    /// <summary>Draws a batch: an example of each of some users.</summary>
    public void Sample(int[] users, long stream) => _batch.Draw(_sampler, _negatives, users, _options.Seed, stream);

    /// <summary>The mean cross-entropy of the batch, and its gradient by every weight that it touches.</summary>
    public double Gradient()
    {
        var (count, places) = (_batch.Count, _batch.Items.Count);
        var groups = (count + GroupSize - 1) / GroupSize;
        _softmax.Take(_batch);
        if (_gradients[0].Rows < _firstItemGradient + places)
            _gradients[0] = new AlignedMatrix(_firstItemGradient + places + places / 4, _gradients[0].Columns);
        _threads.ForEachChunk(
            (count, GroupSize, Forward),
            (places, ItemSoftmax.PlacesPerChunk, _softmax.Gather),
            (_layers.Length, 1, (layer, _) => _layers[layer].Values.TransposeTo(_transposed[layer])));
        _threads.ForEach(groups, group => _softmax.Forward(group, Psi));
        _threads.ForEachChunk(
            (_softmax.Reductions, 1, (reduction, _) => _softmax.Reduce(reduction, Psi, _gradients[0], _firstItemGradient)),
            (1, 1, (_, _) => _softmax.SortLabels()));
        _threads.ForEachChunk(
            (count, BackwardRowsPerChunk, Backward),
            (places, ItemSoftmax.PlacesPerChunk, (first, end) => _softmax.AddLabels(first, end, Psi, _gradients[0], _firstItemGradient)));
        _threads.ForEachChunk([.. _weightGradients.Select((gradient, layer) =>
            (gradient.Rows, WeightRowsPerChunk, new Action<int, int>((first, end) =>
            QueryTower.WeightGradient(_activations[layer], _gradients[layer + 1], count, gradient, first, end - first))))]);
        return _softmax.Loss();
    }

    /// <summary>Moves every touched weight against its gradient, and meanwhile draws the batch that comes next.</summary>
    public void Step((int[] Users, long Stream)? next = null)
    {
        Steps++;
        var rate = _options.LearningRate * Math.Min(1, Steps / (double)Math.Max(1, _options.WarmUpSteps))
            * (1 - (1 - _options.FinalLearningRate) * Math.Min(1, Steps / (double)_stepsInAll));
        var step = _options.Optimizer == SoftmaxDnnOptimizer.Adam
            ? OptimizerStep.Adam(Steps, rate, _options.WeightDecay)
            : OptimizerStep.Adagrad(rate, _options.WeightDecay);
        var scale = _options.GradientClipping == 0 ? 1 : (float)Math.Min(1, _options.GradientClipping / Math.Max(Norm(), 1e-30));
        _threads.ForEachChunk([
            (next is null ? 0 : 1, 1, (_, _) => _next.Draw(_sampler, _negatives, next!.Value.Users, _options.Seed, next.Value.Stream)),
            .. Tables().Select(entry => (entry.Terms.Count, RowTerms.TermsPerChunk, new Action<int, int>((first, end) =>
                entry.Table.Update(entry.Terms, _gradients[0], first, end, scale, step)))),
            .. _layers.Select((table, layer) => (table.Values.Rows, WeightRowsPerChunk, new Action<int, int>((first, end) =>
                table.Update(_weightGradients[layer], first, end, scale, step))))]);
        if (next is not null)
            (_batch, _next) = (_next, _batch);
    }

    /// <summary>
    /// The gradient's length. The rows of tables are summed here and once more when they are moved: cheaper than to keep them.
    /// </summary>
    private double Norm()
    {
        double squares = 0;
        foreach (var (_, terms) in Tables())
            squares += terms.SquaredLength(_gradients[0], _threads);
        foreach (var gradient in _weightGradients)
            for (int row = 0; row < gradient.Rows; row++)
                squares += TensorPrimitives.SumOfSquares<float>(gradient[row]);
        return Math.Sqrt(squares);
    }

    private IEnumerable<(ParameterTable Table, RowTerms Terms)> Tables()
    {
        yield return (_items, _batch.ItemTerms);
        if (_histories != _items)
            yield return (_histories, _batch.HistoryTerms);
        yield return (_userFeatures.Table, _batch.UserFeatureTerms);
        yield return (_itemFeatures.Table, _batch.ItemFeatureTerms);
    }

    private void Forward(int first, int end)
    {
        for (int b = first; b < end; b++)
        {
            var example = _batch.Examples[b];
            _tower.SetInput(_activations[0], b, CollectionsMarshal.AsSpan(example.History), CollectionsMarshal.AsSpan(example.Shares));
            QueryTower.Add(_itemFeatures.Table.Values, CollectionsMarshal.AsSpan(example.Features),
                CollectionsMarshal.AsSpan(example.FeatureShares), _activations[0], b);
            _tower.AddFeatures(_activations[0], b, _userFeatures.Of.Rows(example.User), _userFeatures.Of.Coefficients(example.User));
        }
        _tower.Forward(_activations, first, end - first, _options.Dropout, _options.Seed ^ 0x5bd1e995, Steps * _options.BatchSize);
        _tower.Normalize(Psi, first, end - first, _lengths);
    }

    private void Backward(int first, int end)
    {
        for (int b = first; b < end; b++)
            _softmax.QueryGradient(b, _gradients[^1].PaddedRow(b));
        _tower.BackwardNormalize(Psi, _gradients[^1], first, end - first, _lengths);
        _tower.Backward(_activations, _gradients, _transposed, first, end - first, _options.Dropout);
    }

    /// <param name="countOf">By item, how often it was taken.</param>
    /// <param name="counts">The same in the order that is returned.</param>
    /// <param name="rowOf">By item, its place in that order.</param>
    private static int[] ByPopularity(int[] countOf, out int[] counts, out int[] rowOf)
    {
        var order = Enumerable.Range(0, countOf.Length).OrderByDescending(item => countOf[item]).ToArray();
        (counts, rowOf) = (Array.ConvertAll(order, item => countOf[item]), new int[order.Length]);
        for (int row = 0; row < order.Length; row++)
            rowOf[order[row]] = row;
        return order;
    }

    private AlignedMatrix RandomRows(int rows, int columns, int stream, Func<int, bool> isKnown)
    {
        var matrix = new AlignedMatrix(rows, columns);
        SeededRandom.FillNormal(
            matrix, columns, row => isKnown(row) ? new(_options.Seed, long.MinValue + ((long)stream << 32) + row) : null,
            mean: 0, deviation: 1 / Math.Sqrt(columns),
            new() { MaxDegreeOfParallelism = _options.Threads, CancellationToken = _options.CancellationToken });
        return matrix;
    }

    /// <summary>
    /// Variance 2 / inputs before a ReLU (He et al. 2015), 1 / inputs at the end; biases zero. Zero at the end where the input skips the
    /// layers: it begins as the output.
    /// </summary>
    private AlignedMatrix RandomLayer(int inputs, int outputs, int layer)
    {
        var matrix = new AlignedMatrix(inputs + 1, outputs);
        if (_options.SkipConnection && layer == _options.HiddenLayers.Length)
            return matrix;
        var random = new SeededRandom(_options.Seed, long.MinValue + ((2L + layer) << 32));
        var deviation = Math.Sqrt((layer < _options.HiddenLayers.Length ? 2.0 : 1.0) / inputs);
        for (int row = 0; row < inputs; row++)
            random.FillNormal(matrix[row], mean: 0, deviation);
        return matrix;
    }
}
