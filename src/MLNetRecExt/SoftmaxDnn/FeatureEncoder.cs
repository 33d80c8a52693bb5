using MLNetRecExt.Persistence;

namespace MLNetRecExt;

/// <summary>
/// Turns features into terms coefficient · (row of an embedding table): a row per category, which n categories of a column share with 1/n each,
/// and a row per number, times (value − mean) / deviation. What is missing, unknown or does not vary has no term.
/// </summary>
internal sealed class FeatureEncoder
{
    private readonly Column[] _columns;

    private FeatureEncoder(Column[] columns)
    {
        _columns = columns;
        TableRows = columns.Sum(column => column.Categories?.Length ?? column.Means.Length);
    }

    /// <summary>Encodes nothing.</summary>
    public static FeatureEncoder None { get; } = new([]);

    /// <summary>Rows of the embedding table.</summary>
    public int TableRows { get; }

    public IReadOnlyList<string> Names => Array.ConvertAll(_columns, column => column.Name);

    /// <summary>Takes over the categories, and the mean and standard deviation of each number where it is not missing.</summary>
    public static FeatureEncoder Learn(SideFeatures features)
    {
        var columns = new Column[features.Columns.Length];
        var first = 0;
        for (int c = 0; c < columns.Length; c++)
        {
            var column = features.Columns[c];
            columns[c] = column.Categories is { } categories
                ? new Column(column.Name, first, categories, [], [])
                : Standardise(column, first);
            first += column.Categories?.Length ?? column.Size;
        }
        return new FeatureEncoder(columns);
    }

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
                for (int c = 0; c < _columns.Length; c++)
                    if (features.Columns[c].Categories is not null)
                        Add(_columns[c], features.Columns[c].Codes[row], rows, coefficients);
                    else
                        Add(_columns[c], features.Columns[c].Numbers[row], rows, coefficients);
            offsets[index + 1] = rows.Count;
        }
        return new FeatureRows(offsets, [.. rows], [.. coefficients]);
    }

    /// <summary>Adds the terms of a query's features.</summary>
    /// <exception cref="ArgumentException">There is no feature of a name, or it is of the other kind or another size.</exception>
    public void Encode(FeatureValues values, List<int> rows, List<float> coefficients)
    {
        foreach (var (name, value) in values.Values)
        {
            var column = Array.Find(_columns, column => column.Name == name)
                ?? throw new ArgumentException($"The model knows no feature '{name}' of users; it knows {string.Join(", ", Names.Select(known => $"'{known}'"))}.", nameof(values));
            switch (value)
            {
                case string[] categories when column.Codes is { } codes:
                    Add(column, [.. categories.Select(category => codes.GetValueOrDefault(category, -1)).Where(code => code >= 0).Distinct()], rows, coefficients);
                    break;
                case float[] numbers when column.Codes is null && numbers.Length == column.Means.Length:
                    Add(column, numbers, rows, coefficients);
                    break;
                default:
                    throw new ArgumentException(
                        $"Feature '{name}' is {(column.Codes is not null ? "categories: give one or more texts" : column.Means.Length == 1 ? "a number: give one Single" : $"numbers: give {column.Means.Length} of type Single")}.", nameof(values));
            }
        }
    }

    public void Write(ModelWriter writer)
    {
        writer.WriteInt32(_columns.Length);
        writer.WriteText(Array.ConvertAll(_columns, column => column.Name));
        foreach (var column in _columns)
        {
            writer.WriteInt32(column.Categories?.Length ?? -1);
            if (column.Categories is not null)
                writer.WriteText(column.Categories);
            else
            {
                writer.WriteArray<float>(column.Means);
                writer.WriteArray<float>(column.Scales);
            }
        }
    }

    public static FeatureEncoder Read(ModelReader reader)
    {
        var names = reader.ReadText(reader.ReadInt32() is var count and >= 0 ? count : throw ModelReader.Damaged());
        var columns = new Column[names.Length];
        var first = 0;
        for (int c = 0; c < columns.Length; c++)
        {
            if (reader.ReadInt32() is var categories and >= 0)
                columns[c] = new Column(names[c], first, reader.ReadText(categories), [], []);
            else
            {
                var means = reader.ReadArray<float>(null);
                columns[c] = new Column(names[c], first, null, means, reader.ReadArray<float>(means.Length));
            }
            first += columns[c].Categories?.Length ?? columns[c].Means.Length;
        }
        return new FeatureEncoder(columns);
    }

    private static Column Standardise(FeatureColumn column, int first)
    {
        var (means, scales) = (new float[column.Size], new float[column.Size]);
        for (int k = 0; k < column.Size; k++)
        {
            double sum = 0, squares = 0;
            var count = 0;
            foreach (var numbers in column.Numbers)
                if (!float.IsNaN(numbers[k]))
                {
                    sum += numbers[k];
                    count++;
                }
            var mean = count == 0 ? 0 : sum / count;
            foreach (var numbers in column.Numbers)
                if (!float.IsNaN(numbers[k]))
                    squares += (numbers[k] - mean) * (numbers[k] - mean);
            var deviation = count == 0 ? 0 : Math.Sqrt(squares / count);
            means[k] = (float)mean;
            // A number that does not vary, rounding apart, says nothing.
            scales[k] = deviation > 1e-6 * Math.Abs(mean) ? (float)(1 / deviation) : 0;
        }
        return new Column(column.Name, first, null, means, scales);
    }

    private static void Add(Column column, int[] codes, List<int> rows, List<float> coefficients)
    {
        foreach (var code in codes)
        {
            rows.Add(column.First + code);
            coefficients.Add(1f / codes.Length);
        }
    }

    private static void Add(Column column, float[] numbers, List<int> rows, List<float> coefficients)
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

    /// <param name="Name">The feature's name.</param>
    /// <param name="First">Its first row in the embedding table.</param>
    /// <param name="Categories">Its categories, or null for numbers.</param>
    /// <param name="Means">By number.</param>
    /// <param name="Scales">By number, 1 / standard deviation; 0 where it does not vary.</param>
    private sealed record Column(string Name, int First, string[]? Categories, float[] Means, float[] Scales)
    {
        public Dictionary<string, int>? Codes { get; } = Categories?.Index().ToDictionary(entry => entry.Item, entry => entry.Index);
    }
}
