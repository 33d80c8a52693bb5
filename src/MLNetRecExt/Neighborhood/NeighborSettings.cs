using MLNetRecExt.Persistence;

namespace MLNetRecExt;

/// <summary>The options that say what neighbors are and what is made of them: models fold in by them.</summary>
internal sealed record NeighborSettings(
    int NumberOfNeighbors,
    NeighborSimilarity Similarity,
    float Shrinkage,
    float NeighborExponent,
    [property: OptionRange(0, 1.5)] float OwnExponent,
    [property: OptionRange(0, 2)] float SharedExponent,
    float SimilarityExponent,
    float Bm25K,
    float Bm25B,
    NeighborScore Score)
{
    public void Write(ModelWriter writer)
    {
        writer.WriteInt32(NumberOfNeighbors);
        writer.WriteInt32((int)Similarity);
        writer.WriteSingle(Shrinkage);
        writer.WriteSingle(NeighborExponent);
        writer.WriteSingle(OwnExponent);
        writer.WriteSingle(SharedExponent);
        writer.WriteSingle(SimilarityExponent);
        writer.WriteSingle(Bm25K);
        writer.WriteSingle(Bm25B);
        writer.WriteInt32((int)Score);
    }

    /// <exception cref="ArgumentException">No training can have had such options.</exception>
    public static NeighborSettings Read(ModelReader reader)
    {
        var (count, similarity, shrinkage) = (reader.ReadInt32(), (NeighborSimilarity)reader.ReadInt32(), reader.ReadSingle());
        var exponents = ReadExponents(reader);
        var settings = new NeighborSettings(
            count, similarity, shrinkage, exponents.Neighbor, exponents.Own, exponents.Shared, exponents.Similarity,
            Bm25K: reader.ReadSingle(),
            Bm25B: reader.ReadSingle(),
            Score: (NeighborScore)reader.ReadInt32());
        OptionChecker.CheckAs(settings, typeof(NeighborhoodTrainerOptions));
        return settings;
    }

    private static (float Neighbor, float Own, float Shared, float Similarity) ReadExponents(ModelReader reader)
    {
        if (reader.Version > 2)
            return (reader.ReadSingle(), reader.ReadSingle(), reader.ReadSingle(), reader.ReadSingle());
        // Until version 2 there was one number, the exponents' ratio.
        var asymmetry = reader.ReadSingle();
        return (1 - asymmetry, asymmetry, 0, 1);
    }
}
