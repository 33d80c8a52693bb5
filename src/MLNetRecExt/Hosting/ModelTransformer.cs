using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MLNetRecExt;

/// <summary>A transformer that appends what a <see cref="RecommenderModel"/> says about each row. Thread-safe, as its model is.</summary>
public abstract class ModelTransformer : ITransformer
{
    private protected ModelTransformer(IHostEnvironment environment, RecommenderModel model)
    {
        Host = environment.Register(GetType().Name);
        Model = model;
    }

    private protected IHost Host { get; }

    /// <summary>The trained model.</summary>
    public RecommenderModel Model { get; }

    bool ITransformer.IsRowToRowMapper => true;

    /// <summary>Appends the columns to a view. They are computed when a cursor asks for them.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing, or is not of the kind that the model was trained on; the message says how
    /// to get there.</exception>
    public IDataView Transform(IDataView input) => new AppendedView(input, Append(input.Schema));

    /// <inheritdoc cref="Transform"/>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => Append(inputSchema).OutputSchema;

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) => Append(inputSchema);

    // mlContext.Model.Save comes here.
    void ICanSaveModel.Save(ModelSaveContext ctx) => ((ICanSaveModel)ToStock()).Save(ctx);

    private protected abstract AppendedColumns Append(DataViewSchema input);

    /// <summary>Stock transformers that do the same, to be saved.</summary>
    internal abstract ITransformer ToStock();
}
