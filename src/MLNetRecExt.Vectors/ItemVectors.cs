using Microsoft.Extensions.VectorData;
using MLNetRecExt.Kernels;
using MLNetRecExt.Persistence;

namespace MLNetRecExt;

/// <summary>
/// The items of a model as vectors that a search elsewhere finds by a query's vector: in a vector store, or in an index that reads Parquet.
/// Immutable and thread-safe.
/// </summary>
/// <remarks>
/// <para>A score is the inner product of a query's vector and an item's; where the model has biases, vectors are two numbers longer, so
/// that it is so with them. A search by cosine or by distance finds other items: it misses those that are popular, whose embeddings are
/// long. For such a search each item's vector x gets one number more, √(φ² − ‖x‖²), and a query's q gets 0 (Bachrach et al. 2014). Then all
/// have the length φ; ⟨q, x⟩ = cosine · ‖q‖ φ, and = (‖q‖² + φ² − distance²) / 2: both find what scores best.</para>
/// <para>φ is the length of the longest item of one model. The next model has another, and other axes: its vectors go into a new collection
/// or file, never among those of the last.</para>
/// <para>Items that the model does not know have no vector. A search elsewhere does not know what somebody has taken either: ask for as
/// many items more, and leave them out.</para>
/// </remarks>
public sealed class ItemVectors
{
    private const int DefaultBatchSize = 256;

    private readonly FactorModel _model;
    private readonly int[] _items;
    private readonly double _squaredRadius;

    internal ItemVectors(FactorModel model, VectorMetric metric)
    {
        (_model, Metric) = (model, metric);
        _items = [.. Enumerable.Range(0, model.Items.Count).Where(model.IsKnownItem)];
        foreach (var item in _items)
            _squaredRadius = Math.Max(_squaredRadius, SquaredLength(model.ItemMatrix[item]));
    }

    /// <summary>By what they are to be searched.</summary>
    public VectorMetric Metric { get; }

    /// <summary>How many items have a vector.</summary>
    public int Count => _items.Length;

    /// <summary>Numbers in each vector: what the definition of a collection must say. The model's rank, 2 more with biases, and 1 more for
    /// <see cref="VectorMetric.CosineOrEuclidean"/>.</summary>
    public int Dimensions => _model.ItemMatrix.Columns + (Metric == VectorMetric.CosineOrEuclidean ? 1 : 0);

    /// <summary>φ: the length of the longest embedding of an item.</summary>
    public float LargestNorm => (float)Math.Sqrt(_squaredRadius);

    /// <summary>The vector to search by.</summary>
    /// <param name="query">Who asks: a user, a history, or both.</param>
    /// <returns><see cref="Dimensions"/> numbers; null when the model knows nothing about the query.</returns>
    /// <exception cref="NotSupportedException">The query brings a history and the model cannot fold one in.</exception>
    /// <exception cref="ArgumentException">Labels, weights or features of the query are so large that scores are not finite: scale them as
    /// those of training.</exception>
    public float[]? QueryFor(RecommenderQuery query)
    {
        if (_model.ReasonFor(query) == RecommendationReason.Unknown)
            return null;
        var vector = new float[Dimensions];
        _model.EmbedFinite(query, vector.AsSpan(0, _model.ItemMatrix.Columns));
        return vector;
    }

    /// <summary>Writes the vectors to a Parquet file: <c>id</c> (text, or int64 where ids are integers), <c>vector</c> (list of float), and
    /// <c>norm</c> (float), the length of the embedding. Metric, dimensions and φ are in the file's metadata, under names that begin with
    /// <c>MLNetRecExt.</c></summary>
    /// <remarks>A file of that name is replaced when the new one is complete, and kept when writing fails or is cancelled.</remarks>
    /// <param name="path">Where to; the folder must exist.</param>
    /// <param name="progress">Gets the number of vectors written so far; null for none.</param>
    /// <param name="cancellationToken">Cancels with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task SaveAsync(string path, IProgress<int>? progress = null, CancellationToken cancellationToken = default) =>
        SaveAsync(path, new(_model.Items, _items, Dimensions, FillItem), progress, cancellationToken);

    /// <summary>Writes the vectors of all users that the model knows, by which <see cref="QueryFor"/> searches for them, to a Parquet file
    /// of the same columns.</summary>
    /// <inheritdoc cref="SaveAsync(string, IProgress{int}?, CancellationToken)"/>
    /// <exception cref="InvalidOperationException">The model knows no user, as one that was saved without them.</exception>
    public Task SaveUsersAsync(string path, IProgress<int>? progress = null, CancellationToken cancellationToken = default)
    {
        int[] users = [.. Enumerable.Range(0, _model.Users.Count).Where(_model.IsKnownUser)];
        return users.Length > 0
            ? SaveAsync(path, new(_model.Users, users, Dimensions, FillUser), progress, cancellationToken)
            : throw new InvalidOperationException("The model knows no user, so there are no vectors of users: it was saved without them. "
                + $"Ask with {nameof(QueryFor)} and a history.");
    }

    /// <summary>Puts the vectors into a collection of a vector store, which is created where it does not exist. Records of the same ids are
    /// replaced; those of other ids stay.</summary>
    /// <typeparam name="TKey">Type of the collection's keys, and so of the model's item ids: <see cref="string"/> does for every
    /// kind.</typeparam>
    /// <typeparam name="TRecord">The collection's records.</typeparam>
    /// <param name="collection">The collection: its vectors have <see cref="Dimensions"/> numbers, and its distance function is one of <see
    /// cref="Metric"/>.</param>
    /// <param name="record">Makes the record of an item's id and vector. The vector is the record's to keep.</param>
    /// <param name="batchSize">How many records the collection gets at once, in [1, 100000]. Default 256.</param>
    /// <param name="progress">Gets the number of records put so far; null for none.</param>
    /// <param name="cancellationToken">Cancels with an <see cref="OperationCanceledException"/>. What was put by then stays.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="batchSize"/> is out of its range.</exception>
    /// <exception cref="ArgumentException">Item ids are not of the type of the keys; the message says of which they are.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task UpsertAsync<TKey, TRecord>(
        VectorStoreCollection<TKey, TRecord> collection, Func<TKey, ReadOnlyMemory<float>, TRecord> record,
        int batchSize = DefaultBatchSize, IProgress<int>? progress = null, CancellationToken cancellationToken = default)
        where TKey : notnull
        where TRecord : class
    {
        ArgumentNullException.ThrowIfNull(collection);
        ArgumentNullException.ThrowIfNull(record);
        if (batchSize is < 1 or > 100_000)
            throw new ArgumentOutOfRangeException(nameof(batchSize), batchSize, "A batch of records must be in [1, 100000].");
        // A wrong type is found before the collection is touched.
        if (_items.Length > 0)
            _model.Items.GetId<TKey>(_items[0]);
        await collection.EnsureCollectionExistsAsync(cancellationToken).ConfigureAwait(false);
        var done = 0;
        foreach (var batch in _items.Chunk(batchSize))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var records = Array.ConvertAll(batch, item => record(_model.Items.GetId<TKey>(item), VectorOf(item)));
            await collection.UpsertAsync(records, cancellationToken).ConfigureAwait(false);
            progress?.Report(done += batch.Length);
        }
    }

    /// <summary>The share of the model's exact lists that a collection finds by these vectors: what its index loses. 1 for an exact search
    /// by the right distance function; well below it, the function or the vectors are wrong.</summary>
    /// <typeparam name="TKey">Type of the collection's keys.</typeparam>
    /// <typeparam name="TRecord">Its records.</typeparam>
    /// <param name="collection">The collection, as <see cref="UpsertAsync"/> has filled it.</param>
    /// <param name="key">The key of a record.</param>
    /// <param name="queries">Who asks; a few hundred users say it to a percent. Those of whom nothing is known are passed over.</param>
    /// <param name="count">Length of the lists, at least 1. Default 10. What somebody has taken is not left out.</param>
    /// <param name="cancellationToken">Cancels with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>The mean over queries, from 0 to 1.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is below 1.</exception>
    /// <exception cref="ArgumentException">The model knows nothing about any query; or ids are not of the type of the keys.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task<double> RecallAsync<TKey, TRecord>(
        VectorStoreCollection<TKey, TRecord> collection, Func<TRecord, TKey> key, IEnumerable<RecommenderQuery> queries, int count = 10,
        CancellationToken cancellationToken = default)
        where TKey : notnull
        where TRecord : class
    {
        ArgumentNullException.ThrowIfNull(collection);
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(queries);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var (sum, asked) = (0.0, 0);
        foreach (var query in queries)
        {
            if (QueryFor(query) is not { } vector)
                continue;
            var exact = _model.TopItems(query, count, new() { ExcludeSeen = false, CancellationToken = cancellationToken })
                .Select(entry => entry.Item).ToHashSet();
            var found = 0;
            var hits = collection.SearchAsync(new ReadOnlyMemory<float>(vector), count, null, cancellationToken);
            await foreach (var hit in hits.ConfigureAwait(false))
                found += exact.Remove(_model.Items.IndexOf(key(hit.Record))) ? 1 : 0;
            sum += (double)found / (found + exact.Count);
            asked++;
        }
        return asked > 0 ? sum / asked : throw new ArgumentException(
            "The model knows nothing about any of the queries, so there are no lists to compare. Ask for users that it was trained on.",
            nameof(queries));
    }

    private Task SaveAsync(string path, VectorTable table, IProgress<int>? progress, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var metadata = new Dictionary<string, string>
        {
            ["MLNetRecExt.Metric"] = Metric.ToString(),
            ["MLNetRecExt.Dimensions"] = FormattableString.Invariant($"{Dimensions}"),
            ["MLNetRecExt.LargestNorm"] = FormattableString.Invariant($"{LargestNorm:R}"),
        };
        return CompleteFile.WriteAsync(path, stream => table.WriteAsync(stream, metadata, progress, cancellationToken));
    }

    private float[] VectorOf(int item)
    {
        var vector = new float[Dimensions];
        FillItem(item, vector);
        return vector;
    }

    /// <summary>Writes an item's vector, and gives the length of its embedding.</summary>
    private float FillItem(int item, Span<float> vector)
    {
        var row = _model.ItemMatrix[item];
        row.CopyTo(vector);
        var squaredLength = SquaredLength(row);
        if (vector.Length > row.Length)
            vector[^1] = (float)Math.Sqrt(_squaredRadius - squaredLength);
        return (float)Math.Sqrt(squaredLength);
    }

    /// <inheritdoc cref="FillItem"/>
    private float FillUser(int user, Span<float> vector)
    {
        var row = _model.UserMatrix[user];
        vector.Clear();
        row.CopyTo(vector);
        return PanelIndex.Length(row);
    }

    private static double SquaredLength(ReadOnlySpan<float> row)
    {
        double sum = 0;
        foreach (var value in row)
            sum += (double)value * value;
        return sum;
    }
}
