using System.Numerics.Tensors;
using MLNetRecExt.Kernels;
using MLNetRecExt.Persistence;

namespace MLNetRecExt;

/// <summary>The items' side of a <see cref="SoftmaxDnnModel"/>: v_i = Σ_g c_g G_g for an item that training has not seen.</summary>
/// <param name="encoder">Makes c of features.</param>
/// <param name="table">G: a row per category and number.</param>
/// <param name="length">What such a vector is divided by where scores are cosines, unless it is longer: the mean length of taken items'
/// vectors. 0: scores are plain dot products, and nothing is divided.</param>
/// <param name="isShared">Whether v_i is what the item adds to a history, too; else it adds nothing.</param>
internal sealed class ItemFeatureTower(FeatureEncoder encoder, AlignedMatrix table, float length, bool isShared)
{
    /// <summary>Names of the features.</summary>
    public IReadOnlyList<string> Names => encoder.Names;

    /// <summary>Sets the rows of items that have features.</summary>
    /// <param name="added">Which items.</param>
    /// <param name="items">By item what it is scored by.</param>
    /// <param name="histories">By item what it adds to a history.</param>
    public void Embed(NewItems added, AlignedMatrix items, AlignedMatrix histories)
    {
        var features = added.Features.As(encoder.Layout);
        var (rows, coefficients) = (new List<int>(), new List<float>());
        for (int item = 0; item < added.RowOf.Length; item++)
        {
            if (added.RowOf[item] < 0)
                continue;
            rows.Clear();
            coefficients.Clear();
            encoder.Encode(features, added.RowOf[item], rows, coefficients);
            QueryTower.Add(table, [.. rows], [.. coefficients], items, item);
            if (isShared)
                items[item].CopyTo(histories[item]);
            if (length > 0)
                Shorten(items[item], length);
        }
    }

    /// <summary>Divides the vector of an item that nobody took by the mean length of taken items' vectors, or by its own where that is
    /// more: of such an item only the features' part is known, and it must not pass for one whose features explain it fully.</summary>
    public static void Shorten(Span<float> vector, float length) =>
        TensorPrimitives.Divide(vector, Math.Max(length, TensorPrimitives.Norm<float>(vector)), vector);

    public void Write(ModelWriter writer)
    {
        encoder.Write(writer);
        writer.WriteMatrix(table);
        writer.WriteSingle(length);
        writer.WriteByte(isShared ? (byte)1 : (byte)0);
    }

    public static ItemFeatureTower Read(ModelReader reader, int columns)
    {
        var encoder = FeatureEncoder.Read(reader);
        var table = reader.ReadMatrix(encoder.TableRows);
        var length = reader.ReadSingle();
        return table.Columns == columns && encoder.TableRows > 0 && length >= 0 && float.IsFinite(length)
            ? new(encoder, table, length, reader.ReadByte() == 1) : throw ModelReader.Damaged();
    }
}
