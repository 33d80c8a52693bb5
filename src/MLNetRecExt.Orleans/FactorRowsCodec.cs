using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization.Buffers;
using Orleans.Serialization.Codecs;
using Orleans.Serialization.WireProtocol;

namespace MLNetRecExt;

/// <summary>Writes rows from the sender's table and reads them into the receiver's, without memory between.</summary>
/// <remarks>Nothing is read before the job, its epoch, and whose rows these are, are known to be right: what is stale is skipped, what
/// is outside of the sender's share, or of another length than it says, is refused.</remarks>
//   length: varuint32, of all that follows
//   job: byte, its length; UTF-8
//   epoch, share, part, first, count, bytes of a row: int32 each
//   rows: float32
//   XxHash3 of the rows: uint64
[RegisterSerializer]
internal sealed class FactorRowsCodec(IServiceProvider services) : IFieldCodec<FactorRows>
{
    /// <summary>About so many bytes go in a message.</summary>
    public const int ChunkBytes = 1 << 20;

    private const int Numbers = 6 * sizeof(int);

    private readonly Lazy<WorkerHost?> _host = new(services.GetService<WorkerHost>);

    void IFieldCodec<FactorRows>.WriteField<TBufferWriter>(
        ref Writer<TBufferWriter> writer, uint fieldIdDelta, Type? expectedType, FactorRows? value)
    {
        ReferenceCodec.MarkValueField(writer.Session);
        writer.WriteFieldHeader(fieldIdDelta, expectedType, typeof(FactorRows), WireType.LengthPrefixed);
        var source = value?.Source ?? throw new InvalidOperationException("Rows are sent by the worker that has them.");
        var job = Encoding.UTF8.GetBytes(value.Job);
        var rowBytes = source.RowBytes(value.Part);
        writer.WriteVarUInt32(checked((uint)(1 + job.Length + Numbers + (long)value.Count * rowBytes + sizeof(ulong))));
        writer.WriteByte((byte)job.Length);
        writer.Write(job);
        foreach (var number in (ReadOnlySpan<int>)[value.Epoch, value.Share, (int)value.Part, value.First, value.Count, rowBytes])
            writer.WriteInt32(number);
        var hash = new XxHash3();
        for (int row = value.First; row < value.First + value.Count; row++)
        {
            var bytes = MemoryMarshal.AsBytes(source.Row(value.Part, row));
            hash.Append(bytes);
            writer.Write(bytes);
        }
        writer.WriteUInt64(hash.GetCurrentHashAsUInt64());
    }

    FactorRows? IFieldCodec<FactorRows>.ReadValue<TInput>(ref Reader<TInput> reader, Field field)
    {
        ReferenceCodec.MarkValueField(reader.Session);
        if (field.WireType != WireType.LengthPrefixed)
            throw new InvalidDataException("Rows of factors are damaged.");
        var end = reader.ReadVarUInt32() + reader.Position;
        try
        {
            return Read(ref reader, end);
        }
        finally
        {
            if (reader.Position < end)
                reader.Skip(end - reader.Position);
        }
    }

    private FactorRows Read<TInput>(ref Reader<TInput> reader, long end)
    {
        var nameLength = reader.ReadByte();
        if (end - reader.Position < nameLength + Numbers + sizeof(ulong))
            throw new InvalidDataException("Rows of factors end early.");
        var job = Encoding.UTF8.GetString(reader.ReadBytes((uint)nameLength));
        int epoch = reader.ReadInt32(), share = reader.ReadInt32(), part = reader.ReadInt32();
        int first = reader.ReadInt32(), count = reader.ReadInt32(), rowBytes = reader.ReadInt32();
        if (_host.Value?.Find(job) is not { } worker || worker.Epoch != epoch)
            return new(job, epoch, share, (FactorPart)part, first, count) { Fate = FactorRowsFate.Stale };
        var isWhole = worker.Owns(share, part, first, count) && rowBytes == worker.RowBytes((FactorPart)part)
            && end - reader.Position == (long)count * rowBytes + sizeof(ulong);
        return new(job, epoch, share, (FactorPart)part, first, count)
        {
            Fate = isWhole && Take(ref reader, worker, (FactorPart)part, first, count) ? FactorRowsFate.Taken : FactorRowsFate.Damaged,
        };
    }

    private static bool Take<TInput>(ref Reader<TInput> reader, WalsWorker worker, FactorPart part, int first, int count)
    {
        var hash = new XxHash3();
        for (int row = first; row < first + count; row++)
        {
            var bytes = MemoryMarshal.AsBytes(worker.Row(part, row));
            reader.ReadBytes(bytes);
            hash.Append(bytes);
        }
        return reader.ReadUInt64() == hash.GetCurrentHashAsUInt64();
    }
}
