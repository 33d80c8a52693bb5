using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetRecExt;

/// <summary>The shape that an estimator chain sees of a schema that does not exist yet.</summary>
/// <remarks>
/// ML.NET lets nobody else make a <see cref="SchemaShape"/> column. A chain makes them from a view's schema and shows them
/// to its first estimator: so an estimator that only looks gives, for the very columns that a transformer will append, their shape.
/// </remarks>
internal static class SchemaShapes
{
    public static SchemaShape Append(SchemaShape input, IEnumerable<DataViewSchema.DetachedColumn> columns)
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(columns);
        var appended = Of(builder.ToSchema()).ToArray();
        return new SchemaShape(input.Where(column => appended.All(a => a.Name != column.Name)).Concat(appended));
    }

    public static SchemaShape Of(DataViewSchema schema)
    {
        var witness = new Witness();
        new EstimatorChain<ITransformer>().Append(witness).Fit(new EmptyView(schema));
        return witness.Seen!;
    }

    private sealed class Witness : IEstimator<ITransformer>
    {
        public SchemaShape? Seen { get; private set; }

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) => Seen = inputSchema;

        public ITransformer Fit(IDataView input) => new TransformerChain<ITransformer>();
    }
}
