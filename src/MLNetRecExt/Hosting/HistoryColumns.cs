using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetRecExt;

/// <summary>The columns of a history that a row brings: items, and their labels and weights where there are any.</summary>
internal sealed class HistoryColumns
{
    private readonly IdColumn _items;
    private readonly DataViewSchema.Column? _labels, _weights;

    public HistoryColumns(DataViewSchema schema, IdMap items, TopItemsEstimator.Options options)
    {
        _items = IdColumn.Find(schema, options.HistoryColumnName!, items, "items", isVector: true);
        _labels = FindNumbers(schema, options.HistoryLabelsColumnName, "labels");
        _weights = FindNumbers(schema, options.HistoryWeightsColumnName, "weights");
    }

    public IEnumerable<DataViewSchema.Column> Sources => new[] { _items.Column, _labels, _weights }.OfType<DataViewSchema.Column>();

    /// <summary>Reads a row's history. What it gives is valid until the next call.</summary>
    public Func<ReadOnlyMemory<ItemFeedback>> Open(DataViewRow row)
    {
        var (readItems, readLabels, readWeights) = (_items.Vector(row), OpenNumbers(row, _labels), OpenNumbers(row, _weights));
        return () => Combine(readItems().Span, readLabels().Span, readWeights().Span);
    }

    /// <summary>A history without the ids that the model does not know (−1), and without entries that training would skip.</summary>
    /// <param name="items">Item indices.</param>
    /// <param name="labels">As many labels, or none: every label is 1.</param>
    /// <param name="weights">As many weights, or none: every weight is 1.</param>
    /// <exception cref="InvalidOperationException">The lengths differ.</exception>
    public static ItemFeedback[] Combine(ReadOnlySpan<int> items, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights)
    {
        if ((!labels.IsEmpty && labels.Length != items.Length) || (!weights.IsEmpty && weights.Length != items.Length))
            throw new InvalidOperationException(
                $"A row's history has {items.Length} items, {labels.Length} labels and {weights.Length} weights; there must be as many of each, or no labels or weights at all.");
        var history = new ItemFeedback[items.Length];
        int count = 0;
        for (int i = 0; i < items.Length; i++)
        {
            var entry = new ItemFeedback(items[i], labels.IsEmpty ? 1 : labels[i], weights.IsEmpty ? 1 : weights[i]);
            if (entry.Item >= 0 && float.IsFinite(entry.Label) && float.IsFinite(entry.Weight) && entry.Weight >= 0)
                history[count++] = entry;
        }
        return history[..count];
    }

    private static DataViewSchema.Column? FindNumbers(DataViewSchema schema, string? name, string role)
    {
        if (name is null)
            return null;
        var column = IdColumn.Find(schema, name, role);
        if (column.Type is VectorDataViewType vector && vector.ItemType == NumberDataViewType.Single)
            return column;
        throw new ArgumentOutOfRangeException(null,
            $"Column '{name}' is {column.Type}; for {role} of a history a vector of Single is needed. Convert it with mlContext.Transforms.Conversion.ConvertType(\"{name}\", outputKind: DataKind.Single).");
    }

    private static Func<ReadOnlyMemory<float>> OpenNumbers(DataViewRow row, DataViewSchema.Column? column)
    {
        if (column is not { } present)
            return () => default;
        var getter = row.GetGetter<VBuffer<float>>(present);
        VBuffer<float> values = default;
        return () =>
        {
            getter(ref values);
            return values.DenseValues().ToArray();
        };
    }
}
