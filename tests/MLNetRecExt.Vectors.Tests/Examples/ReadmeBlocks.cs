using Microsoft.Extensions.VectorData;

namespace MLNetRecExt.Vectors.Tests.Examples;

/// <summary>The code blocks of the package's README, word for word.</summary>
internal static class ReadmeBlocks
{
    public static async Task VectorStore(WalsModel model, VectorStoreCollection<string, Film> collection)
    {
        var vectors = model.ToItemVectors(VectorMetric.CosineOrEuclidean);
        await vectors.UpsertAsync(collection, (id, vector) => new Film { Id = id, Vector = vector });

        var query = vectors.QueryFor(RecommenderQuery.ForHistory(2, 3, 5))!;
        await foreach (var hit in collection.SearchAsync(new ReadOnlyMemory<float>(query), top: 20))
            Console.WriteLine(hit.Record.Id);

        var asked = Enumerable.Range(0, 500).Select(RecommenderQuery.ForUser);
        Console.WriteLine(await vectors.RecallAsync(collection, film => film.Id, asked));
    }

    public static async Task Spark(RecommendersCatalog recommenders, Interactions history)
    {
        var model = await recommenders.Data.ReadSparkFactorsAsync("als/userFactors", "als/itemFactors", history);
        model.Save("als.model");
    }

    public static async Task Files(ItemVectors vectors)
    {
        await vectors.SaveAsync("items.parquet");
        await vectors.SaveUsersAsync("users.parquet");
    }
}
