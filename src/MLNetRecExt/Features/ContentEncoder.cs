using Microsoft.ML.Data;
using MLNetRecExt.Persistence;

namespace MLNetRecExt;

/// <summary>
/// Turns features of items into sparse vectors: a place per category and per number. A category weighs log(1 + N / n)^γ when n of the N
/// items that were learned from have it; numbers are what <see cref="Standardization"/> makes of them, missing ones 0 after that.
/// </summary>
internal sealed class ContentEncoder
{
    private readonly ContentEncoding[] _columns;

    private ContentEncoder(string[] features, string[] values, ContentEncoding[] columns) =>
        (Features, Values, _columns) = (features, values, columns);

    /// <summary>By place the name of its feature.</summary>
    public string[] Features { get; }

    /// <summary>By place its category, or its place among the numbers.</summary>
    public string[] Values { get; }

    /// <summary>Takes over the categories with their weights, and how each number is standardised.</summary>
    /// <param name="features">What is known of items.</param>
    /// <param name="rowOf">By item its row in the features, −1 for none.</param>
    /// <param name="rarityExponent">γ.</param>
    public static ContentEncoder Learn(SideFeatures features, int[] rowOf, double rarityExponent)
    {
        List<string> names = [], values = [];
        List<ContentEncoding> columns = [];
        int[] rows = [.. rowOf.Where(row => row >= 0)];
        foreach (var column in features.Columns)
        {
            var first = names.Count;
            values.AddRange(column.Categories ?? [.. Enumerable.Range(0, column.Size).Select(place => $"{place}")]);
            names.AddRange(Enumerable.Repeat(column.Name, values.Count - names.Count));
            columns.Add(column.Categories is not null
                ? new(column.Type, first, Weights(column, rowOf, rarityExponent), [])
                : new(column.Type, first, [], Standardization.Of(column, Array.ConvertAll(rows, row => column.Numbers[row]))));
        }
        // What has no place cannot be told from what is not there.
        return new([.. names], [.. values], [.. columns.Where(column => column.Places > 0)]);
    }

    /// <summary>Whether a place is that of a number, and its feature has no other.</summary>
    public bool IsOnlyNumber(int place) => Array.Exists(_columns, column => column.First == place && column.Scales.Length == 1);

    /// <summary>Features with the columns that this was learned from, in its order.</summary>
    /// <exception cref="ArgumentException">One is missing, or of another kind.</exception>
    public SideFeatures Match(SideFeatures features) => features.As([.. _columns.Select(column => (
        Features[column.First], column.Type,
        column.Type.IsNumbers ? null : Values[column.First..(column.First + column.Places)], column.Places))]);

    /// <summary>Adds the entries of a row of features that <see cref="Match"/> gave, by ascending place.</summary>
    /// <param name="features">The columns that this was learned from.</param>
    /// <param name="row">The row.</param>
    /// <param name="unitLength">Whether the vector is scaled to length 1.</param>
    /// <param name="places">Gets the places of the entries.</param>
    /// <param name="values">Gets their values.</param>
    public void Encode(SideFeatures features, int row, bool unitLength, List<int> places, List<float> values)
    {
        var start = values.Count;
        for (int c = 0; c < _columns.Length; c++)
            Add(features.Columns[c], row, _columns[c], places, values);
        if (unitLength)
            Scale(values, start);
    }

    /// <summary>Writes what <see cref="Features"/> and <see cref="Values"/> do not tell.</summary>
    public void WriteColumns(ModelWriter writer)
    {
        writer.WriteInt32(_columns.Length);
        foreach (var column in _columns)
        {
            writer.WriteInt32((int)(column.Type.Kind ?? 0));
            writer.WriteInt32(column.Type.IsKey ? 1 : 0);
            writer.WriteArray<float>(column.Weights);
            writer.WriteArray<double>(Array.ConvertAll(column.Scales, scale => scale.Mean));
            writer.WriteArray<double>(Array.ConvertAll(column.Scales, scale => scale.Factor));
        }
    }

    public static ContentEncoder ReadColumns(ModelReader reader, string[] features, string[] values)
    {
        var count = reader.ReadInt32();
        List<ContentEncoding> columns = [];
        var first = 0;
        for (int c = 0; c < count; c++)
        {
            var kind = (DataKind)reader.ReadInt32();
            if (kind != 0 && !Enum.IsDefined(kind))
                throw ModelReader.Damaged();
            var type = new FeatureType(kind == 0 ? null : kind, reader.ReadInt32() == 1);
            var weights = reader.ReadFinite(null);
            var means = reader.ReadArray<double>(null);
            var factors = reader.ReadArray<double>(means.Length);
            var scales = means.Zip(factors, (mean, factor) => new Standardization(mean, factor));
            var column = new ContentEncoding(type, first, weights, [.. scales]);
            first += column.Places;
            // A place in a dictionary while features are read, and the column.
            reader.Reserve(100L * column.Places + 200);
            if ((type.IsNumbers ? weights.Length : means.Length) > 0 || column.Places == 0 || first > features.Length
                || features.AsSpan((column.First + 1)..first).IndexOfAnyExcept(features[column.First]) >= 0
                || values[column.First..first].Distinct().Count() < column.Places)
                throw ModelReader.Damaged();
            columns.Add(column);
        }
        return count >= 0 && first == features.Length && features.Length == values.Length
            ? new(features, values, [.. columns]) : throw ModelReader.Damaged();
    }

    private static float[] Weights(FeatureColumn column, int[] rowOf, double rarityExponent)
    {
        var counts = new int[column.Categories!.Length];
        var described = 0;
        foreach (var row in rowOf)
        {
            if (row < 0)
                continue;
            described++;
            foreach (var code in column.Codes[row])
                counts[code]++;
        }
        return Array.ConvertAll(counts, count => count == 0 ? 0 : (float)Math.Pow(Math.Log(1 + (double)described / count), rarityExponent));
    }

    private static void Add(FeatureColumn column, int row, ContentEncoding encoding, List<int> places, List<float> values)
    {
        if (column.Categories is not null)
        {
            foreach (var code in column.Codes[row].Order())
            {
                // What no item of training had says nothing.
                if (encoding.Weights[code] == 0)
                    continue;
                places.Add(encoding.First + code);
                values.Add(encoding.Weights[code]);
            }
            return;
        }
        for (int place = 0; place < column.Size; place++)
        {
            var number = (float)((column.Numbers[row][place] - encoding.Scales[place].Mean) * encoding.Scales[place].Factor);
            if (number == 0 || !float.IsFinite(number))
                continue;
            places.Add(encoding.First + place);
            values.Add(number);
        }
    }

    private static void Scale(List<float> values, int first)
    {
        double sum = 0;
        for (int e = first; e < values.Count; e++)
            sum += (double)values[e] * values[e];
        for (int e = first; e < values.Count; e++)
            values[e] = (float)(values[e] / Math.Sqrt(sum));
    }
}
