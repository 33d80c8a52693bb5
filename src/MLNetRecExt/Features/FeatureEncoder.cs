using Microsoft.ML.Data;
using MLNetRecExt.Persistence;

namespace MLNetRecExt;

/// <summary>
/// Turns features into terms coefficient · (row of an embedding table): a row per category, which n categories of a column share with 1/n
/// each,
/// and a row per number, times the number as <see cref="Standardization"/> has it. What is missing, unknown or does not vary has no term.
/// </summary>
internal sealed class FeatureEncoder
{
    // Of the encoding of a feature, and of each of its categories in a dictionary that grows.
    private const int BytesPerColumn = 400, BytesPerCategory = 80;

    private FeatureEncoder(FeatureEncoding[] columns)
    {
        Columns = columns;
        TableRows = columns.Sum(column => column.TableRows);
    }

    /// <summary>Encodes nothing.</summary>
    public static FeatureEncoder None { get; } = new([]);

    /// <summary>Rows of the embedding table.</summary>
    public int TableRows { get; }

    /// <summary>Their rows of the table follow one another.</summary>
    public FeatureEncoding[] Columns { get; }

    public IReadOnlyList<string> Names => Array.ConvertAll(Columns, column => column.Name);

    /// <summary>Takes over the categories, and how each number is standardised.</summary>
    public static FeatureEncoder Learn(SideFeatures features)
    {
        var columns = new FeatureEncoding[features.Columns.Length];
        var first = 0;
        for (int c = 0; c < columns.Length; c++)
        {
            columns[c] = Encoding(features.Columns[c], first);
            first += columns[c].TableRows;
        }
        return new FeatureEncoder(columns);
    }

    /// <summary>The features of several models, for their names and columns; of equal names those of the first.</summary>
    public static FeatureEncoder Join(IEnumerable<FeatureEncoder> encoders)
    {
        List<FeatureEncoding> columns = [];
        var first = 0;
        foreach (var column in encoders.SelectMany(encoder => encoder.Columns).DistinctBy(column => column.Name))
        {
            columns.Add(column with { First = first });
            first += column.TableRows;
        }
        return new FeatureEncoder([.. columns]);
    }

    /// <summary>The columns that this was learned from: name, type, categories or null for numbers, and how many there are.</summary>
    public IReadOnlyList<(string Name, FeatureType Type, string[]? Categories, int Size)> Layout =>
        Array.ConvertAll(Columns, column => (column.Name, column.Type, column.Categories, column.TableRows));

    /// <summary>The terms of each of some users or items. Those without a row in the features have none.</summary>
    /// <param name="features">Has the columns that this was learned from.</param>
    /// <param name="ids">Whose indices count.</param>
    /// <param name="leftOut">Gets the number of ids in the features that <paramref name="ids"/> lacks.</param>
    public FeatureRows Encode(SideFeatures features, IdMap ids, out int leftOut)
    {
        var rowOf = features.RowsOf(ids, out leftOut);
        var offsets = new int[ids.Count + 1];
        List<int> rows = [];
        List<float> coefficients = [];
        for (int index = 0; index < rowOf.Length; index++)
        {
            if (rowOf[index] is var row and >= 0)
                Encode(features, row, rows, coefficients);
            offsets[index + 1] = rows.Count;
        }
        return new FeatureRows(offsets, [.. rows], [.. coefficients]);
    }

    /// <summary>By row of the embedding table the row of another's that is of the same category, or of the same number of the same
    /// feature; −1 where that has none.</summary>
    public int[] RowsIn(FeatureEncoder other)
    {
        var rows = new int[TableRows];
        Array.Fill(rows, -1);
        foreach (var column in Columns)
        {
            if (Array.Find(other.Columns, its => its.Name == column.Name) is not { } its)
                continue;
            for (int row = 0; row < column.TableRows; row++)
            {
                if (column.Categories is { } categories && its.Codes is { } codes)
                    rows[column.First + row] = codes.TryGetValue(categories[row], out var code) ? its.First + code : -1;
                else if (column.Categories is null && its.Codes is null && column.TableRows == its.TableRows)
                    rows[column.First + row] = its.First + row;
            }
        }
        return rows;
    }

    /// <summary>Adds the terms of a row of features.</summary>
    /// <param name="features">Has the columns that this was learned from, in order.</param>
    /// <param name="row">The row.</param>
    /// <param name="rows">Gets rows of the embedding table.</param>
    /// <param name="coefficients">Gets what each is multiplied by.</param>
    public void Encode(SideFeatures features, int row, List<int> rows, List<float> coefficients)
    {
        for (int c = 0; c < Columns.Length; c++)
            if (features.Columns[c].Categories is not null)
                Add(Columns[c], features.Columns[c].Codes[row], rows, coefficients);
            else
                Add(Columns[c], features.Columns[c].Numbers[row], rows, coefficients);
    }

    /// <exception cref="ArgumentException">There is no feature of that name.</exception>
    public FeatureEncoding Find(string name) => Array.Find(Columns, column => column.Name == name) ?? throw new ArgumentException(
        $"The model knows no feature '{name}' of users; it {(Columns.Length == 0 ? "was trained without any" : $"knows {string.Join(", ", Names.Select(known => $"'{known}'"))}")}.");

    /// <summary>Adds the terms of a query's features.</summary>
    /// <exception cref="ArgumentException">There is no feature of a name, or it is of the other kind or another size.</exception>
    public void Encode(FeatureValues values, List<int> rows, List<float> coefficients)
    {
        // In training's order, whatever that of the values: the sum is then the same to the bit.
        foreach (var (column, value) in values.Values.Select(entry => (Column: Find(entry.Key), entry.Value)).OrderBy(entry => entry.Column.First))
        {
            switch (value)
            {
                case string[] categories when column.Codes is { } codes:
                    Add(column, [.. categories.Select(category => codes.GetValueOrDefault(category, -1)).Where(code => code >= 0).Distinct()], rows, coefficients);
                    break;
                case float[] numbers when column.Codes is null && numbers.Length == column.Means.Length:
                    Add(column, numbers, rows, coefficients);
                    break;
                case DateTime[] dates when column.Type.IsDates && dates.Length == column.Means.Length:
                    Add(column, Array.ConvertAll(dates, FeatureType.ToDays), rows, coefficients);
                    break;
                default:
                    var (what, type) = column.Type.IsDates ? ("date", "DateTime") : ("number", "Single");
                    throw new ArgumentException(
                        $"Feature '{column.Name}' is {(column.Codes is not null ? "categories: give one or more texts" : column.Means.Length == 1 ? $"a {what}: give one {type}" : $"{what}s: give {column.Means.Length} of type {type}")}.", nameof(values));
            }
        }
    }

    public void Write(ModelWriter writer)
    {
        writer.WriteInt32(Columns.Length);
        writer.WriteText(Array.ConvertAll(Columns, column => column.Name));
        foreach (var column in Columns)
        {
            writer.WriteInt32((int)(column.Type.Kind ?? 0));
            writer.WriteInt32(column.Type.IsKey ? 1 : 0);
            if (column.Categories is not null)
            {
                writer.WriteInt32(column.Categories.Length);
                writer.WriteText(column.Categories);
            }
            else
            {
                writer.WriteArray<float>(column.Means);
                writer.WriteArray<float>(column.Scales);
            }
        }
    }

    public static FeatureEncoder Read(ModelReader reader)
    {
        var names = reader.ReadText(reader.ReadInt32() is var columnCount and >= 0 ? columnCount : throw ModelReader.Damaged());
        var columns = new FeatureEncoding[names.Length];
        var first = 0;
        for (int c = 0; c < columns.Length; c++)
        {
            reader.Reserve(BytesPerColumn);
            var kind = (DataKind)reader.ReadInt32();
            var type = new FeatureType(kind == 0 ? null : Enum.IsDefined(kind) ? kind : throw ModelReader.Damaged(), reader.ReadInt32() == 1);
            if (type.IsNumbers)
            {
                var means = reader.ReadArray<float>(null);
                columns[c] = new FeatureEncoding(names[c], type, first, null, means, reader.ReadArray<float>(means.Length));
            }
            else
            {
                var categories = reader.ReadText(reader.ReadInt32() is var count and >= 0 ? count : throw ModelReader.Damaged());
                reader.Reserve((long)BytesPerCategory * categories.Length);
                columns[c] = new FeatureEncoding(names[c], type, first, categories, [], []);
            }
            first += columns[c].TableRows;
        }
        return new FeatureEncoder(columns);
    }

    private static FeatureEncoding Encoding(FeatureColumn column, int first)
    {
        if (column.Categories is { } categories)
            return new FeatureEncoding(column.Name, column.Type, first, categories, [], []);
        var numbers = Standardization.Of(column, column.Numbers);
        return new FeatureEncoding(column.Name, column.Type, first, null,
            Array.ConvertAll(numbers, number => (float)number.Mean), Array.ConvertAll(numbers, number => (float)number.Factor));
    }

    private static void Add(FeatureEncoding column, int[] codes, List<int> rows, List<float> coefficients)
    {
        foreach (var code in codes)
        {
            rows.Add(column.First + code);
            coefficients.Add(1f / codes.Length);
        }
    }

    private static void Add(FeatureEncoding column, float[] numbers, List<int> rows, List<float> coefficients)
    {
        for (int k = 0; k < numbers.Length; k++)
        {
            var value = (numbers[k] - column.Means[k]) * column.Scales[k];
            if (!float.IsFinite(value) || value == 0)
                continue;
            rows.Add(column.First + k);
            coefficients.Add(value);
        }
    }
}
