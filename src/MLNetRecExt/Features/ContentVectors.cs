using Microsoft.ML.Runtime;
using MLNetRecExt.Persistence;

namespace MLNetRecExt;

/// <summary>Items as sparse vectors of their features: a place per category, and one per number.</summary>
internal sealed class ContentVectors
{
    private ContentVectors(string[] features, string[] values, SparseMatrix byItem) =>
        (Features, Values, ByItem) = (features, values, byItem);

    /// <summary>By place the name of its feature.</summary>
    public string[] Features { get; }

    /// <summary>By place its category, or its place among the numbers.</summary>
    public string[] Values { get; }

    /// <summary>By item the places where its vector is not zero, and its values there.</summary>
    public SparseMatrix ByItem { get; }

    /// <summary>
    /// The vectors of items. A category weighs log(1 + N / n)^γ when n of N items have it; numbers are what <see cref="Standardization"/>
    /// makes of them, missing ones 0 after that.
    /// </summary>
    /// <param name="features">What is known of items.</param>
    /// <param name="items">The ids of the vectors.</param>
    /// <param name="rarityExponent">γ.</param>
    /// <param name="unitLength">Whether vectors are scaled to length 1.</param>
    /// <param name="channel">Told how many ids in the features <paramref name="items"/> lacks.</param>
    /// <exception cref="ArgumentException">No item has a feature.</exception>
    public static ContentVectors Create(SideFeatures features, IdMap items, double rarityExponent, bool unitLength, IChannel channel)
    {
        var rowOf = features.RowsOf(items, out var leftOut);
        if (leftOut > 0)
            channel.Info(MessageSensitivity.None, $"Features of {leftOut:N0} items are left out: the interactions' ids lack them.");

        List<string> names = [], values = [];
        var firsts = new int[features.Columns.Length];
        for (int c = 0; c < firsts.Length; c++)
        {
            var column = features.Columns[c];
            firsts[c] = names.Count;
            values.AddRange(column.Categories ?? [.. Enumerable.Range(0, column.Size).Select(place => $"{place}")]);
            names.AddRange(Enumerable.Repeat(column.Name, values.Count - names.Count));
        }
        var weights = Array.ConvertAll(features.Columns, column => column.Categories is not null ? Weights(column, rowOf, rarityExponent) : []);
        int[] rows = [.. rowOf.Where(row => row >= 0)];
        var scales = Array.ConvertAll(features.Columns,
            column => column.Categories is null ? Standardization.Of(column, Array.ConvertAll(rows, row => column.Numbers[row])) : []);

        var offsets = new int[items.Count + 1];
        List<int> indices = [];
        List<float> labels = [];
        for (int item = 0; item < rowOf.Length; item++)
        {
            if (rowOf[item] is var row and >= 0)
                for (int c = 0; c < firsts.Length; c++)
                    Add(features.Columns[c], row, firsts[c], weights[c], scales[c], indices, labels);
            if (unitLength)
                Scale(labels, offsets[item]);
            offsets[item + 1] = indices.Count;
        }
        if (indices.Count == 0)
            throw new ArgumentException($"No item of the interactions has a feature; ids of the features look like '{features.Ids.GetText(0)}', those of the interactions like '{items.GetText(0)}'.", "ItemFeatures");
        var padding = new int[InteractionRows.Padding];
        return new ContentVectors([.. names], [.. values],
            new SparseMatrix(offsets, [.. indices, .. padding], [.. labels, .. Array.ConvertAll(padding, _ => 0f)], names.Count));
    }

    /// <summary>The bytes that <see cref="Create"/> takes while lists of entries become arrays; a third of those of entries, and all of
    /// places, stay.</summary>
    public static long MemoryFor(SideFeatures? features, long items) =>
        features is null ? 0 : 24 * features.EntryCount + 48 * features.PlaceCount + 12 * items;

    public void Write(ModelWriter writer)
    {
        writer.WriteInt32(Features.Length);
        writer.WriteText(Features);
        writer.WriteText(Values);
        writer.WriteMatrix(ByItem);
    }

    public static ContentVectors Read(ModelReader reader, int itemCount)
    {
        var count = reader.ReadInt32();
        if (count < 0)
            throw ModelReader.Damaged();
        return new ContentVectors(reader.ReadText(count), reader.ReadText(count), reader.ReadSparseMatrix(itemCount, count));
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

    private static void Add(
        FeatureColumn column, int row, int first, float[] weights, Standardization[] scales, List<int> indices, List<float> labels)
    {
        if (column.Categories is not null)
        {
            foreach (var code in column.Codes[row].Order())
            {
                indices.Add(first + code);
                labels.Add(weights[code]);
            }
            return;
        }
        for (int place = 0; place < column.Size; place++)
        {
            var number = (float)((column.Numbers[row][place] - scales[place].Mean) * scales[place].Factor);
            if (number == 0 || !float.IsFinite(number))
                continue;
            indices.Add(first + place);
            labels.Add(number);
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
