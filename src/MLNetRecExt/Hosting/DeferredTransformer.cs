using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetRecExt;

/// <summary>A part of a pipeline that is only saved, and made no earlier: of a large state, one part at a time is in memory.</summary>
/// <param name="column">The column that the part will append.</param>
/// <param name="make">Makes the part. Called when it is saved, in the order of the pipeline.</param>
internal sealed class DeferredTransformer(DataViewSchema.DetachedColumn column, Func<ITransformer> make) : ITransformer
{
    public bool IsRowToRowMapper => true;

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => AppendedColumns.Append(inputSchema, [column]);

    public IDataView Transform(IDataView input) => throw new NotSupportedException();

    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => throw new NotSupportedException();

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        ((ICanSaveModel)make()).Save(ctx);
        SavedPipeline.LetCopiesGo();
    }
}
