namespace MLNetRecExt;

/// <summary>Embeddings of features, who has which, and the gradient of what a batch touches. Embeddings start at zero: a feature says nothing until it has learned to.</summary>
internal sealed class FeatureTable((FeatureRows Of, int TableRows) features, int columns, SoftmaxDnnOptimizer optimizer)
{
    /// <summary>By user or item, its rows.</summary>
    public FeatureRows Of => features.Of;

    public ParameterTable Table { get; } = new(new(features.TableRows, columns), optimizer);

    public RowTerms Gradient { get; } = new(features.TableRows);

    /// <summary>Adds coefficient · (a row of the sources) to the gradient of each feature of a user or item.</summary>
    public void AddTerms(int index, int source) => Gradient.Add(Of.Rows(index), Of.Coefficients(index), source);
}
