using Microsoft.ML;

namespace MLNetRecExt;

/// <summary>Appends the scores of a model that is trained already. See <see cref="RecommenderTransformer{TModel}"/> for the
/// columns.</summary>
/// <typeparam name="TModel">The trained model.</typeparam>
public sealed class ScoreEstimator<TModel> : IEstimator<RecommenderTransformer<TModel>>
    where TModel : RecommenderModel
{
    private readonly RecommenderTransformer<TModel> _transformer;
    private readonly ScoreColumns _columns;

    internal ScoreEstimator(MLContext mlContext, TModel model, ScoreColumns columns)
    {
        ArgumentNullException.ThrowIfNull(model);
        _transformer = new RecommenderTransformer<TModel>(mlContext, model, columns);
        _columns = columns;
    }

    /// <summary>Gives the transformer: the model is trained already.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing, or is not of the kind that the model was trained on.</exception>
    public RecommenderTransformer<TModel> Fit(IDataView input)
    {
        _transformer.GetOutputSchema(input.Schema);
        return _transformer;
    }

    /// <summary>The columns of a pipeline behind this estimator: those before it and the score.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing, or is not of the kind that the model was trained on.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        IdColumn.Check(inputSchema, _columns.User, _transformer.Model.Users, "users");
        IdColumn.Check(inputSchema, _columns.Item, _transformer.Model.Items, "items");
        return SchemaShapes.Append(inputSchema, _columns.Appended());
    }
}
