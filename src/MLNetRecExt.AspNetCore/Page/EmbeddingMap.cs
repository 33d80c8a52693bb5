using System.Numerics.Tensors;

namespace MLNetRecExt.AspNetCore.Page;

/// <summary>
/// Item embeddings in two dimensions: along their first two principal components. Near items are alike; groups that lie on top of one
/// another although they have nothing in common are folded.
/// </summary>
internal sealed class EmbeddingMap
{
    public const int MaxItems = 2_000;

    private EmbeddingMap(int[] items, float[][] places, double varianceShare)
    {
        Items = items;
        Places = places;
        VarianceShare = varianceShare;
    }

    /// <summary>Indices of the items that are shown, the most popular ones, by descending popularity.</summary>
    public IReadOnlyList<int> Items { get; }

    /// <summary>Two coordinates for each item, from −1 to 1.</summary>
    public IReadOnlyList<float[]> Places { get; }

    /// <summary>Which share of the variance of the embeddings the picture shows; 1 where all embeddings are the same.</summary>
    public double VarianceShare { get; }

    /// <summary>The map of a model.</summary>
    /// <param name="model">Its embeddings have at least two dimensions, and it knows some item.</param>
    public static EmbeddingMap Draw(FactorModel model)
    {
        var popularity = model.ItemPopularity.ToArray();
        int[] items = [.. Enumerable.Range(0, popularity.Length)
            .Where(model.IsKnownItem).OrderByDescending(item => popularity[item]).Take(MaxItems)];
        var rows = Centred(Array.ConvertAll(items, item => model.ItemFactors(item).ToArray()));
        var places = PrincipalComponents.Project(rows, 2);
        var variance = SumOfSquares(rows);
        // Where nothing differs, all lie on one point.
        var share = variance > 0 ? Math.Min(1, SumOfSquares(places) / variance) : 1;
        var reach = Math.Max(float.Epsilon, places.SelectMany(place => place).Max(Math.Abs));
        return new(items, Array.ConvertAll(places, place => Array.ConvertAll(place, value => value / reach)), share);
    }

    private static float[][] Centred(float[][] rows)
    {
        for (int k = 0; k < rows[0].Length; k++)
        {
            var mean = (float)rows.Average(row => (double)row[k]);
            foreach (var row in rows)
                row[k] -= mean;
        }
        return rows;
    }

    private static double SumOfSquares(float[][] rows) => rows.Sum(row => (double)TensorPrimitives.SumOfSquares<float>(row));
}
