using Microsoft.ML.Runtime;
using MLNetRecExt.Persistence;

namespace MLNetRecExt;

/// <summary>Items as sparse vectors of their features, as <see cref="ContentEncoder"/> makes them.</summary>
internal sealed class ContentVectors
{
    private ContentVectors(string[] features, string[] values, SparseMatrix byItem, ContentEncoder? encoder) =>
        (Features, Values, ByItem, Encoder) = (features, values, byItem, encoder);

    /// <summary>By place the name of its feature.</summary>
    public string[] Features { get; }

    /// <summary>By place its category, or its place among the numbers.</summary>
    public string[] Values { get; }

    /// <summary>By item the places where its vector is not zero, and its values there.</summary>
    public SparseMatrix ByItem { get; }

    /// <summary>What makes vectors of further items; null where they come from a file of format version 3 or before.</summary>
    public ContentEncoder? Encoder { get; }

    /// <summary>The category of a place; of a number its place among those of its feature, null where it has no other.</summary>
    public string? CategoryOf(int place) => Encoder?.IsOnlyNumber(place) == true ? null : Values[place];

    /// <summary>The vectors of items.</summary>
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
        var encoder = ContentEncoder.Learn(features, rowOf, rarityExponent);
        var byItem = Encode(encoder, encoder.Match(features), rowOf, unitLength, kept: null);
        if (byItem.EntryCount == 0)
            throw new ArgumentException($"No item of the interactions has a feature; ids of the features look like '{features.Ids.GetText(0)}', those of the interactions like '{items.GetText(0)}'.", "ItemFeatures");
        return new(encoder.Features, encoder.Values, byItem, encoder);
    }

    /// <summary>These and the vectors of further items.</summary>
    /// <param name="features">What is known of them.</param>
    /// <param name="rowOf">By item its row in the features; −1 where the vector that is here stays.</param>
    /// <param name="unitLength">Whether vectors are scaled to length 1.</param>
    public ContentVectors With(SideFeatures features, int[] rowOf, bool unitLength) =>
        new(Features, Values, Encode(Encoder!, Encoder!.Match(features), rowOf, unitLength, ByItem), Encoder);

    /// <summary>The bytes that <see cref="Create"/> takes while lists of entries become arrays; a third of those of entries, and all of
    /// places, stay.</summary>
    public static long MemoryFor(SideFeatures? features, long items) =>
        features is null ? 0 : 24 * features.EntryCount + 56 * features.PlaceCount + 12 * items;

    public void Write(ModelWriter writer)
    {
        writer.WriteInt32(Features.Length);
        writer.WriteText(Features);
        writer.WriteText(Values);
        writer.WriteMatrix(ByItem);
        writer.WriteByte(Encoder is null ? (byte)0 : (byte)1);
        Encoder?.WriteColumns(writer);
    }

    public static ContentVectors Read(ModelReader reader, int itemCount)
    {
        var count = reader.ReadInt32();
        if (count < 0)
            throw ModelReader.Damaged();
        var (features, values) = (reader.ReadText(count), reader.ReadText(count));
        var byItem = reader.ReadSparseMatrix(itemCount, count);
        var hasEncoder = reader.Version > 3 && reader.ReadByte() == 1;
        return new(features, values, byItem, hasEncoder ? ContentEncoder.ReadColumns(reader, features, values) : null);
    }

    /// <summary>The vectors of the items that have a row, and of the others those that are there already.</summary>
    private static SparseMatrix Encode(ContentEncoder encoder, SideFeatures features, int[] rowOf, bool unitLength, SparseMatrix? kept)
    {
        var offsets = new int[rowOf.Length + 1];
        List<int> places = [];
        List<float> values = [];
        for (int item = 0; item < rowOf.Length; item++)
        {
            if (rowOf[item] >= 0)
                encoder.Encode(features, rowOf[item], unitLength, places, values);
            else if (item < kept?.RowCount)
            {
                places.AddRange(kept.Indices(item));
                values.AddRange(kept.Values(item));
            }
            offsets[item + 1] = places.Count;
        }
        var padding = new int[InteractionRows.Padding];
        return new(offsets, [.. places, .. padding], [.. values, .. Array.ConvertAll(padding, _ => 0f)], encoder.Features.Length);
    }
}
