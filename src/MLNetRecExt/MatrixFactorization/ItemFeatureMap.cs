using MLNetRecExt.Kernels;
using MLNetRecExt.Persistence;

namespace MLNetRecExt;

/// <summary>W of <see cref="WalsTrainer"/>, with what makes F of features: the embedding Wᵀ F_i of an item by what is known of
/// it.</summary>
/// <param name="encoder">Makes F, of length 1.</param>
/// <param name="weights">W: a row per place of F.</param>
internal sealed class ItemFeatureMap(ContentEncoder encoder, AlignedMatrix weights)
{
    /// <summary>Names of the features.</summary>
    public string[] Names => [.. encoder.Features.Distinct()];

    /// <summary>W.</summary>
    public AlignedMatrix Weights => weights;

    /// <summary>The bytes of W.</summary>
    public static long MemoryFor(SideFeatures? features, int columns) =>
        features is null ? 0 : AlignedMatrix.BytesOf(features.PlaceCount, columns);

    /// <summary>Sets the rows of items that have features to Wᵀ F_i.</summary>
    /// <param name="added">Which items.</param>
    /// <param name="items">By item its embedding.</param>
    /// <param name="onesColumn">Where an item that has an embedding has a 1; null: nowhere.</param>
    public void Embed(NewItems added, AlignedMatrix items, int? onesColumn)
    {
        var features = encoder.Match(added.Features);
        var (places, values, sums) = (new List<int>(), new List<float>(), new double[weights.Columns]);
        for (int item = 0; item < added.RowOf.Length; item++)
        {
            if (added.RowOf[item] < 0)
                continue;
            places.Clear();
            values.Clear();
            Array.Clear(sums);
            encoder.Encode(features, added.RowOf[item], unitLength: true, places, values);
            for (int e = 0; e < places.Count; e++)
                for (int k = 0; k < sums.Length; k++)
                    sums[k] += (double)values[e] * weights[places[e]][k];
            var embedding = items[item];
            for (int k = 0; k < sums.Length; k++)
                embedding[k] = (float)sums[k];
            if (onesColumn is { } ones && embedding.ContainsAnyExcept(0))
                embedding[ones] = 1;
        }
    }

    // Places of F: int32; by place the feature, then its category or place among the numbers: text each; then the encoder's columns;
    // W: matrix
    public void Write(ModelWriter writer)
    {
        writer.WriteInt32(encoder.Features.Length);
        writer.WriteText(encoder.Features);
        writer.WriteText(encoder.Values);
        encoder.WriteColumns(writer);
        writer.WriteMatrix(weights);
    }

    public static ItemFeatureMap Read(ModelReader reader, int columns)
    {
        var count = reader.ReadInt32();
        if (count < 0)
            throw ModelReader.Damaged();
        var (features, values) = (reader.ReadText(count), reader.ReadText(count));
        var encoder = ContentEncoder.ReadColumns(reader, features, values);
        var weights = reader.ReadMatrix(count);
        return weights.Columns == columns ? new(encoder, weights) : throw ModelReader.Damaged();
    }
}
