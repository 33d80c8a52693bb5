using Microsoft.ML;

namespace MLNetRecExt;

/// <summary>Appends what a file of <see cref="OnnxRecommenderExtensions.SaveAsOnnx"/> says about each row, by ONNX Runtime.</summary>
/// <remarks>
/// <para>Columns read and appended: the inputs and outputs of the graph, under their names. Ids are text or Int64 (<see cref="OnnxForm"/>),
/// histories and their labels and weights vectors.
/// <c>Items</c> and <c>Scores</c> are vectors of a fixed length: where candidates are fewer, missing ids and NaN fill up.</para>
/// <para>A cursor reads rows ahead and answers them in batches; a <see cref="PredictionEngine{TSrc, TDst}"/> answers one row at a time. One
/// session serves all of them, on any number of threads.</para>
/// <para><c>mlContext.Model.Save</c> writes the graph into the pipeline; what <c>mlContext.Model.Load</c> gives is ML.NET's own
/// transformer, which answers row by row
/// and takes histories in columns of variable length only.</para>
/// </remarks>
public sealed class OnnxRecommenderEstimator : IEstimator<OnnxRecommenderTransformer>
{
    private readonly OnnxRecommenderTransformer _transformer;

    internal OnnxRecommenderEstimator(OnnxRecommenderTransformer transformer) => _transformer = transformer;

    /// <summary>Gives the transformer: the model is trained already.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing, or is not of the type that the graph takes.</exception>
    public OnnxRecommenderTransformer Fit(IDataView input)
    {
        _transformer.GetOutputSchema(input.Schema);
        return _transformer;
    }

    /// <summary>The columns of a pipeline behind this estimator: those before it and the graph's outputs.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing, or is not of the type that the graph takes.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => _transformer.GetOutputShape(inputSchema);
}
