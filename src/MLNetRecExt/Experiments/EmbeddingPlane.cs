using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetRecExt;

/// <summary>Embeddings in two dimensions: along their first two principal components, by ML.NET's own transform.</summary>
internal static class EmbeddingPlane
{
    /// <summary>Coordinates of each row.</summary>
    /// <param name="rows">Vectors of one length; at least one.</param>
    /// <param name="seed">Of the transform, which is a randomised one.</param>
    public static (float[] X, float[] Y) Project(float[][] rows, int seed)
    {
        var context = new MLContext(seed);
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, rows[0].Length);
        var data = context.Data.LoadFromEnumerable(Array.ConvertAll(rows, row => new Row { Features = row }), schema);
        var rank = Math.Min(2, rows[0].Length);
        var projected = context.Transforms.ProjectToPrincipalComponents(nameof(Row.Features), rank: rank, seed: seed).Fit(data).Transform(data);
        var places = context.Data.CreateEnumerable<Row>(projected, reuseRowObject: false).Select(row => row.Features).ToArray();
        return (Array.ConvertAll(places, place => place[0]), Array.ConvertAll(places, place => rank > 1 ? place[1] : 0));
    }

    private sealed class Row
    {
        public float[] Features { get; set; } = [];
    }
}
