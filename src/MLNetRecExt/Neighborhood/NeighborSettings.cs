using MLNetRecExt.Persistence;

namespace MLNetRecExt;

/// <summary>The options that say what neighbors are and what is made of them: models fold in by them.</summary>
internal sealed record NeighborSettings(
    int NumberOfNeighbors,
    NeighborSimilarity Similarity,
    float Shrinkage,
    float Asymmetry,
    float Bm25K,
    float Bm25B,
    NeighborScore Score)
{
    public void Write(ModelWriter writer)
    {
        writer.WriteInt32(NumberOfNeighbors);
        writer.WriteInt32((int)Similarity);
        writer.WriteSingle(Shrinkage);
        writer.WriteSingle(Asymmetry);
        writer.WriteSingle(Bm25K);
        writer.WriteSingle(Bm25B);
        writer.WriteInt32((int)Score);
    }

    /// <exception cref="ArgumentException">No training can have had such options.</exception>
    public static NeighborSettings Read(ModelReader reader)
    {
        var settings = new NeighborSettings(
            NumberOfNeighbors: reader.ReadInt32(),
            Similarity: (NeighborSimilarity)reader.ReadInt32(),
            Shrinkage: reader.ReadSingle(),
            Asymmetry: reader.ReadSingle(),
            Bm25K: reader.ReadSingle(),
            Bm25B: reader.ReadSingle(),
            Score: (NeighborScore)reader.ReadInt32());
        OptionChecker.CheckAs(settings, typeof(NeighborhoodTrainerOptions));
        return settings;
    }
}
