using MLNetRecExt.Persistence;

namespace MLNetRecExt;

/// <summary>The neighbors of each item, or user, that were kept, and the options that they were found by.</summary>
/// <param name="Rows">By item or user its neighbors, with their similarities.</param>
/// <param name="Settings">The options.</param>
internal sealed record NeighborLists(SparseMatrix Rows, NeighborSettings Settings)
{
    public void Write(ModelWriter writer)
    {
        Settings.Write(writer);
        writer.WriteMatrix(Rows);
    }

    public static NeighborLists Read(ModelReader reader, int count)
    {
        var settings = NeighborSettings.Read(reader);
        return new(reader.ReadSparseMatrix(count, count), settings);
    }
}
