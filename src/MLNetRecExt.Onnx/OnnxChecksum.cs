using System.Globalization;
using System.IO.Hashing;
using Google.Protobuf;
using MLNetRecExt.Schema;

namespace MLNetRecExt;

/// <summary>What an exported file ends in: a last entry of its metadata, with the XxHash3 of every byte before that entry.</summary>
/// <remarks>Graphs one after the other are one graph with the lists of all: the entry is such a graph, and nothing but it.</remarks>
internal static class OnnxChecksum
{
    private static readonly int Length = Entry(0).Length;

    /// <summary>Writes a graph and its checksum.</summary>
    /// <param name="graph">Without a checksum.</param>
    /// <param name="stream">Empty; can be read and sought.</param>
    public static void Write(ModelProto graph, Stream stream)
    {
        graph.WriteTo(stream);
        stream.Position = 0;
        var hash = new XxHash3();
        hash.Append(stream);
        stream.Write(Entry(hash.GetCurrentHashAsUInt64()));
    }

    /// <summary>The checksum that a file ends in, if it is that of what stands before it; else null.</summary>
    public static ulong? Read(string path)
    {
        using var stream = File.OpenRead(path);
        var hash = new XxHash3();
        var buffer = new byte[1 << 16];
        for (var left = stream.Length - Length; left > 0;)
        {
            var count = stream.Read(buffer, 0, (int)Math.Min(left, buffer.Length));
            if (count == 0)
                return null;
            hash.Append(buffer.AsSpan(0, count));
            left -= count;
        }
        var checksum = hash.GetCurrentHashAsUInt64();
        return stream.ReadAtLeast(buffer, Length, throwOnEndOfStream: false) == Length && buffer.AsSpan(0, Length).SequenceEqual(Entry(checksum)) ? checksum : null;
    }

    private static byte[] Entry(ulong checksum)
    {
        var graph = new ModelProto();
        graph.MetadataProps.Add(new StringStringEntryProto { Key = OnnxMetadata.Checksum, Value = checksum.ToString("x16", CultureInfo.InvariantCulture) });
        return graph.ToByteArray();
    }
}
