using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MLNetRecExt;

/// <summary>Adds a <c>Score</c> column to rows with a user and an item.</summary>
/// <typeparam name="TModel">The trained model.</typeparam>
public sealed class RecommenderTransformer<TModel> : ITransformer
    where TModel : RecommenderModel
{
    internal RecommenderTransformer(IHostEnvironment environment, TModel model, InteractionColumns columns) => Model = model;

    /// <summary>The trained model.</summary>
    public TModel Model { get; }

    bool ITransformer.IsRowToRowMapper => true;

    /// <inheritdoc/>
    public IDataView Transform(IDataView input) => throw new NotImplementedException();

    /// <inheritdoc/>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => throw new NotImplementedException();

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) => throw new NotImplementedException();

    void ICanSaveModel.Save(ModelSaveContext ctx) => throw new NotImplementedException();
}
