namespace MLNetRecExt;

/// <summary>Embeddings of features, and who has which. Embeddings start at zero: a feature says nothing until it has learned to.</summary>
internal sealed class FeatureTable((FeatureRows Of, int TableRows) features, int columns, SoftmaxDnnOptimizer optimizer)
{
    /// <summary>By user or item, its rows.</summary>
    public FeatureRows Of => features.Of;

    public ParameterTable Table { get; } = new(new(features.TableRows, columns), optimizer);
}
