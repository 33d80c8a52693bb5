using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using Cloud.Unum.USearch;
using Microsoft.Extensions.VectorData;

namespace MLNetRecExt.Benchmarks;

/// <summary>A collection that searches a graph of near neighbors (HNSW), as vector stores with an approximate index do.</summary>
/// <param name="metric">How near two vectors are.</param>
/// <param name="expansion">Candidates that a search keeps; more find more and take longer.</param>
internal sealed class HnswCollection(MetricKind metric, ulong expansion) : VectorStoreCollection<string, ItemRecord>
{
    private readonly List<string> _ids = [];
    private USearchIndex? _index;

    public override string Name => "items";

    public override Task<bool> CollectionExistsAsync(CancellationToken cancellationToken = default) => Task.FromResult(_index is not null);

    public override Task EnsureCollectionExistsAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

    public override Task EnsureCollectionDeletedAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public override Task UpsertAsync(ItemRecord record, CancellationToken cancellationToken = default) =>
        UpsertAsync([record], cancellationToken);

    public override Task UpsertAsync(IEnumerable<ItemRecord> records, CancellationToken cancellationToken = default)
    {
        foreach (var record in records)
        {
            _index ??= new(metric, ScalarKind.Float32, (ulong)record.Vector.Length, expansionSearch: expansion);
            _index.Add((ulong)_ids.Count, record.Vector.ToArray());
            _ids.Add(record.Id);
        }
        return Task.CompletedTask;
    }

    public override async IAsyncEnumerable<VectorSearchResult<ItemRecord>> SearchAsync<TInput>(
        TInput searchValue, int top, VectorSearchOptions<ItemRecord>? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask;
        var query = (ReadOnlyMemory<float>)(object)searchValue;
        var found = _index!.Search(query.ToArray(), top, out ulong[] places, out float[] distances);
        for (int i = 0; i < found; i++)
            yield return new(new(_ids[(int)places[i]], default), distances[i]);
    }

    public override Task<ItemRecord?> GetAsync(
        string key, RecordRetrievalOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public override IAsyncEnumerable<ItemRecord> GetAsync(Expression<Func<ItemRecord, bool>> filter, int top,
        FilteredRecordRetrievalOptions<ItemRecord>? options = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public override Task DeleteAsync(string key, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public override object? GetService(Type serviceType, object? serviceKey = null) => null;

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _index?.Dispose();
        base.Dispose(disposing);
    }
}
