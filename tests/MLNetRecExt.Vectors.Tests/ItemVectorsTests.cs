using DuckDB.NET.Data;
using Microsoft.Extensions.VectorData;
using Parquet;
using Parquet.Schema;

namespace MLNetRecExt.Vectors.Tests;

public sealed class ItemVectorsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vectors").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static TheoryData<bool, VectorMetric> Forms => new()
    {
        { false, VectorMetric.DotProduct },
        { false, VectorMetric.CosineOrEuclidean },
        { true, VectorMetric.DotProduct },
        { true, VectorMetric.CosineOrEuclidean },
    };

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task QueryFor_AnyForm_ItsProductWithAnItemIsTheScore(bool biases, VectorMetric metric)
    {
        var model = TrainedModel.Of(biases);
        var vectors = model.ToItemVectors(metric);
        var films = (await PutAsync(vectors, DistanceFunction.DotProductSimilarity)).Films;
        Assert.Equal(vectors.Count, films.Count);
        Assert.Equal(Enumerable.Range(0, model.Items.Count).Count(model.IsKnownItem), films.Count);
        Assert.Equal(8 + (metric == VectorMetric.CosineOrEuclidean ? 1 : 0), vectors.Dimensions);
        foreach (var user in new[] { 0, 7, 50 })
        {
            var query = vectors.QueryFor(RecommenderQuery.ForUser(user))!;
            foreach (var (id, film) in films)
            {
                Assert.Equal(vectors.Dimensions, film.Vector.Length);
                var product = query.Zip(film.Vector.ToArray(), (q, x) => (double)q * x).Sum();
                Assert.Equal(model.Score(user, model.Items.IndexOf(id)), product, 1e-4);
            }
        }
    }

    [Fact]
    public async Task UpsertAsync_CosineOrEuclidean_MakesAllEquallyLong()
    {
        var vectors = TrainedModel.WithoutBiases.ToItemVectors(VectorMetric.CosineOrEuclidean);
        var films = (await PutAsync(vectors, DistanceFunction.CosineSimilarity)).Films.Values;
        Assert.All(films, film => Assert.Equal(vectors.LargestNorm, Length(film.Vector.ToArray()), vectors.LargestNorm * 1e-5));
        Assert.Contains(films, film => film.Vector.Span[^1] == 0);
        Assert.Contains(films, film => film.Vector.Span[^1] > 0.5 * vectors.LargestNorm);
    }

    public static TheoryData<bool, VectorMetric, string> Searches => new()
    {
        { false, VectorMetric.DotProduct, DistanceFunction.DotProductSimilarity },
        { false, VectorMetric.CosineOrEuclidean, DistanceFunction.CosineSimilarity },
        { false, VectorMetric.CosineOrEuclidean, DistanceFunction.EuclideanDistance },
        { false, VectorMetric.CosineOrEuclidean, DistanceFunction.DotProductSimilarity },
        { true, VectorMetric.DotProduct, DistanceFunction.DotProductSimilarity },
        { true, VectorMetric.CosineOrEuclidean, DistanceFunction.CosineSimilarity },
        { true, VectorMetric.CosineOrEuclidean, DistanceFunction.EuclideanDistance },
    };

    [Theory]
    [MemberData(nameof(Searches))]
    public async Task RecallAsync_ExactSearchByTheRightFunction_FindsAll(bool biases, VectorMetric metric, string function)
    {
        var vectors = TrainedModel.Of(biases).ToItemVectors(metric);
        var collection = await PutAsync(vectors, function);
        Assert.Equal(1, await vectors.RecallAsync(collection, film => film.Id, TrainedModel.Everybody, 10));
    }

    [Theory]
    [InlineData(DistanceFunction.CosineSimilarity)]
    [InlineData(DistanceFunction.EuclideanDistance)]
    public async Task RecallAsync_VectorsAsTheyAreByAnotherFunction_FindsLess(string function)
    {
        var vectors = TrainedModel.WithoutBiases.ToItemVectors();
        var collection = await PutAsync(vectors, function);
        Assert.InRange(await vectors.RecallAsync(collection, film => film.Id, TrainedModel.Everybody, 10), 0, 0.9);
    }

    [Fact]
    public async Task QueryFor_History_FindsWhatTheModelDoes()
    {
        var vectors = TrainedModel.WithoutBiases.ToItemVectors(VectorMetric.CosineOrEuclidean);
        var collection = await PutAsync(vectors, DistanceFunction.CosineSimilarity);
        var query = RecommenderQuery.ForHistory(2, 3, 5);
        Assert.Equal(1, await vectors.RecallAsync(collection, film => film.Id, [query], 10));
        Assert.Null(vectors.QueryFor(RecommenderQuery.Nobody));
        await Assert.ThrowsAsync<ArgumentException>(
            () => vectors.RecallAsync(collection, film => film.Id, [RecommenderQuery.Nobody], 10));
    }

    [Fact]
    public async Task UpsertAsync_Batches_AreOfTheSizeAskedForAndReported()
    {
        var vectors = TrainedModel.WithoutBiases.ToItemVectors();
        var collection = new ExactCollection(DistanceFunction.DotProductSimilarity);
        var reported = new Reports();
        await vectors.UpsertAsync(collection, ToFilm, batchSize: 50, reported);
        Assert.Equal(collection.Batches.Aggregate(new List<int>(), (sums, size) => [.. sums, sums.LastOrDefault() + size]), reported);
        Assert.Equal(vectors.Count, reported[^1]);
        Assert.All(collection.Batches.SkipLast(1), size => Assert.Equal(50, size));
    }

    [Fact]
    public async Task UpsertAsync_CancelledOnTheWay_Stops()
    {
        using var source = new CancellationTokenSource();
        var collection = new ExactCollection(DistanceFunction.DotProductSimilarity);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => TrainedModel.WithoutBiases.ToItemVectors()
            .UpsertAsync(collection, ToFilm, batchSize: 10, new Reports(_ => source.Cancel()), source.Token));
        Assert.Equal([10], collection.Batches);
    }

    [Fact]
    public async Task UpsertAsync_WrongArguments_TouchesNothing()
    {
        var collection = new ExactCollection(DistanceFunction.DotProductSimilarity);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            () => TrainedModel.WithoutBiases.ToItemVectors().UpsertAsync(collection, ToFilm, batchSize: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => TrainedModel.WithoutBiases.ToItemVectors((VectorMetric)7));
        Assert.False(await collection.CollectionExistsAsync());
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task SaveAsync_AnyForm_HoldsIdsVectorsAndNorms(bool biases, VectorMetric metric)
    {
        var model = TrainedModel.Of(biases);
        var vectors = model.ToItemVectors(metric);
        var films = (await PutAsync(vectors, DistanceFunction.DotProductSimilarity)).Films;
        var (path, reported) = (Path.Combine(_folder, "items.parquet"), new Reports());
        await vectors.SaveAsync(path, reported);

        await using var reader = await ParquetReader.CreateAsync(path);
        Assert.Equal(metric.ToString(), reader.CustomMetadata["MLNetRecExt.Metric"]);
        Assert.Equal(FormattableString.Invariant($"{vectors.LargestNorm:R}"), reader.CustomMetadata["MLNetRecExt.LargestNorm"]);
        var group = Assert.Single(reader.RowGroups);
        var ids = new string?[group.RowCount];
        await group.ReadAsync(reader.Schema.FindDataField("id"), ids);
        var (rows, norms) = (await ListsAsync(group, reader.Schema), new float[group.RowCount]);
        await group.ReadAsync<float>(reader.Schema.FindDataField("norm"), norms);
        Assert.Equal(films.Keys, ids);
        for (int row = 0; row < ids.Length; row++)
        {
            Assert.Equal(films[ids[row]!].Vector.ToArray(), rows[row]);
            Assert.Equal(Length(rows[row].Take(8)), norms[row], 1e-5);
        }
        Assert.Equal([films.Count], reported);
    }

    // By another reader: DuckDB.
    [Fact]
    public async Task SaveAsync_ReadByAnother_IsATableOfIdsAndLists()
    {
        var vectors = TrainedModel.WithoutBiases.ToItemVectors(VectorMetric.CosineOrEuclidean);
        var films = (await PutAsync(vectors, DistanceFunction.DotProductSimilarity)).Films;
        var path = Path.Combine(_folder, "items.parquet");
        await vectors.SaveAsync(path);

        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT id, vector, norm FROM '{path}'";
        using var rows = command.ExecuteReader();
        Assert.Equal("Single", rows.GetFieldType(2).Name);
        var count = 0;
        for (; rows.Read(); count++)
            Assert.Equal(films[rows.GetString(0)].Vector.ToArray(), rows.GetFieldValue<List<float>>(1));
        Assert.Equal(films.Count, count);
    }

    [Fact]
    public async Task SaveUsersAsync_KnownUsers_HoldsTheVectorsOfTheirQueries()
    {
        var model = TrainedModel.WithoutBiases;
        var vectors = model.ToItemVectors(VectorMetric.CosineOrEuclidean);
        var path = Path.Combine(_folder, "users.parquet");
        await vectors.SaveUsersAsync(path);

        await using var reader = await ParquetReader.CreateAsync(path);
        var group = Assert.Single(reader.RowGroups);
        var ids = new long[group.RowCount];
        await group.ReadAsync<long>(reader.Schema.FindDataField("id"), ids);
        var rows = await ListsAsync(group, reader.Schema);
        Assert.Equal(Enumerable.Range(0, model.Users.Count).Where(model.IsKnownUser).Select(user => 10L * user), ids);
        Assert.Equal(ids.Select(id => vectors.QueryFor(RecommenderQuery.ForUser(model.Users.IndexOf(id)))), rows);

        var none = (WalsModel)model.Without(Enumerable.Range(0, model.Users.Count));
        await Assert.ThrowsAsync<InvalidOperationException>(() => none.ToItemVectors().SaveUsersAsync(path));
    }

    [Fact]
    public async Task SaveAsync_Cancelled_KeepsWhatWasThere()
    {
        var path = Path.Combine(_folder, "items.parquet");
        File.WriteAllText(path, "old");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => TrainedModel.WithoutBiases.ToItemVectors().SaveAsync(path, cancellationToken: new CancellationToken(canceled: true)));
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(_folder));

        await TrainedModel.WithoutBiases.ToItemVectors().SaveAsync(path);
        Assert.NotEqual("old", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(_folder));
    }

    private static async Task<ExactCollection> PutAsync(ItemVectors vectors, string function)
    {
        var collection = new ExactCollection(function);
        await vectors.UpsertAsync(collection, ToFilm);
        return collection;
    }

    private static Film ToFilm(string id, ReadOnlyMemory<float> vector) => new() { Id = id, Vector = vector };

    private static double Length(IEnumerable<float> vector) => Math.Sqrt(vector.Sum(value => (double)value * value));

    private static async Task<float[][]> ListsAsync(ParquetRowGroupReader group, ParquetSchema schema)
    {
        var field = Assert.Single(schema.DataFields, field => field.Path.FirstPart == "vector");
        var count = (int)group.GetMetadata(field)!.MetaData!.NumValues;
        var (values, definition, repetition) = (new float[count], new int[count], new int[count]);
        await group.ReadRawAsync(field, values.AsMemory(), definition, repetition);
        Assert.All(definition, level => Assert.Equal(field.MaxDefinitionLevel, level));
        return [.. values.Chunk(count / (int)group.RowCount)];
    }

    private sealed class Reports(Action<int>? then = null) : List<int>, IProgress<int>
    {
        public void Report(int value)
        {
            Add(value);
            then?.Invoke(value);
        }
    }
}
