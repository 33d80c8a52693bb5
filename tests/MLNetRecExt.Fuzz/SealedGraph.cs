using System.Globalization;
using System.IO.Hashing;
using Google.Protobuf;
using MLNetRecExt.Schema;

namespace MLNetRecExt.Fuzz;

/// <summary>An exported graph, whose last entry is a checksum of all before it.</summary>
internal static class SealedGraph
{
    private static readonly int EntryLength = Entry(0).Length;

    /// <summary>The bytes before the checksum's entry.</summary>
    public static byte[] Body(byte[] file) => file[..^EntryLength];

    /// <summary>A file with a right checksum.</summary>
    public static byte[] Seal(byte[] body) => [.. body, .. Entry(XxHash3.HashToUInt64(body))];

    private static byte[] Entry(ulong checksum)
    {
        var graph = new ModelProto();
        var value = checksum.ToString("x16", CultureInfo.InvariantCulture);
        graph.MetadataProps.Add(new StringStringEntryProto { Key = OnnxMetadata.Checksum, Value = value });
        return graph.ToByteArray();
    }
}
