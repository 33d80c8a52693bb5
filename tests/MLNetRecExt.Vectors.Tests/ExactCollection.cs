using System.Linq.Expressions;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.VectorData;

namespace MLNetRecExt.Vectors.Tests;

/// <summary>A collection in memory that compares with every record, by one of the distance functions that vector stores have.</summary>
internal sealed class ExactCollection(string distanceFunction) : VectorStoreCollection<string, Film>
{
    private Dictionary<string, Film>? _films;

    public List<int> Batches { get; } = [];

    public IReadOnlyDictionary<string, Film> Films => _films!;

    public override string Name => "films";

    public override Task<bool> CollectionExistsAsync(CancellationToken cancellationToken = default) => Task.FromResult(_films is not null);

    public override Task EnsureCollectionExistsAsync(CancellationToken cancellationToken = default)
    {
        _films ??= [];
        return Task.CompletedTask;
    }

    public override Task EnsureCollectionDeletedAsync(CancellationToken cancellationToken = default)
    {
        _films = null;
        return Task.CompletedTask;
    }

    public override Task UpsertAsync(Film record, CancellationToken cancellationToken = default) =>
        UpsertAsync([record], cancellationToken);

    public override Task UpsertAsync(IEnumerable<Film> records, CancellationToken cancellationToken = default)
    {
        var batch = records.ToArray();
        foreach (var film in batch)
            _films![film.Id] = film;
        Batches.Add(batch.Length);
        return Task.CompletedTask;
    }

    public override async IAsyncEnumerable<VectorSearchResult<Film>> SearchAsync<TInput>(
        TInput searchValue, int top, VectorSearchOptions<Film>? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var query = Assert.IsType<ReadOnlyMemory<float>>(searchValue);
        foreach (var film in _films!.Values.OrderByDescending(film => Nearness(query.Span, film.Vector.Span)).Take(top))
            yield return new(film, Nearness(query.Span, film.Vector.Span));
        await Task.CompletedTask;
    }

    public override Task<Film?> GetAsync(
        string key, RecordRetrievalOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public override IAsyncEnumerable<Film> GetAsync(Expression<Func<Film, bool>> filter, int top,
        FilteredRecordRetrievalOptions<Film>? options = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public override Task DeleteAsync(string key, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public override object? GetService(Type serviceType, object? serviceKey = null) => null;

    private double Nearness(ReadOnlySpan<float> query, ReadOnlySpan<float> vector) => distanceFunction switch
    {
        DistanceFunction.DotProductSimilarity => TensorPrimitives.Dot(query, vector),
        DistanceFunction.CosineSimilarity => TensorPrimitives.CosineSimilarity(query, vector),
        DistanceFunction.EuclideanDistance => -TensorPrimitives.Distance(query, vector),
        _ => throw new NotSupportedException(distanceFunction),
    };
}
