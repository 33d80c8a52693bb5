using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetRecExt;

/// <summary>The columns of side features that a row brings for its query.</summary>
internal sealed class FeatureColumns
{
    private readonly (FeatureEncoding Feature, DataViewSchema.Column Column)[] _columns;

    /// <param name="schema">Where to look.</param>
    /// <param name="features">Features that the model was trained with, and the name of the column of each.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or its type is another.</exception>
    public FeatureColumns(DataViewSchema schema, IEnumerable<(FeatureEncoding Feature, string Column)> features) =>
        _columns = [.. features.Select(entry => (entry.Feature, Find(schema, entry.Feature, entry.Column)))];

    public IEnumerable<DataViewSchema.Column> Sources => _columns.Select(entry => entry.Column);

    /// <summary>Checks as much of the same as can be known before there is data.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or its type is another.</exception>
    public static void Check(SchemaShape schema, FeatureEncoding feature, string name)
    {
        foreach (var column in schema)
        {
            if (column.Name != name)
                continue;
            var isVector = column.Kind != SchemaShape.Column.VectorKind.Scalar;
            if (column.IsKey != feature.Type.IsKey || !(column.IsKey || column.ItemType.Equals(feature.ItemType)) || (!isVector && feature.Means.Length > 1))
                throw Wrong(name, $"{(isVector ? "a vector of " : "")}{(column.IsKey ? "keys" : column.ItemType)}", feature);
            return;
        }
        throw Missing(name, schema.Select(column => column.Name), feature);
    }

    /// <summary>Reads the features of a row; null when it has none.</summary>
    public Func<FeatureValues?> Open(DataViewRow row)
    {
        var readers = Array.ConvertAll(_columns, entry => (
            entry.Feature.Name,
            Categories: entry.Feature.Type.IsNumbers ? () => [] : FeatureColumnReader.OpenCategories(row, entry.Column),
            Numbers: entry.Feature.Type.IsNumbers ? FeatureColumnReader.OpenNumbers(row, entry.Column) : () => []));
        return () => Combine(readers.Select(reader => (reader.Name, reader.Categories(), reader.Numbers())));
    }

    /// <summary>Values of those features that are not missing; null where all are, which leaves a known user those of training.</summary>
    /// <param name="features">By feature its categories, or its numbers, NaN where missing; the other is empty.</param>
    public static FeatureValues? Combine(IEnumerable<(string Name, string[] Categories, float[] Numbers)> features)
    {
        FeatureValues? values = null;
        foreach (var (name, categories, numbers) in features)
            if (categories.Length > 0)
                (values ??= new()).Add(name, categories);
            else if (numbers.Any(float.IsFinite))
                (values ??= new()).Add(name, numbers);
        return values;
    }

    private static DataViewSchema.Column Find(DataViewSchema schema, FeatureEncoding feature, string name)
    {
        var column = schema.GetColumnOrNull(name) ?? throw Missing(name, schema.Where(column => !column.IsHidden).Select(column => column.Name), feature);
        var vector = column.Type as VectorDataViewType;
        var item = vector?.ItemType ?? column.Type;
        var fits = item is KeyDataViewType ? FeatureType.Of(column) == feature.Type : !feature.Type.IsKey && item.Equals(feature.ItemType);
        if (!fits || (feature.Type.IsNumbers && (vector?.Size ?? 1) != feature.Means.Length))
            throw Wrong(name, column.Type.ToString()!, feature);
        return column;
    }

    private static ArgumentOutOfRangeException Missing(string name, IEnumerable<string> found, FeatureEncoding feature) => new(null,
        $"There is no column '{name}' with the feature '{feature.Name}', which the model learned of users. The rows have {string.Join(", ", found.Select(column => $"'{column}'"))}; add the column before, "
        + $"or list in {nameof(TopItemsEstimator.Options.FeatureColumns)} the features that rows bring, and their columns; an empty list for none.");

    private static ArgumentOutOfRangeException Wrong(string name, string found, FeatureEncoding feature)
    {
        var (needed, remedy) = feature.Type switch
        {
            { IsNumbers: true } => ($"{(feature.Means.Length == 1 ? "" : $"vectors of {feature.Means.Length} ")}{feature.Type.Kind}", !feature.Type.IsDates && found.Contains(nameof(DataKind.DateTime))
                ? "Map dates to the number that they were in training with mlContext.Transforms.CustomMapping"
                : $"Convert the column with {Convert(feature.Type.Kind!.Value)}"),
            { IsKey: true, Kind: null } => ("keys without KeyValues", "Declare the column as in training"),
            { IsKey: true } => ($"keys with {feature.Type.Kind} KeyValues", "Make the column with mlContext.Transforms.Conversion.MapValueToKey as in training"),
            { Kind: DataKind.Boolean } => ("Boolean", $"Convert the column with {Convert(DataKind.Boolean)}"),
            _ => ("text", $"Convert the column with {Convert(DataKind.String)}, of keys with MapKeyToValue"),
        };
        return new(null, $"Column '{name}' is {found}, but the feature '{feature.Name}' was {needed} in training{(feature.Type.IsNumbers ? "" : ", one or a vector per row")}. {remedy}, or name another.");

        static string Convert(DataKind kind) => $"mlContext.Transforms.Conversion.ConvertType(…, outputKind: DataKind.{kind})";
    }
}
