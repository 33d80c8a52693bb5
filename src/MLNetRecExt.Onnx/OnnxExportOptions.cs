namespace MLNetRecExt;

/// <summary>How <see cref="Microsoft.ML.OnnxRecommenderExtensions.SaveAsOnnx"/> names things, and what lists hold. Only what the
/// <see cref="OnnxForm"/> has is looked at.</summary>
public sealed record OnnxExportOptions
{
    /// <summary>N, the length of a list. A model that knows fewer items gives lists of all of them.</summary>
    /// <value>Default 10; range [1, 1e9].</value>
    [OptionRange(1, 1e9)]
    public int NumberOfItems { get; init; } = 10;

    /// <summary>Leave out what the user took in training, or what the history holds. What users took is stored in the file.</summary>
    /// <value>Default true.</value>
    public bool ExcludeSeen { get; init; } = true;

    /// <summary>Input of user ids.</summary>
    /// <value>Default <c>"User"</c>.</value>
    public string UserColumnName { get; init; } = "User";

    /// <summary>Input of item ids.</summary>
    /// <value>Default <c>"Item"</c>.</value>
    public string ItemColumnName { get; init; } = "Item";

    /// <summary>Input of histories. Unknown ids are left out, so that rows of unequal length can be filled up with them (the empty text,
    /// or what the metadata <c>mlnetrecext.missing</c> says).</summary>
    /// <value>Default <c>"History"</c>.</value>
    public string HistoryColumnName { get; init; } = "History";

    /// <summary>Input of the labels of a history, of the history's shape; null for no such input: every label is 1. Entries with a label
    /// that is not finite are left out.</summary>
    /// <value>Default null.</value>
    public string? HistoryLabelsColumnName { get; init; }

    /// <summary>Input of the weights of a history, of the history's shape; null for no such input: every weight is 1. Entries with a
    /// weight that is negative or not finite are left out.</summary>
    /// <value>Default null.</value>
    public string? HistoryWeightsColumnName { get; init; }

    /// <summary>Output of embeddings.</summary>
    /// <value>Default <c>"Embedding"</c>.</value>
    public string EmbeddingColumnName { get; init; } = "Embedding";

    /// <summary>Output of item ids, best first; where candidates are fewer than places, the empty text or the missing number fills
    /// up.</summary>
    /// <value>Default <c>"Items"</c>.</value>
    public string ItemsColumnName { get; init; } = "Items";

    /// <summary>Output of the items' scores; NaN where there is no item.</summary>
    /// <value>Default <c>"Scores"</c>.</value>
    public string ScoresColumnName { get; init; } = "Scores";

    internal void Validate() => OptionChecker.Check(this);

    /// <param name="features">Names of further inputs.</param>
    internal void CheckNames(IEnumerable<string> features)
    {
        string[] names =
        [
            UserColumnName, ItemColumnName, HistoryColumnName, EmbeddingColumnName, ItemsColumnName, ScoresColumnName,
            .. new[] { HistoryLabelsColumnName, HistoryWeightsColumnName }.OfType<string>(), .. features,
        ];
        foreach (var name in names)
        {
            if (string.IsNullOrEmpty(name) || name.StartsWith('/'))
                throw new ArgumentException(
                    $"'{name}' cannot be the name of an input or output: it must not be empty, nor begin with a slash.", "options");
            if (names.Count(other => other == name) > 1)
                throw new ArgumentException(
                    $"'{name}' is given as the name of more than one input or output; each needs a name of its own.", "options");
        }
    }
}
