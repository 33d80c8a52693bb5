using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetRecExt;

/// <summary>Embeddings in two dimensions: along their first two principal components, by ML.NET's own transform.</summary>
internal static class EmbeddingPlane
{
    /// <summary>Coordinates of each row.</summary>
    /// <param name="rows">Vectors of one length; at least one. Of length 1 they lie on a line, and need no transform.</param>
    /// <param name="seed">Of the transform, which is a randomised one.</param>
    public static (float[] X, float[] Y) Project(float[][] rows, int seed)
    {
        if (rows[0].Length == 1)
            return (Array.ConvertAll(rows, row => row[0]), new float[rows.Length]);
        var context = new MLContext(seed);
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, rows[0].Length);
        // The transform finds other directions than it should where it has to subtract the means itself.
        float[] means = [.. Enumerable.Range(0, rows[0].Length).Select(k => (float)rows.Average(row => (double)row[k]))];
        var data = context.Data.LoadFromEnumerable(
            Array.ConvertAll(rows, row => new Row { Features = [.. row.Zip(means, (value, mean) => value - mean)] }), schema);
        var projected = context.Transforms.ProjectToPrincipalComponents(nameof(Row.Features), rank: 2, seed: seed).Fit(data).Transform(data);
        var places = context.Data.CreateEnumerable<Row>(projected, reuseRowObject: false).Select(row => row.Features).ToArray();
        return (Array.ConvertAll(places, place => place[0]), Array.ConvertAll(places, place => place[1]));
    }

    private sealed class Row
    {
        public float[] Features { get; set; } = [];
    }
}
