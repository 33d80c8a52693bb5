namespace MLNetRecExt;

/// <summary>Embeddings of features, who has which, and the gradient of what a batch touches. Embeddings start at zero: a feature says nothing until it has learned to.</summary>
internal sealed class FeatureTable((FeatureRows Of, int TableRows) features, int columns, SoftmaxDnnOptimizer optimizer)
{
    /// <summary>By user or item, its rows.</summary>
    public FeatureRows Of => features.Of;

    public ParameterTable Table { get; } = new(new(features.TableRows, columns), optimizer);

    public RowGradients Gradients { get; } = new(features.TableRows, columns);

    /// <summary>Adds coefficient · (a row of the source) to the gradient of each feature of a user or item.</summary>
    public void AddTerms(int index, int source)
    {
        var rows = Of.Rows(index);
        var coefficients = Of.Coefficients(index);
        for (int f = 0; f < rows.Length; f++)
            Gradients.AddTerm(Gradients.Place(rows[f]), source, coefficients[f]);
    }
}
