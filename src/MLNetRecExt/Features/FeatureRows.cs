using MLNetRecExt.Persistence;

namespace MLNetRecExt;

/// <summary>For each user or item the embeddings that its features add, with coefficients: a category's share, a number's standardised
/// value.</summary>
/// <param name="offsets">Where each one's terms start, and the end.</param>
/// <param name="rows">Rows of the embedding table.</param>
/// <param name="coefficients">What each is multiplied by.</param>
internal sealed class FeatureRows(int[] offsets, int[] rows, float[] coefficients)
{
    /// <summary>No features, for any number of users or items.</summary>
    public static FeatureRows None { get; } = new([0], [], []);

    public int Count => offsets.Length - 1;

    public ReadOnlySpan<int> Rows(int index) => (uint)index < (uint)Count ? rows.AsSpan(offsets[index]..offsets[index + 1]) : default;

    public ReadOnlySpan<float> Coefficients(int index) =>
        (uint)index < (uint)Count ? coefficients.AsSpan(offsets[index]..offsets[index + 1]) : default;

    /// <summary>The same for others: number n has what <paramref name="order"/>[n] had, and nothing where that is −1.</summary>
    public FeatureRows Reorder(ReadOnlySpan<int> order)
    {
        var starts = new int[order.Length + 1];
        List<int> itsRows = [];
        List<float> itsCoefficients = [];
        for (int n = 0; n < order.Length; n++)
        {
            itsRows.AddRange(Rows(order[n]));
            itsCoefficients.AddRange(Coefficients(order[n]));
            starts[n + 1] = itsRows.Count;
        }
        return new FeatureRows(starts, [.. itsRows], [.. itsCoefficients]);
    }

    public void Write(ModelWriter writer)
    {
        writer.WriteArray<int>(offsets);
        writer.WriteArray<int>(rows);
        writer.WriteArray<float>(coefficients);
    }

    public static FeatureRows Read(ModelReader reader, int count, int tableRows)
    {
        var offsets = reader.ReadArray<int>(count + 1);
        var rows = reader.ReadArray<int>(null);
        var coefficients = reader.ReadFinite(rows.Length);
        if (offsets[0] != 0 || offsets[^1] != rows.Length || offsets.AsSpan(1).IndexOfAnyExceptInRange(0, rows.Length) >= 0 || rows.AsSpan().IndexOfAnyExceptInRange(0, tableRows - 1) >= 0)
            throw ModelReader.Damaged();
        for (int index = 0; index < count; index++)
            if (offsets[index] > offsets[index + 1])
                throw ModelReader.Damaged();
        return new FeatureRows(offsets, rows, coefficients);
    }
}
